"""Opening hours: a week by the clock on the wall of a named time zone, and holidays."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value

LOOK_AHEAD_DAYS = 31
"""Days for which openings are worked out: enough for holidays, and for a span that a change of the clocks swallows."""

HOURS_AND_MINUTES = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("it must be a name of the IANA time zone database, for example America/Chicago") from error
    return name


def _by_the_wall(given: object) -> time:
    if isinstance(given, str) and re.fullmatch(HOURS_AND_MINUTES, given):
        return time.fromisoformat(given)
    if isinstance(given, time) and given == given.replace(second=0, microsecond=0, tzinfo=None):
        return given
    raise ValueError("it must be hours and minutes of the local day without an offset, for example 08:30")


TimeZone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$"),
    AfterValidator(_known_zone),
]
"""A name of the IANA time zone database."""

LocalTime = Annotated[
    time,
    BeforeValidator(_by_the_wall),
    PlainSerializer(lambda moment: f"{moment:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": HOURS_AND_MINUTES}),
]
"""A whole minute of the day by the clock on the wall: ``08:30``."""


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
    """A span that begins on a weekday.

    Parameters
    ----------
    opens, closes : time
        ``closes`` at or before ``opens`` is on the next day: 22:00 to 02:00; 00:00 to 00:00 is a whole day.
    """

    day: Weekday
    opens: LocalTime = Field(examples=["08:30"])
    closes: LocalTime = Field(examples=["18:00"])


class OpeningHours(Value):
    """When a zone or a store is open, whatever the clocks there are put to.

    As clocks go back, a time comes twice: a span opens at its first and closes at its second passing. As they go
    forward, a time never comes: it is read with the offset before the change (RFC 5545, 3.3.5), so 02:30 is the moment
    that the wall calls 03:30. A span that has no length left by that is swallowed.

    Parameters
    ----------
    time_zone : str
        IANA name. Hours are wall times there, so they stay what they are when the clocks change.
    week : tuple of Opening
        Any number of spans a day, which may meet and overlap; none on a day that stays closed.
    closed_on : tuple of date
        Local days on which no span begins: holidays. One that began on the day before goes on to its end.
    """

    time_zone: TimeZone = Field(examples=["America/Chicago"])
    week: tuple[Opening, ...] = Field(min_length=1, max_length=50)
    closed_on: tuple[Day, ...] = Field(default=(), max_length=100)

    def is_open(self, at: datetime) -> bool:
        """Return whether it is open at a moment: from the moment of opening on, and no longer at that of closing."""
        return self.next_open(at) == at

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first open moment from ``at`` on, None if there is none in the next ``LOOK_AHEAD_DAYS``.

        Examples
        --------
        On a Monday evening in Chicago the next opening is on Tuesday:

        >>> week = ({"day": day, "opens": "08:30", "closes": "18:00"} for day in WEEK)
        >>> hours = OpeningHours(time_zone="America/Chicago", week=tuple(week))
        >>> hours.next_open(datetime(2026, 6, 2, 1, tzinfo=UTC))
        datetime.datetime(2026, 6, 2, 13, 30, tzinfo=datetime.timezone.utc)
        """
        return next((max(at, opens) for opens, _ in self.stretches(at)), None)

    def stretches(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when until when it is open, in UTC and in order, of what ends after a moment.

        Spans that meet or overlap are one stretch. What begins earlier than two days before the moment or later than
        ``LOOK_AHEAD_DAYS`` after it is left out, also of a stretch that goes on there.
        """
        spans = iter(sorted(self._spans(after)))
        opens, closes = next(spans, (after, after))
        for next_opens, next_closes in spans:
            if next_opens > closes:
                if closes > after:
                    yield opens, closes
                opens = next_opens
            closes = max(closes, next_closes)
        if closes > after:
            yield opens, closes

    def _spans(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.time_zone)
        today = after.astimezone(zone).date()
        for ahead in range(-2, LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            if day in self.closed_on:
                continue
            for opening in self.week:
                if opening.day is WEEK[day.weekday()]:
                    last = day if opening.closes > opening.opens else day + timedelta(days=1)
                    opens, closes = passings(day, opening.opens, zone)[0], max(passings(last, opening.closes, zone))
                    if opens < closes:
                        yield opens, closes


def passings(day: date, by_the_wall: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the two readings that PEP 495 gives a local time, in UTC.

    They are its first and second passing if it comes twice, and the same if it comes once. If it never comes, they are
    read with the offset before the change, which is the later, and after it.
    """
    local = datetime.combine(day, by_the_wall, zone)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
