"""Spans of billing: each begins where the one before ended, and ends with a week or a month. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Self

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.merchants.billing import BillingCycle

ONE_DAY = timedelta(days=1)
LONGEST_CATCH_UP = 60
"""Spans of one merchant that one sweep asks for."""


class Span(Value):
    """Days that are billed together, both ends included, in UTC."""

    first: Day
    last: Day

    @property
    def days(self) -> tuple[date, ...]:
        """All days of it."""
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))

    @classmethod
    def beginning(cls, day: date, cycle: BillingCycle) -> Self:
        """Return the span from a day to the end of the day's week or month.

        Examples
        --------
        >>> Span.beginning(date(2026, 2, 10), BillingCycle.MONTHLY).last.isoformat()
        '2026-02-28'
        >>> Span.beginning(date(2026, 6, 3), BillingCycle.WEEKLY).last.isoformat()
        '2026-06-07'
        """
        if cycle is BillingCycle.WEEKLY:
            return cls(first=day, last=day + timedelta(days=6 - day.weekday()))
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return cls(first=day, last=next_month - ONE_DAY)


def spans_due(since: date, today: date, cycle: BillingCycle) -> Iterator[Span]:
    """Yield the spans that begin on a day and ended before another one, each after the other.

    Examples
    --------
    >>> [str(span.last) for span in spans_due(date(2026, 1, 20), date(2026, 3, 1), BillingCycle.MONTHLY)]
    ['2026-01-31', '2026-02-28']
    """
    span = Span.beginning(since, cycle)
    for _ in range(LONGEST_CATCH_UP):
        if span.last >= today:
            return
        yield span
        span = Span.beginning(span.last + ONE_DAY, cycle)
