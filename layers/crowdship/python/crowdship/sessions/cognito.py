"""The user pool as people use it to sign in.

Only calls with a right in AWS take a password or the answer to a challenge, so nobody signs in past the rules of
``service``. All other calls need only the person's own token or code. Cognito's refusals become those of the API.
Neither they nor logs have a user name, password, code or token.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.kernel.errors import Refusal, TooManyRequests, Unauthorized, Unavailable
from crowdship.sessions.cookies import cleared
from crowdship.sessions.model import ChallengeKind, Session, challenge
from crowdship.sessions.passwords import weak_password

type Refusals = Mapping[str, Callable[[], Refusal]]

NAMES = {ChallengeKind.NEW_PASSWORD: "NEW_PASSWORD_REQUIRED", ChallengeKind.TOTP: "SOFTWARE_TOKEN_MFA"}
KINDS = {name: kind for kind, name in NAMES.items()}
ANSWERS = {ChallengeKind.NEW_PASSWORD: "NEW_PASSWORD", ChallengeKind.TOTP: "SOFTWARE_TOKEN_MFA_CODE"}

RETRY_S = 5
LOCKED_S = 60
LOCKED = "Password attempts exceeded"
"""The beginning of what Cognito says after wrong passwords, for a second first and for 15 minutes at most."""


def wrong_credentials() -> Refusal:
    """Return the refusal that is the same for an unknown user and for a wrong password."""
    detail = (
        "The user name or the password is wrong. The password of an invitation ends after three days; "
        "whoever forgot a password can choose a new one by a code that is mailed."
    )
    return Unauthorized("wrong_credentials", detail)


def wrong_code() -> Refusal:
    """Return the refusal of a code."""
    return Unauthorized("wrong_code", "The code is wrong or has ended; send the six digits of the newest one.")


def challenge_over() -> Refusal:
    """Return the refusal of an answer that nothing waits for."""
    return Unauthorized("challenge_over", "Nothing waits for this answer any more; sign in with the password again.")


def no_session() -> Refusal:
    """Return the refusal of a session that ended or never was; it takes the cookie with it."""
    refusal = Unauthorized("no_session", "There is no session, or it ended; sign in with POST /v1/session.")
    refusal.headers = cleared(secure=settings().stage != "local")
    return refusal


def no_token() -> Refusal:
    """Return the refusal of an access token that the session behind it does not allow any more."""
    return Unauthorized("no_token", "The access token's session ended; sign in again.")


def locked() -> Refusal:
    """Return the refusal while Cognito itself takes no more tries."""
    detail = f"Too many wrong tries for this user; try again in {LOCKED_S} s."
    return TooManyRequests("too_many_attempts", detail, {"Retry-After": str(LOCKED_S)})


def _unavailable() -> Refusal:
    return Unavailable("sign_in_unavailable", f"Signing in does not work now; try again in {RETRY_S} s.", RETRY_S)


BUSY = frozenset({"TooManyRequestsException", "InternalErrorException", "ServiceUnavailable", "ThrottlingException"})
WRONG_CREDENTIALS: Refusals = dict.fromkeys(
    (
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "InvalidParameterException",
    ),
    wrong_credentials,
)
WRONG_CODE: Refusals = dict.fromkeys(
    (
        "CodeMismatchException",
        "ExpiredCodeException",
        "EnableSoftwareTokenMFAException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "UserNotFoundException",
    ),
    wrong_code,
)
TRIED_TOO_OFTEN: Refusals = dict.fromkeys(("LimitExceededException", "TooManyFailedAttemptsException"), locked)
NO_SESSION: Refusals = dict.fromkeys(
    (
        "NotAuthorizedException",
        "UserNotFoundException",
        "InvalidParameterException",
        "PasswordResetRequiredException",
        "UserNotConfirmedException",
    ),
    no_session,
)
NO_TOKEN: Refusals = dict.fromkeys(("NotAuthorizedException", "UserNotFoundException"), no_token)


def _weak(pointer: str) -> Refusals:
    return dict.fromkeys(
        ("InvalidPasswordException", "PasswordHistoryPolicyViolationException"), lambda: weak_password(pointer)
    )


@contextmanager
def _refusing(refusals: Refusals) -> Iterator[None]:
    """Turn errors of Cognito into refusals. The error is left out of what is raised, as it may quote the request."""
    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in BUSY or code not in refusals:
            # A code that is not expected is a fault of ours or theirs, and never a reason to let anybody in.
            logger.warning("user pool refused", code=code)
            raise _unavailable() from None
        raise (locked if said.startswith(LOCKED) else refusals[code])() from None
    except BotoCoreError as error:
        logger.warning("user pool not reached", error=type(error).__name__)
        raise _unavailable() from None


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token that Cognito itself has just answered, so that its signature need not be checked."""
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


@cache
def _client(*, signed: bool) -> Any:
    signature = {} if signed else {"signature_version": UNSIGNED}
    limits = Config(connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 2}, **signature)
    return boto3.client("cognito-idp", config=limits)


