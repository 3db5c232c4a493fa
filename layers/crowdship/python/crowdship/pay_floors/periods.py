"""Pay periods: weeks by the wall clock of a jurisdiction, in which drivers' earnings are compared with law. Pure.

A week that has a change of the clock is an hour shorter or longer, which changes no reckoning: time is counted as it
passes. Work belongs to the period in which it ended, as its pay does.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.pay_floors.work import Span

WEEK = timedelta(days=7)


class Period(Value):
    """A pay period of a jurisdiction.

    Parameters
    ----------
    first : date
        Local day on which it begins, by which it is named.
    begins, ends : datetime
        Its moments; the end is not part of it.
    closes_at : datetime
        When it is reckoned. Work that is told of later is reckoned at once, and paid by a further true-up.
    deadline : datetime
        The moment by which what is short is paid.
    """

    jurisdiction: str
    first: date
    begins: Moment
    ends: Moment
    closes_at: Moment
    deadline: Moment

    @property
    def span(self) -> Span:
        """From begin to end."""
        return Span(self.begins, self.ends)

    @property
    def last(self) -> date:
        """The last local day that begins in it."""
        return self.first + WEEK - timedelta(days=1)

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment lies in it."""
        return self.begins <= moment < self.ends


@dataclass(frozen=True)
class Calendar:
    """Pay periods of a jurisdiction.

    Parameters
    ----------
    jurisdiction : str
        Its code.
    time_zone : str
        IANA name of the zone whose days count.
    weekday : int
        Day on which a period begins, 0 for Monday.
    at : time
        Local time at which it begins.
    grace : timedelta
        Time after the end until it is reckoned, for deliveries under way and phones that are offline.
    paid_within : timedelta
        Time after the end by which what is short is paid.
    """

    jurisdiction: str
    time_zone: str
    weekday: int = 0
    at: time = time(0)
    grace: timedelta = timedelta(days=1)
    paid_within: timedelta = WEEK

    def begin_of(self, day: date) -> datetime:
        """Return the moment at which a period begins on a local day."""
        return datetime.combine(day, self.at, ZoneInfo(self.time_zone)).astimezone(UTC)

    def period_on(self, first: date) -> Period:
        """Return the period that begins on a local day.

        Raises
        ------
        ValueError
            If none does.
        """
        if first.weekday() != self.weekday:
            raise ValueError(f"no pay period of {self.jurisdiction} begins on {first}")
        ends = self.begin_of(first + WEEK)
        return Period(
            jurisdiction=self.jurisdiction,
            first=first,
            begins=self.begin_of(first),
            ends=ends,
            closes_at=ends + self.grace,
            deadline=ends + self.paid_within,
        )

    def period_at(self, moment: datetime) -> Period:
        """Return the period that a moment lies in.

        Examples
        --------
        >>> california = Calendar("US-CA", "America/Los_Angeles", at=time(4))
        >>> period = california.period_at(datetime(2026, 6, 8, 10, 59, tzinfo=UTC))
        >>> period.first.isoformat(), period.ends.isoformat()
        ('2026-06-01', '2026-06-08T11:00:00+00:00')
        """
        day = moment.astimezone(ZoneInfo(self.time_zone)).date()
        first = day - timedelta(days=(day.weekday() - self.weekday) % 7)
        period = self.period_on(first)
        return period if period.holds(moment) else self.period_on(first - WEEK)

    def day_of(self, moment: datetime) -> date:
        """Return the local day of a moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def by_day(self, span: Span) -> list[tuple[date, Span]]:
        """Return a span split at local midnights, each part with its day."""
        parts: list[tuple[date, Span]] = []
        begins = span.begins
        while begins < span.ends:
            day = self.day_of(begins)
            midnight = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(self.time_zone)).astimezone(UTC)
            parts.append((day, Span(begins, min(midnight, span.ends))))
            begins = midnight
        return parts
