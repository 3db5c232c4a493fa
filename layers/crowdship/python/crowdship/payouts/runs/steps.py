"""Steps of a pay run, in their order: open, take in statements, make batches, pay each batch, file, finish.

A step may be repeated: it looks at what is there, does what is missing and returns the same.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import batched

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import StaleWrite, counted
from crowdship.kernel.money import Money
from crowdship.kernel.workdays import business_days_after
from crowdship.payouts import service
from crowdship.payouts.model import RUN, Payout, PayoutState, StatementPart
from crowdship.payouts.provider import (
    Accepted,
    NewsState,
    PaymentRailUnavailable,
    PayoutInstruction,
    PayoutNews,
    PayoutProvider,
    Speed,
)
from crowdship.payouts.runs import record
from crowdship.payouts.runs.files import FileStore
from crowdship.payouts.runs.model import BankFile, PayoutsUndecided, PayRun, StateTotal
from crowdship.payouts.schedule import Cadence, PaySchedule, payday
from crowdship.payouts.store import (
    BatchRow,
    ClaimRow,
    DueRow,
    PaydayRow,
    PayoutRow,
    RunPayoutRow,
    ScheduleRow,
)
from crowdship.settlement import queries as books
from crowdship.settlement.statements import Statement

READ_AT_ONCE = 100
STATEMENTS_A_STEP = 500
"""Statements that one call of a step takes in: each is a transaction of a few milliseconds."""

DRIVERS_A_BATCH = 25
"""Drivers of one batch; their payouts are sent one after the other in one call of a step."""

NOTED_A_STEP = 250
"""Payouts of a bank file that one call of a step notes as sent."""

FILED_SETTLES_DAYS = 2
"""Business days after its effective date on which a payout in a bank file counts as paid: banks return entries for want
of an account until then (Nacha Operating Rules, return time frames of two banking days)."""

ANSWERED_WITHIN = timedelta(minutes=10)
"""Time that an app has to ask again before the clock does."""


def open_run(period: date, clock: Clock) -> PayRun:
    """Begin the run of a period; return it.

    Raises
    ------
    Conflict
        If the books of the period are not stated.
    """
    return record.begin(period, clock.now())


def take_in(period: date, cursor: str | None) -> str | None:
    """Take in statements of a period after a cursor; return the cursor after which to go on, None at the end.

    What a driver is due waits for the payday of the driver's cadence.
    """
    run = record.find(period)
    if run.batches is not None:
        return None
    for _ in range(STATEMENTS_A_STEP // READ_AT_ONCE):
        page = books.statements(period, cursor, READ_AT_ONCE)
        _take_in(page)
        if len(page) < READ_AT_ONCE:
            return None
        cursor = page[-1].cursor
    return cursor


def _take_in(page: list[Statement]) -> None:
    due = [statement for statement in page if statement.due.amount and statement.driver_id]
    claimed = ClaimRow.claimed_by(statement.id for statement in due)
    chosen = _cadences({str(statement.driver_id) for statement in due})
    for statement in due:
        if statement.id in claimed:
            continue
        driver_id = str(statement.driver_id)
        part = StatementPart(statement_id=statement.id, period=statement.period, amount=statement.due)
        cadence = chosen.get(driver_id, Cadence(settings().pay_cadence))
        work = UnitOfWork()
        work.check(ClaimRow, f"STATEMENT#{statement.id}", "PAYOUT", ClaimRow.pk.does_not_exist())
        work.put(DueRow.of(driver_id, part), None)
        work.put(PaydayRow.of(payday(statement.period, cadence), driver_id), None)
        try:
            work.commit()
        except StaleWrite:
            logger.info("claimed_meanwhile", statement_id=statement.id)


def _cadences(driver_ids: set[str]) -> dict[str, Cadence]:
    chosen = ScheduleRow.load_many(PaySchedule.id_of(driver_id) for driver_id in driver_ids)
    return {schedule.driver_id: schedule.cadence for schedule in chosen}


def make_batches(period: date) -> int:
    """Make the batches of drivers whom the run pays; return their number. Once made they never change.

    They are the drivers whose payday it is, and those with a payout that an earlier run left open.
    """
    run = record.find(period)
    if run.batches is not None:
        return run.batches
    drivers = sorted({*PaydayRow.drivers_of(period), *_with_open_payouts()})
    batches = list(batched(drivers, DRIVERS_A_BATCH, strict=False))
    for number, some in enumerate(batches):
        BatchRow.of(run.id, number, some).save(add_version_condition=False)
    made = record.change(period, lambda run: run if run.batches is not None else run.with_changes(batches=len(batches)))
    return made.batches or 0


def _with_open_payouts() -> Iterator[str]:
    for state in (PayoutState.PENDING, PayoutState.HELD, PayoutState.INSTRUCTED):
        yield from (payout.driver_id for payout in _all_in(state))


def _all_in(state: PayoutState) -> Iterator[Payout]:
    """Yield the payouts of a state that the index of open ones has, the oldest first."""
    cursor: str | None = None
    while True:
        some, cursor = PayoutRow.open_in(state, cursor, READ_AT_ONCE)
        yield from some
        if cursor is None:
            return


def pay_batch(period: date, number: int, provider: PayoutProvider, clock: Clock) -> int:
    """Make, instruct and send the payouts of a batch of drivers; return how many drivers it has.

    A payout that fails does not stop the others, and neither does a driver who can't be paid.

    Raises
    ------
    PaymentRailUnavailable
        If the provider did not say of all payouts whether it took them; the batch has to be paid again.
    ExceptionGroup
        If something else failed for some drivers.
    """
    run = record.find(period)
    drivers, unanswered = BatchRow.drivers_in(run.id, number), 0
    with Failures(f"some drivers of batch {number} of {period} could not be paid") as failures:
        for driver_id in drivers:
            with failures.collected("driver_not_paid", driver_id=driver_id, period=str(period)):
                unanswered += _paid(driver_id, period, provider, clock)
    if unanswered:
        told = counted(unanswered, "payout is", "payouts are")
        raise PaymentRailUnavailable(f"{told} unanswered in batch {number} of {period}")
    return len(drivers)


def _paid(driver_id: str, period: date, provider: PayoutProvider, clock: Clock) -> int:
    """Make, instruct and send the payouts of a driver; return how many the provider did not answer."""
    service.make_due(driver_id, period, clock)
    unanswered = 0
    for payout in service.open_of(driver_id):
        service.instruct(payout.id, period, clock, provider)
        try:
            service.send(payout.id, provider, clock)
        except PaymentRailUnavailable as error:
            logger.warning("payout_unanswered", payout_id=payout.id, why=str(error))
            unanswered += 1
    return unanswered


def write_file(period: date, provider: PayoutProvider, bucket: Callable[[], FileStore], clock: Clock) -> int:
    """Write the bank file of a run once, if its provider takes files; return the number of payouts in it.

    A payout that no file can hold fails; one whose account was changed since it was instructed does too.
    """
    run = record.find(period)
    if run.file:
        return run.file.count
    if not provider.collects:
        return 0
    payouts = [payout for payout in _instructed(run) if _stays(payout, period, provider, clock)]
    if not payouts:
        return 0
    currency = payouts[0].amount.currency
    content = provider.file_of(run.heading, (_dated(payout, run) for payout in payouts))
    key, manifest_key, digest = bucket().put(period, content, [payout.id for payout in payouts])
    total = Money.total((payout.net for payout in payouts), currency)
    made = BankFile(key=key, manifest_key=manifest_key, sha256=digest, count=len(payouts), total=total)
    kept = record.change(period, lambda run: run if run.file else run.with_changes(file=made))
    return kept.file.count if kept.file else 0


def _instructed(run: PayRun) -> Iterator[Payout]:
    for number in range(run.batches or 0):
        for driver_id in BatchRow.drivers_in(run.id, number):
            for payout in service.open_of(driver_id):
                if payout.state is PayoutState.INSTRUCTED and payout.speed is Speed.STANDARD and _is_of(run, payout):
                    yield payout


def _is_of(run: PayRun, payout: Payout) -> bool:
    """Return whether a payout may go into the file of a run: one run instructs it, and that one alone files it.

    Runs of several periods may be under way at once, and each finds what the others left open.
    """
    return payout.filed_for in (None, run.period)


def _dated(payout: Payout, run: PayRun) -> PayoutInstruction:
    """Return the instruction of a payout with the run's day, which all entries of its file share."""
    return payout.instruction.model_copy(update={"effective_on": run.effective_on})


