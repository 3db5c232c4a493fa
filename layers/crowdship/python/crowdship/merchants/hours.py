"""When a store is open: weekly hours in its own time zone, whatever the clocks do there."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value

SHORTEST_VISIT = timedelta(minutes=10)
"""A driver needs the store to be open for so long."""

LOOK_AHEAD_DAYS = 15
"""A week of hours, a week of holidays."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("it must be the name of an IANA time zone, for example America/Chicago") from error
    return name


def _whole_minute(moment: time) -> time:
    if moment.tzinfo or moment.second or moment.microsecond:
        raise ValueError("it must be hours and minutes of the local day, for example 08:30")
    return moment


TimeZone = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_+/-]+$"), AfterValidator(_known_zone)
]
LocalTime = Annotated[
    time, AfterValidator(_whole_minute), PlainSerializer(lambda moment: f"{moment:%H:%M}", return_type=str)
]


class Weekday(StrEnum):
    """A day of the week, Monday first as in ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Weekday)


class Opening(Value):
    """A span on one weekday; where it closes no later than it opens, it closes on the day after."""

    day: Weekday
    opens: LocalTime = Field(examples=["08:30"])
    closes: LocalTime = Field(examples=["18:00"])


class OpeningHours(Value):
    """The week of a store.

    Parameters
    ----------
    time_zone : str
        IANA name. Hours are wall times there, so they stay what they are when the clocks change.
    week : tuple of Opening
        Any number of spans a day; none on a day on which the store stays closed.
    closed_on : tuple of date
        Local days on which no span begins: holidays.
    """

    time_zone: TimeZone = Field(examples=["America/Chicago"])
    week: tuple[Opening, ...] = Field(min_length=1, max_length=50)
    closed_on: tuple[date, ...] = Field(default=(), max_length=100)

    def stretches(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when until when the store is open, in UTC and in order, of what ends after a moment.

        Spans that meet or overlap are one stretch.
        """
        spans = sorted(self._spans(after))
        while spans:
            opens, closes = spans.pop(0)
            while spans and spans[0][0] <= closes:
                closes = max(closes, spans.pop(0)[1])
            if closes > after:
                yield opens, closes

    def _spans(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.time_zone)
        today = after.astimezone(zone).date()
        for ahead in range(-2, LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            for opening in self.week:
                if opening.day is not WEEK[day.weekday()] or day in self.closed_on:
                    continue
                last = day + timedelta(days=1) if opening.closes <= opening.opens else day
                # An hour that comes twice is open twice: it opens at its first, and closes at its second passing.
                opens = datetime.combine(day, opening.opens, zone).astimezone(after.tzinfo)
                closes = datetime.combine(last, opening.closes.replace(fold=1), zone).astimezone(after.tzinfo)
                if opens < closes:
                    yield opens, closes

    def pickup(self, opens_at: Moment, closes_at: Moment, pointer: str) -> tuple[datetime, datetime]:
        """Return the part of a pickup window in which the store is open first.

        Raises
        ------
        Unprocessable
            If it is open in none of it for as long as a driver needs.
        """
        following = None
        for opens, closes in self.stretches(opens_at):
            first, last = max(opens, opens_at), min(closes, closes_at)
            if last - first >= SHORTEST_VISIT:
                return first, last
            if following is None and opens > opens_at:
                following = opens
            if opens > closes_at:
                break
        told = f"The store is closed from {opens_at:%Y-%m-%dT%H:%M:%SZ} to {closes_at:%Y-%m-%dT%H:%M:%SZ}"
        when = f"it opens at {following:%Y-%m-%dT%H:%M:%SZ}" if following else "it does not open soon"
        raise Unprocessable("store_closed", f"{told}; {when}, ask for a pickup_window then.", pointer)
