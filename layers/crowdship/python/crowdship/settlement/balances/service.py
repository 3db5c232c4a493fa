"""Queries of balances: the trial balance of some days, what an account holds, and its statement line by line.

Closed days are read from stored balances. What is booked on an open day is summed when it is asked for.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import batched, islice

from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import Unprocessable, counted
from crowdship.settlement.accounts import kind_of
from crowdship.settlement.balances.model import AccountState, AccountStatement, StatedLine
from crowdship.settlement.balances.store import BalanceRow, DayRow, TotalsRow, parts_of_days
from crowdship.settlement.lines import Line, holder_of
from crowdship.settlement.store import LineRow, PostingRow, SettlementRow
from crowdship.settlement.sums import Columns, Key, Sheet, Tally, added, effects_of, groups_of, part_of
from crowdship.settlement.trial_balance import TrialBalance

MAX_PERIODS = 31
"""Days that one trial balance may cover."""

MOST_DAYS = 366
"""Days that one account statement may cover."""

MOST_OPEN_POSTINGS = 20_000
"""Postings of an open day that are summed while somebody waits, some five seconds; a closed day has no limit."""

LOOK_BACK = timedelta(days=92)
"""Time in which a day that is not closed is looked for; the daily start looks back as far."""

EARLIEST = date(2000, 1, 1)
"""Day before which no books are asked for."""

BOOKED_AHEAD = timedelta(days=1)
"""Postings after the close of today, on a stage where that may be, are booked tomorrow."""

PLACE = re.compile(r"[0-9]{2}#[^#]+#[A-Z]{3}")
LINE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\|[^|]+")


def trial_balance(first: date, last: date, cursor: str | None = None, limit: int = 1000) -> TrialBalance:
    """Return a page of the accounts over the periods from ``first`` to ``last``, with the groups of all accounts.

    Accounts come in the order of their part, then by name.

    Raises
    ------
    Unprocessable
        ``period_range`` if the last day is before the first, or there are too many days; ``day_is_open`` if an open day
        has too many postings to be summed at once; ``bad_cursor``.
    """
    _must_be_span(first, last, MAX_PERIODS, "/query/to")
    query = f"{first}/{last}"
    after = position_of(cursor, PLACE, query) if cursor else ""
    closed = {totals.period: totals.sheet for totals in TotalsRow.between(first, last)}
    live = [_summed(day) for day in _days(first, last) if day not in closed]
    begin = int(after[:2]) if after else 0
    days = [DayRow.parts_from(day, begin) for day in closed] + [_parts(sheet, begin) for sheet in live]
    lines = (
        (f"{part:02d}#{key.name}#{key.currency}", key, columns)
        for part, sheet in parts_of_days(days)
        for key, columns in sorted(sheet.items())
    )
    page = list(islice((line for line in lines if line[0] > after), limit + 1))
    following = cursor_of(page[limit - 1][0], query) if len(page) > limit else None
    groups = added([*closed.values(), *(groups_of(sheet) for sheet in live)])
    return TrialBalance.of(((key, columns) for _, key, columns in page[:limit]), groups, following)


def state_of(account: str, clock: Clock) -> list[AccountState]:
    """Return what an account holds now, by currency: posted, reserved, and available.

    Raises
    ------
    ValueError
        If it is not in the chart of accounts.
    """
    today = clock.now().date()
    open_days = _open_days(today)
    closed = _closed(account, today + BOOKED_AHEAD, open_days)
    sheet = added([closed, *(_live(account, day) for day in open_days)])
    return [AccountState.of(key, columns) for key, columns in sorted(sheet.items())]


def statement_of(
    account: str, first: date, last: date, cursor: str | None, limit: int, clock: Clock
) -> AccountStatement:
    """Return an account's opening and closing balances of some days, with a page of what was booked between them.

    Lines come in the order of their days and times.

    Raises
    ------
    Unprocessable
        ``no_such_account`` if it is not in the chart; ``period_range`` if the span is none or too long; ``bad_cursor``.
    """
    try:
        kind_of(account)
    except ValueError as error:
        raise Unprocessable("no_such_account", f"{error}; docs/ledger.md lists its kinds.", "/path/account") from error
    _must_be_span(first, last, MOST_DAYS, "/query/last")
    query = f"{account}/{first}/{last}"
    position = position_of(cursor, LINE, query) if cursor else ""
    open_days = _open_days(clock.now().date(), _days(first, last)[:MAX_PERIODS])
    before = [_live(account, day) for day in open_days if day < first]
    opening = added([_closed(account, first - timedelta(days=1), open_days), *before])
    moved = [(day, columns) for day, columns in _moved(account, first, last) if day not in open_days]
    within = [day for day in open_days if first <= day <= last]
    closing = added([opening, *(columns for _, columns in moved), *(_live(account, day) for day in within)])
    days = sorted({day for day, _ in moved}.union(within))
    page = list(islice(_lines(account, days, position), limit + 1))
    following = cursor_of(_position(page[limit - 1]), query) if len(page) > limit else None
    return AccountStatement.of(account, first, last, opening, closing, page[:limit], following)


def _position(line: StatedLine) -> str:
    return f"{line.period}|{line.cursor}"


def _lines(account: str, days: list[date], position: str) -> Iterator[StatedLine]:
    day_after, _, after = position.partition("|")
    for day in days:
        if str(day) < day_after:
            continue
        for line in LineRow.of_holder(holder_of(account), day, after if str(day) == day_after else None):
            if own := StatedLine.of(account, line):
                yield own


def _summed(day: date) -> Sheet:
    if (about := PostingRow.estimate_of(day)) > MOST_OPEN_POSTINGS:
        detail = f"{day} is open and has about {about} postings; its balances are there once it is closed."
        raise Unprocessable("day_is_open", detail, "/query/to")
    return Tally.of(PostingRow.of_period(day)).accounts


def _parts(sheet: Sheet, begin: int) -> Iterator[tuple[int, Sheet]]:
    parts: dict[int, Sheet] = {}
    for key, columns in sheet.items():
        parts.setdefault(part_of(key.name), {})[key] = columns
    return ((part, parts[part]) for part in sorted(parts) if part >= begin)


def _moved(account: str, first: date | None, last: date) -> Iterator[tuple[date, Sheet]]:
    for day, currency, columns in BalanceRow.days_of(account, first, last):
        yield day, {Key(account, currency): columns}


def _closed(account: str, last: date, open_days: list[date]) -> Sheet:
    """Return the stored sums of an account until a day. What is stored of an open day is not checked, and left out."""
    return added(columns for day, columns in _moved(account, None, last) if day not in open_days)


def _open_days(today: date, asked: Iterable[date] = ()) -> list[date]:
    """Return the days that may have postings and have no balances that were checked, in their order.

    Parameters
    ----------
    asked : iterable of date, optional
        Days to look at even if they were before the first that was ever settled.
    """
    recent = set(_days(today - LOOK_BACK, today + BOOKED_AHEAD))
    days = sorted(recent.union(asked))
    known = {
        day: one for some in batched(days, 100, strict=False) for day, one in SettlementRow.load_many(some).items()
    }
    oldest = min(known, default=today - timedelta(days=1))
    looked_at = {day for day in recent if day >= min(oldest, today)}.union(asked)
    return [day for day in days if day in looked_at and not (day in known and known[day].finished_at)]


def _live(account: str, day: date) -> Sheet:
    return added(_sheet(account, line) for line in LineRow.of_holder(holder_of(account), day))


def _sheet(account: str, line: Line) -> Sheet:
    figures = [0, 0, 0, 0]
    for one, column, amount in effects_of(line.phase, line.entries, line.releases):
        if one.account == account:
            figures[column] += amount
    return {Key(account, line.currency): Columns.of(figures)} if any(figures) else {}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _must_be_span(first: date, last: date, most: int, parameter: str) -> None:
    days = (last - first).days + 1
    if first < EARLIEST:
        raise Unprocessable("period_range", f"{first} is before all books; ask from {EARLIEST} on.", parameter)
    if not 1 <= days <= most:
        detail = f"{first} to {last} is {counted(days, 'day', 'days')}; ask for 1 to {most}."
        raise Unprocessable("period_range", detail, parameter)
