"""Time: moments, days, and the clock. Rules take the present moment as a parameter and never ask the machine for it.

Examples
--------
>>> from pydantic import TypeAdapter
>>> TypeAdapter(Moment).validate_python("2026-06-01T10:00:00-05:00")
datetime.datetime(2026, 6, 1, 15, 0, tzinfo=datetime.timezone.utc)
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Protocol

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ValidationInfo

from crowdship.kernel.reading import is_stored

_RFC_3339 = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]"
    r"(?P<time>[0-9]{2}:[0-9]{2}:(?P<second>[0-9]{2})(\.[0-9]+)?)"
    r"(?P<offset>[Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITE_TIME = "write a time with its offset as RFC 3339 has it, for example 2026-06-01T15:00:00Z"
_WRITE_DATE = "write a day as RFC 3339 has it, for example 2026-06-01"


def _rfc_3339(given: object, info: ValidationInfo) -> object:
    """Return a time that may be one: what is written as RFC 3339 has it, or what was checked before."""
    if is_stored(info) or isinstance(given, datetime):
        return given
    read = _RFC_3339.fullmatch(given) if isinstance(given, str) else None
    if read is None:
        raise ValueError(f"it is no time: {_WRITE_TIME}")
    if read["second"] == "60":
        raise ValueError("it is a leap second, which can't be kept: write second 59, or 00 of the next minute")
    try:
        return datetime.fromisoformat(f"{read['day']}T{read['time']}{read['offset'].upper()}")
    except ValueError as error:
        raise ValueError(f"there is no such time ({error}): {_WRITE_TIME}") from error


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC it must be in the years 1 to 9999") from error


def _full_date(given: object, info: ValidationInfo) -> object:
    if is_stored(info) or (isinstance(given, date) and not isinstance(given, datetime)):
        return given
    if not isinstance(given, str) or not _FULL_DATE.fullmatch(given):
        raise ValueError(f"it is no day: {_WRITE_DATE}")
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise ValueError(f"there is no such day ({error}): {_WRITE_DATE}") from error


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_rfc_3339),
    AfterValidator(_to_utc),
]
"""A point in time: a field that is read from RFC 3339 with an offset, kept in UTC and written with ``Z``."""

Day = Annotated[date, BeforeValidator(_full_date)]
"""A day: a field that is read from the ``full-date`` of RFC 3339 (2026-06-01) and from nothing else."""


def written(moment: datetime) -> str:
    """Return a moment in UTC as RFC 3339 has it, to the second.

    Examples
    --------
    >>> written(datetime(2026, 6, 1, 15, 0, tzinfo=UTC))
    '2026-06-01T15:00:00Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def next_minute(moment: datetime) -> datetime:
    """Return the moment if it is a whole minute, else the next whole minute.

    Examples
    --------
    >>> written(next_minute(datetime(2026, 6, 1, 15, 0, 1, tzinfo=UTC)))
    '2026-06-01T15:01:00Z'
    """
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


class Clock(Protocol):
    """A clock of business time, which is wall time in AWS and may run faster on a local stack."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...

    def wall_seconds(self, duration: timedelta) -> float:
        """Return how many seconds of wall time pass while ``duration`` of business time does."""
        ...


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and replays.

    Examples
    --------
    >>> clock = FixedClock(datetime(2026, 6, 1, 15, tzinfo=UTC))
    >>> clock.advance(timedelta(minutes=5))
    >>> written(clock.now())
    '2026-06-01T15:05:00Z'
    """

    moment: datetime

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self.moment

    def wall_seconds(self, duration: timedelta) -> float:
        """Return ``duration`` in seconds."""
        return duration.total_seconds()

    def advance(self, duration: timedelta) -> None:
        """Move the clock forward."""
        self.moment += duration