def _stays(payout: Payout, period: date, provider: PayoutProvider, clock: Clock) -> bool:
    refusal = provider.unwritable(payout.instruction) or service.changed_since(payout, period, clock)
    if refusal:
        service.refuse(payout.id, refusal, clock, RUN)
    return refusal is None


def note_filed(period: date, start: int, bucket: Callable[[], FileStore], clock: Clock) -> int | None:
    """Note some payouts of the bank file as sent, from an index on; return where to go on, None at the end."""
    run = record.find(period)
    if run.file is None or run.filed_at:
        return None
    payout_ids = bucket().manifest(run.file.manifest_key)
    for payout_id in payout_ids[start : start + NOTED_A_STEP]:
        transfer_id = f"{run.id}/{payout_id}"
        service.accept(payout_id, Accepted(transfer_id=transfer_id, state=NewsState.IN_TRANSIT), clock)
    if start + NOTED_A_STEP < len(payout_ids):
        return start + NOTED_A_STEP
    record.change(period, lambda run: run if run.filed_at else run.with_changes(filed_at=clock.now()))
    return None


def finish(period: date, clock: Clock) -> PayRun:
    """Note that a run is finished, with its totals.

    Raises
    ------
    PayoutsUndecided
        If a payout of the run is neither sent nor refused nor held, or of a driver of the run none was made.
    """
    run = record.find(period)
    if run.finished_at:
        return run
    undecided = [
        waiting
        for number in range(run.batches or 0)
        for driver_id in BatchRow.drivers_in(run.id, number)
        for waiting in _undecided(run, driver_id)
    ]
    if undecided:
        told = counted(len(undecided), "payout is", "payouts are")
        raise PayoutsUndecided(f"{told} neither sent nor refused: {period} {undecided[:10]}")
    totals = _totals(run)
    return record.change(
        period,
        lambda run: run if run.finished_at else run.with_changes(finished_at=clock.now(), totals=totals),
    )


