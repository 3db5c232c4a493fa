"""Use cases of settlement: booking, the steps of the cycle, and what staff and drivers read.

Every step of the cycle may be repeated: it looks at what is there, does what is missing and answers the same.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.settings import open_days_may_be_settled
from crowdship.adapters.storage import Row, UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, StaleWrite, Unprocessable, counted
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.settlement import store
from crowdship.settlement.ledger import Posting, TrialBalance, adjustment, posting_for, trial_balance
from crowdship.settlement.model import (
    BooksDontBalance,
    CycleExecutions,
    Earnings,
    Overview,
    PaymentRail,
    Payout,
    PayoutRejected,
    PayoutState,
    PayoutsUndecided,
    PeriodTooLarge,
    Settlement,
)
from crowdship.settlement.statements import (
    Line,
    Statement,
    carry_for,
    left_standing,
    payout_id_for,
    settling_ids,
    statements_for,
)
from crowdship.settlement.store import (
    DriverLineRow,
    PayoutRow,
    PostingRow,
    SettlementRow,
    StatementPageRow,
    StatementRow,
)

MAX_PERIODS = 31
"""Periods that one trial balance may cover."""

MOST_POSTINGS = 20_000
"""The most that are read into memory at once: a day in the cycle, or the days of a trial balance; some 19 kB each."""

MOST_STATEMENTS = 2_500
"""The most of a period: they are written one by one, and the cycle's state machine holds as many payouts' history."""

CATCH_UP_DAYS = 92
"""The daily start looks this far back for periods that were missed."""

MAX_ATTEMPTS = 100
"""How often a settlement may be started; more would be a fault that starting again does not mend."""


def _commit(*rows: Row) -> None:
    work = UnitOfWork()
    for row in rows:
        work.store(row)
    work.commit()


# Booking


def post(event: DomainEvent) -> Posting | None:
    """Book what a closed delivery costs and earns; once, however often the event comes."""
    posting = posting_for(event) if event.livemode else None
    return store.book(posting) if posting else None


def adjust(reference: str, driver_id: str, amount: Money, note: str, clock: Clock, *, by: str) -> Posting:
    """Correct what a driver is due, once per ``reference``.

    Raises
    ------
    NotFound
        If there is no such driver.
    Conflict
        If the reference was used for another correction.
    """
    drivers.get(driver_id)
    asked = adjustment(reference, driver_id, amount, note, clock.now(), by)
    booked = store.book(asked)
    if (booked.entries, booked.note) != (asked.entries, asked.note):
        detail = f"{reference} was another correction, of {booked.period}; give this one a name of its own."
        raise Conflict("reference_used", detail, "/reference")
    return booked


# The cycle


def open_period(period: date | None, clock: Clock) -> date:
    """Begin to settle a period, yesterday unless another is named; return it.

    Raises
    ------
    Unprocessable
        If the period is still to come, or, in production, not over.
    PeriodTooLarge
        If it has more postings than the cycle can hold.
    """
    now = clock.now()
    period = period or now.date() - timedelta(days=1)
    _begun(period, now)
    if (count := PostingRow.count_of(period)) > MOST_POSTINGS:
        raise PeriodTooLarge(f"{period} has {count} postings; {MOST_POSTINGS} are the most that the cycle can hold")
    return period


def _begun(period: date, now: datetime) -> Settlement:
    if period > now.date():
        raise Unprocessable(
            "period_to_come",
            f"{period} is still to come, today is {now.date()}; settle a day that is over.",
            "/period",
        )
    if period == now.date() and not open_days_may_be_settled():
        over = period + timedelta(days=1)
        raise Unprocessable("period_not_over", f"{period} is not over; settle it from {over}T00:00:00Z on.", "/period")
    if settlement := SettlementRow.load(period):
        return settlement
    try:
        return _save(Settlement.of(period, now))
    except StaleWrite:
        return _settlement(period)


def _settlement(period: date) -> Settlement:
    settlement = SettlementRow.load(period)
    if settlement is None:
        raise NotFound("not_settled", f"Nobody began to settle {period}; POST /v1/staff/settlements begins it.")
    return settlement


def _save(settlement: Settlement) -> Settlement:
    _commit(SettlementRow.of(settlement))
    return settlement.with_changes(stored_version=settlement.stored_version + 1)


def _note(period: date, **moments: datetime) -> None:
    """Note when something was first done; others may write the same settlement at the same time."""

    def attempt() -> None:
        settlement = _settlement(period)
        new = {name: moment for name, moment in moments.items() if getattr(settlement, name) is None}
        if new:
            _save(settlement.with_changes(**new))

    persistently(attempt)


def book_missing(period: date) -> int:
    """Book what closed deliveries of a day owe and no event brought; return how many postings that were.

    The postings are those that the events would have made, so an event that arrives after all changes nothing.
    """
    made = 0
    for some in batched(deliveries.settling_on(period), deliveries.READ_AT_ONCE, strict=False):
        due = (posting_for(event) for delivery in some for event in settling_events(delivery))
        postings = {posting.id: posting for posting in due if posting}
        for posting_id in sorted(store.not_booked(postings)):
            posting = store.book(postings[posting_id])
            logger.error("delivery_not_booked", delivery_id=posting.delivery_id, posting_id=posting.id)
            made += 1
    if made:
        metrics.add_metric("DeliveriesNotBooked", MetricUnit.Count, made)
    return made


def close(period: date, clock: Clock) -> None:
    """Close a period: what comes later is booked in the next that is open."""
    _settlement(period)
    store.close(period, clock.now())


def state(period: date, clock: Clock) -> list[str]:
    """Write the statements of a closed period, its payouts and carried debts; return the ids of the payouts.

    Raises
    ------
    Conflict
        If the period is open.
    PeriodTooLarge
        If there would be more statements than can be written; then none is.
    """
    settlement = _settlement(period)
    if settlement.closed_at is None:
        raise Conflict("period_open", f"{period} is {settlement.progress}; it must be closed before it is stated.")
    if settlement.stated_at is None:
        written = {statement.id for statement in StatementRow.of_period(period)}
        due = statements_for(period, PostingRow.of_period(period))
        if len(due) > MOST_STATEMENTS:
            raise PeriodTooLarge(f"{period} has {len(due)} statements; {MOST_STATEMENTS} are the most")
        for statement, lines in due:
            if statement.id not in written:
                _write(statement, lines, clock.now())
        _note(period, stated_at=clock.now())
    return [payout_id for statement in StatementRow.of_period(period) if (payout_id := statement.payout_id)]


def _write(statement: Statement, lines: tuple[Line, ...], now: datetime) -> None:
    """Write a statement with what follows from it; its pages first, so that one that is there is whole."""
    for page in StatementPageRow.pages(statement, lines):
        page.save(add_version_condition=False)
    rows: list[Row] = [
        StatementRow.of(statement),
        *(PayoutRow.of(payout) for payout in _payouts_of(statement)),
    ]
    carried = carry_for(statement, now)
    if carried:
        store.book(carried, *rows)
        return
    try:
        _commit(*rows)
    except StaleWrite:
        if statement not in StatementRow.of_owner(statement.period, statement.owner):
            raise


def _payouts_of(statement: Statement) -> Iterator[Payout]:
    if statement.driver_id and statement.payout_id:
        yield Payout(
            id=statement.payout_id,
            driver_id=statement.driver_id,
            period=statement.period,
            amount=statement.sums.total,
        )


def payout(payout_id: str) -> Payout:
    """Return a payout.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = PayoutRow.load(payout_id)
    if found is None:
        raise NotFound("no_such_payout", f"There is no payout {payout_id}.")
    return found


