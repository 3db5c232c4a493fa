"""The ticket of a session, which its cookie holds under seal, and how long it lasts."""

from datetime import datetime, timedelta

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.sessions.model import ChallengeKind

LONGEST = timedelta(days=30)
"""As long as Cognito's refresh token."""

LONGEST_OF_STAFF = timedelta(hours=12)
IDLE_OF_STAFF = timedelta(minutes=60)
"""Time without a new access token after which a session of staff ends; an open page fetches one each half hour."""

SET_UP = timedelta(minutes=10)
"""Time to set up a second factor after the password."""

TO_ANSWER = timedelta(minutes=15)
"""The longest time that Cognito may give for the answer to a challenge; the user pool gives three minutes."""


class Ticket(Value):
    """The ticket of a session.

    Parameters
    ----------
    refresh_token : str
        Cognito's, which goes on for 30 days. The ticket may end earlier; the token is nowhere else.
    second_factor : bool
        Whether the person showed a second factor when the session began.
    seen_at : datetime
        When the last access token was given.
    """

    refresh_token: str = Field(repr=False)
    second_factor: bool
    began_at: Moment
    seen_at: Moment

    def ends_at(self, *, staff: bool) -> datetime:
        """Return when the session ends if nothing is heard of it; for staff without a second factor it never began."""
        if not staff:
            return self.began_at + LONGEST
        if not self.second_factor:
            return self.began_at
        return min(self.began_at + LONGEST_OF_STAFF, self.seen_at + IDLE_OF_STAFF)


class Asked(Value):
    """A challenge of Cognito's, with the session under which Cognito takes its answer."""

    kind: ChallengeKind
    session: str = Field(repr=False)


class SetUp(Value):
    """The tokens of a member of the staff who must set up a second factor before they count."""

    username: str
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
