"""API keys and endpoints."""

from datetime import timedelta

import pytest

from crowdship.kernel.errors import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable
from crowdship.merchants.model import (
    MAX_FORMER_SECRETS,
    MAX_KEYS,
    Merchant,
    Mode,
    Scope,
    account_id,
    sandbox_id,
    split_key,
)
from tests.city import NOON

BAKERY = Merchant(id="mer_1", name="Bakery", billing_email="books@example.com", created_at=NOON)
DAY = timedelta(days=1)
EVERYTHING = frozenset(Scope)
DELIVERIES = frozenset({Scope.READ, Scope.WRITE})


def opens(merchant, key, scope=Scope.READ, at=NOON):
    """Whether a key opens something, or the code of why not."""
    _, key_id, secret = split_key(key)
    try:
        return merchant.authenticate(key_id, secret, scope, at).key_id == key_id
    except (Unauthorized, Forbidden) as refusal:
        return refusal.code


def test_a_key_opens_what_it_was_made_for_and_nothing_else():
    merchant, key = BAKERY.issue_key(frozenset({Scope.READ}), NOON)
    assert opens(merchant, key) is True
    assert opens(merchant, key, Scope.WRITE) == "key_scope"
    assert opens(merchant, key, Scope.ACCOUNT) == "key_scope"


def test_a_key_is_stored_only_as_its_hash():
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON)
    merchant, rotated = merchant.rotate_key(split_key(key)[1], DAY, NOON)
    assert key.split(".")[2] not in merchant.model_dump_json()
    assert rotated.split(".")[2] not in merchant.model_dump_json()


def test_a_revoked_key_opens_nothing():
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON)
    assert opens(merchant.revoke_key(split_key(key)[1], NOON), key) == "key_revoked"


def test_a_key_expires_when_it_was_said_to():
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON, expires_at=NOON + DAY)
    assert opens(merchant, key, at=NOON + DAY - timedelta(microseconds=1)) is True
    assert opens(merchant, key, at=NOON + DAY) == "key_expired"
    with pytest.raises(Unprocessable, match="key_expiry_over") as refusal:
        BAKERY.issue_key(EVERYTHING, NOON, expires_at=NOON)
    assert refusal.value.pointer == "/expires_at"


@pytest.mark.parametrize("change", [lambda k, s: (k, s[:-1]), lambda k, s: (k + "x", s), lambda k, s: ("", "")])
def test_a_key_that_is_not_copied_whole_is_unknown(change):
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON)
    _, key_id, secret = split_key(key)
    with pytest.raises(Unauthorized, match="bad_key"):
        merchant.authenticate(*change(key_id, secret), Scope.READ, NOON)


@pytest.mark.parametrize("credential", ["", "abc", "a.b", "a.b.c.d"])
def test_what_is_not_shaped_like_a_key_is_refused(credential):
    with pytest.raises(Unauthorized, match="three parts"):
        split_key(credential)


def test_an_unknown_key_can_not_be_revoked_or_rotated():
    with pytest.raises(NotFound):
        BAKERY.revoke_key("key_x", NOON)
    with pytest.raises(NotFound):
        BAKERY.rotate_key("key_x", DAY, NOON)


def test_after_a_rotation_both_secrets_open_for_the_grace():
    merchant, old = BAKERY.issue_key(EVERYTHING, NOON)
    merchant, new = merchant.rotate_key(split_key(old)[1], DAY, NOON)
    assert new.split(".")[:2] == old.split(".")[:2]
    assert [opens(merchant, key, at=NOON + DAY / 2) for key in (old, new)] == [True, True]
    assert [opens(merchant, key, at=NOON + DAY) for key in (old, new)] == ["bad_key", True]


def test_without_a_grace_the_old_secret_ends_at_once():
    merchant, old = BAKERY.issue_key(EVERYTHING, NOON)
    merchant, new = merchant.rotate_key(split_key(old)[1], timedelta(0), NOON)
    assert [opens(merchant, key) for key in (old, new)] == ["bad_key", True]


