"""New York City: an hourly rate for trip time, and for trip and on-call time of all drivers together (6 RCNY 7-810).

The rate is that of the day on which the pay period begins. Two tests hold: each driver earns at least the rate for
their trip time; all drivers together earn at least the rate for trip time and on-call time. The rule does not prescribe
how the difference of the second test is spread; it is spread by on-call time. Amounts are rounded half up to a cent.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from crowdship.kernel.money import Money
from crowdship.law.book import Book
from crowdship.law.model import Rule
from crowdship.pay_floors.exact import figure_of, half_up
from crowdship.pay_floors.periods import Calendar, Period
from crowdship.pay_floors.steps import HOUR_S, Reckoning, pay_of, step
from crowdship.pay_floors.work import Span, Work, seconds_of, without

CODE = "US-NY-new-york-city"
RATE, ON_CALL = "trip_hour_rate", "on_call_counted"


def counted(works: Iterable[Work]) -> list[Work]:
    """Return the work that the rule covers: that with a pickup in the city."""
    return [work for work in works if CODE in work.pickup_law]


def rate_of(period: Period, law: Book) -> Rule | None:
    """Return the rate of a pay period, which is that of its first day; None before there was one."""
    rule = law.in_force(RATE, CODE, period.first)
    return rule if rule and rule.applies else None


def reckon(
    works: Iterable[Work], period: Period, calendar: Calendar, law: Book, taken: Sequence[Span] = ()
) -> Reckoning | None:
    """Return what a driver earns at least for trip time in a period; None if nothing counts.

    Parameters
    ----------
    works : iterable of Work
        Of one driver, ended in the period.
    taken : sequence of Span
        Moments that work which ended in an earlier period has, and that count there.
    """
    mine, rule = counted(works), rate_of(period, law)
    if not mine or rule is None:
        return None
    figure, currency = figure_of(rule)
    hours = seconds_of(without((work.span for work in mine), taken)) / HOUR_S
    steps = [step("trip_time", hours, "h", figure, currency, (rule,), "trip time")]
    earned = pay_of((work.pay for work in mine), currency)
    return Reckoning.of_period(half_up(figure * hours, currency), earned, steps)


def on_call(duties: Iterable[Span], works: Iterable[Work], period: Period) -> list[Span]:
    """Return the time in a period for which a driver was on duty in the city and had no work.

    Parameters
    ----------
    duties : iterable of Span
        Time on duty in zones that touch the city.
    works : iterable of Work
        All work of the driver, also elsewhere.
    """
    return without((duty.within(period.span) for duty in duties), (work.span for work in works))


class Totals(NamedTuple):
    """Sums over drivers, or the figures of one: seconds, and minor units earned with what the first test owes."""

    trip_s: Fraction = Fraction(0)
    on_call_s: Fraction = Fraction(0)
    paid: int = 0

    def plus(self, other: "Totals") -> "Totals":
        """Return the sums with those of others."""
        return Totals(self.trip_s + other.trip_s, self.on_call_s + other.on_call_s, self.paid + other.paid)

    @property
    def weight(self) -> Fraction:
        """Measure by which the difference is spread: on-call time; trip time if nobody was on call."""
        return self.on_call_s or self.trip_s


def all_short(totals: Totals, rule: Rule) -> Money:
    """Return by how much all drivers together are short of the rate for trip time and on-call time, 0 or more."""
    figure, currency = figure_of(rule)
    least = half_up(figure * (totals.trip_s + totals.on_call_s) / HOUR_S, currency)
    return Money(amount=max(least.amount - totals.paid, 0), currency=currency)


def spread(short: Money, before: Totals, own: Totals, totals: Totals) -> Money:
    """Return a driver's part of what all are short together, so that the parts of all add up to it exactly.

    Parameters
    ----------
    before : Totals
        Sums of the drivers who come before this one, in a fixed order.
    """
    whole = totals.weight
    if not whole:
        return Money.zero(short.currency)

    def until(some: Totals) -> int:
        weight = some.on_call_s if totals.on_call_s else some.trip_s
        return int(short.amount * weight / whole + Fraction(1, 2))

    return Money(amount=until(before.plus(own)) - until(before), currency=short.currency)