def pay(payout_id: str, rail: PaymentRail, clock: Clock) -> Payout:
    """Send a payout, once: reserve it in the ledger, hand it to the rail, note that it was sent.

    The rail knows a repeated payout by its id, so dying after any of the three and doing it again pays once.

    Raises
    ------
    PayoutRejected
        If the rail refuses it.
    PaymentRailUnavailable
        If the rail did not say what became of it.
    """
    pending = payout(payout_id)
    if pending.state is not PayoutState.PENDING:
        return pending
    store.book(pending.reservation(clock.now()))
    transfer_id = rail.transfer(pending)
    try:
        return _decided(pending.sent(transfer_id, clock.now()))
    except StaleWrite:
        return _sent_meanwhile(payout_id, transfer_id)


def _decided(decided: Payout) -> Payout:
    _commit(PayoutRow.of(decided))
    return decided


def _sent_meanwhile(payout_id: str, transfer_id: str) -> Payout:
    """Return the payout that another run of the same step marked as sent."""
    current = payout(payout_id)
    if current.state is not PayoutState.SENT:
        raise BooksDontBalance(f"the rail sent {payout_id} as {transfer_id}, but it is {current.state} here")
    return current


def compensate(payout_id: str, error: dict[str, Any], clock: Clock) -> Payout:
    """Give a refused payout back to the driver's balance, by a reversal that marks it failed in one write.

    Parameters
    ----------
    error : dict
        ``Error`` and ``Cause`` as the state machine caught them. Only a refusal is given back: after any
        other error the money may have left, so the payout stays pending, to be asked for again under its key.
    """
    refused = payout(payout_id)
    if refused.state is not PayoutState.PENDING:
        return refused
    if error.get("Error") != PayoutRejected.__name__:
        logger.error("payout_undecided", payout_id=payout_id, error=error)
        return refused
    now = clock.now()
    store.book(refused.reversal(now), PayoutRow.of(refused.failed(_reason(error), now)))
    return payout(payout_id)


