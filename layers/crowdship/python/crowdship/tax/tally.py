"""The tally: each closed day of the ledger is read once, and what tax needs of it is kept by driver.

A closed day never changes, so a tally that stops anywhere is repeated and ends alike.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import batched

from crowdship.adapters.observability import logger
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.settlement import days as ledger
from crowdship.tax import service
from crowdship.tax.payments import Movement, Payment, Step, Tally
from crowdship.tax.store import DayBookRow, EarnedRow, PaidInRow, PaymentRow

LOOKED_BACK = 430
"""Days that a run looks back: a year, and the time until its forms are filed."""

DAYS_AT_ONCE = 40
"""Days of one run, so that a platform with a history catches up over some runs."""

AT_ONCE = 100

TOLD_WITHIN = 10
"""Days of the next year in whose books payouts of a year's last banking days are counted as paid."""


def tally_closed_days(clock: Clock, most: int = DAYS_AT_ONCE) -> int:
    """Tally the days that were closed and are not tallied yet, in any order; return how many."""
    today = clock.now().date()
    days = [today - timedelta(days=back) for back in range(LOOKED_BACK, -1, -1)]
    waiting = [day for day, closed in ledger.begun(set(days) - tallied(days)).items() if closed]
    for day in waiting[:most]:
        tally_day(day, clock)
    return len(waiting[:most])


def tallied(days: Iterable[date]) -> set[date]:
    """Return the days, among some, that were tallied."""
    asked = set(days)
    years = sorted({day.year for day in asked})
    return {book.day for year in years for book in DayBookRow.of_year(year)} & asked


def is_ready(year: int) -> bool:
    """Return whether all days that tell of a year's payments and were begun to be settled are closed and tallied."""
    days = [*days_of(year), *days_of(year + 1)[:TOLD_WITHIN]]
    return not set(ledger.begun(days)) - tallied(days)


def days_never_settled(year: int) -> int:
    """Return how many days of a year after its first settlement nobody began to settle; the daily start leaves none."""
    days = days_of(year)
    known = ledger.begun(days)
    return sum(day not in known for day in days if known and day >= min(known))


def days_of(year: int) -> list[date]:
    """Return all days of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


def tally_day(day: date, clock: Clock) -> None:
    """Keep what tax needs of a closed day; a second call writes the same. The day's own row, written last, ends it."""
    tally = Tally(day)
    for posting in ledger.postings_of(day):
        tally.add(posting)
    with EarnedRow.batch_write() as batch:
        for driver_id, earned in tally.earned.items():
            batch.save(EarnedRow.of(driver_id, earned))
    for some in batched(_with_drivers(tally.movements), AT_ONCE, strict=False):
        _keep_payments(some)
    for driver_id in sorted({move.driver_id for move in tally.movements if move.driver_id and move.withheld}):
        # A payee who was paid before anything was noted of them is told now why tax was withheld.
        service.change(driver_id, lambda payee: payee.checked(clock.now()))
    DayBookRow.of(tally.book).save(add_version_condition=False)


def _with_drivers(movements: Iterable[Movement]) -> Iterable[Movement]:
    """Return movements with their drivers, who are on the posting that took the payout from their account."""
    for some in batched(movements, AT_ONCE, strict=False):
        unknown = {move.payment_id for move in some if move.driver_id is None}
        found = ledger.drivers_of(unknown)
        for move in some:
            driver_id = move.driver_id or found.get(move.payment_id)
            if driver_id is None:
                logger.error("payment_without_driver", payment_id=move.payment_id, step=move.step)
                continue
            yield move.model_copy(update={"driver_id": driver_id})


def _keep_payments(movements: Iterable[Movement]) -> None:
    steps: defaultdict[tuple[str, str], list[Movement]] = defaultdict(list)
    for move in movements:
        steps[move.driver_id or "", move.payment_id].append(move)
    for (driver_id, payment_id), moves in steps.items():
        _keep_payment(driver_id, payment_id, moves)


def _keep_payment(driver_id: str, payment_id: str, moves: Iterable[Movement]) -> None:
    # A day's postings come in no order: a payout may be told as paid before it is told as instructed.
    ordered = sorted(moves, key=lambda move: list(Step).index(move.step))

    def attempt() -> None:
        before = PaymentRow.load(driver_id, payment_id) or Payment(id=payment_id, driver_id=driver_id)
        after = before
        for move in ordered:
            after = move.on(after)
        work = UnitOfWork()
        if after != before or not before.stored_version:
            work.store(PaymentRow.of(after))
        for year in sorted(after.years):
            work.put(PaidInRow.of(year, driver_id), None)
        work.commit()

    persistently(attempt)
