"""Steps of the settlement cycle, in their order: open, close, write statements, finish.

Payouts are made from the statements afterwards, by a pay run. A step may be repeated: it looks at what is there, does
what is missing and returns the same.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite, counted
from crowdship.kernel.money import Money
from crowdship.settlement import queries, store
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.cycle import record
from crowdship.settlement.cycle.model import PeriodTooLarge
from crowdship.settlement.ledger import BooksDontBalance, Posting
from crowdship.settlement.statements import (
    Statement,
    StatementLine,
    left_standing,
    settling_ids,
    statements_for,
)
from crowdship.settlement.store import PostingRow, StatementPageRow, StatementRow
from crowdship.settlement.trial_balance import TrialBalance, trial_balance

MOST_STATEMENTS = 2_500
"""Statements that a period may have: they are written one by one."""


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


def write_statements(period: date, clock: Clock) -> None:
    """Write the statements of a closed period, and its carried debts.

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


def _write(statement: Statement, lines: tuple[StatementLine, ...], now: datetime) -> None:
    """Write a statement with its carried debt, after its pages: a statement that is there has all pages."""
    for page in StatementPageRow.pages(statement, lines):
        page.save(add_version_condition=False)
    row = StatementRow.of(statement)
    if carried := carry_posting(statement, now):
        store.book(carried, row)
        return
    try:
        store.write(row)
    except StaleWrite:
        if statement not in StatementRow.of_owner(statement.period, statement.owner):
            raise


def finish_period(period: date, clock: Clock) -> TrialBalance:
    """Check a stated period against the log of postings, and note that it is finished.

    Whether debits equal credits is not checked here: a posting that is out of balance can't be read at all.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    BooksDontBalance
        If a statement differs from the postings, or an amount is left on a driver's account that is neither due nor
        carried.
    """
    postings = list(PostingRow.of_period(period))
    record.find(period)
    stated = {statement.id: statement for statement in StatementRow.of_period(period)}
    due = {statement.id: statement for statement, _ in statements_for(period, postings)}
    wrong = sorted(key for key in stated.keys() | due.keys() if stated.get(key) != due.get(key))
    standing = _left_standing(postings, stated.values())
    off_by = sum(abs(_total(stated.get(key)) - _total(due.get(key))) for key in wrong)
    off_by += sum(abs(money.amount) for money in standing.values())
    metrics.add_metric("TrialBalanceDifference", MetricUnit.Count, off_by)
    if wrong or standing:
        left = ", ".join(f"{account} {money}" for account, money in standing.items())
        raise BooksDontBalance(
            f"period {period} is off by {counted(off_by, 'minor unit', 'minor units')}; "
            f"statements that differ: {wrong or 'none'}; left on accounts: {left or 'nothing'}"
        )
    record.note(period, finished_at=clock.now())
    return trial_balance(postings)


def _left_standing(postings: Iterable[Posting], statements: Collection[Statement]) -> dict[str, Money]:
    settling = store.booked_among(posting_id for statement in statements for posting_id in settling_ids(statement))
    return left_standing(postings, settling, statements)


def _total(statement: Statement | None) -> int:
    return statement.sums.total.amount if statement else 0
