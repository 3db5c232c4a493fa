"""Opaque ids with a prefix that says what they name (``dlv_``, ``drv_``, ``ofr_`` ...)."""

import hashlib
import secrets
from typing import Annotated

from pydantic import StringConstraints

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that reads as a digit


ClientId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", to_lower=True)
]
"""A UUID that an app makes, so that it may send the same request again."""


def _encode(raw: bytes) -> str:
    number = int.from_bytes(raw)
    digits = []
    for _ in range(-(-len(raw) * 8 // 5)):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """Return a fresh unguessable id (120 random bits).

    Examples
    --------
    >>> new_id("dlv").startswith("dlv_"), len(new_id("dlv"))
    (True, 28)
    """
    return f"{prefix}_{_encode(secrets.token_bytes(15))}"


def derived_id(prefix: str, *cause: str | int) -> str:
    """Return an id that is the same whenever its cause is the same.

    What is made under such an id is made once, however often it is tried.

    Examples
    --------
    >>> derived_id("rpl", "ept_1", "evt_1", 2) == derived_id("rpl", "ept_1", "evt_1", 2)
    True
    >>> derived_id("rpl", "ept_1", "evt_1", 2) == derived_id("rpl", "ept_1", "evt_1", 3)
    False
    """
    digest = hashlib.sha256("\x1f".join(str(part) for part in cause).encode()).digest()
    return f"{prefix}_{_encode(digest[:15])}"
