"""The cookie of a session: it holds the sealed ticket, which no script can read."""

from collections.abc import Iterable

from crowdship.sessions.model import Session

PATH = "/v1/session"
MOST_CHARACTERS = 4096


def cookie_name(secure: bool) -> str:
    """Return the cookie's name; browsers take the secure one over TLS only, whoever sets it."""
    return "__Secure-session" if secure else "session"


def _cookie(value: str, age_s: int, *, secure: bool) -> dict[str, str]:
    parts = [f"{cookie_name(secure)}={value}", f"Path={PATH}", f"Max-Age={age_s}", "HttpOnly", "SameSite=Strict"]
    # Tokens are kept by no cache on the way.
    return {"Set-Cookie": "; ".join([*parts, *(["Secure"] if secure else [])]), "Cache-Control": "no-store"}


def kept(session: Session, *, secure: bool) -> dict[str, str]:
    """Return the headers of an answer with a session: the cookie is set if there is a new ticket.

    Examples
    --------
    >>> kept(Session("drv_1", ticket="abc", ticket_s=3600), secure=True)["Set-Cookie"]
    '__Secure-session=abc; Path=/v1/session; Max-Age=3600; HttpOnly; SameSite=Strict; Secure'
    """
    if session.ticket is None:
        return {"Cache-Control": "no-store"}
    return _cookie(session.ticket, session.ticket_s, secure=secure)


def cleared(*, secure: bool) -> dict[str, str]:
    """Return the headers that end the cookie.

    Examples
    --------
    >>> cleared(secure=False)["Set-Cookie"]
    'session=; Path=/v1/session; Max-Age=0; HttpOnly; SameSite=Strict'
    """
    return _cookie("", 0, secure=secure)


def ticket_in(cookies: Iterable[str], *, secure: bool) -> str | None:
    """Return the sealed ticket among a request's cookies, or None; a value that can be none is ignored.

    Examples
    --------
    >>> ticket_in(["theme=dark", "session=abc.def"], secure=False)
    'abc.def'
    >>> ticket_in(["session="], secure=False) is None
    True
    """
    begin = cookie_name(secure) + "="
    for one in cookies:
        value = one.strip().removeprefix(begin)
        if one.strip().startswith(begin) and 0 < len(value) <= MOST_CHARACTERS and value.isascii():
            return value
    return None
