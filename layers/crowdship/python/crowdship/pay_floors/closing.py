"""Closing: what is due is put on a queue, a message for each driver and period, and reckoned from what was noted.

Where all drivers together are compared as well, that comes after the last of them: their figures are summed page by
page, and each gets a message with its part.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import Literal

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock, Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.law.book import LAW
from crowdship.pay_floors import nyc
from crowdship.pay_floors.calculation import Calculation, Figures
from crowdship.pay_floors.duties import duties_in
from crowdship.pay_floors.exact import figure_of
from crowdship.pay_floors.periods import Period
from crowdship.pay_floors.registry import SCHEMES, Scheme
from crowdship.pay_floors.steps import Reckoning
from crowdship.pay_floors.store import CalculationRow, Due, DueRow, DutyRow, OwnRow, WorkRow
from crowdship.pay_floors.work import Span, Work

AT_ONCE = 500
"""Drivers' periods of each shard that one call puts on the queue; the next call has the others."""

PERIODS_AT_ONCE = 10

TRIES = 6


class Shared(Value):
    """Sums of drivers: microseconds of trips and on call, and minor units paid."""

    trip_us: int
    on_call_us: int
    paid: int

    @property
    def totals(self) -> nyc.Totals:
        """The sums as the rule takes them."""
        return nyc.Totals(Fraction(self.trip_us, 10**6), Fraction(self.on_call_us, 10**6), self.paid)


class Job(Value):
    """A message of the queue.

    Parameters
    ----------
    task : str
        ``reckon`` a driver's period, or ``share`` out what all drivers are short together.
    row : tuple of str
        What is due, as its row is found again; empty for a part.
    before, own, totals : Shared or None
        Sums of the drivers who come before, figures of the driver by which the sums were made, and sums of all.
    compared_at : datetime or None
        The moment of the comparison that a part is from.
    """

    task: Literal["reckon", "share"]
    driver_id: str
    jurisdiction: str
    first: Day
    row: tuple[str, ...] = ()
    before: Shared | None = None
    own: Shared | None = None
    totals: Shared | None = None
    compared_at: Moment | None = None


type Send = Callable[[Iterable[Job]], None]
"""Puts messages on the queue."""


def send_due(send: Send, clock: Clock) -> int:
    """Put what is due on the queue, and return how much; the next call puts there again what is still due."""
    now, late, sent = clock.now(), 0, 0

    def jobs() -> Iterator[Job]:
        nonlocal late, sent
        for due in DueRow.until(now, AT_ONCE):
            sent += 1
            late += due.is_near(now)
            yield Job(
                task="reckon", driver_id=due.driver_id, jurisdiction=due.jurisdiction, first=due.first, row=due.row
            )

    send(jobs())
    for due in DueRow.periods_until(now, PERIODS_AT_ONCE):
        late += due.is_near(now)
        sent += _compare_all(due, send, now)
    if late:
        metrics.add_metric("PayFloorsNearDeadline", MetricUnit.Count, late)
    return sent


def near_deadline(now: datetime) -> list[Due]:
    """Return what is not reckoned yet though its deadline is near or past, the nearest first."""
    waiting = (*DueRow.until(now, AT_ONCE), *DueRow.periods_until(now, PERIODS_AT_ONCE))
    return sorted((due for due in waiting if due.is_near(now)), key=lambda due: (due.deadline, due.row))


def work(job: Job, clock: Clock) -> None:
    """Do what a message asks for, once however often it comes."""
    if job.task == "share":
        _share(job, clock)
    else:
        _reckon(job, clock)


def _reckon(job: Job, clock: Clock) -> None:
    scheme = SCHEMES[job.jurisdiction]
    period = scheme.calendar.period_on(job.first)

    def attempt() -> Calculation | None:
        # The calculation is read before the work: whoever changes it since has read the work at least as late.
        before = CalculationRow.load(job.jurisdiction, job.first, job.driver_id)
        figures, reckoning = _figures_of(scheme, period, job.driver_id)
        if before is None and reckoning is None and not figures.on_call_us:
            return None
        now, reckoning = clock.now(), reckoning or _nothing(period, before)
        if before is None:
            first = Calculation.of(job.driver_id, scheme.title, period, figures, reckoning, now)
            return _write(first.settled(now), scheme, period, now)
        return _write(before.anew(figures, reckoning, now).settled(now), scheme, period, now)

    made = persistently(attempt, TRIES)
    if job.row:
        DueRow.done((job.row[0], job.row[1], job.row[2]))
    _tell(made)


