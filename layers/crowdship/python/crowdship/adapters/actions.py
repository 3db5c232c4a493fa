"""Actions of an app that keeps them until it has a network: their names in the log, and a check of what arrives."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

DRIVERS_PATH = "/v1/driver/"

DIGEST = "action-digest"
IDENTITY = "action-id"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def body_of(event: Mapping[str, Any]) -> bytes:
    """Return the body of an API Gateway event as the bytes that were sent."""
    body = event.get("body") or ""
    return b64decode(body) if event.get("isBase64Encoded") else body.encode()


def digest_of(method: str, path: str, body: bytes) -> str:
    """Return the digest of an action: the SHA-256 of its method, path and body, in hexadecimal.

    Examples
    --------
    >>> digest_of("POST", "/v1/driver/duty", b"{}")[:16]
    '17e1ea69ca300d51'
    """
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def mismatch(event: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the digest of a driver's action, or None if it fits or was not sent.

    A queue on a phone that was killed while it wrote may have an action's body under another action's path. The digest
    was made when the driver acted, so such a request is told from a right one.
    """
    given = (event.get("headers") or {}).get(DIGEST)
    path = str(event.get("rawPath", ""))
    if given is None or not path.startswith(DRIVERS_PATH):
        return None
    method = str(event["requestContext"]["http"]["method"])
    if given.strip().lower() == digest_of(method, path, body_of(event)):
        return None
    return (
        "The Action-Digest is not that of this request: the hexadecimal SHA-256 of "
        f"'{method} {path}', a line feed and the body's bytes. Nothing was done; make the action anew from its record."
    )


def identity_of(event: Mapping[str, Any]) -> str | None:
    """Return the UUID that an app gave a driver's action, or None; anything else is kept out of the log."""
    given = (event.get("headers") or {}).get(IDENTITY, "")
    return given.lower() if _UUID.fullmatch(given) else None
