"""Encryption of a push message for one browser (RFC 8291), in the content coding ``aes128gcm`` (RFC 8188)."""

import secrets

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = SECP256R1()
RECORD = 4096
"""Bytes of the one record that a message is; push services take no more."""

SALT_BYTES, KEY_BYTES, NONCE_BYTES, SECRET_BYTES = 16, 16, 12, 32
LAST_RECORD = b"\x02"


def point_of(raw: bytes) -> EllipticCurvePublicKey:
    """Return the public key that an uncompressed point of P-256 is.

    Raises
    ------
    ValueError
        If it is no such point.
    """
    return EllipticCurvePublicKey.from_encoded_point(CURVE, raw)


def raw_point(key: EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypted(
    text: bytes,
    browser_key: bytes,
    auth: bytes,
    *,
    own_key: EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of a push message.

    Parameters
    ----------
    text : bytes
        The message.
    browser_key, auth : bytes
        The subscription's ``p256dh`` and ``auth``.
    own_key, salt : optional
        The key pair and the salt of this message; new ones if left out, as they must never serve twice.
    """
    own_key, salt = own_key or generate_private_key(CURVE), salt or secrets.token_bytes(SALT_BYTES)
    own_point = raw_point(own_key.public_key())
    shared = own_key.exchange(ECDH(), point_of(browser_key))
    secret = _derived(shared, auth, b"WebPush: info\0" + browser_key + own_point, SECRET_BYTES)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", KEY_BYTES)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", NONCE_BYTES)
    header = salt + RECORD.to_bytes(4) + bytes([len(own_point)]) + own_point
    return header + AESGCM(key).encrypt(nonce, text + LAST_RECORD, None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
