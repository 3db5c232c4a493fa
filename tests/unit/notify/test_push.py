"""Push messages: what is encrypted and signed, which subscriptions are taken, and what answers mean."""

import base64
import json
from datetime import UTC, datetime, timedelta
from random import Random

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key, generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02
from pydantic import ValidationError

from crowdship.kernel.clock import FixedClock
from crowdship.notify.push import vapid
from crowdship.notify.push.encryption import RECORD, encrypted, raw_point
from crowdship.notify.push.messages import PushMessage, Urgency, Verdict, verdict_on
from crowdship.notify.push.model import (
    GIVEN_UP_AFTER,
    KEPT,
    MOST_SUBSCRIPTIONS,
    TROUBLED_FOR,
    Subscription,
    SubscriptionInput,
    Subscriptions,
    from_base64url,
    id_of,
)
from crowdship.notify.webhooks.delivery.answers import EndpointAnswer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"


def subscription(name="phone", **fields):
    given = {"endpoint": f"https://push.example/{name}", "keys": {"p256dh": P256DH, "auth": AUTH}}
    return SubscriptionInput.model_validate({**given, **fields})


def kept(name="phone", now=NOON, **fields):
    return Subscription.of(subscription(name, **fields), now, now)


# -- encryption and signature


def test_the_example_of_rfc_8291_comes_out_to_the_byte():
    own = int.from_bytes(from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        from_base64url(P256DH),
        from_base64url(AUTH),
        own_key=derive_private_key(own, SECP256R1()),
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert vapid.base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=RECORD - 103), st.binary(min_size=16, max_size=16))
def test_another_implementation_reads_whatever_was_encrypted(text, auth):
    browser = generate_private_key(SECP256R1())
    body = encrypted(text, raw_point(browser.public_key()), auth)
    assert len(body) <= RECORD
    assert http_ece.decrypt(body, private_key=browser, auth_secret=auth, version="aes128gcm") == text


def test_no_message_is_encrypted_like_another():
    keys = from_base64url(P256DH), from_base64url(AUTH)
    assert encrypted(b"offer", *keys) != encrypted(b"offer", *keys)


def claims_of(header):
    token = header.removeprefix("vapid t=").partition(",")[0]
    return json.loads(from_base64url(token.split(".")[1]))


def test_another_implementation_accepts_the_signature_until_it_is_changed():
    header = vapid.authorization("hush", "https://push.example:8443/send/1?x=2", "ops@crowdship.example", NOON)
    assert Vapid02.verify(header)
    assert not Vapid02.verify(header.replace("vapid t=", "vapid t=A", 1))
    assert claims_of(header)["aud"] == "https://push.example:8443"
    assert claims_of(header)["sub"] == "mailto:ops@crowdship.example"


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2050, 1, 1)))
def test_a_signature_is_valid_for_more_than_ten_hours_and_less_than_a_day(at):
    moment = at.replace(tzinfo=UTC)
    header = vapid.authorization("hush", "https://push.example/1", "a@b.example", moment)
    left = claims_of(header)["exp"] - moment.timestamp()
    assert 10 * 3600 < left <= 24 * 3600


def test_a_secret_always_gives_the_same_key_and_another_secret_another():
    assert vapid.public_key("one") == vapid.public_key("one") != vapid.public_key("two")
    assert len(from_base64url(vapid.public_key("one"))) == 65


# -- subscriptions


def test_what_a_browser_writes_is_taken():
    taken = subscription(expirationTime=None)
    assert kept().keys == (from_base64url(P256DH), from_base64url(AUTH))
    assert id_of(taken.endpoint) == kept().id


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"p256dh": P256DH, "auth": AUTH[:-3]}, "16 bytes"),
        ({"p256dh": P256DH, "auth": "AAAA" * 8}, "16 bytes"),
        ({"p256dh": P256DH[:-4], "auth": AUTH}, "point of P-256"),
        ({"p256dh": "B" + "A" * 86, "auth": AUTH}, "point of P-256"),
        ({"p256dh": "A" * 5, "auth": AUTH}, "point of P-256"),
        ({"p256dh": "not base64!", "auth": AUTH}, "pattern"),
    ],
)
def test_keys_that_are_none_are_refused_by_what_would_be_right(keys, says):
    with pytest.raises(ValidationError, match=says):
        subscription(keys=keys)


