"""Steps of the settlement cycle, in their order: open, close, write statements, finish.

Payouts are sent between the last two (``payouts/service``). A step may be repeated: it looks at what is there, does
what is missing and returns the same.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import Row
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite, counted
from crowdship.kernel.money import Money
from crowdship.onboarding import service as onboarding
from crowdship.settlement import queries, store
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.cycle import record
from crowdship.settlement.cycle.model import PayoutsUndecided, PeriodTooLarge
from crowdship.settlement.ledger import BooksDontBalance, Posting
from crowdship.settlement.payouts.model import Payout, PayoutState
from crowdship.settlement.statements import (
    Statement,
    StatementLine,
    left_standing,
    settling_ids,
    statements_for,
)
from crowdship.settlement.store import PayoutRow, PostingRow, StatementPageRow, StatementRow
from crowdship.settlement.trial_balance import TrialBalance, trial_balance

MOST_STATEMENTS = 2_500
"""Statements that a period may have: they are written one by one, and the state machine's history holds as many
payouts."""


def open_period(period: date | None, clock: Clock) -> date:
    """Begin to settle a period, yesterday if none is named; return it.

    Raises
    ------
    Unprocessable
        If the period is in the future, or, except on a local stage, not over.
    PeriodTooLarge
        If it has more postings than the cycle can hold.
    """
    now = clock.now()
    period = period or now.date() - timedelta(days=1)
    record.begin(period, now)
    if (count := PostingRow.count_of(period)) > queries.MOST_POSTINGS:
        most = queries.MOST_POSTINGS
        raise PeriodTooLarge(f"{period} has {count} postings; {most} are the most that the cycle can hold")
    return period


def close_period(period: date, clock: Clock) -> None:
    """Close a period: later postings are booked in the next period that is open.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    """
    record.find(period)
    store.close(period, clock.now())


def write_statements(period: date, clock: Clock) -> list[str]:
    """Write the statements of a closed period, its payouts and its carried debts; return the ids of the payouts.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    Conflict
        If the period is open.
    PeriodTooLarge
        If it has more statements than can be written; then none is written.
    """
    settlement = record.find(period)
    if settlement.closed_at is None:
        raise Conflict("period_open", f"{period} is {settlement.status}; it must be closed before it is stated.")
    if settlement.stated_at is None:
        written = {statement.id for statement in StatementRow.of_period(period)}
        due = statements_for(period, PostingRow.of_period(period))
        if len(due) > MOST_STATEMENTS:
            raise PeriodTooLarge(f"{period} has {len(due)} statements; {MOST_STATEMENTS} are the most")
        for statement, lines in due:
            if statement.id not in written:
                _write(statement, lines, clock.now())
        record.note(period, stated_at=clock.now())
    return [payout_id for statement in StatementRow.of_period(period) if (payout_id := statement.payout_id)]


def _write(statement: Statement, lines: tuple[StatementLine, ...], now: datetime) -> None:
    """Write a statement with its payout and carried debt, after its pages: a statement that is there has all pages."""
    for page in StatementPageRow.pages(statement, lines):
        page.save(add_version_condition=False)
    rows: list[Row] = [StatementRow.of(statement), *(PayoutRow.of(payout) for payout in _payouts_of(statement))]
    if carried := carry_posting(statement, now):
        store.book(carried, *rows)
        return
    try:
        store.write(*rows)
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
            held=onboarding.is_held(statement.driver_id, statement.period),
        )


def finish_period(period: date, clock: Clock) -> TrialBalance:
    """Check a settled period against the log of postings, and note that it is finished.

    Whether debits equal credits is not checked here: a posting that is out of balance can't be read at all.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    BooksDontBalance
        If a statement differs from the postings, or an amount is left on a driver's account that was neither paid nor
        carried.
    PayoutsUndecided
        If a payout is still pending.
    """
    postings = list(PostingRow.of_period(period))
    settled = queries.overview(period)
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
    record.note(period, finished_at=clock.now())
    return trial_balance(postings)


def _left_standing(postings: Iterable[Posting], statements: Iterable[Statement]) -> dict[str, Money]:
    settling = store.booked_among(posting_id for statement in statements for posting_id in settling_ids(statement))
    return left_standing(postings, settling)


def _total(statement: Statement | None) -> int:
    return statement.sums.total.amount if statement else 0
