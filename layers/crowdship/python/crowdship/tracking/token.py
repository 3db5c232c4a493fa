"""The customer's link: a token that names one delivery until a moment, and that only we can make."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from crowdship.kernel.errors import Gone, Unauthorized
from crowdship.kernel.signatures import equal

PREFIX = "dlv_"
MAC_BYTES = 16
MAC_CHARS = 22
HEAD_CHARS = MAC_CHARS + 6
"""The MAC and four bytes of expiry, both in base64."""

LINK_LIFE = timedelta(days=1)
"""How long after the promised drop-off a link still opens."""


def link_expiry(dropoff_closes_at: datetime) -> datetime:
    """Return when the link of a delivery ends; from the promise alone, so that every maker makes the same link."""
    return dropoff_closes_at + LINK_LIFE


def tracking_token(secret: str, delivery_id: str, expires_at: datetime) -> str:
    """Return the token for a delivery: 52 characters, because it has to leave room in an SMS for words.

    It is the MAC, the expiry in seconds and the id, in this order: phones that make a link of the text
    drop ``-`` and ``_`` at its end, and an id has neither.
    """
    if not delivery_id.startswith(PREFIX):
        raise ValueError(f"{delivery_id} is no delivery id; it must start with {PREFIX}")
    expiry = int(expires_at.timestamp()).to_bytes(4)
    return _text(_mac(secret, delivery_id, expiry)) + _text(expiry) + delivery_id.removeprefix(PREFIX)


def read_token(secret: str, token: str, now: datetime) -> str:
    """Return the delivery id in a token.

    Raises
    ------
    Unauthorized
        If the token is not one of ours, or was altered.
    Gone
        If it has expired.
    """
    mac, expiry, delivery_id = token[:MAC_CHARS], token[MAC_CHARS:HEAD_CHARS], PREFIX + token[HEAD_CHARS:]
    try:
        expires_at = urlsafe_b64decode(expiry + "==")
        expected = _text(_mac(secret, delivery_id, expires_at))
        genuine = _text(expires_at) == expiry and equal(mac, expected)
    except ValueError:  # not base64, or characters that no token has
        genuine = False
    if not genuine:
        raise Unauthorized("bad_link", "This tracking link is not valid; open it exactly as it was sent.")
    ends = datetime.fromtimestamp(int.from_bytes(expires_at), UTC)
    if now >= ends:
        raise Gone("link_expired", f"This tracking link ended at {ends:%Y-%m-%dT%H:%M:%SZ}; the shop can say more.")
    return delivery_id


def _mac(secret: str, delivery_id: str, expiry: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"track\x1f" + expiry + delivery_id.encode(), "sha256")[:MAC_BYTES]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
