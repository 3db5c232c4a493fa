"""Requests and answers of sessions."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.access import Right, rights_of
from crowdship.kernel.events import Value
from crowdship.sessions.model import Challenge, ChallengeKind, Session

Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^\S+$")]
"""A user name or an e-mail address, as Cognito takes them."""

Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{6}$")]


class SignInInput(Value):
    """A user name, or a driver's e-mail address, and a password."""

    username: Username
    password: Password


class AnswerInput(Value):
    """The answer to a challenge: a new password, or the six digits of an authenticator app."""

    username: Username = Field(description="As the challenge's session names it")
    kind: ChallengeKind
    session: Annotated[str, StringConstraints(min_length=20, max_length=8192, pattern=r"^[\x21-\x7e]+$")]
    answer: Password


class ForgottenInput(Value):
    """The user who forgot the password."""

    username: Username


class NewPasswordInput(Value):
    """A new password, with the code that was mailed."""

    username: Username
    code: Code
    new_password: Password


class CodeInput(Value):
    """The six digits that an authenticator app shows."""

    code: Code


class SessionView(Value):
    """A session: an access token with its seconds, or a challenge to answer first; ``rights`` are those of staff."""

    username: str
    groups: tuple[str, ...]
    rights: tuple[Right, ...]
    access_token: str | None
    expires_in: int | None
    challenge: Challenge | None

    @classmethod
    def of(cls, session: Session) -> Self:
        """Return the view of a session; the refresh token is no part of it."""
        told = {name: getattr(session, name) for name in cls.model_fields if name != "rights"}
        return cls(**told, rights=tuple(sorted(rights_of(session.groups))))


class TotpView(Value):
    """A new secret for an authenticator app, as text and as the address that a QR code holds."""

    secret: str
    uri: str
