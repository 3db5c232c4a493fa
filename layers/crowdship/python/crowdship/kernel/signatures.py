"""Signatures over the bytes of a message: those of our webhooks, and those of messages that shops send."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdship.kernel.errors import Unauthorized

TOLERANCE = timedelta(minutes=5)
"""How far the time of a signed message may be from ours (Standard Webhooks)."""


def hmac_base64(key: bytes, body: bytes) -> str:
    """Return the HMAC-SHA256 of some bytes in base64."""
    return b64encode(hmac.digest(key, body, "sha256")).decode()


def equal(one: str, other: str) -> bool:
    """Return whether two secrets or signatures are the same, in a time that does not depend on where they differ.

    Any text may be given, also one with half of a surrogate pair: its bytes are compared.
    """
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode(errors="surrogatepass"))


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one Standard Webhooks signature.

    Parameters
    ----------
    secret : str
        ``whsec_`` and the key in base64.
    timestamp : int
        Unix seconds of this attempt.

    Examples
    --------
    The example of the specification:

    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + hmac_base64(b64decode(secret.removeprefix("whsec_")), signed)


def verify(
    secrets: Iterable[str], message_id: str, timestamp: str, signatures: str, body: bytes, now: datetime
) -> None:
    """Check that one of some secrets signed a message (Standard Webhooks), and not long ago.

    Parameters
    ----------
    timestamp, signatures : str
        The headers ``webhook-timestamp`` and ``webhook-signature`` as they came.
    now : datetime
        Wall time.

    Raises
    ------
    Unauthorized
        If none of them did, or the message is older or newer than ``TOLERANCE``.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Unauthorized("bad_timestamp", "webhook-timestamp is not a number of Unix seconds.")
    apart = now.timestamp() - int(timestamp)
    given = [part for part in signatures.split(" ") if part.startswith("v1,")]
    expected = [sign(secret, message_id, int(timestamp), body) for secret in secrets]
    if not message_id or not any(equal(one, other) for one in expected for other in given):
        raise Unauthorized(
            "bad_signature",
            "webhook-signature does not match; sign '<webhook-id>.<webhook-timestamp>.<body>' as raw bytes.",
        )
    # Checked after the signature, so that a stranger who can't sign learns nothing of our clock.
    if abs(apart) > TOLERANCE.total_seconds():
        detail = f"webhook-timestamp is {abs(apart):.0f} s {'old' if apart > 0 else 'ahead'}; sign each attempt anew."
        raise Unauthorized("stale_timestamp", detail)
