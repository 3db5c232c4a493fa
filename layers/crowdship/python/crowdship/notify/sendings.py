"""Sendings of one event to one recipient: claimed, tried, done."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, DomainEvent, Value
from crowdship.notify.webhooks.bodies import Message

LEASE = timedelta(seconds=60)
"""How long a sender may be silent before another one takes over; longer than a function runs."""


class InFlight(Exception):  # noqa: N818
    """Another sender is at it; look again later."""


class Result(StrEnum):
    """The end of a sending."""

    SENT = "sent"
    REFUSED = "refused"
    OPTED_OUT = "opted_out"
    GONE = "gone"
    DEAD = "dead"


class Attempt(Value):
    """One try, as the log keeps it."""

    number: int = Field(ge=1)
    at: Moment
    status: int | None = None
    error: str | None = None
    ms: int = 0


MOST_ATTEMPTS = 50
"""The newest tries that a message's row keeps; each has a line of its own in the endpoint's log besides."""


class Sending(Aggregate):
    """One event to one recipient (``sms``, ``email`` or an endpoint's id): claimed, tried, done.

    The claim comes before the sending and the result after. A sender that dies in between leaves a claim that
    runs out, and then the message is sent again: twice now and then, never not at all.
    """

    event_id: str
    event_type: str | None = None
    recipient: str
    claimed_until: Moment | None = None
    attempts: tuple[Attempt, ...] = ()
    result: Result | None = None

    @classmethod
    def first(cls, event: DomainEvent | Message, recipient: str) -> "Sending":
        """Return a sending that nobody has begun."""
        return cls(id=f"{event.id}/{recipient}", event_id=event.id, event_type=event.type, recipient=recipient)

    @property
    def last_attempt(self) -> int:
        """The number of the last try."""
        return self.attempts[-1].number if self.attempts else 0

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent."""
        return self.attempts[-1].at if self.result is Result.SENT else None

    def claim(self, attempt: int, now: datetime, *, again: bool = False) -> Self | None:
        """Return this sending claimed for an attempt, or None if there is nothing left to do for it.

        Asked for ``again``, what was sent is sent once more.

        Raises
        ------
        InFlight
            If another sender holds the claim.
        """
        done = self.result in {Result.SENT, Result.REFUSED, Result.OPTED_OUT} and not again
        if done or attempt <= self.last_attempt:
            return None
        if self.claimed_until and now < self.claimed_until:
            raise InFlight(f"{self.id} is claimed until {self.claimed_until:%H:%M:%S}")
        return self.with_changes(claimed_until=now + LEASE)

    def tried(self, attempt: Attempt, result: Result | None) -> Self:
        """Return this sending with one more try in its log and the claim given back."""
        newest = (*self.attempts, attempt)[-MOST_ATTEMPTS:]
        return self.with_changes(claimed_until=None, attempts=newest, result=result)


class AttemptState(StrEnum):
    """The consequence of a try, as merchants are told."""

    DELIVERED = "delivered"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"
    GONE = "gone"


STATE_OF: dict[Result | None, AttemptState] = {
    Result.SENT: AttemptState.DELIVERED,
    Result.DEAD: AttemptState.GIVEN_UP,
    Result.REFUSED: AttemptState.GIVEN_UP,
    Result.OPTED_OUT: AttemptState.GIVEN_UP,
    Result.GONE: AttemptState.GONE,
    None: AttemptState.RETRYING,
}


class AttemptLine(Value):
    """A line of an endpoint's delivery log: one try to send it one event."""

    event_id: str
    type: str
    number: int
    at: Moment
    state: AttemptState
    status: int | None
    error: str | None
    ms: int

    @classmethod
    def of(cls, sending: Sending) -> Self:
        """Return the line of a sending's last try."""
        made = sending.attempts[-1]
        return cls(
            event_id=sending.event_id,
            type=sending.event_type or "",
            number=made.number,
            at=made.at,
            state=STATE_OF[sending.result],
            status=made.status,
            error=made.error,
            ms=made.ms,
        )
