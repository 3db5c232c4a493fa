"""Calls of drivers and staff who sign in on their pages, stay signed in, and sign out."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.http import JSON, Api, bearer, same_origin_only, serve
from crowdship.adapters.secrets import secret
from crowdship.adapters.settings import on_one_machine, settings
from crowdship.sessions import cookies
from crowdship.sessions import service as sessions
from crowdship.sessions.cognito import UserPool
from crowdship.sessions.model import Session
from crowdship.sessions.sealing import Seal
from crowdship.sessions.views import (
    AnswerInput,
    CodeInput,
    ForgottenInput,
    NewPasswordInput,
    SessionView,
    SignInInput,
    TotpView,
)

api = Api()
api.use([same_origin_only])
wall = RunningClock()


def _answered(session: Session) -> SessionView:
    api.added_headers.update(cookies.kept(session, secure=not on_one_machine()))
    return SessionView.of(session)


def _ticket() -> str | None:
    return cookies.ticket_in(api.cookies, secure=not on_one_machine())


def _at() -> tuple[UserPool, Seal, RunningClock]:
    return UserPool.configured(), Seal(secret(settings().session_secret)), wall


def _address() -> str:
    return api.viewer_address(secret(settings().edge_secret))


@api.post("/v1/session", tags=["session"])
def sign_in(body: Annotated[SignInInput, Body()]) -> SessionView:
    """Sign in with user name and password; the answer has an access token, or a challenge to answer first.

    The session itself is kept in a cookie that no script can read. 401 `wrong_credentials`; 429 `too_many_attempts` for
    the user name or the address.
    """
    return _answered(sessions.sign_in(body, _address(), *_at()))


@api.post("/v1/session/answer", tags=["session"])
def answer(body: Annotated[AnswerInput, Body()]) -> SessionView:
    """Answer a challenge: 401 `wrong_code`, 401 `challenge_over` if it ended, 422 `weak_password` with the rules.

    Staff who have no second factor yet are told a secret for an authenticator app with the challenge `totp_setup`; its
    answer is the first code of the app.
    """
    return _answered(sessions.answer(body, _address(), *_at()))


@api.post("/v1/session/refresh", tags=["session"])
def refresh() -> SessionView:
    """Get a new access token by the cookie; 401 `no_session`, and no cookie any more, if there is none or it ended.

    A driver's session lasts 30 days; one of staff lasts twelve hours, and ends after an hour without this call.
    """
    return _answered(sessions.refresh(_ticket(), *_at()))


@api.delete("/v1/session", status_code=204, tags=["session"])
def sign_out() -> Response[None]:
    """Sign out: the refresh token is revoked and the cookie cleared, if there are any."""
    sessions.sign_out(_ticket(), *_at())
    api.added_headers.update(cookies.cleared(secure=not on_one_machine()))
    return Response(HTTPStatus.NO_CONTENT)


@api.post("/v1/session/forgotten", status_code=202, tags=["session"])
def forget(body: Annotated[ForgottenInput, Body()]) -> Response[None]:
    """Have a code mailed to choose a new password with; the answer is the same for unknown users."""
    sessions.send_code(body.username, _address(), UserPool.configured(), wall)
    return Response(HTTPStatus.ACCEPTED)


@api.post("/v1/session/forgotten/confirm", status_code=204, tags=["session"])
def replace_password(body: Annotated[NewPasswordInput, Body()]) -> Response[None]:
    """Replace a forgotten password with the mailed code: 401 `wrong_code`, 422 `weak_password` with the rules."""
    sessions.replace_password(body, _address(), UserPool.configured(), wall)
    return Response(HTTPStatus.NO_CONTENT)


@api.post("/v1/session/totp", status_code=201, tags=["session"])
def begin_totp() -> Response[TotpView]:
    """Get a secret for an authenticator app; it counts once a code of it was sent by PUT."""
    told = sessions.begin_totp(api.username, bearer(api.header("Authorization")), UserPool.configured())
    return Response(HTTPStatus.CREATED, JSON, told)


@api.put("/v1/session/totp", status_code=204, tags=["session"])
def turn_totp_on(body: Annotated[CodeInput, Body()]) -> Response[None]:
    """Ask for a code of the authenticator app at each sign-in from now on; 401 `wrong_code`."""
    token = bearer(api.header("Authorization"))
    sessions.turn_totp_on(api.username, token, body.code, _address(), UserPool.configured(), wall)
    return Response(HTTPStatus.NO_CONTENT)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
