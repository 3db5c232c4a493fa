"""Closing a day of the ledger: seconds, memory, calls and price of each step, by the number of postings.

    python -m benchmarks.ledger --postings 1000000

The steps are the real ones; the table is in memory (``benchmarks/support/memory_tables.py``), filled for each piece and
emptied after it. Postings are deliveries: 30 a day for each driver, and a tenth of all at one large merchant.
"""

import argparse
import os
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import fmean
from typing import Any

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "none")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "none")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Bench")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "bench")

from benchmarks.support.memory_tables import MemoryTables
from benchmarks.support.prices import READ_UNIT, WRITE_UNIT
from benchmarks.support.report import Finding, conclude
from crowdship.adapters.storage import Row
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.money import Money
from crowdship.settlement import store
from crowdship.settlement.accounts import DRIVER_PAYABLE, FEES, MERCHANT_RECEIVABLE
from crowdship.settlement.cycle import record, stating, steps
from crowdship.settlement.ledger import Posting, PostingKind, entry, posting_id_for
from crowdship.settlement.sums import part_of

DAY = date(2026, 3, 2)
SETTLEMENT = "crowdship-settlement"
PER_DRIVER = 30
MERCHANTS = 5_000
LARGE_SHARE = 10
"""One posting in so many is the large merchant's."""

TIMEOUT_S = 900
CALL_S = 0.01
"""Seconds of one call of DynamoDB from a function in the same region, which the table in memory does not take."""


@dataclass
class Measured:
    """Figures of the pieces of one step."""

    seconds: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    usd: float = 0.0

    @property
    def slowest(self) -> float:
        """The longest piece, with the time on the wire that the table in memory does not take."""
        return max(one + calls * CALL_S for one, calls in zip(self.seconds, self.calls, strict=True))


def posting_of(number: int, drivers: int) -> Posting:
    """Return the n-th posting of the day."""
    merchant = 0 if number % LARGE_SHARE == 0 else 1 + number % (MERCHANTS - 1)
    receivable = MERCHANT_RECEIVABLE.of(f"mer_{merchant:020d}")
    payable = DRIVER_PAYABLE.of(f"drv_{number % drivers:020d}")

    def usd(amount: int) -> Money:
        return Money(amount=amount, currency="USD")

    entries = (
        *entry(receivable, usd(599), "base"),
        *entry(receivable, usd(401 + number % 100), "distance"),
        *entry(receivable, usd(300), "tip"),
        *entry(payable, usd(-325), "base"),
        *entry(payable, usd(-175 - number % 50), "time"),
        *entry(payable, usd(-300), "tip"),
        *entry(FEES, usd(175 + number % 50 + 325 - 599 - 401 - number % 100), "fee"),
    )
    time_of = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=number % 86_400, microseconds=number % 1_000_000)
    return Posting.caused_by(
        f"evt_{number:022d}",
        PostingKind.DELIVERY,
        time_of,
        entries,
        delivery_id=f"dlv_{number:022d}",
        external_id=f"order-{number}",
    )


def item_of(row: Row) -> dict[str, Any]:
    """Return a row as DynamoDB stores it."""
    found: dict[str, Any] = row.serialize()
    return found


