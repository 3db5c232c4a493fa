"""Queries of the books: settlements, statements, trial balance and drivers' earnings."""

from collections.abc import Iterable
from datetime import date, timedelta

from crowdship.kernel.errors import NotFound, Unprocessable, counted
from crowdship.settlement.cycle import record
from crowdship.settlement.cycle.model import Overview
from crowdship.settlement.payouts.model import Payout
from crowdship.settlement.statements import DriverEarnings, Statement, StatementLine, payout_id_for
from crowdship.settlement.store import DriverLineRow, PayoutRow, PostingRow, StatementPageRow, StatementRow
from crowdship.settlement.trial_balance import TrialBalance, trial_balance

MAX_PERIODS = 31
"""Days that one trial balance may cover."""

MOST_POSTINGS = 20_000
"""Postings that may be read into memory at once, some 19 kB each: a day in the cycle, or the days of a trial
balance."""


def overview(period: date) -> Overview:
    """Return the settlement of a period with its statements and payouts.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    """
    settlement = record.find(period)
    written = StatementRow.of_period(period)
    ids = [payout_id for statement in written if (payout_id := statement.payout_id)]
    payouts = sorted(PayoutRow.load_many(ids), key=lambda payout: ids.index(payout.id))
    return Overview(settlement=settlement, statements=tuple(written), payouts=tuple(payouts))


def statements(period: date, after: str | None, limit: int) -> list[Statement]:
    """Return at most ``limit`` statements of a period in the order of their owners, those after a cursor."""
    return StatementRow.of_period(period, after, limit)


def payouts(payout_ids: Iterable[str]) -> list[Payout]:
    """Return the payouts that exist among some ids, in no order."""
    return PayoutRow.load_many(payout_ids)


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


def earnings(driver_id: str, period: date) -> DriverEarnings:
    """Return a driver's lines of a period, and the payouts that settle it."""
    lines = DriverLineRow.of_driver(driver_id, period)
    currencies = sorted({line.currency for line in lines})
    found = (PayoutRow.load(payout_id_for(driver_id, period, currency)) for currency in currencies)
    return DriverEarnings(lines=tuple(lines), payouts=tuple(payout for payout in found if payout))
