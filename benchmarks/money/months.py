"""Months of a world: the empty days before its first one, the close of its month by staff, and what must stay closed.

Every world lives over the end of a month. Staff try to close it before its last day is settled, which is refused, and
close it some hours or days after that, while late events of its days still come.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from benchmarks.money import machines
from benchmarks.money.offline import offline
from benchmarks.money.people import FIRST
from benchmarks.support.memory_tables import MemoryTables
from crowdship.kernel.clock import FixedClock
from crowdship.settlement.accounts import kind_of
from crowdship.settlement.ledger import Phase, Side
from crowdship.settlement.months import service as months
from crowdship.settlement.months.model import MonthClose
from crowdship.tax import tally

if TYPE_CHECKING:
    from benchmarks.money.ended import Ended
    from benchmarks.money.world import World

CLOSES_AT = time(4, 30, tzinfo=UTC)
"""The moment of each morning at which the day before is closed."""

TOO_EARLY = time(1, tzinfo=UTC)
"""The moment after a month's last day at which staff try to close it, before that day is settled."""

MOST_HOURS = 20
"""Hours after its last day within which a month is closed."""


@dataclass(frozen=True)
class ClosedMonth:
    """A month as it was when it was closed: its record, and the bodies of its postings by key."""

    record: MonthClose
    rows: dict[tuple[str, str], str]


@cache
def _days_before(first: date) -> Any:
    tables, day = MemoryTables(), first.replace(day=1)
    if first > FIRST:
        tables.restore(_days_before(FIRST))
        day = FIRST
    clock = FixedClock(datetime.combine(first, CLOSES_AT))
    with offline(tables):
        while day < first:
            clock.moment = datetime.combine(day + timedelta(days=1), CLOSES_AT)
            machines.close(day, clock)
            day += timedelta(days=1)
        tally.tally_closed_days(clock)
    return tables.saved()


def begin(world: "World") -> None:
    """Let the days of the month before a world's first one be closed, without a posting, and staff close it later."""
    world.tables.restore(_days_before(world.first))
    month = f"{world.first:%Y-%m}"
    over = (world.first.replace(day=1) + timedelta(days=31)).replace(day=1)
    later = timedelta(hours=5, minutes=world.random.randrange(MOST_HOURS * 60))
    for moment in (datetime.combine(over, TOO_EARLY), datetime.combine(over, time(tzinfo=UTC)) + later):
        world.at(moment, "close month", partial(_close, world, month))


def _close(world: "World", month: str) -> None:
    closed = months.close(month, "ana", world.clock)
    world.months.setdefault(month, ClosedMonth(closed, rows_of(world, month)))


def rows_of(world: "World", month: str) -> dict[tuple[str, str], str]:
    """Return the postings of a month as they are stored, by key."""
    begins = f"PERIOD#{month}-"
    rows = ((item["pk"]["S"], item["sk"]["S"], item) for item in world.tables.tables["crowdship-settlement"].every())
    return {(pk, sk): item["body"]["S"] for pk, sk, item in rows if pk.startswith(begins) and sk.startswith("POSTING#")}


def closed_months_stay_closed(ended: "Ended") -> Iterator[str]:
    """Find a month that is not closed although it is over, or whose postings or totals are not those of its close."""
    world = ended.world
    if (month := f"{world.first:%Y-%m}") not in world.months:
        yield f"{month} is over and not closed"
    for month, closed in world.months.items():
        yield from (f"{sk} was booked or changed in {month} after its close" for sk in _changed(world, month, closed))
        postings = [one for one in ended.postings if f"{one.period:%Y-%m}" == month]
        if closed.record.postings != len(postings):
            yield f"{month} was closed with {closed.record.postings} postings, its days have {len(postings)}"
        sums: Counter[tuple[str, str, Side]] = Counter()
        for posting in postings:
            if posting.phase is Phase.POSTED:
                for entry in posting.entries:
                    sums[kind_of(entry.account).group, entry.amount.currency, entry.side] += entry.amount.amount
        kept = {
            (group.group, column.currency, side): column.amount
            for group in closed.record.groups
            for side, column in ((Side.DEBIT, group.debit), (Side.CREDIT, group.credit))
            if column.amount
        }
        if kept != sums:
            yield f"the trial balance of {month} at its close is not that of its days now"


def _changed(world: "World", month: str, closed: ClosedMonth) -> list[str]:
    now = rows_of(world, month)
    return sorted(
        {sk for (pk, sk) in now.keys() | closed.rows.keys() if now.get((pk, sk)) != closed.rows.get((pk, sk))}
    )
