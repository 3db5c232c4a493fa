"""The cookie of a session: it holds the refresh token, which no script can read."""

from collections.abc import Iterable

from crowdship.sessions.model import Session

LIFE_S = 30 * 24 * 3600
"""As long as Cognito's refresh token."""

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
    """Return the headers of an answer with a session: the cookie is set if there is a new refresh token.

    Examples
    --------
    >>> kept(Session("drv_1", refresh_token="abc"), secure=True)["Set-Cookie"]
    '__Secure-session=abc; Path=/v1/session; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure'
    """
    if session.refresh_token is None:
        return {"Cache-Control": "no-store"}
    return _cookie(session.refresh_token, LIFE_S, secure=secure)


def cleared(*, secure: bool) -> dict[str, str]:
    """Return the headers that end the cookie.

    Examples
    --------
    >>> cleared(secure=False)["Set-Cookie"]
    'session=; Path=/v1/session; Max-Age=0; HttpOnly; SameSite=Strict'
    """
    return _cookie("", 0, secure=secure)


def token_in(cookies: Iterable[str], *, secure: bool) -> str | None:
    """Return the refresh token among a request's cookies, or None; a value that can be none is ignored.

    Examples
    --------
    >>> token_in(["theme=dark", "session=abc.def"], secure=False)
    'abc.def'
    >>> token_in(["session="], secure=False) is None
    True
    """
    begin = cookie_name(secure) + "="
    for one in cookies:
        value = one.strip().removeprefix(begin)
        if one.strip().startswith(begin) and 0 < len(value) <= MOST_CHARACTERS and value.isascii():
            return value
    return None
