"""Bank files: the time to write and to check many credits, and the memory that writing takes.

python -m benchmarks.nacha [--credits N]
"""

import argparse
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from tempfile import TemporaryFile

from benchmarks.support.report import Finding, conclude
from crowdship.kernel.money import Money
from crowdship.payouts.nacha.check import check
from crowdship.payouts.nacha.model import Credit, FileNames, Originator
from crowdship.payouts.nacha.writer import write

CREDITS = 100_000
FEW = 1_000
GOAL_S = 60
"""Seconds for 100,000 credits: a fifth of the longest run of a function of ours."""

ORIGINATOR = Originator(
    bank_routing_number="091000019",
    destination="091000019",
    destination_name="BANK",
    origin="1364455667",
    company_name="CROWDSHIP",
    company_id="1364455667",
)
NAMES = FileNames(datetime(2026, 11, 30, 8, tzinfo=UTC), date(2026, 12, 1))


def some(count: int) -> Iterator[Credit]:
    for number in range(count):
        yield Credit(
            reference=f"{number:015d}",
            routing_number="021000021",
            account_number=f"{number:010d}",
            kind="checking",
            name="Zoë Łukasik-Müller",
            amount=Money(amount=10_000 + number, currency="USD"),
        )


def timed(count: int) -> tuple[float, float, list[object]]:
    """Return seconds of writing and of checking, and the faults."""
    with TemporaryFile() as file:
        began = time.perf_counter()
        for _ in write(ORIGINATOR, NAMES, some(count), lambda number: file):
            pass
        written = time.perf_counter()
        file.seek(0)
        faults: list[object] = list(check(file))
        return written - began, time.perf_counter() - written, faults


def peak(count: int) -> int:
    """Return the most bytes that writing holds."""
    with TemporaryFile() as file:
        tracemalloc.start()
        for _ in write(ORIGINATOR, NAMES, some(count), lambda number: file):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.nacha", description=str(__doc__).splitlines()[0])
    parser.add_argument("--credits", type=int, default=CREDITS)
    count = parser.parse_args().credits
    writing, checking, faults = timed(count)
    few, many = peak(FEW), peak(FEW * 10)
    grown = many / few
    findings = [
        Finding(
            f"Bank file of {count:,} credits: written, checked",
            f"{writing:.1f} s, {checking:.1f} s",
            f"{GOAL_S} s together",
            writing + checking <= GOAL_S,
        ),
        Finding("The same, faults that the check finds", str(len(faults)), "0", not faults),
        Finding(f"Memory of writing {FEW * 10:,} credits beside {FEW:,}", f"{grown:.2f} times", "2 times", grown < 2),
    ]
    conclude("nacha", findings, {"credits": count, "bytes_held": [few, many]})


if __name__ == "__main__":
    main()
