"""Summing and stating a closed day, in pieces that are done side by side.

A shard's postings are counted one by one. The counts of a part of the accounts then say what each statement must be
and what each balance is. A statement itself is made from its owner's own lines; that both agree is the check that no
line and no posting is missing. What is stored already is not written again but compared.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import batched

from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite
from crowdship.settlement import store
from crowdship.settlement.balances.store import BalanceRow, Check, CheckRow, DayRow, PartRow, ShardRow
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.cycle import record
from crowdship.settlement.lines import Line
from crowdship.settlement.statements import LINES_PER_PAGE, Statement, StatementLine, SumTally, stated, statement_for
from crowdship.settlement.store import LineRow, PostingRow, StatementPageRow, StatementRow
from crowdship.settlement.sums import Key, Sheet, Tally, differences

STATED_AT_ONCE = 100
"""Owners whose statements are looked up together."""

MOST_NAMED = 10
"""Differences of a part that are named; the sum counts all."""


def sum_shards(period: date, shards: Iterable[int]) -> int:
    """Count the postings of some shards of a closed period; return how many there are.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    Conflict
        If the period is open.
    """
    _must_be_closed(period)
    counted = 0
    for shard in shards:
        tally = Tally.of(PostingRow.of_shard(period, shard))
        ShardRow.keep(period, shard, tally)
        counted += tally.postings
    return counted


def state_parts(period: date, parts: Iterable[int], clock: Clock) -> None:
    """Write or compare the balances and statements of some parts of a closed period.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    Conflict
        If the period is open.
    """
    _must_be_closed(period)
    for part in parts:
        accounts, owners, shards = PartRow.counted(period, part)
        wrong = _stated(period, owners, shards, clock)
        wrong |= {key: amount for key, amount in _balanced(period, part, accounts).items() if key not in wrong}
        CheckRow.keep(
            period,
            Check(
                part=part,
                off_by=sum(wrong.values()),
                wrong=tuple("#".join(key) for key in sorted(wrong))[:MOST_NAMED],
                statements=len(owners),
                accounts=len(accounts),
            ),
        )


def _must_be_closed(period: date) -> None:
    settlement = record.find(period)
    if settlement.closed_at is None:
        raise Conflict("period_open", f"{period} is {settlement.status}; it must be closed before it is stated.")


def _balanced(period: date, part: int, counted: Sheet) -> dict[Key, int]:
    """Store the balances of a part, or return by how much those differ that are stored."""
    kept = DayRow.of_part(period, part)
    if not kept:
        BalanceRow.keep(period, counted)
        DayRow.keep(period, part, counted)
        return {}
    by_account = BalanceRow.among(period, kept.keys() | counted.keys())
    return differences(kept, counted) | differences(by_account, counted)


def _stated(period: date, due: dict[Key, SumTally], shards: dict[str, set[int]], clock: Clock) -> dict[Key, int]:
    """Write the statements of some owners that are not written; return by how much which differ from the postings."""
    wrong = {}
    for some in batched(sorted(due), STATED_AT_ONCE, strict=False):
        written = StatementRow.among(period, some)
        for key in some:
            expected = statement_for(period, *key, due[key])
            found = written.get(key) or _write(expected, shards[key.name], clock)
            if found != expected:
                wrong[key] = max(1, abs((found.sums.total - expected.sums.total).amount))
        wrong |= _not_carried([statement for key, statement in written.items() if key not in wrong], clock)
    return wrong


def _not_carried(written: Iterable[Statement], clock: Clock) -> dict[Key, int]:
    """Return the debts of statements that no posting carries on, though one must have been booked with each."""
    due = {carried.id: one for one in written if (carried := carry_posting(one, clock.now()))}
    booked = {posting.id for posting in store.booked_among(due)}
    missing = (one for posting_id, one in due.items() if posting_id not in booked)
    return {Key(one.owner, one.currency): max(1, abs(one.sums.total.amount)) for one in missing}


def _write(expected: Statement, shards: set[int], clock: Clock) -> Statement:
    """Write a statement from its owner's lines, after its pages: a statement that is there has all pages."""
    tally = SumTally()
    for page, lines in enumerate(batched(_lines_of(expected, shards), LINES_PER_PAGE, strict=False)):
        StatementPageRow.of(expected.id, page, lines).save(add_version_condition=False)
        for line in lines:
            tally.add(line)
    statement = statement_for(expected.period, expected.owner, expected.currency, tally)
    if statement != expected:
        return statement
    row = StatementRow.of(statement)
    if carried := carry_posting(statement, clock.now()):
        store.book(carried, row)
        return statement
    try:
        store.write(row)
    except StaleWrite:
        if statement not in StatementRow.of_owner(statement.period, statement.owner):
            raise
    return statement


def _lines_of(statement: Statement, shards: set[int]) -> Iterator[StatementLine]:
    lines: Iterator[Line] = LineRow.of_holder(statement.owner, statement.period, shards=shards)
    for line in lines:
        if line.currency == statement.currency and (told := stated(statement.owner, line)):
            yield told
