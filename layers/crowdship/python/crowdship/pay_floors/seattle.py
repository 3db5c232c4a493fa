"""Seattle: for each offer so much a minute and a mile, and never less than a sum (SMC 8.37.050).

Of an offer that begins in the city all counts, of another one only the part inside, and one that only crosses the city
does not count. Each offer is compared by itself: what one pays beyond its floor makes up for no other. A minute in
which the driver had several offers counts for the one that they accepted first. The figures are those of the local
day of acceptance, and a part of a cent counts as a whole one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from crowdship.kernel.money import Money
from crowdship.law.book import Book
from crowdship.pay_floors.exact import METRES_PER_MILE, figure_of, written
from crowdship.pay_floors.offer import PER_MILE, PER_MINUTE, OfferFloor, least_offer_pay
from crowdship.pay_floors.periods import Calendar, Period
from crowdship.pay_floors.steps import MINUTE_S, FloorStep, Reckoning, RuleUsed, pay_of
from crowdship.pay_floors.work import Piece, Span, Work, apart, shared_out

CODE = "US-WA-seattle"


def counted(works: Iterable[Work]) -> list[Work]:
    """Return the work that the rule covers: that which begins in the city, or was in it and ended there."""
    return [work for work in works if work.spans_in(CODE)]


def reckon(
    works: Iterable[Work], period: Period, calendar: Calendar, law: Book, taken: Sequence[Span] = ()
) -> Reckoning | None:
    """Return what a driver earns at least in a period, offer by offer; None if nothing counts.

    Parameters
    ----------
    works : iterable of Work
        Of one driver, ended in the period.
    taken : sequence of Span
        Moments that work which ended in an earlier period has, and that count there.
    """
    offers: dict[str, list[Work]] = defaultdict(list)
    for work in sorted(counted(works), key=lambda one: (one.since, one.delivery_id)):
        offers[work.offer].append(work)
    in_order = (Piece(work, span) for some in offers.values() for work in some for span in work.spans_in(CODE))
    time: dict[str, Fraction] = defaultdict(Fraction)
    way: dict[str, Fraction] = defaultdict(Fraction)
    for piece in shared_out(apart(in_order, taken)):
        time[piece.work.offer] += piece.span.seconds / MINUTE_S
        way[piece.work.offer] += piece.work.metres_in(piece.span) / METRES_PER_MILE
    least: list[Money] = []
    earned: list[Money] = []
    short: list[Money] = []
    steps: list[FloorStep] = []
    for offer, some in offers.items():
        day = calendar.day_of(some[0].since)
        floor = least_offer_pay((CODE,), day, time[offer], way[offer], law=law)
        if floor is None:
            continue
        paid = pay_of((work.pay for work in some), floor.amount.currency)
        nothing = Money.zero(floor.amount.currency)
        due = floor.amount - paid if floor.amount.amount > paid.amount else nothing
        least, earned, short = [*least, floor.amount], [*earned, paid], [*short, due]
        steps.append(_step(floor, time[offer], way[offer], paid))
    if not least:
        return None
    floors, pay, owed = (pay_of(some, least[0].currency) for some in (least, earned, short))
    return Reckoning(least=floors, earned=pay, short=owed, steps=tuple(steps))


def _step(floor: OfferFloor, minutes: Fraction, miles: Fraction, paid: Money) -> FloorStep:
    """Return the line of an offer: its minutes and miles, its floor, and its pay."""
    text = "; ".join((*_parts(floor, minutes, miles), f"at least {floor.amount}; paid {paid}"))
    return FloorStep(
        code="offer",
        quantity=f"{written(minutes)} min, {written(miles)} mi",
        unit="offer",
        rate=str(paid.decimal),
        amount=str(floor.amount.decimal),
        currency=paid.currency,
        text=f"offer: {text}",
        rules=tuple(RuleUsed.of(rule) for rule in floor.rules),
    )


def _parts(floor: OfferFloor, minutes: Fraction, miles: Fraction) -> Iterator[str]:
    units = {PER_MINUTE: (minutes, "min"), PER_MILE: (miles, "mi")}
    for rule in floor.rules:
        if rule.name in units:
            quantity, unit = units[rule.name]
            figure, currency = figure_of(rule)
            yield f"{written(quantity)} {unit} at {rule.written} is {written(figure * quantity)} {currency}"
