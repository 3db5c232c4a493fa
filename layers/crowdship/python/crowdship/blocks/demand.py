"""Demand that is to be expected: orders by hour of the week, as they were measured in the last weeks. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value

WEEKS = 4
"""Weeks before an hour that are looked at."""

Counts = Mapping[date, Sequence[int]]
"""Orders of each UTC day that was measured, by UTC hour."""


class ExpectedHour(Value):
    """Orders that an hour of a zone is expected to bring.

    Parameters
    ----------
    begins : datetime
        A whole hour by the clock of the zone.
    mean : float or None
        Mean of the same hour of the same weekday in the weeks that were measured; None if none was.
    low, high : int or None
        The least and the most of these.
    weeks : int
        How many weeks were measured, ``WEEKS`` at most: a mean of one or two weeks says little.
    """

    begins: Moment
    mean: float | None
    low: int | None
    high: int | None
    weeks: int


def hour_counts(created: Iterable[datetime]) -> tuple[int, ...]:
    """Return how many of some moments of one UTC day are in each of its hours."""
    counts = [0] * 24
    for moment in created:
        counts[moment.astimezone(UTC).hour] += 1
    return tuple(counts)


def days_needed(now: datetime, hours: int) -> list[date]:
    """Return the UTC days that the expectation for the next hours looks at; none of them is today or later."""
    last = now.astimezone(UTC).date() - timedelta(days=1)
    first = last - timedelta(weeks=WEEKS, days=1)
    ahead = (now + timedelta(hours=hours)).astimezone(UTC).date()
    wanted = (first + timedelta(days=step) for step in range((ahead - first).days + 1))
    return [day for day in wanted if day <= last]


def expectation(now: datetime, hours: int, time_zone: str, counts: Counts) -> list[ExpectedHour]:
    """Return what the next hours are expected to bring, from the whole hour after a moment on.

    The same hour of the wall a week before is compared, whatever happened to the clocks since.

    Parameters
    ----------
    counts : mapping
        Orders by UTC day and hour; a day that is missing was not measured.
    """
    zone = ZoneInfo(time_zone)
    first = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return [_expected(first + timedelta(hours=hour), zone, counts) for hour in range(hours)]


def _expected(begins: datetime, zone: ZoneInfo, counts: Counts) -> ExpectedHour:
    local = begins.astimezone(zone)
    same = (local.replace(tzinfo=None) - timedelta(weeks=week) for week in range(1, WEEKS + 2))
    before = [wall.replace(tzinfo=zone, fold=local.fold).astimezone(UTC) for wall in same]
    measured = [counts[hour.date()][hour.hour] for hour in before if hour.date() in counts][:WEEKS]
    if not measured:
        return ExpectedHour(begins=begins, mean=None, low=None, high=None, weeks=0)
    mean = round(fmean(measured), 1)
    return ExpectedHour(begins=begins, mean=mean, low=min(measured), high=max(measured), weeks=len(measured))
