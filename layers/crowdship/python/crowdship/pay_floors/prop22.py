"""California: 120 % of the minimum wage for engaged time, and so much for each engaged mile (Bus. & Prof. Code 7453).

The minimum wage is that of the pickup's place where a local one is higher; the figures are those of each local day, so
a period in which one changes is split. What is short is rounded up to a cent, as the law does not say how to round.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from crowdship.law.book import Book
from crowdship.law.model import Rule
from crowdship.pay_floors.exact import METRES_PER_MILE, figure_of, rounded_up
from crowdship.pay_floors.periods import Calendar, Period
from crowdship.pay_floors.steps import HOUR_S, FloorStep, Reckoning, pay_of, step
from crowdship.pay_floors.work import Piece, Span, Work, apart, shared_out

CODE = "US-CA"
WAGE, PERCENT, PER_MILE = "minimum_wage", "engaged_wage_percent", "engaged_per_mile"


def counted(works: Iterable[Work]) -> list[Work]:
    """Return the work that the rule covers: that with a pickup in California."""
    return [work for work in works if CODE in work.pickup_law]


def reckon(
    works: Iterable[Work], period: Period, calendar: Calendar, law: Book, taken: Sequence[Span] = ()
) -> Reckoning | None:
    """Return what a driver earns at least in a period; None if nothing counts.

    Parameters
    ----------
    works : iterable of Work
        Of one driver, ended in the period.
    taken : sequence of Span
        Moments that work which ended in an earlier period has, and that count there.
    """
    mine = counted(works)
    hours: dict[tuple[Rule, Rule], Fraction] = defaultdict(Fraction)
    miles: dict[Rule, Fraction] = defaultdict(Fraction)
    for piece in _pieces(mine, calendar, law, taken):
        wage, percent, *mile = piece.rules
        hours[wage, percent] += piece.span.seconds / HOUR_S
        for rule in mile:
            miles[rule] += piece.work.metres_in(piece.span) / METRES_PER_MILE
    if not hours:
        return None
    steps = [*_for_time(hours), *_for_way(miles)]
    currency = steps[0].currency
    time = sum((_wage(*rules) * quantity for rules, quantity in hours.items()), Fraction(0))
    way = sum((figure_of(rule)[0] * quantity for rule, quantity in miles.items()), Fraction(0))
    earned = pay_of((work.pay for work in mine), currency)
    return Reckoning.of_period(rounded_up(time + way, currency), earned, steps)


def _pieces(works: Iterable[Work], calendar: Calendar, law: Book, taken: Sequence[Span]) -> Iterator[Piece]:
    """Yield engaged time by day, each moment once: for the work with the highest wage, then for the earliest."""
    by_day = []
    for work in works:
        for day, span in calendar.by_day(work.span):
            wage, percent, mile = (law.strictest(name, work.pickup_law, day) for name in (WAGE, PERCENT, PER_MILE))
            if wage and percent:
                by_day.append(Piece(work, span, (wage, percent, mile) if mile else (wage, percent)))
    by_day.sort(key=lambda one: (-_wage(*one.rules[:2]), one.work.since, one.work.delivery_id))
    return shared_out(apart(by_day, taken))


def _wage(wage: Rule, percent: Rule) -> Fraction:
    return figure_of(wage)[0] * Fraction(str(percent.value)) / 100


def _for_time(hours: dict[tuple[Rule, Rule], Fraction]) -> Iterator[FloorStep]:
    for (wage, percent), quantity in hours.items():
        currency = figure_of(wage)[1]
        words = f"engaged time at {percent.written} % of {wage.written}"
        yield step("engaged_time", quantity, "h", _wage(wage, percent), currency, (wage, percent), words)


def _for_way(miles: dict[Rule, Fraction]) -> Iterator[FloorStep]:
    for mile, quantity in miles.items():
        figure, currency = figure_of(mile)
        yield step("engaged_way", quantity, "mi", figure, currency, (mile,), "engaged way")
