"""API keys and endpoints."""

import pytest

from crowdship.kernel.errors import Forbidden, NotFound, Unauthorized, Unprocessable
from crowdship.merchants.model import Merchant, Scope, split_key
from tests.city import NOON

BAKERY = Merchant(id="mer_1", name="Bakery", billing_email="books@example.com", created_at=NOON)


def test_a_key_opens_what_it_was_made_for_and_nothing_else():
    merchant, key = BAKERY.issue_key(frozenset({Scope.READ}), NOON)
    _, key_id, secret = split_key(key)
    merchant.authenticate(key_id, secret, Scope.READ)
    with pytest.raises(Forbidden, match="key_scope"):
        merchant.authenticate(key_id, secret, Scope.WRITE)


def test_a_key_is_stored_only_as_its_hash():
    merchant, key = BAKERY.issue_key(frozenset(Scope), NOON)
    assert key.split(".")[2] not in merchant.model_dump_json()


def test_a_revoked_key_opens_nothing():
    merchant, key = BAKERY.issue_key(frozenset(Scope), NOON)
    _, key_id, secret = split_key(key)
    with pytest.raises(Unauthorized, match="key_revoked"):
        merchant.revoke_key(key_id, NOON).authenticate(key_id, secret, Scope.READ)


@pytest.mark.parametrize("change", [lambda k, s: (k, s[:-1]), lambda k, s: (k + "x", s), lambda k, s: ("", "")])
def test_a_key_that_is_not_copied_whole_is_unknown(change):
    merchant, key = BAKERY.issue_key(frozenset(Scope), NOON)
    _, key_id, secret = split_key(key)
    with pytest.raises(Unauthorized, match="bad_key"):
        merchant.authenticate(*change(key_id, secret), Scope.READ)


@pytest.mark.parametrize("credential", ["", "abc", "a.b", "a.b.c.d"])
def test_what_is_not_shaped_like_a_key_is_refused(credential):
    with pytest.raises(Unauthorized, match="three parts"):
        split_key(credential)


def test_an_unknown_key_can_not_be_revoked():
    with pytest.raises(NotFound):
        BAKERY.revoke_key("key_x", NOON)


@pytest.mark.parametrize("url", ["http://shop.example/hook", "ftp://shop.example", "shop.example", "https://"])
def test_an_endpoint_must_be_https_in_production(url):
    with pytest.raises(Unprocessable):
        BAKERY.add_endpoint(url, NOON, private_allowed=False)


def test_an_endpoint_comes_with_a_standard_webhooks_secret():
    merchant, endpoint, secret = BAKERY.add_endpoint("https://shop.example/hook", NOON, private_allowed=False)
    assert merchant.endpoints == (endpoint,)
    assert secret.startswith("whsec_")
    assert secret not in merchant.model_dump_json()
