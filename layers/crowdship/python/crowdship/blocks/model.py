"""Block: a span in a zone with places that drivers book, a waitlist, and guaranteed least earnings."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.drivers.model import Driver, DriverKind
from crowdship.incentives.model import Audience
from crowdship.incentives.promises import GRACE, HELD_AT_MOST, LOOK_AGAIN
from crowdship.incentives.terms import MOST, top_up
from crowdship.incentives.work import Work
from crowdship.kernel.clock import Day, Moment, written
from crowdship.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.hours import LocalTime, TimeZone, passings
from crowdship.kernel.ids import ClientId
from crowdship.kernel.money import Money, digits_of
from crowdship.law.model import Rule
from crowdship.zones.model import ZoneId
from crowdship.zones.tiers import Tier

SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=14)
LOOK_AHEAD = timedelta(days=60)
LEAD = timedelta(minutes=1)
"""A block begins this long after it was made at the earliest, so that work which counts is noted from then on."""

MOST_WEEKS = 8
MOST_GIVEN_UP = 100
"""Bookings that were given up are kept up to this number, so that a block stays a small row."""


class BookingState(StrEnum):
    """States of a driver's booking."""

    BOOKED = "booked"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    MISSED = "missed"


STANDING = frozenset({BookingState.BOOKED, BookingState.WAITING})


class Booking(Value):
    """A driver's place in a block, or on its waitlist.

    Parameters
    ----------
    since : datetime
        When they came into this state; who waits is moved up in the order of it.
    counts_from : datetime
        From when on duty and guarantee count: the begin of the block, or later for who was moved up after it.
    is_late : bool
        True if it was cancelled after the deadline; shown to staff, and nothing follows from it.
    settled_at : datetime or None
        When the guarantee was reckoned.
    paid : int
        The difference to the guarantee that was paid, minor units.
    """

    driver_id: str
    state: BookingState
    since: Moment
    counts_from: Moment
    is_late: bool = False
    settled_at: Moment | None = None
    paid: int = 0


def _guarantee(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 < amount.amount <= MOST:
        raise ValueError(f"a guarantee is of 1 to {MOST} minor units, not of {amount.amount}")
    return amount


class BlockInput(Value):
    """A block, or one of each of several weeks, as staff make it; its hours are those of the wall in the zone.

    Parameters
    ----------
    closes : time
        At or before ``opens`` it is on the next day.
    weeks : int
        So many blocks are made, a week apart, at the same time of the wall.
    cancel_minutes : int
        Until so many minutes before the begin a cancellation is in time.
    release_minutes : int
        Who was not on duty in the zone so many minutes after the begin loses the place to whoever waits.
    pause_days : int
        Days for which a driver who lost a place so can book no other block. Refused where law says that nobody may
        require hours of a contractor.
    """

    request_id: ClientId = Field(description="Made by the caller: the same one again makes nothing more")
    zone_id: ZoneId
    title: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)] = Field(
        description="Drivers read it", examples=["Lunch"]
    )
    day: Day
    opens: LocalTime = Field(examples=["11:00"])
    closes: LocalTime = Field(examples=["14:00"])
    time_zone: TimeZone | None = Field(default=None, description="That of the zone's hours if left out, or else UTC")
    weeks: int = Field(default=1, ge=1, le=MOST_WEEKS)
    capacity: int = Field(ge=1, le=200)
    waitlist: int = Field(default=20, ge=0, le=100)
    guarantee: Annotated[Money, AfterValidator(_guarantee)] = Field(description="Least pay of the whole block")
    duty_percent: int = Field(default=80, ge=0, le=100, description="Share of the block to be on duty in the zone")
    cancel_minutes: int = Field(default=120, ge=0, le=10_080)
    release_minutes: int = Field(default=30, ge=5, le=240)
    pause_days: int = Field(default=0, ge=0, le=30)
    audience: Audience = Audience()

    def spans(self, time_zone: str) -> list[tuple[datetime, datetime]]:
        """Return the begins and ends of its blocks in UTC, read by the clock of a time zone."""
        zone = ZoneInfo(self.time_zone or time_zone)
        return [self._span(self.day + timedelta(weeks=week), zone) for week in range(self.weeks)]

    def _span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        last = day if self.closes > self.opens else day + timedelta(days=1)
        return passings(day, self.opens, zone)[0], max(passings(last, self.closes, zone))