def test_who_lost_the_answer_to_a_rotation_rotates_again_and_cuts_nobody_off():
    merchant, first = BAKERY.issue_key(EVERYTHING, NOON)
    merchant, _lost = merchant.rotate_key(split_key(first)[1], DAY, NOON)
    merchant, third = merchant.rotate_key(split_key(first)[1], DAY, NOON + DAY / 4)
    assert opens(merchant, first, at=NOON + DAY / 2) is True
    assert opens(merchant, third, at=NOON + DAY / 2) is True


def test_a_key_is_rotated_a_few_times_within_a_grace_at_most():
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON)
    key_id = split_key(key)[1]
    for _ in range(MAX_FORMER_SECRETS):
        merchant, _key = merchant.rotate_key(key_id, DAY, NOON)
    with pytest.raises(Conflict, match="rotated_too_often"):
        merchant.rotate_key(key_id, DAY, NOON)
    merchant.rotate_key(key_id, DAY, NOON + DAY)


def test_a_revoked_key_can_not_be_rotated_back_to_life():
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON)
    merchant, rotated = merchant.rotate_key(split_key(key)[1], DAY, NOON)
    merchant = merchant.revoke_key(split_key(key)[1], NOON)
    assert opens(merchant, rotated) == "key_revoked"
    assert opens(merchant, key) == "bad_key"
    with pytest.raises(Conflict, match="key_ended"):
        merchant.rotate_key(split_key(key)[1], DAY, NOON)


def test_a_merchant_keeps_one_key_to_manage_its_account_with():
    merchant, key = BAKERY.issue_key(EVERYTHING, NOON)
    merchant, _other = merchant.issue_key(DELIVERIES, NOON)
    with pytest.raises(Conflict, match="last_account_key"):
        merchant.revoke_own_key(split_key(key)[1], NOON, NOON)
    merchant, second = merchant.issue_key(EVERYTHING, NOON, expires_at=NOON + DAY)
    assert opens(merchant.revoke_own_key(split_key(key)[1], NOON, NOON), second) is True
    with pytest.raises(Conflict, match="last_account_key"):
        merchant.revoke_own_key(split_key(key)[1], NOON, NOON + DAY)


def test_there_is_room_for_a_new_key_once_an_old_one_ended():
    merchant = BAKERY
    for _ in range(MAX_KEYS):
        merchant, key = merchant.issue_key(DELIVERIES, NOON)
    with pytest.raises(Conflict, match="too_many_keys"):
        merchant.issue_key(DELIVERIES, NOON)
    merchant.revoke_key(split_key(key)[1], NOON).issue_key(DELIVERIES, NOON)


def test_keys_that_ended_do_not_pile_up():
    merchant = BAKERY
    for _ in range(300):
        merchant, key = merchant.issue_key(DELIVERIES, NOON)
        merchant = merchant.revoke_key(split_key(key)[1], NOON)
    assert len(merchant.keys) < 110
    assert opens(merchant, key) == "key_revoked"


def test_a_test_key_speaks_for_the_sandbox_and_can_not_manage_the_account():
    merchant, key = BAKERY.issue_key(DELIVERIES, NOON, mode=Mode.TEST)
    _, key_id, secret = split_key(key)
    assert key_id.startswith("key_test_")
    caller = merchant.acting(merchant.authenticate(key_id, secret, Scope.READ, NOON).mode)
    assert (caller.id, caller.livemode, caller.mode) == ("mer_sandbox1", False, Mode.TEST)
    assert (merchant.livemode, merchant.mode) == (True, Mode.LIVE)
    with pytest.raises(Unprocessable, match="test_key_scope") as refusal:
        BAKERY.issue_key(EVERYTHING, NOON, mode=Mode.TEST)
    assert refusal.value.pointer == "/scopes"


def test_a_sandbox_and_its_merchant_name_each_other():
    assert account_id(sandbox_id("mer_abc")) == account_id("mer_abc") == "mer_abc"
    assert sandbox_id(sandbox_id("mer_abc")) == sandbox_id("mer_abc")
