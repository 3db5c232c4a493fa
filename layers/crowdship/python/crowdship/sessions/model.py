"""A session: what signing in gives to a page, and what a page may still have to answer."""

from dataclasses import dataclass, field
from enum import StrEnum

from crowdship.kernel.events import Value


class ChallengeKind(StrEnum):
    """Kinds of a question after the password."""

    NEW_PASSWORD = "new_password"  # noqa: S105 - a name
    TOTP = "totp"


class Challenge(Value):
    """A question after the password; the answer names its session, which ends after some minutes.

    Parameters
    ----------
    message : str
        A sentence for the person.
    """

    kind: ChallengeKind
    session: str
    message: str


@dataclass(frozen=True)
class Session:
    """A person's session: an access token, or a challenge that comes before one.

    Parameters
    ----------
    refresh_token : str or None
        A new one; None if the session goes on with the one that it has. It is shown in no text of this value.
    """

    username: str
    groups: tuple[str, ...] = ()
    access_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    challenge: Challenge | None = field(default=None, repr=False)


MESSAGES = {
    ChallengeKind.NEW_PASSWORD: "Choose a password of your own; the one that you were sent ends with it.",
    ChallengeKind.TOTP: "Enter the six digits that your authenticator app shows now.",
}


def challenge(kind: ChallengeKind, session: str) -> Challenge:
    """Return the challenge of a kind, with its sentence."""
    return Challenge(kind=kind, session=session, message=MESSAGES[kind])