class UserPool:
    """The user pool, asked for the person who signs in."""

    def __init__(self, pool_id: str, client_id: str, client: Any = None) -> None:
        self._pool_id = pool_id
        self._client_id = client_id
        self._admin = client or _client(signed=True)
        self._cognito = client or _client(signed=False)

    @classmethod
    def configured(cls) -> "UserPool":
        """Return the pool and its app client that ``USER_POOL_ID`` and ``USER_POOL_CLIENT_ID`` name."""
        return cls(settings().user_pool_id, settings().user_pool_client_id)

    def sign_in(self, username: str, password: str) -> Session:
        """Return the session of a user with their password, or the challenge that comes first."""
        with _refusing(WRONG_CREDENTIALS):
            answer = self._admin.admin_initiate_auth(
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                UserPoolId=self._pool_id,
                ClientId=self._client_id,
                AuthParameters={"USERNAME": username, "PASSWORD": password},
            )
        return self._session(username, answer)

    def answer(self, username: str, kind: ChallengeKind, session: str, answer: str) -> Session:
        """Return the session after the answer to a challenge."""
        over: Refusals = {"NotAuthorizedException": challenge_over, "ExpiredCodeException": wrong_code}
        with _refusing({**WRONG_CODE, **TRIED_TOO_OFTEN, **_weak("/answer"), **over}):
            told = self._admin.admin_respond_to_auth_challenge(
                ChallengeName=NAMES[kind],
                UserPoolId=self._pool_id,
                ClientId=self._client_id,
                Session=session,
                ChallengeResponses={"USERNAME": username, ANSWERS[kind]: answer},
            )
        return self._session(username, told, second_factor=kind is ChallengeKind.TOTP)

    def _session(self, username: str, answer: Mapping[str, Any], *, second_factor: bool = False) -> Session:
        given = answer.get("AuthenticationResult")
        if given:
            claims = claims_of(given["AccessToken"])
            return Session(
                username=str(claims["username"]),
                groups=tuple(claims.get("cognito:groups", ())),
                access_token=given["AccessToken"],
                expires_in=int(given["ExpiresIn"]),
                refresh_token=given.get("RefreshToken"),
                second_factor=second_factor,
            )
        kind = KINDS.get(answer["ChallengeName"])
        if kind is None:
            logger.error("unknown challenge", challenge=answer["ChallengeName"])
            raise _unavailable()
        # A user who signed in with an e-mail address answers under the name behind it.
        known = answer.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP") or username
        return Session(username=known, challenge=challenge(kind, answer["Session"]))

    def refresh(self, refresh_token: str) -> Session:
        """Return the session with a new access token."""
        with _refusing(NO_SESSION):
            answer = self._cognito.initiate_auth(
                AuthFlow="REFRESH_TOKEN_AUTH",
                ClientId=self._client_id,
                AuthParameters={"REFRESH_TOKEN": refresh_token},
            )
        return self._session("", answer)

    def revoke(self, refresh_token: str) -> None:
        """End a session; one that ended already stays so."""
        try:
            with _refusing(NO_SESSION):
                self._cognito.revoke_token(ClientId=self._client_id, Token=refresh_token)
        except Unauthorized:
            return

    def send_code(self, username: str) -> None:
        """Mail a code to a user who forgot the password; nothing tells whether there is such a user."""
        try:
            with _refusing({**WRONG_CREDENTIALS, **TRIED_TOO_OFTEN, "CodeDeliveryFailureException": wrong_code}):
                self._cognito.forgot_password(ClientId=self._client_id, Username=username)
        except (Unauthorized, TooManyRequests) as refusal:
            logger.info("no code mailed", code=refusal.code)

    def replace_password(self, username: str, code: str, password: str) -> None:
        """Replace a forgotten password with the code that was mailed."""
        with _refusing({**WRONG_CODE, **TRIED_TOO_OFTEN, **_weak("/new_password")}):
            self._cognito.confirm_forgot_password(
                ClientId=self._client_id, Username=username, ConfirmationCode=code, Password=password
            )

    def new_totp_secret(self, access_token: str) -> str:
        """Return a new secret for the authenticator app of a signed-in user."""
        with _refusing(NO_TOKEN):
            return str(self._cognito.associate_software_token(AccessToken=access_token)["SecretCode"])

    def turn_totp_on(self, access_token: str, code: str) -> None:
        """Ask for a code at each sign-in from now on, if this one shows that the app has the secret."""
        with _refusing({**WRONG_CODE, **TRIED_TOO_OFTEN, **NO_TOKEN}):
            told = self._cognito.verify_software_token(AccessToken=access_token, UserCode=code)
        if told.get("Status") != "SUCCESS":
            raise wrong_code()
        with _refusing(NO_TOKEN):
            self._cognito.set_user_mfa_preference(
                AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
            )
