"""Cursors: positions in a list in the form that callers send back to read on."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from crowdship.kernel.errors import Unprocessable


def cursor_of(position: str) -> str:
    """Return the cursor of a position.

    Examples
    --------
    >>> cursor_of("1795460400000#evt_1")
    'MTc5NTQ2MDQwMDAwMCNldnRfMQ'
    >>> position_of(cursor_of("1795460400000#evt_1"), re.compile(r"[0-9]{13}#evt_[0-9]+"))
    '1795460400000#evt_1'
    """
    return urlsafe_b64encode(position.encode()).decode().rstrip("=")


def position_of(cursor: str, position: re.Pattern[str]) -> str:
    """Return the position that a cursor stands for.

    Parameters
    ----------
    position : re.Pattern
        The form of this list's positions. A cursor of another list has another form.

    Raises
    ------
    Unprocessable
        If it is no cursor of this list.
    """
    try:
        found = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        found = ""
    if not position.fullmatch(found):
        raise Unprocessable("bad_cursor", "That is no cursor of ours; send back the one you got.", "/query/cursor")
    return found
