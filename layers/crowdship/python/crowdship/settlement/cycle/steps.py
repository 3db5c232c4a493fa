"""Steps by which a day is closed: open, close, sum, state, finish; ``stating`` has the two that run side by side.

A step may be repeated: it looks at what is there, does what is missing and returns the same. A day that is finished
may go through the steps from ``sum`` on again, which then compare what is stored with the postings.
"""

from collections import Counter
from datetime import date, timedelta

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, counted
from crowdship.settlement import store
from crowdship.settlement.balances.store import CheckRow, DayRow, DayTotals, ShardRow, TotalsRow, figures_of, sheet_of
from crowdship.settlement.cycle import record
from crowdship.settlement.cycle.model import PartsMissing, Piece
from crowdship.settlement.ledger import BooksDontBalance
from crowdship.settlement.store import PostingRow, StatementRow
from crowdship.settlement.sums import PARTS, added, differences, off_by

POSTINGS_AT_ONCE = 40_000
"""Postings that one call counts, if a shard has fewer: some 20 s."""

ACCOUNTS_AT_ONCE = 2_000
"""Accounts that one call states, if a part has fewer: some two minutes."""


def open_period(period: date | None, clock: Clock) -> Piece:
    """Begin to settle a period, yesterday if none is named; return it with its shards.

    Raises
    ------
    Unprocessable
        If the period is in the future, or, except on a local stage, not over.
    """
    now = clock.now()
    period = period or now.date() - timedelta(days=1)
    record.begin(period, now)
    return _shards(period)


def reopened(period: date) -> Piece:
    """Return the shards of a period that is closed, to compare it.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    Conflict
        If it is not finished.
    """
    settlement = record.find(period)
    if settlement.finished_at is None:
        raise Conflict("not_finished", f"{period} is {settlement.status}; only a finished period can be compared.")
    return _shards(period)


def _shards(period: date) -> Piece:
    shards = store.shards_of(period)
    of_each = PostingRow.estimate_of(period) // len(shards)
    at_once = POSTINGS_AT_ONCE // max(of_each, 1)
    return Piece(period=period, items=tuple(shards), at_once=min(max(at_once, 1), len(shards)))


def close_period(period: date, clock: Clock) -> None:
    """Close a period: later postings are booked in the next period that is open.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    """
    record.find(period)
    store.close(period, clock.now())


def plan_parts(period: date) -> Piece:
    """Return the parts of a summed period: those that were counted, and those that were stored before.

    Raises
    ------
    PartsMissing
        If a shard was not counted.
    """
    counts = ShardRow.of_period(period)
    if missing := set(store.shards_of(period)) - counts.keys():
        raise PartsMissing(f"{period}: shards {sorted(missing)} are not counted; count them first")
    parts = {part for count in counts.values() for part in count.pages}
    parts |= {part for part in CheckRow.of_period(period) if part < PARTS}
    postings = sum(count.postings for count in counts.values())
    at_once = ACCOUNTS_AT_ONCE * PARTS // max(postings, 1)
    return Piece(period=period, items=tuple(sorted(parts)), at_once=min(max(at_once, 1), PARTS))


def finish_period(period: date, clock: Clock) -> DayTotals:
    """Check that all of a stated period agrees with its postings, and note that it is finished; return its totals.

    Debits equal credits in each posting, because one that is out of balance can't be read. What is checked are the
    sums: of all shards against those of all parts, and of both against what is stored.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    PartsMissing
        If a part was not stated.
    BooksDontBalance
        If statements or balances differ from the postings.
    """
    record.find(period)
    counts, checks = ShardRow.of_period(period), CheckRow.of_period(period)
    parts = {part for count in counts.values() for part in count.pages}
    if missing := parts - checks.keys():
        raise PartsMissing(f"{period}: parts {sorted(missing)} are not stated; state them first")
    groups = added(sheet_of(count.groups) for count in counts.values())
    wrong = Counter({name: check.off_by for check in checks.values() for name in check.wrong[:1] if check.off_by})
    wrong.update({f"difference {currency}": abs(amount) for currency, amount in off_by(groups).items() if amount})
    if (written := StatementRow.count_of(period)) != (due := sum(check.statements for check in checks.values())):
        wrong["statements"] += abs(written - due)
    hashed, accounts = DayRow.hashed(period)
    totals = DayTotals(
        period=period,
        postings=sum(count.postings for count in counts.values()),
        accounts=accounts,
        groups=figures_of(groups),
        hash=hashed,
    )
    before = TotalsRow.load(period)
    if before and before != totals:
        stored = sum(differences(before.sheet, groups).values()) or 1
        wrong["totals"] += stored
    _tell(period, wrong, [name for check in checks.values() for name in check.wrong])
    TotalsRow.keep(totals)
    record.note(period, stated_at=clock.now(), finished_at=clock.now())
    return totals


def _tell(period: date, wrong: Counter[str], named: list[str]) -> None:
    off = wrong.total()
    metrics.add_metric("TrialBalanceDifference", MetricUnit.Count, off)
    if off:
        raise BooksDontBalance(
            f"period {period} is off by {counted(off, 'minor unit', 'minor units')} in "
            f"{', '.join(named or sorted(wrong))}"
        )