def _figures_of(scheme: Scheme, period: Period, driver_id: str) -> tuple[Figures, Reckoning | None]:
    near = [one for one in WorkRow.around(driver_id, period.begins, period.ends) if one.counts]
    ended = scheme.counted(one for one in near if period.holds(one.until))
    on_call = _on_call(scheme, period, driver_id, near) if scheme.counts_on_call else []
    taken = scheme.taken_before(near, period)
    return Figures.of(ended, on_call, taken), scheme.reckon(ended, period, scheme.calendar, LAW, taken)


def _on_call(scheme: Scheme, period: Period, driver_id: str, works: list[Work]) -> list[Span]:
    changes = DutyRow.around(driver_id, period.begins, period.ends)
    return nyc.on_call(duties_in(changes, scheme.jurisdiction, period.ends), works, period)


def _nothing(period: Period, before: Calculation | None) -> Reckoning:
    """Return the reckoning of a driver whose work does not count, or who was only on call."""
    rule = nyc.rate_of(period, LAW)
    currency = before.currency if before else figure_of(rule)[1] if rule else "USD"
    zero = Money.zero(currency)
    return Reckoning(least=zero, earned=zero, short=zero)


def _write(calculation: Calculation, scheme: Scheme, period: Period, now: datetime) -> Calculation:
    unit = UnitOfWork()
    unit.store(CalculationRow.of(calculation))
    unit.put(OwnRow.of(calculation), None)
    if scheme.counts_on_call:
        deadline = max(period.deadline, calculation.deadline)
        unit.put(DueRow.of(period, "", period.closes_at, deadline, f"{now.isoformat()} {calculation.driver_id}"), None)
    unit.commit()
    return calculation


def _tell(made: Calculation | None) -> None:
    paid = made.events if made else ()
    if made and paid:
        logger.info(
            "pay floor due", calculation_id=made.id, driver_id=made.driver_id, amount=str(made.true_ups[-1].amount)
        )
        metrics.add_metric("PayFloorTrueUps", MetricUnit.Count, 1)


def _shared_of(one: Calculation) -> Shared:
    paid = one.reckoning.earned.amount + one.reckoning.short.amount
    return Shared(trip_us=one.figures.engaged_us, on_call_us=one.figures.on_call_us, paid=paid)


def _compare_all(due: Due, send: Send, now: datetime) -> int:
    """Compare all drivers of a period together, if each is reckoned; return the number of parts that were sent out."""
    period = SCHEMES[due.jurisdiction].calendar.period_on(due.first)
    rule = nyc.rate_of(period, LAW)
    if rule is None or DueRow.any_of(period):
        return 0
    totals = nyc.Totals()
    for one in CalculationRow.of_period(due.jurisdiction, due.first):
        totals = totals.plus(_shared_of(one).totals)
    all_of = Shared(trip_us=int(totals.trip_s * 10**6), on_call_us=int(totals.on_call_s * 10**6), paid=totals.paid)
    sent = 0

    def parts() -> Iterator[Job]:
        nonlocal sent
        before = Shared(trip_us=0, on_call_us=0, paid=0)
        for one in CalculationRow.of_period(due.jurisdiction, due.first):
            own = _shared_of(one)
            sent += 1
            yield Job(
                task="share",
                driver_id=one.driver_id,
                jurisdiction=due.jurisdiction,
                first=due.first,
                before=before,
                own=own,
                totals=all_of,
                compared_at=now,
            )
            before = Shared(
                trip_us=before.trip_us + own.trip_us,
                on_call_us=before.on_call_us + own.on_call_us,
                paid=before.paid + own.paid,
            )

    send(parts())
    DueRow.done(due.row)
    return sent


def _share(job: Job, clock: Clock) -> None:
    period = SCHEMES[job.jurisdiction].calendar.period_on(job.first)
    rule = nyc.rate_of(period, LAW)
    if rule is None or not (job.before and job.own and job.totals and job.compared_at):
        return
    totals = job.totals.totals
    short = nyc.all_short(totals, rule)
    part = nyc.spread(short, job.before.totals, job.own.totals, totals)
    own, compared_at = job.own, job.compared_at

    def attempt() -> Calculation | None:
        before = CalculationRow.load(job.jurisdiction, job.first, job.driver_id)
        # If its figures changed since, all are compared anew.
        if before is None or _shared_of(before) != own:
            return None
        now = clock.now()
        sharing = before.sharing(part, compared_at, now)
        if sharing is before:
            return None
        unit, after = UnitOfWork(), sharing.settled(now)
        unit.store(CalculationRow.of(after))
        unit.commit()
        return after

    _tell(persistently(attempt, TRIES))