def _reason(error: dict[str, Any]) -> str:
    """Return why the rail refused, from the cause that Lambda gives the state machine as JSON."""
    cause = str(error.get("Cause", ""))
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause or "refused"


def finish(period: date, clock: Clock) -> TrialBalance:
    """Check a settled period against the log of postings, and note that it is finished.

    That debits equal credits needs no check here: a posting that is out of balance can't even be read.

    Raises
    ------
    BooksDontBalance
        If a statement differs from what the postings say, or something is left on a driver's account that was
        neither paid nor carried on.
    PayoutsUndecided
        If a payout is still pending.
    """
    postings = list(PostingRow.of_period(period))
    settled = overview(period)
    stated = {statement.id: statement for statement in settled.statements}
    due = {statement.id: statement for statement, _ in statements_for(period, postings)}
    wrong = sorted(key for key in stated.keys() | due.keys() if stated.get(key) != due.get(key))
    undecided = [payout.id for payout in settled.payouts if payout.state is PayoutState.PENDING]
    standing = {} if undecided else _left_standing(postings, settled.statements)
    off_by = sum(abs(_total(stated.get(key)) - _total(due.get(key))) for key in wrong)
    off_by += sum(abs(money.amount) for money in standing.values())
    metrics.add_metric("TrialBalanceDifference", MetricUnit.Count, off_by)
    if wrong or standing:
        left = ", ".join(f"{account} {money}" for account, money in standing.items())
        raise BooksDontBalance(
            f"period {period} is off by {counted(off_by, 'minor unit', 'minor units')}; "
            f"statements that differ: {wrong or 'none'}; left on accounts: {left or 'nothing'}"
        )
    if undecided:
        raise PayoutsUndecided(
            f"{counted(len(undecided), 'payout is', 'payouts are')} neither sent nor refused: {period} {undecided[:10]}"
        )
    _note(period, finished_at=clock.now())
    return trial_balance(postings)


def _left_standing(postings: Iterable[Posting], statements: Iterable[Statement]) -> dict[str, Money]:
    settling = store.booked_among(posting_id for statement in statements for posting_id in settling_ids(statement))
    return left_standing(postings, settling)


def _total(statement: Statement | None) -> int:
    return statement.sums.total.amount if statement else 0


# What staff and drivers do and read


def start(period: date, executions: CycleExecutions, clock: Clock) -> tuple[Settlement, bool]:
    """Start the cycle for a period unless it runs or has run; return the settlement and if it was started.

    Two requests at once start one execution; the attempt goes up only after one failed.
    """
    settlement = _begun(period, clock.now())
    if settlement.finished_at:
        return settlement, False
    return _executed(settlement, executions)


def _executed(settlement: Settlement, executions: CycleExecutions) -> tuple[Settlement, bool]:
    """Run the cycle for a period, or leave it to the execution that runs; return whether this started one."""
    period = settlement.period
    for attempt in range(max(settlement.attempt, 1), MAX_ATTEMPTS + 1):
        arn, started = executions.start(period, attempt)
        if started or not executions.has_failed(arn):
            return _started(period, attempt, arn), started
    raise Conflict("too_many_attempts", f"{period} was started {MAX_ATTEMPTS} times and failed; find out why.")


