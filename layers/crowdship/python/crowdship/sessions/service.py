"""Use cases of sessions. Whatever tries a secret takes from the limits of its user name and its address first."""

from collections.abc import Callable
from urllib.parse import quote

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Refusal, TooManyRequests, Unauthorized
from crowdship.sessions.cognito import UserPool, no_session
from crowdship.sessions.model import ChallengeKind, Session
from crowdship.sessions.passwords import must_be_strong
from crowdship.sessions.store import TriesRow
from crowdship.sessions.tries import Taken, codes_of, tries_of
from crowdship.sessions.views import AnswerInput, NewPasswordInput, SignInInput, TotpView

ISSUER = "crowdship"


def sign_in(request: SignInInput, address: str, pool: UserPool, wall: Clock) -> Session:
    """Return the session of a user with their password, or a challenge."""
    return _tried(tries_of(request.username, address), wall, lambda: pool.sign_in(request.username, request.password))


def answer(request: AnswerInput, address: str, pool: UserPool, wall: Clock) -> Session:
    """Return the session after the answer to a challenge, or the next challenge."""
    if request.kind is ChallengeKind.NEW_PASSWORD:
        must_be_strong(request.answer, "/answer")
    return _tried(
        tries_of(request.username, address),
        wall,
        lambda: pool.answer(request.username, request.kind, request.session, request.answer),
    )


def refresh(refresh_token: str | None, pool: UserPool) -> Session:
    """Return the session with a new access token.

    Raises
    ------
    Unauthorized
        If there is no refresh token, or its session ended.
    """
    if refresh_token is None:
        raise no_session()
    return pool.refresh(refresh_token)


def sign_out(refresh_token: str | None, pool: UserPool) -> None:
    """End a session, if there is one."""
    if refresh_token is not None:
        pool.revoke(refresh_token)


def send_code(username: str, address: str, pool: UserPool, wall: Clock) -> None:
    """Mail a code to a user who forgot the password; unknown users are treated alike."""
    for one in codes_of(username, address):
        _take(one, wall)
    pool.send_code(username)


def replace_password(request: NewPasswordInput, address: str, pool: UserPool, wall: Clock) -> None:
    """Replace a forgotten password."""
    must_be_strong(request.new_password, "/new_password")
    _tried(
        tries_of(request.username, address),
        wall,
        lambda: pool.replace_password(request.username, request.code, request.new_password),
    )


def begin_totp(username: str, access_token: str, pool: UserPool) -> TotpView:
    """Return a new secret for a user's authenticator app; it counts only once a code of it was sent."""
    secret = pool.new_totp_secret(access_token)
    label = quote(f"{ISSUER}:{username}")
    return TotpView(secret=secret, uri=f"otpauth://totp/{label}?secret={secret}&issuer={ISSUER}")


def turn_totp_on(username: str, access_token: str, code: str, address: str, pool: UserPool, wall: Clock) -> None:
    """Ask a user for a code at each sign-in from now on."""
    _tried(tries_of(username, address), wall, lambda: pool.turn_totp_on(access_token, code))


def _now_us(wall: Clock) -> int:
    return round(wall.now().timestamp() * 1_000_000)


def _take(taken: Taken, wall: Clock) -> None:
    now_us = _now_us(wall)
    drawn = TriesRow.draw(taken.key, taken.limit, now_us, probably_full=True)
    if drawn.allowed:
        return
    metrics.add_metric("SignInsOverLimit", MetricUnit.Count, 1)
    wait_s = max(1, taken.limit.wait_s(drawn.full_at_us, now_us))
    detail = f"Too many tries; try again in {wait_s} s. Whoever is signed in stays so."
    raise TooManyRequests("too_many_attempts", detail, {"Retry-After": str(wait_s)})


def _tried[Result](buckets: tuple[Taken, ...], wall: Clock, act: Callable[[], Result]) -> Result:
    """Return what ``act`` returns, having taken a try from each bucket; only a wrong secret uses it up."""
    for one in buckets:
        _take(one, wall)
    try:
        result = act()
    except Unauthorized:
        metrics.add_metric("SignInsRefused", MetricUnit.Count, 1)
        raise
    except Refusal:
        _give_back(buckets, wall)
        raise
    _give_back(buckets, wall)
    return result


def _give_back(buckets: tuple[Taken, ...], wall: Clock) -> None:
    for one in buckets:
        TriesRow.give_back(one.key, one.limit, _now_us(wall))
