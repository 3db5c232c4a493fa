"""Weekly opening hours in a time zone of their own."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from crowdship.kernel.events import Value

DAYS_AHEAD = 15
"""Two weeks: a span that a change of the clocks swallows is there again a week later."""


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _known(name: str) -> str:
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("it must be a name of the IANA time zone database, such as America/Chicago") from error
    return name


TimeZone = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$"), AfterValidator(_known)
]
"""A name of the IANA time zone database."""


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


class Span(Value):
    """From when until when on a day, by the clock on the wall there.

    Parameters
    ----------
    opens, closes : time
        ``closes`` at or before ``opens`` is on the next day: 22:00 to 02:00; 00:00 to 00:00 is a whole day.
    """

    day: Weekday
    opens: time
    closes: time

    @field_validator("opens", "closes")
    @classmethod
    def _by_the_wall(cls, value: time) -> time:
        if value.tzinfo:
            raise ValueError("it must be a time without an offset, such as 09:30: the hours name their time zone")
        return value


class WeeklyHours(Value):
    """When something is open, week by week, whatever the clocks are put to.

    A time that does not exist, as clocks go forward, is read with the offset before the change; of a time that comes
    twice, as they go back, the first is meant (RFC 5545, 3.3.5).
    """

    time_zone: TimeZone = Field(examples=["America/Chicago"])
    weekly: tuple[Span, ...] = Field(max_length=50)

    def is_open(self, at: datetime) -> bool:
        """Return whether it is open at a moment."""
        return self.next_open(at) == at

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first open moment from ``at`` on; None if it never opens."""
        following = (max(at, opens) for opens, closes in self._spans_from(at) if closes > at)
        return min(following, default=None)

    def _spans_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield when it opens and closes, from the day before a moment on."""
        first = at.astimezone(_zone(self.time_zone)).date() - timedelta(days=1)
        for day in (first + timedelta(days=number) for number in range(DAYS_AHEAD)):
            for span in (span for span in self.weekly if span.day is WEEK[day.weekday()]):
                closes_on = day if span.closes > span.opens else day + timedelta(days=1)
                opens, closes = self._moment(day, span.opens), self._moment(closes_on, span.closes)
                if closes > opens:
                    yield opens, closes

    def _moment(self, day: date, by_the_wall: time) -> datetime:
        # A fold of 0 is what RFC 5545 says of both times that come twice and times that never come.
        local = datetime.combine(day, by_the_wall, _zone(self.time_zone))
        return local.replace(fold=0).astimezone(UTC)
