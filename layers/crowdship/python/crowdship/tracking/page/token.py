"""The token of a customer's tracking link: it names one delivery, expires, and needs the platform's secret to make."""

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

LINK_LIFE = timedelta(days=8)
"""A link opens until this long after the promised drop-off: seven days to rate and tip, and one for a late delivery."""


def link_expiry(dropoff_closes_at: datetime) -> datetime:
    """Return when the link of a delivery ends.

    The end depends on the promise alone, so that the link is the same wherever it is made.
    """
    return dropoff_closes_at + LINK_LIFE


def tracking_token(secret: str, delivery_id: str, expires_at: datetime) -> str:
    """Return the token for a delivery: 52 characters, to leave room for words in an SMS.

    The token is the MAC, the expiry in seconds and the id, in this order. The id is last because phones that turn text
    into a link drop ``-`` and ``_`` at its end, and an id has neither.
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
        If the token was not made here, or was altered.
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
