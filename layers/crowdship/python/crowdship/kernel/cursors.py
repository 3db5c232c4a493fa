"""Cursors: positions in a list in the form that callers send back to read on."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator

from crowdship.kernel.errors import Unprocessable


def cursor_of(position: str, query: str = "") -> str:
    """Return the cursor of a position.

    Parameters
    ----------
    query : str
        What the list was asked for; the cursor is then of use with the same query only.

    Examples
    --------
    >>> cursor_of("1795460400000#evt_1")
    'MTc5NTQ2MDQwMDAwMCNldnRfMQ'
    >>> position_of(cursor_of("1795460400000#evt_1"), re.compile(r"[0-9]{13}#evt_[0-9]+"))
    '1795460400000#evt_1'
    """
    return urlsafe_b64encode(f"{_mark(query)}{position}".encode()).decode().rstrip("=")


def position_of(cursor: str, position: re.Pattern[str], query: str = "", parameter: str = "cursor") -> str:
    """Return the position that a cursor stands for.

    Parameters
    ----------
    position : re.Pattern
        The form of this list's positions. A cursor of another list has another form.
    query : str
        What the list is asked for now, as ``cursor_of`` was told.
    parameter : str
        The parameter of the request's query in which the cursor came.

    Raises
    ------
    Unprocessable
        If it is no cursor of this list and query.
    """
    try:
        found = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        found = ""
    mark = _mark(query)
    if not (found.startswith(mark) and position.fullmatch(found, len(mark))):
        detail = "That is no cursor of ours for this list; send back the one you got, and the same filters with it."
        raise Unprocessable("bad_cursor", detail, f"/query/{parameter}")
    return found.removeprefix(mark)


def every_page[One](page: Callable[[str | None], tuple[Iterable[One], str | None]]) -> Iterator[One]:
    """Yield all of a list, a page at a time.

    Parameters
    ----------
    page : callable
        Returns what stands after a cursor, from the beginning if it is None, and the cursor of the next page or None.

    Examples
    --------
    >>> list(every_page(lambda cursor: ("cd", None) if cursor else ("ab", "b")))
    ['a', 'b', 'c', 'd']
    """
    cursor: str | None = None
    while True:
        some, cursor = page(cursor)
        yield from some
        if cursor is None:
            return


def _mark(query: str) -> str:
    return f"{hashlib.sha256(query.encode()).hexdigest()[:16]}|" if query else ""