class Day:
    """A day with so many postings, of which single shards and parts are brought into the table."""

    def __init__(self, size: int, table: MemoryTables) -> None:
        self.size, self._table = size, table
        self.drivers = max(1, size // PER_DRIVER)
        self._in_shard: dict[int, list[int]] = defaultdict(list)
        for number in range(size):
            self._in_shard[store.shard_of(posting_id_for(f"evt_{number:022d}"), DAY)].append(number)

    def fill_shard(self, shard: int) -> str:
        """Bring in the postings of a shard; return its partition."""
        pk = ""
        for number in self._in_shard[shard]:
            row = store.PostingRow.of(posting_of(number, self.drivers))
            pk = row.pk
            self._table.put(SETTLEMENT, item_of(row))
        return pk

    def fill_part(self, part: int) -> list[str]:
        """Bring in the lines of a part's drivers and merchants; return their partitions."""
        filled = set()
        mine = {number for number in range(self.drivers) if part_of(f"driver:drv_{number:020d}:payable") == part}
        shops = {number for number in range(MERCHANTS) if part_of(f"merchant:mer_{number:020d}:receivable") == part}
        for number in range(self.size):
            merchant = 0 if number % LARGE_SHARE == 0 else 1 + number % (MERCHANTS - 1)
            if number % self.drivers in mine or merchant in shops:
                for row in store.LineRow.of(posting_of(number, self.drivers)):
                    filled.add(row.pk)
                    self._table.put(SETTLEMENT, item_of(row))
        return sorted(filled)


def measured(figures: Measured, table: MemoryTables, act: Callable[[], object]) -> None:
    """Do one piece of a step and note what it took."""
    calls, read, written, begun = table.calls.total(), table.read_units, table.write_units, time.process_time()
    act()
    figures.seconds.append(time.process_time() - begun)
    figures.calls.append(table.calls.total() - calls)
    figures.usd += (table.read_units - read) * READ_UNIT + (table.write_units - written) * WRITE_UNIT


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.ledger", description=str(__doc__).splitlines()[0])
    parser.add_argument("--postings", type=int, default=100_000)
    parser.add_argument("--parts", type=int, default=4, help="parts to state, of 64")
    parser.add_argument("--shards", type=int, default=store.SHARDS, help="shards to sum; parts are stated after all")
    asked = parser.parse_args()
    clock = FixedClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))
    summing, stating_figures = Measured(), Measured()
    with MemoryTables().answering() as table:
        day = Day(asked.postings, table)
        record.begin(DAY, clock.now())
        steps.close_period(DAY, clock)
        for shard in store.shards_of(DAY)[: asked.shards]:
            pk = day.fill_shard(shard)
            measured(summing, table, partial(stating.sum_shards, DAY, [shard]))
            table.drop(SETTLEMENT, pk)
        of_parts = state_some(day, asked.parts, stating_figures, table, clock) if asked.shards == store.SHARDS else 0
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    of_shards = store.SHARDS / asked.shards
    usd = summing.usd * of_shards + stating_figures.usd * of_parts
    found = [
        Finding("a shard: seconds of processor on this machine, mean", f"{fmean(summing.seconds):.1f}"),
        _within("a shard: slowest, with 10 ms a call", summing.slowest),
        Finding("a shard: calls, mean", f"{fmean(summing.calls):.0f}"),
    ]
    if of_parts:
        found += [
            Finding("a part: seconds of processor on this machine, mean", f"{fmean(stating_figures.seconds):.1f}"),
            _within("a part: slowest, with 10 ms a call (the large merchant's)", stating_figures.slowest),
            Finding("a part: calls, mean", f"{fmean(stating_figures.calls):.0f}"),
        ]
    found += [
        Finding("memory of this process at most, MB (a shard's rows included)", f"{memory_mb:.0f}"),
        Finding(f"USD for the table, {'all' if of_parts else 'shards alone'}", f"{usd:.2f}"),
    ]
    size = {"postings": asked.postings, "drivers": day.drivers, "merchants": MERCHANTS, "shards": asked.shards}
    conclude("ledger", found, {"size": size})


def state_some(day: "Day", count: int, figures: Measured, table: MemoryTables, clock: FixedClock) -> float:
    """State some parts, that of the large merchant among them; return by how much all are more."""
    parts = steps.plan_parts(DAY).items
    large = part_of(f"merchant:mer_{0:020d}:receivable")
    chosen = [large, *random.Random(1).sample([one for one in parts if one != large], count - 1)]
    for part in chosen:
        filled = day.fill_part(part)
        measured(figures, table, partial(stating.state_parts, DAY, [part], clock))
        for pk in filled:
            table.drop(SETTLEMENT, pk)
    return len(parts) / len(chosen)


def _within(what: str, seconds: float) -> Finding:
    return Finding(what, f"{seconds:.0f} s", f"< {TIMEOUT_S} s", seconds < TIMEOUT_S)


if __name__ == "__main__":
    main()