def _undecided(run: PayRun, driver_id: str) -> Iterator[str]:
    """Yield the payouts of a driver that the run has to decide, and the statements that are in none yet."""
    parts, payouts = service.waiting(driver_id)
    yield from (part.statement_id for part in parts if part.period <= run.period)
    for payout in payouts:
        is_open = payout.state in (PayoutState.PENDING, PayoutState.INSTRUCTED)
        if is_open and payout.period <= run.period and _is_of(run, payout):
            yield payout.id


def _totals(run: PayRun) -> tuple[StateTotal, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    for some in batched(RunPayoutRow.ids_of(run.id), READ_AT_ONCE, strict=False):
        for payout in PayoutRow.load_many(some):
            held = sums.setdefault((str(payout.state), payout.amount.currency), [0, 0])
            held[0] += 1
            held[1] += payout.amount.amount
    return tuple(
        StateTotal(state=state, count=count, total=Money(amount=amount, currency=currency))
        for (state, currency), (count, amount) in sorted(sums.items())
    )


def every_of_run(period: date, state: PayoutState | None = None) -> Iterator[Payout]:
    """Yield all payouts of a period, or those in one state."""
    cursor: str | None = None
    while True:
        some, cursor = PayoutRow.of_run(period, state, cursor, READ_AT_ONCE)
        yield from some
        if cursor is None:
            return


def count_as_paid(provider: PayoutProvider, clock: Clock) -> int:
    """Count payouts in bank files as paid once banks can no longer return them for want of an account.

    No bank confirms a credit. One that comes back later is taken back from ``paid``. All that are under way are looked
    at, because one that was held goes into a file long after the run that made it.

    Raises
    ------
    ExceptionGroup
        If something failed for some payouts; all others are counted.
    """
    if not provider.collects:
        return 0
    today, counted_now = clock.now().date(), 0
    with Failures("some payouts could not be counted as paid") as failures:
        for payout in _all_in(PayoutState.IN_TRANSIT):
            if payout.effective_on and business_days_after(payout.effective_on, FILED_SETTLES_DAYS) < today:
                with failures.collected("payout_not_counted", payout_id=payout.id):
                    news = PayoutNews(payout_id=payout.id, state=NewsState.PAID, at=clock.now())
                    service.take_news(news, clock, RUN)
                    counted_now += 1
    return counted_now


def send_again(provider: PayoutProvider, clock: Clock) -> int:
    """Send instant payouts again that the provider did not answer when they were ordered; return their number."""
    if provider.collects:
        return 0
    some, _ = PayoutRow.open_in(PayoutState.INSTRUCTED, None, READ_AT_ONCE, clock.now() - ANSWERED_WITHIN)
    instants = [payout for payout in some if payout.speed is Speed.INSTANT]
    for payout in instants:
        try:
            service.send(payout.id, provider, clock)
        except PaymentRailUnavailable as error:
            logger.warning("payout_unanswered", payout_id=payout.id, why=str(error))
    return len(instants)


def tell_of_undecided(clock: Clock, older_than: timedelta) -> int:
    """Count payouts that were made long ago and are neither sent nor refused, as a metric; return their number."""
    before = clock.now() - older_than
    undecided = sum(
        len(PayoutRow.open_in(state, None, READ_AT_ONCE, before)[0])
        for state in (PayoutState.PENDING, PayoutState.INSTRUCTED)
    )
    metrics.add_metric("PayoutsUndecided", MetricUnit.Count, undecided)
    return undecided