class Block(Aggregate):
    """A block with its bookings, all in one row: its capacity holds as the row has one writer at a time.

    Parameters
    ----------
    due_at : datetime or None
        When it is looked at next by the clock; None when all is settled.
    """

    zone_id: str
    title: str
    starts_at: Moment
    ends_at: Moment
    capacity: int
    waitlist: int
    guarantee: Money
    duty_percent: int
    cancel_minutes: int
    release_minutes: int
    pause_days: int
    audience: Audience
    made_by: str
    made_at: Moment
    stopped_at: Moment | None = None
    released_at: Moment | None = None
    due_at: Moment | None
    bookings: tuple[Booking, ...] = ()

    @classmethod
    def make(cls, block_id: str, request: BlockInput, span: tuple[datetime, datetime], by: str, now: datetime) -> Self:
        """Return a new block of a span.

        Raises
        ------
        Unprocessable
            If the span is impossible.
        """
        starts_at, ends_at = span
        if not SHORTEST <= ends_at - starts_at <= LONGEST:
            detail = f"It would last {ends_at - starts_at}; 30 minutes to 14 hours are possible."
            raise Unprocessable("wrong_span", detail, "/closes")
        if not now + LEAD <= starts_at <= now + LOOK_AHEAD:
            detail = f"It would begin at {written(starts_at)}; from {written(now + LEAD)} to {LOOK_AHEAD.days} days"
            raise Unprocessable("wrong_start", f"{detail} ahead is possible.", "/day")
        asked = {name: value for name, value in request if name in cls.model_fields}
        due_at = starts_at + timedelta(minutes=request.release_minutes)
        return cls(id=block_id, **asked, starts_at=starts_at, ends_at=ends_at, made_by=by, made_at=now, due_at=due_at)

    @property
    def cancel_until(self) -> datetime:
        """Until when a cancellation is in time."""
        return self.starts_at - timedelta(minutes=self.cancel_minutes)

    def those(self, state: BookingState) -> list[Booking]:
        """Return the bookings in a state, in the order in which they came into it."""
        return sorted((one for one in self.bookings if one.state is state), key=lambda one: one.since)

    @property
    def places_left(self) -> int:
        """Places that nobody has booked."""
        return self.capacity - len(self.those(BookingState.BOOKED))

    def of(self, driver_id: str) -> Booking | None:
        """Return a driver's booking, or None."""
        return next((one for one in self.bookings if one.driver_id == driver_id), None)

    def stands_for(self, driver_id: str) -> bool:
        """Return whether a driver has a place or waits for one."""
        booking = self.of(driver_id)
        return booking is not None and booking.state in STANDING

    def excludes(self, driver: Driver, on: datetime, tiers: Sequence[Tier]) -> str | None:
        """Return why a driver may not book, as a sentence; None if they may."""
        if driver.kind is not DriverKind.CROWD:
            return "Dedicated drivers have the shifts of their merchant; blocks are for crowd drivers."
        return None if self.audience.includes(driver, on, tiers) else "It is for other drivers."

    def book(self, driver: Driver, now: datetime, tiers: Sequence[Tier]) -> Self:
        """Give a driver a place, or one on the waitlist if all are taken; booking twice changes nothing.

        Raises
        ------
        Conflict
            If it has begun or was stopped, or the waitlist is full too.
        Forbidden
            If it is for other drivers, or the driver may not drive.
        """
        if self.stands_for(driver.id):
            return self
        if now >= self.starts_at:
            raise Conflict("block_begun", f"It began at {written(self.starts_at)}; book one that is to come.")
        if self.stopped_at:
            raise Conflict("block_stopped", "It takes no more bookings; those that were made before stand.")
        # Every applicant has a sign-in; places are only for drivers who can come.
        driver.refuse_obstacle(driver.day_of(now))
        if why := self.excludes(driver, now, tiers):
            raise Forbidden("not_for_you", why)
        state = BookingState.BOOKED if self.places_left > 0 else BookingState.WAITING
        if state is BookingState.WAITING and len(self.those(state)) >= self.waitlist:
            detail = f"All {self.capacity} places and {self.waitlist} of the waitlist are taken; look again later."
            raise Conflict("block_full", detail)
        return self._with(Booking(driver_id=driver.id, state=state, since=now, counts_from=self.starts_at))

    def cancel(self, driver_id: str, now: datetime) -> Self:
        """Give up a place, or one on the waitlist; the first who waits moves up. Doing it twice changes nothing.

        Raises
        ------
        NotFound
            If the driver has no booking.
        Conflict
            If the block has begun for the driver.
        """
        booking = self.of(driver_id)
        if booking is None:
            raise NotFound("no_such_booking", "You have no booking in this block.")
        if booking.state not in STANDING:
            return self
        was_booked = booking.state is BookingState.BOOKED
        if not self.may_give_up(booking, now):
            raise Conflict("block_begun", "It has begun; who does not want to drive simply stays or goes off duty.")
        is_late = was_booked and now > self.cancel_until and booking.counts_from == self.starts_at
        given_up = booking.model_copy(update={"state": BookingState.CANCELLED, "since": now, "is_late": is_late})
        changed = self._with(given_up)
        return changed.move_up(now) if was_booked else changed

    def may_give_up(self, booking: Booking, now: datetime) -> bool:
        """Return whether a booking can be given up: before the begin, and later by who waits or moved up since.

        After the end there is nothing to give up but the guarantee, which may be paid already.
        """
        moved_up_since = booking.counts_from > self.starts_at
        return now < (self.ends_at if booking.state is BookingState.WAITING or moved_up_since else self.starts_at)

    def miss(self, driver_id: str, now: datetime) -> Self:
        """Note that a driver was not on duty after the begin: the guarantee is lost, and the place given on."""
        booking = self.of(driver_id)
        if booking is None or booking.state is not BookingState.BOOKED:
            return self
        missed = self._with(booking.model_copy(update={"state": BookingState.MISSED, "since": now}))
        return missed.emitting("block.missed", now, self._told(driver_id)).move_up(now)

    def move_up(self, now: datetime) -> Self:
        """Give a free place to the first who waits, who is told; nobody moves up once it is over."""
        waiting = self.those(BookingState.WAITING)
        if not waiting or self.places_left < 1 or now >= self.ends_at:
            return self
        counts_from = max(self.starts_at, now)
        moved = waiting[0].model_copy(update={"state": BookingState.BOOKED, "since": now, "counts_from": counts_from})
        return self._with(moved).emitting("block.moved_up", now, self._told(moved.driver_id))

    def stop(self, now: datetime) -> Self:
        """Take no more bookings; those that were made stand. Doing it twice changes nothing."""
        return self if self.stopped_at else self.with_changes(stopped_at=now)

    def released(self, now: datetime) -> Self:
        """Note that missing drivers were looked for; the block is looked at again when it is over."""
        return self.with_changes(released_at=now, due_at=self.ends_at + GRACE)

    def least_of(self, booking: Booking) -> int:
        """Return the guaranteed amount of a booking, minor units: in proportion for who moved up after the begin."""
        whole, left = self.ends_at - self.starts_at, self.ends_at - booking.counts_from
        return -(-self.guarantee.amount * left // whole)

    def counted(self, booking: Booking, work: Sequence[Work]) -> list[Work]:
        """Return the work of a booking's driver that counts: in the zone, and in the booking's part of the block."""
        span = (booking.counts_from, self.ends_at)
        return [one for one in work if one.zone_id == self.zone_id and span[0] <= one.at < span[1]]

    def settle(self, driver_id: str, work: Sequence[Work], share: float, now: datetime) -> Self:
        """Pay the difference between the guarantee and what a driver earned in the block, once.

        Parameters
        ----------
        share : float
            Share of the booking's part of the block that the driver was on duty in the zone.
        """
        booking = self.of(driver_id)
        if booking is None or booking.state is not BookingState.BOOKED or booking.settled_at:
            return self
        due = top_up(self.least_of(booking), self.duty_percent, self.counted(booking, work), share)
        changed = self._with(booking.model_copy(update={"settled_at": now, "paid": due}))
        if not due:
            return changed
        amount = Money(amount=due, currency=self.guarantee.currency)
        paid = {"kind": "guarantee", "amount": amount.model_dump(), "delivery_id": None}
        return changed.emitting("block.guaranteed", now, {**self._told(driver_id), **paid})

    def finished(self, now: datetime) -> Self:
        """Note that it was settled as far as possible; it is looked at again while some booking awaits a decision."""
        left = any(one.settled_at is None for one in self.those(BookingState.BOOKED))
        return self.with_changes(due_at=now + LOOK_AGAIN if left and now < self.ends_at + HELD_AT_MOST else None)

    def _with(self, booking: Booking) -> Self:
        given_up = {one.driver_id for one in self.those(BookingState.CANCELLED)[:-MOST_GIVEN_UP]}
        others = (one for one in self.bookings if one.driver_id not in {booking.driver_id, *given_up})
        return self.with_changes(bookings=(*others, booking))

    def _told(self, driver_id: str) -> dict[str, Any]:
        moments = self.model_dump(mode="json", include={"starts_at", "ends_at"})
        return {"block_id": self.id, "zone_id": self.zone_id, "driver_id": driver_id, "title": self.title, **moments}


def refuse_required_hours(pause_days: int, rule: Rule | None) -> None:
    """Check that a block asks nothing of a driver that the law of its zone forbids to ask.

    Raises
    ------
    Unprocessable
        If drivers who did not come would be kept from booking where nobody may require hours of a contractor.
    """
    if pause_days and rule is not None and rule.value:
        detail = (
            f"{rule.jurisdiction} has the rule {rule.name} ({rule.source}): a contractor can't be kept from booking "
            "for not having come. Set pause_days to 0; the guarantee is lost and the place given on all the same."
        )
        raise Unprocessable("law_forbids", detail, "/pause_days")
