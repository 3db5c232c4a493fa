"""Messages that somebody signed, as Standard Webhooks say; the other side is their own package."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from crowdship.kernel.errors import Unauthorized
from crowdship.kernel.signatures import TOLERANCE, verify
from crowdship.merchants.model import new_signing_secret

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = new_signing_secret()
BODY = json.dumps({"external_id": "1", "note": "café"}, ensure_ascii=False).encode()


def signed(body=BODY, secret=SECRET, message_id="msg_1", at=NOW):
    return Webhook(secret).sign(message_id, at, body.decode())


def check(signature=None, message_id="msg_1", at=NOW, body=BODY, secrets=(SECRET,), now=NOW):
    verify(secrets, message_id, str(int(at.timestamp())), signature or signed(at=at), body, now)


def test_what_the_standards_own_package_signs_is_right():
    check()


@given(
    body=st.text(min_size=1).map(lambda text: json.dumps(text).encode()),
    message_id=st.from_regex(r"[!-~]{1,40}", fullmatch=True),
)
def test_whatever_is_signed_is_right_and_nothing_else(body, message_id):
    signature = signed(body, message_id=message_id)
    check(signature, message_id, body=body)
    with pytest.raises(Unauthorized):
        check(signature, message_id, body=body + b" ")


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY + b"\n"},
        {"body": json.dumps(json.loads(BODY)).encode()},
        {"body": json.dumps(json.loads(BODY), indent=1, ensure_ascii=False).encode()},
        {"body": b""},
        {"message_id": "msg_2"},
        {"message_id": ""},
        {"secrets": ()},
        {"secrets": (new_signing_secret(),)},
        {"signature": "v1"},
        {"signature": "v1,"},
        {"signature": signed().replace("v1,", "v1a,")},
        {"signature": signed().removeprefix("v1,")},
        {"signature": "v1,härte"},
        {"signature": signed()[:-2] + "=="},
    ],
)
def test_what_was_not_signed_like_this_is_refused(changes):
    with pytest.raises(Unauthorized, match="bad_signature"):
        check(**{"signature": signed(), **changes})


@pytest.mark.parametrize("timestamp", ["", "now", "-5", "1e9", "12.5", "٣", "9" * 13])
def test_a_time_that_is_no_number_of_seconds_is_refused(timestamp):
    with pytest.raises(Unauthorized, match="bad_timestamp"):
        verify([SECRET], "msg_1", timestamp, signed(), BODY, NOW)


@pytest.mark.parametrize("sign", [-1, 1])
def test_five_minutes_apart_is_right_and_a_second_more_is_stale(sign):
    check(at=NOW + sign * TOLERANCE)
    with pytest.raises(Unauthorized, match="stale_timestamp"):
        check(at=NOW + sign * (TOLERANCE + timedelta(seconds=1)))


def test_a_message_with_a_signature_by_each_of_two_secrets_is_right_by_either():
    other = new_signing_secret()
    both = f"{signed(secret=other)} {signed()} v2,abc"
    for secrets in ((SECRET,), (other,), (other, SECRET), (new_signing_secret(), SECRET)):
        check(both, secrets=secrets)
