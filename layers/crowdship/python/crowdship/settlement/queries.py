"""Queries of the books: statements, trial balance and drivers' lines."""

from collections.abc import Iterable
from datetime import date, timedelta

from crowdship.kernel.errors import NotFound, Unprocessable, counted
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.statements import Statement, StatementLine
from crowdship.settlement.store import DriverLineRow, PostingRow, SettlementRow, StatementPageRow, StatementRow
from crowdship.settlement.trial_balance import TrialBalance, trial_balance

MAX_PERIODS = 31
"""Days that one trial balance may cover."""

MOST_POSTINGS = 20_000
"""Postings that may be read into memory at once, some 19 kB each: a day in the cycle, or the days of a trial
balance."""


def statements(period: date, after: str | None, limit: int) -> list[Statement]:
    """Return at most ``limit`` statements of a period in the order of their owners, those after a cursor."""
    return StatementRow.of_period(period, after, limit)


def every_statement(period: date) -> list[Statement]:
    """Return all statements of a period in the order of their owners."""
    return StatementRow.of_period(period)


def statement_count(period: date) -> int:
    """Return how many statements a period has, without reading them."""
    return StatementRow.count_of(period)


def statements_of(period: date, owner: str, page: int = 0) -> list[tuple[Statement, list[StatementLine]]]:
    """Return one owner's statements of a period, one per currency, each with a page of its lines.

    Parameters
    ----------
    owner : str
        ``driver:<id>`` or ``merchant:<id>``.
    page : int
        Counted from 0.

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
    """Return the trial balance over the periods from ``first`` to ``last``, summed from the log of postings.

    Raises
    ------
    Unprocessable
        If the last day is before the first, or there are too many days or postings.
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


def earned(driver_id: str, period: date) -> list[StatementLine]:
    """Return a driver's lines of a period, in the order of their times."""
    return DriverLineRow.of_driver(driver_id, period)


def settlements(periods: Iterable[date]) -> dict[date, Settlement]:
    """Return the settlements that were begun among some periods."""
    return SettlementRow.load_many(periods)
