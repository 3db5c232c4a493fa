"""The signature by which push services know the sender (VAPID, RFC 8292).

The key pair is derived from a secret that the deployment generates, so that nobody has to make or store one.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crowdship.notify.push.encryption import CURVE, raw_point

VALID_FOR = timedelta(hours=12)
"""Push services refuse a token that is valid for more than a day."""

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The number of points of P-256."""

DERIVED_BYTES = 48
"""Sixteen more than a key has, so that the remainder favours no key (FIPS 186-5, A.2.1)."""

NUMBER_BYTES = 32


@cache
def key_of(secret: str) -> EllipticCurvePrivateKey:
    """Return the private key that follows from a secret."""
    derived = HKDF(SHA256(), DERIVED_BYTES, None, b"crowdship web push").derive(secret.encode())
    return derive_private_key(int.from_bytes(derived) % (ORDER - 1) + 1, CURVE)


def public_key(secret: str) -> str:
    """Return the public key as browsers take it: an uncompressed point in base64url."""
    return base64url(raw_point(key_of(secret).public_key()))


def authorization(secret: str, endpoint: str, contact: str, now: datetime) -> str:
    """Return the header ``Authorization`` of a message to an endpoint.

    Parameters
    ----------
    contact : str
        Mail address at which the push service reaches us.
    now : datetime
        Wall time.
    """
    parts = urlsplit(endpoint)
    expires = (now + VALID_FOR).replace(minute=0, second=0, microsecond=0)
    return _signed(secret, f"{parts.scheme}://{parts.netloc}", contact, int(expires.timestamp()))


@lru_cache(maxsize=1000)  # the same for all messages of an hour to one push service
def _signed(secret: str, audience: str, contact: str, expires: int) -> str:
    claims = {"aud": audience, "exp": expires, "sub": f"mailto:{contact}"}
    unsigned = ".".join(_json(part) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key_of(secret).sign(unsigned.encode(), ECDSA(SHA256())))
    signature = base64url(r.to_bytes(NUMBER_BYTES) + s.to_bytes(NUMBER_BYTES))
    return f"vapid t={unsigned}.{signature},k={public_key(secret)}"


def _json(fields: Mapping[str, object]) -> str:
    return base64url(json.dumps(fields, separators=(",", ":")).encode())


def base64url(raw: bytes) -> str:
    """Return bytes in base64url without padding.

    Examples
    --------
    >>> base64url(b"push")
    'cHVzaA'
    """
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
