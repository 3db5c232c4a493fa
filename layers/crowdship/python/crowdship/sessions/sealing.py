"""Sealed texts: browsers keep them for the platform, and can neither read nor change them."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from pydantic import ValidationError

from crowdship.kernel.events import Value


class Seal:
    """Closes and opens sealed texts; each kind of value has a key of its own.

    Examples
    --------
    >>> from datetime import UTC
    >>> class Note(Value):
    ...     text: str
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> sealed = Seal("secret").close(Note(text="x"), now)
    >>> Seal("secret").open(Note, sealed, now, timedelta(minutes=5))
    Note(text='x')
    >>> Seal("another").open(Note, sealed, now, timedelta(minutes=5)) is None
    True
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def _key(self, kind: type[Value]) -> Fernet:
        digest = hashlib.sha256(f"{kind.__name__}:{self._secret}".encode()).digest()
        return Fernet(urlsafe_b64encode(digest))

    def close(self, value: Value, now: datetime) -> str:
        """Return the sealed text of a value."""
        body = value.model_dump_json().encode()
        return self._key(type(value)).encrypt_at_time(body, int(now.timestamp())).decode()

    def open[Kept: Value](self, kind: type[Kept], text: str, now: datetime, longest: timedelta) -> Kept | None:
        """Return what was sealed; None if it is older than ``longest``, or was not sealed with this secret."""
        age_s, at = int(longest.total_seconds()), int(now.timestamp())
        try:
            return kind.model_validate_json(self._key(kind).decrypt_at_time(text.encode(), age_s, at))
        except (InvalidToken, ValidationError, UnicodeEncodeError):
            return None
