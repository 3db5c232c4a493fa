"""Use cases of sessions. Whatever tries a secret takes from the limits of its user name and its address first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Refusal, TooManyRequests, Unauthorized
from crowdship.sessions.cognito import UserPool, challenge_over, no_session
from crowdship.sessions.model import Challenge, ChallengeKind, Session, challenge
from crowdship.sessions.passwords import must_be_strong
from crowdship.sessions.sealing import Seal
from crowdship.sessions.store import TriesRow
from crowdship.sessions.tickets import LONGEST, SET_UP, TO_ANSWER, Asked, SetUp, Ticket
from crowdship.sessions.tries import Taken, codes_of, tries_of
from crowdship.sessions.views import AnswerInput, NewPasswordInput, SignInInput, TotpView

ISSUER = "crowdship"


def sign_in(request: SignInInput, address: str, pool: UserPool, seal: Seal, wall: Clock) -> Session:
    """Return the session of a user with their password, or a challenge."""
    tries = tries_of(request.username, address)
    session = _tried(tries, wall, lambda: pool.sign_in(request.username, request.password))
    return _admitted(session, pool, seal, wall)


def answer(request: AnswerInput, address: str, pool: UserPool, seal: Seal, wall: Clock) -> Session:
    """Return the session after the answer to a challenge, or the next challenge."""
    if request.kind is ChallengeKind.TOTP_SETUP:
        return _set_up(request, address, pool, seal, wall)
    if request.kind is ChallengeKind.NEW_PASSWORD:
        must_be_strong(request.answer, "/answer")
    asked = seal.open(Asked, request.session, wall.now(), TO_ANSWER)
    if asked is None or asked.kind is not request.kind:
        raise challenge_over()
    session = _tried(
        tries_of(request.username, address),
        wall,
        lambda: pool.answer(request.username, request.kind, asked.session, request.answer),
    )
    return _admitted(session, pool, seal, wall)


def refresh(sealed: str | None, pool: UserPool, seal: Seal, wall: Clock) -> Session:
    """Return the session with a new access token.

    Raises
    ------
    Unauthorized
        If there is no ticket, or its session ended: a session of staff ends after an hour in which nobody asked for a
        token, and after twelve hours.
    """
    now = wall.now()
    ticket = seal.open(Ticket, sealed, now, LONGEST) if sealed else None
    if ticket is None:
        raise no_session()
    session = pool.refresh(ticket.refresh_token)
    staff = session.is_of_staff
    if now >= ticket.ends_at(staff=staff):
        pool.revoke(ticket.refresh_token)
        raise no_session()
    # What a driver has lasts 30 days from its beginning, so it needs no new ticket.
    return _with_ticket(session, ticket.model_copy(update={"seen_at": now}), seal, now) if staff else session


def sign_out(sealed: str | None, pool: UserPool, seal: Seal, wall: Clock) -> None:
    """End a session, if there is one."""
    ticket = seal.open(Ticket, sealed, wall.now(), LONGEST) if sealed else None
    if ticket is not None:
        pool.revoke(ticket.refresh_token)


def _admitted(session: Session, pool: UserPool, seal: Seal, wall: Clock) -> Session:
    """Return a session with its ticket; staff who showed no second factor have to set one up first."""
    now = wall.now()
    if session.challenge:
        return replace(session, challenge=_sealed(session.challenge, seal, now))
    if session.access_token is None or session.refresh_token is None:
        return session
    if session.is_of_staff and not session.second_factor:
        told = begin_totp(session.username, session.access_token, pool)
        pending = SetUp(
            username=session.username, access_token=session.access_token, refresh_token=session.refresh_token
        )
        asked = challenge(ChallengeKind.TOTP_SETUP, seal.close(pending, now), told.secret, told.uri)
        return Session(session.username, challenge=asked)
    ticket = Ticket(refresh_token=session.refresh_token, second_factor=session.second_factor, began_at=now, seen_at=now)
    return _with_ticket(session, ticket, seal, now)


def _sealed(asked: Challenge, seal: Seal, now: datetime) -> Challenge:
    """Return a challenge of Cognito with a sealed session: with the plain one, Cognito itself could be answered."""
    plain = Asked(kind=asked.kind, session=asked.session)
    return asked.model_copy(update={"session": seal.close(plain, now)})


def _with_ticket(session: Session, ticket: Ticket, seal: Seal, now: datetime) -> Session:
    left = ticket.ends_at(staff=session.is_of_staff) - now
    return replace(session, ticket=seal.close(ticket, now), ticket_s=int(left.total_seconds()))


def _set_up(request: AnswerInput, address: str, pool: UserPool, seal: Seal, wall: Clock) -> Session:
    """Turn a second factor on by the first code of it, and return the session that waited for that."""
    pending = seal.open(SetUp, request.session, wall.now(), SET_UP)
    if pending is None:
        raise challenge_over()
    tries = tries_of(pending.username, address)
    _tried(tries, wall, lambda: pool.turn_totp_on(pending.access_token, request.answer))
    session = pool.refresh(pending.refresh_token)
    return _admitted(replace(session, refresh_token=pending.refresh_token, second_factor=True), pool, seal, wall)


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
    taken_at_us = _now_us(wall)
    for one in buckets:
        _take(one, wall)
    try:
        result = act()
    except Unauthorized:
        metrics.add_metric("SignInsRefused", MetricUnit.Count, 1)
        raise
    except Refusal:
        _give_back(buckets, taken_at_us, wall)
        raise
    _give_back(buckets, taken_at_us, wall)
    return result


def _give_back(buckets: tuple[Taken, ...], taken_at_us: int, wall: Clock) -> None:
    for one in buckets:
        TriesRow.give_back(one.key, one.limit, taken_at_us, _now_us(wall))