def test_the_same_subscription_again_changes_nothing():
    once = Subscriptions(id="drv_1").with_one(kept(), NOON)
    assert once.with_one(kept(), NOON) is once
    later = NOON + timedelta(days=1)
    assert once.with_one(kept(now=later), later) is once


def test_a_subscription_that_is_sent_again_after_a_month_is_kept_anew():
    once = Subscriptions(id="drv_1").with_one(kept(), NOON)
    later = NOON + timedelta(days=31)
    (renewed,) = once.with_one(kept(now=later), later).entries
    assert (renewed.created_at, renewed.kept_until) == (NOON, later + KEPT)


def test_a_subscription_ends_when_the_push_service_says_so():
    ends = NOON + timedelta(days=2)
    one = kept(expirationTime=ends.timestamp() * 1000)
    assert one.is_kept(ends - timedelta(seconds=1))
    assert not one.is_kept(ends)


@pytest.mark.parametrize("seed", range(30))
def test_of_many_subscriptions_the_newest_five_are_kept(seed):
    random, known, now, order = Random(seed), Subscriptions(id="drv_1"), NOON, []
    for _ in range(40):
        now += timedelta(minutes=1)
        name = f"phone-{random.randrange(9)}"
        one = kept(name, now=now)
        if random.random() < 0.3:
            known, order = known.without(one.id), [other for other in order if other != one.id]
        else:
            known = known.with_one(one, now)
            if one.id not in order:
                order = [*order, one.id][-MOST_SUBSCRIPTIONS:]
        assert [entry.id for entry in known.entries] == order


def test_a_browser_that_takes_nothing_is_tried_again_for_a_while_and_forgotten_after_days():
    known = Subscriptions(id="drv_1").with_one(kept(), NOON).missed(kept().id, NOON)
    (troubled,) = known.entries
    assert troubled.tries_again(NOON + TROUBLED_FOR - timedelta(seconds=1))
    assert not troubled.tries_again(NOON + TROUBLED_FOR)
    assert known.missed(troubled.id, NOON + GIVEN_UP_AFTER - timedelta(seconds=1)) is known
    assert known.missed(troubled.id, NOON + GIVEN_UP_AFTER).entries == ()
    assert known.took(troubled.id).entries[0].troubled_since is None


# -- messages


@pytest.mark.parametrize(("left_s", "ttl"), [(120, "120"), (0.9, "0"), (-5, "0")])
def test_a_message_is_never_delivered_after_its_end(left_s, ttl):
    message = PushMessage.about(
        {"kind": "offer", "id": "ofr_1"},
        NOON,
        until=NOON + timedelta(seconds=left_s),
        urgency=Urgency.HIGH,
        topic="ofr_1",
        clock=FixedClock(NOON),
    )
    body, headers = message.request_to(kept(), "vapid t=x,k=y")
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == (ttl, "high", "ofr_1")
    own = derive_private_key(int.from_bytes(from_base64url(PRIVATE)), SECP256R1())
    text = http_ece.decrypt(body, private_key=own, auth_secret=base64.urlsafe_b64decode(AUTH + "=="))
    assert json.loads(text) == {"kind": "offer", "id": "ofr_1", "at": "2026-11-23T12:00:00Z"}


def test_every_status_has_a_meaning():
    verdicts = {status: verdict_on(EndpointAnswer(status=status)) for status in range(200, 600)}
    of = {verdict: {status for status in verdicts if verdicts[status] is verdict} for verdict in Verdict}
    assert of[Verdict.TAKEN] == set(range(200, 300))
    assert of[Verdict.GONE] == {404, 410}
    assert of[Verdict.LATER] == {408, 425, 429} | set(range(500, 600))