def catch_up(executions: CycleExecutions, clock: Clock) -> list[date]:
    """Start the cycle for yesterday and each period before that was missed, failed, or never reported; return them.

    The first period that is looked at is the oldest that somebody began, ``CATCH_UP_DAYS`` back at most; on a platform
    that never settled one it is yesterday. One that runs is left to run; one that can't be started stops no other.
    """
    yesterday = clock.now().date() - timedelta(days=1)
    days = [yesterday - timedelta(days=back) for back in range(CATCH_UP_DAYS, -1, -1)]
    known = SettlementRow.load_many(days)
    oldest = min(known, default=yesterday)
    missed = [day for day in days if day >= oldest and not (day in known and known[day].is_done)]
    return [day for day in missed if _starts(day, executions, clock)]


def _starts(period: date, executions: CycleExecutions, clock: Clock) -> bool:
    try:
        return _executed(_begun(period, clock.now()), executions)[1]
    except Conflict as error:
        logger.error("settlement_not_started", period=str(period), why=str(error))
        return False


def _started(period: date, attempt: int, execution_arn: str) -> Settlement:
    """Note an execution; the cycle that it runs writes the same settlement at the same time."""

    def note() -> Settlement:
        settlement = _settlement(period)
        if settlement.attempt > attempt or settlement.execution_arn == execution_arn:
            return settlement
        return _save(settlement.with_changes(attempt=attempt, execution_arn=execution_arn))

    return persistently(note)


def overview(period: date) -> Overview:
    """Return the settlement of a period with its statements and payouts.

    Raises
    ------
    NotFound
        If nobody began it.
    """
    settlement = _settlement(period)
    written = StatementRow.of_period(period)
    ids = [payout_id for statement in written if (payout_id := statement.payout_id)]
    payouts = sorted(PayoutRow.load_many(ids), key=lambda payout: ids.index(payout.id))
    return Overview(settlement=settlement, statements=tuple(written), payouts=tuple(payouts))


def statements(period: date, after: str | None, limit: int) -> list[Statement]:
    """Return statements of a period in the order of their owners, from after a cursor on."""
    return StatementRow.of_period(period, after, limit)


def statements_of(period: date, owner: str, page: int = 0) -> list[tuple[Statement, list[Line]]]:
    """Return one owner's statements of a period with a page of their lines, one statement per currency.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = StatementRow.of_owner(period, owner)
    if not found:
        raise NotFound("no_such_statement", f"{owner} has no statement for {period}; check both.")
    return [(statement, StatementPageRow.lines_of(statement.id, page)) for statement in found]


def balance(first: date, last: date) -> TrialBalance:
    """Return the trial balance over some periods, straight from the log.

    Raises
    ------
    Unprocessable
        If there are too many of them or of their postings, or they are in the wrong order.
    """
    days = (last - first).days + 1
    if not 1 <= days <= MAX_PERIODS:
        raise Unprocessable(
            "period_range",
            f"{first} to {last} is {counted(days, 'day', 'days')}; ask for 1 to {MAX_PERIODS}.",
            "/query/to",
        )
    periods = [first + timedelta(days=day) for day in range(days)]
    if (count := sum(PostingRow.count_of(period) for period in periods)) > MOST_POSTINGS:
        detail = f"{first} to {last} has {count} postings, {MOST_POSTINGS} are the most; ask for fewer days."
        raise Unprocessable("too_many_postings", detail, "/query/to")
    return trial_balance(posting for period in periods for posting in PostingRow.of_period(period))


def earnings(driver_id: str, period: date) -> Earnings:
    """Return a driver's lines of a period, and the payouts that settle it."""
    lines = DriverLineRow.of_driver(driver_id, period)
    currencies = sorted({line.currency for line in lines})
    found = (PayoutRow.load(payout_id_for(driver_id, period, currency)) for currency in currencies)
    return Earnings(lines=tuple(lines), payouts=tuple(payout for payout in found if payout))


def note_reported(period: date, clock: Clock) -> None:
    """Note that finance was told of a settled period."""
    _note(period, reported_at=clock.now())
