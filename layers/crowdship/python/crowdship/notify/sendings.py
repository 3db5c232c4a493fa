"""Sendings of one event to one recipient: claimed, attempted, done."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.notify.channel import Channel

LEASE = timedelta(seconds=60)
"""Time after which another sender takes over from one that is silent: longer than a function runs."""


class Happening(Protocol):
    """An event, or the webhook message that is made of it."""

    @property
    def id(self) -> str:
        """The event's id."""
        ...

    @property
    def type(self) -> str:
        """The event's type."""
        ...


class InFlight(Exception):  # noqa: N818
    """Another sender holds the claim; the message has to come again later."""


class Result(StrEnum):
    """The end of a sending."""

    SENT = "sent"
    REFUSED = "refused"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    OVERTAKEN = "overtaken"
    GONE = "gone"
    DEAD = "dead"


FINAL = frozenset({Result.SENT, Result.REFUSED, Result.OPTED_OUT, Result.SUPPRESSED, Result.OVERTAKEN})
"""Ends after which nothing is tried."""


class Attempt(Value):
    """One attempt to send something."""

    number: int = Field(ge=1)
    at: Moment
    status: int | None = None
    error: str | None = None
    ms: int = 0


MOST_ATTEMPTS = 50
"""Attempts that the row of a sending keeps, the newest ones. The endpoint's log has a line for each."""


class Sending(Aggregate):
    """One event to one recipient (``sms``, ``email``, ``driver/sms`` or an endpoint's id): claimed, attempted, done.

    The claim is written before the sending and the result after it. A sender that dies in between leaves a claim that
    runs out, and then the message is sent again. So it may be sent twice, and is never lost.

    Parameters
    ----------
    channel, address : str or None
        The way of a message to a person, and the key of their address, which is no address.
    waits_until : datetime or None
        Business time before which it is not tried; None if it does not wait.
    fate : str or None
        What a provider said of it later: ``bounced``, ``complained`` or ``delayed``.
    """

    event_id: str
    event_type: str | None = None
    recipient: str
    channel: Channel | None = None
    address: str | None = None
    claimed_until: Moment | None = None
    waits_until: Moment | None = None
    fate: str | None = None
    attempts: tuple[Attempt, ...] = ()
    result: Result | None = None

    @classmethod
    def first(cls, event: Happening, recipient: str) -> "Sending":
        """Return a sending that has not begun."""
        return cls(id=f"{event.id}/{recipient}", event_id=event.id, event_type=event.type, recipient=recipient)

    @property
    def last_attempt(self) -> int:
        """The number of the last attempt, 0 if there was none."""
        return self.attempts[-1].number if self.attempts else 0

    @property
    def sent_at(self) -> datetime | None:
        """The moment at which it was sent, None if it was not."""
        return self.attempts[-1].at if self.result is Result.SENT else None

    def claim(self, attempt: int, now: datetime, *, again: bool = False) -> Self | None:
        """Return this sending claimed for an attempt, or None if nothing is left to do.

        Parameters
        ----------
        attempt : int
            The number of the attempt; one that was made is not made again.
        now : datetime
            Wall time.
        again : bool
            Whether to send once more what was sent.

        Raises
        ------
        InFlight
            If another sender holds the claim.
        """
        done = self.result in FINAL and not again
        if done or attempt <= self.last_attempt:
            return None
        self.must_not_be_in_flight(now)
        return self.with_changes(claimed_until=now + LEASE)

    def must_not_be_in_flight(self, now: datetime) -> None:
        """Check that no sender is at it.

        Raises
        ------
        InFlight
            If one holds the claim.
        """
        if self.claimed_until and now < self.claimed_until:
            raise InFlight(f"{self.id} is claimed until {self.claimed_until:%H:%M:%S}")

    def tried(self, attempt: Attempt, result: Result | None) -> Self:
        """Return this sending with one more attempt and without the claim."""
        newest = (*self.attempts, attempt)[-MOST_ATTEMPTS:]
        return self.with_changes(claimed_until=None, waits_until=None, attempts=newest, result=result)

    def waiting(self, until: datetime) -> Self:
        """Return this sending, not to be tried before a moment of business time."""
        return self.with_changes(waits_until=until)

    def overtaken(self) -> Self:
        """Return this sending given up, if it has not ended: by now nobody needs it."""
        return self if self.result else self.with_changes(waits_until=None, result=Result.OVERTAKEN)


class LastNotice(Aggregate):
    """The last notice of one name to one recipient, which keeps the next one away for a while.

    Parameters
    ----------
    event_id : str or None
        The event that it told of; None before there was one. The same event is never kept away, as what failed comes
        again.
    at : datetime or None
        Business time at which it was to be sent.
    """

    recipient_id: str
    notice: str
    event_id: str | None = None
    at: Moment | None = None

    @classmethod
    def first(cls, recipient_id: str, notice: str) -> "LastNotice":
        """Return the value for a recipient who was never sent the notice."""
        return cls(id=f"{recipient_id}/{notice}", recipient_id=recipient_id, notice=notice)

    def replaced_by(self, event_id: str, now: datetime, quiet_for: timedelta, *, was_sent: bool = True) -> Self | None:
        """Return the notice of an event as the last one, or None if the one before was less than ``quiet_for`` ago.

        Parameters
        ----------
        was_sent : bool
            Whether the one before was sent: one that a provider has refused so far keeps no other away.

        Examples
        --------
        >>> from datetime import UTC
        >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
        >>> last = LastNotice.first("drv_1", "route_changed").replaced_by("evt_1", noon, timedelta(minutes=10))
        >>> last.replaced_by("evt_2", noon + timedelta(minutes=9), timedelta(minutes=10)) is None
        True
        >>> last.replaced_by("evt_2", noon + timedelta(minutes=10), timedelta(minutes=10)).event_id
        'evt_2'
        """
        if self.event_id == event_id:
            return self
        if was_sent and self.at is not None and now - self.at < quiet_for:
            return None
        return self.with_changes(event_id=event_id, at=now)
