"""A session: what signing in gives to a page, and what a page may still have to answer."""

from dataclasses import dataclass, field
from enum import StrEnum

from crowdship.kernel.access import roles_in
from crowdship.kernel.events import Value


class ChallengeKind(StrEnum):
    """Kinds of a question after the password."""

    NEW_PASSWORD = "new_password"  # noqa: S105 - a name
    TOTP = "totp"
    TOTP_SETUP = "totp_setup"


class Challenge(Value):
    """A question after the password; the answer names its session, which ends after some minutes.

    Parameters
    ----------
    message : str
        A sentence for the person.
    secret, uri : str or None
        A new secret for an authenticator app, as text and as the address that a QR code holds; only if the person must
        set up a second factor.
    """

    kind: ChallengeKind
    session: str
    message: str
    secret: str | None = None
    uri: str | None = None


@dataclass(frozen=True)
class Session:
    """A person's session: an access token, or a challenge that comes before one.

    Parameters
    ----------
    refresh_token : str or None
        A new one; None if the session goes on with the one that it has. It is shown in no text of this value.
    second_factor : bool
        Whether a second factor was shown on the way to this session.
    ticket : str or None
        A new text for the session's cookie; None if it keeps the one that it has.
    ticket_s : int
        Seconds for which a new ticket lasts.
    """

    username: str
    groups: tuple[str, ...] = ()
    access_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    challenge: Challenge | None = field(default=None, repr=False)
    second_factor: bool = False
    ticket: str | None = field(default=None, repr=False)
    ticket_s: int = 0

    @property
    def is_of_staff(self) -> bool:
        """True if its person has a role of staff."""
        return bool(roles_in(self.groups))


MESSAGES = {
    ChallengeKind.NEW_PASSWORD: "Choose a password of your own; the one that you were sent ends with it.",
    ChallengeKind.TOTP: "Enter the six digits that your authenticator app shows now.",
    ChallengeKind.TOTP_SETUP: (
        "Staff sign in with a second factor: add the secret to an authenticator app, and enter the six digits it shows."
    ),
}


def challenge(kind: ChallengeKind, session: str, secret: str | None = None, uri: str | None = None) -> Challenge:
    """Return the challenge of a kind, with its sentence."""
    return Challenge(kind=kind, session=session, message=MESSAGES[kind], secret=secret, uri=uri)
