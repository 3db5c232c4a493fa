"""Cursors: positions in a list, as callers are given them to go on from."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from crowdship.kernel.errors import Unprocessable


def cursor_of(position: str) -> str:
    """Return a position as outsiders are given it."""
    return urlsafe_b64encode(position.encode()).decode().rstrip("=")


def position_of(cursor: str, position: re.Pattern[str]) -> str:
    """Return the position that a cursor stands for.

    Parameters
    ----------
    position : re.Pattern
        The form of this list's positions; a cursor of another list does not have it.

    Raises
    ------
    Unprocessable
        If the cursor is none of this list's.
    """
    try:
        found = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        found = ""
    if not position.fullmatch(found):
        raise Unprocessable("bad_cursor", "That is no cursor of ours; send back the one you got.", "/query/cursor")
    return found
