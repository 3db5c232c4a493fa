"""An evening of many drivers, settled and paid by bank file; and a small one that is killed at every write.

    python -m benchmarks.settle [--drivers 10000] [--deliveries 8] [--failures 0.01] [--killed 10]

The steps are the real ones in the order of their state machines (``benchmarks/money/machines.py``), the tables are in
memory. Bank files and journals are left in ``build/settle``, validated by our check, achlens, achkit, Beancount, and
hledger if it is installed. Then the pay run of the same evening is killed in its middle, and a small evening is killed
before and after each of its writes: what comes of it must be the same rows, totals and bytes.
"""

import argparse
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import achkit
from achlens.core import validate
from beancount import loader

import benchmarks.money.quiet  # noqa: F401 # isort: skip - before what reads the environment
from benchmarks.money.evening import MORNINGS, Evening
from benchmarks.money.offline import offline
from benchmarks.support import prices
from benchmarks.support.report import ROOT, Finding, conclude, progress, show
from crowdship.payouts.nacha.check import check
from crowdship.settlement import store
from crowdship.settlement.exports.formats import Format

OUTPUT = ROOT / "build" / "settle"

CALL_S = 0.01
"""Seconds of one call from a function in the same region, which the tables in memory do not take."""

MEMORY_MB = 1024
SHARDS_OF_KILLED = 2
"""Shards of the small evening's days: fewer writes to kill; their number changes no rule."""

FAILURES_OF_KILLED = 0.4
"""Share of its credits that come back, so that few drivers have returns, too."""

JOURNALS = {Format.HLEDGER: "journal.hledger", Format.BEANCOUNT: "journal.beancount"}


class Measured:
    """Seconds, calls and price of the acts of an evening, by their name."""

    def __init__(self, evening: Evening) -> None:
        self._tables = evening.tables
        self.rows: dict[str, list[float]] = {}

    def act(self, name: str, do: Callable[[], None]) -> None:
        """Do something and add what it took to the figures of its name: seconds, calls, US dollars."""
        tables, begun = self._tables, time.perf_counter()
        calls, read, written = tables.calls.total(), tables.read_units, tables.write_units
        do()
        seconds, made = time.perf_counter() - begun, tables.calls.total() - calls
        usd = (tables.read_units - read) * prices.READ_UNIT + (tables.write_units - written) * prices.WRITE_UNIT
        usd += prices.compute(1, (seconds + made * CALL_S) * 1000, MEMORY_MB)
        row = self.rows.setdefault(name, [0.0, 0.0, 0.0])
        for place, figure in enumerate((seconds, made, usd)):
            row[place] += figure


def settle(evening: Evening, measured: Measured) -> list[str]:
    """Play an evening; return what differs if the pay run of its day is killed in the middle."""
    differs: list[str] = []
    measured.act("book the day's deliveries", evening.fill)
    for day in evening.days:
        first = day == evening.days[0]
        names = ("take in news", "close the day", "pay run") if first else ("mornings after",) * 3
        for name, act in zip(names, evening.acts(day), strict=True):
            before = evening.saved() if name == "pay run" else None
            measured.act(name, act)
            if before:
                differs = _killed_in_the_middle(evening, before, act)
        progress(f"{day} is paid")
    return differs


def _killed_in_the_middle(evening: Evening, before: object, act: Callable[[], None]) -> list[str]:
    """Return what is not the same after an act was killed in its middle; the evening stays as it was after the act."""
    whole, state, totals = evening.saved(), evening.state(), evening.totals()
    evening.restore(before)
    writes = evening.writes_of(act)
    evening.restore(before)
    evening.killed_at(writes // 2, False, act)
    differs = [] if evening.totals() == totals else ["totals"]
    differs += [name for name, rows in evening.state().items() if rows != state[name]]
    evening.restore(whole)
    return differs


def killed_everywhere(drivers: int, days: int = MORNINGS) -> tuple[int, list[str]]:
    """Kill an evening before and after each of its writes; return how often, and what came out otherwise."""
    kills, differs = 0, list[str]()
    with patch.object(store, "SHARDS", SHARDS_OF_KILLED):
        evening = Evening(drivers, deliveries=2, failures=FAILURES_OF_KILLED)
        with offline(evening.tables):
            evening.fill()
            for day in evening.days[:days]:
                for act in evening.acts(day):
                    made, other = _killed_at_each_write(evening, act)
                    kills, differs = kills + made, [*differs, *(f"{day}, {one}" for one in other)]
                progress(f"{day}: {kills} kills")
            differs += evening.faults() if days == MORNINGS else []
    return kills, differs


def _killed_at_each_write(evening: Evening, act: Callable[[], None]) -> tuple[int, list[str]]:
    before = evening.saved()
    writes = evening.writes_of(act)
    whole, state, objects = evening.saved(), evening.state(), dict(evening.bucket.objects)
    differs = []
    for number in range(1, writes + 1):
        for after in (False, True):
            evening.restore(before)
            evening.killed_at(number, after, act)
            if evening.state() != state or evening.bucket.objects != objects:
                differs.append(f"{act}: killed {'after' if after else 'before'} write {number}")
    evening.restore(whole)
    return 2 * writes, differs


def validated(evening: Evening) -> Iterator[Finding]:
    """Leave bank files and journals in ``build/settle``, and yield what validators say of them."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    files = {key: content for key, content in sorted(evening.bucket.objects.items()) if key.endswith(".ach")}
    refused = dict.fromkeys(("our check", "achlens", "achkit"), 0)
    for key, content in files.items():
        (OUTPUT / key.replace("/", "-")).write_bytes(content)
        text = content.decode("ascii")
        refused["our check"] += bool(check(content.splitlines(keepends=True)))
        refused["achlens"] += not validate(text).valid
        refused["achkit"] += not achkit.validate(text)["ok"]
    for name, count in refused.items():
        yield Finding(f"{len(files)} bank files: refused by {name}", str(count), "0", count == 0)
    for format, name in JOURNALS.items():
        (OUTPUT / name).write_bytes(evening.journal(format))
    _, errors, _ = loader.load_file(str(OUTPUT / JOURNALS[Format.BEANCOUNT]))
    yield Finding("journal: errors that Beancount finds", str(len(errors)), "0", not errors)
    if hledger := shutil.which("hledger"):
        yield _balanced(hledger, OUTPUT / JOURNALS[Format.HLEDGER])


def _balanced(hledger: str, journal: Path) -> Finding:
    checked = subprocess.run([hledger, "-f", str(journal), "check"], capture_output=True, text=True, check=False)
    told = checked.stderr.strip().splitlines()
    return Finding("journal: hledger check", told[0] if told else "balanced", "balanced", checked.returncode == 0)


@contextmanager
def _measuring(findings: list[Finding], what: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    findings.append(Finding(f"seconds on this machine: {what}", f"{time.perf_counter() - begun:.0f}"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.settle", description=str(__doc__).splitlines()[0])
    parser.add_argument("--drivers", type=int, default=10_000)
    parser.add_argument("--deliveries", type=int, default=8, help="most deliveries of a driver on the day")
    parser.add_argument("--failures", type=float, default=0.01, help="share of credits that banks return")
    parser.add_argument("--killed", type=int, default=10, help="drivers of the evening that is killed at every write")
    asked = parser.parse_args()
    findings: list[Finding] = []
    evening = Evening(asked.drivers, asked.deliveries, asked.failures)
    measured = Measured(evening)
    with offline(evening.tables):
        differs = settle(evening, measured)
        faults, totals = evening.faults(), evening.totals()
        findings += validated(evening)
    findings.append(Finding("faults in books and bank", ", ".join(faults[:3]) or "none", "none", not faults))
    told = ", ".join(differs) or "nothing"
    findings.append(Finding("pay run killed in its middle: what differs", told, "nothing", not differs))
    with _measuring(findings, "killed at every write"):
        kills, others = killed_everywhere(asked.killed)
    told = ", ".join(others[:3]) or "nothing"
    findings.append(Finding(f"killed {kills} times, at every write: what differs", told, "nothing", not others))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    findings.append(Finding("memory of this process at most, MB (all tables included)", f"{memory:.0f}"))
    rows = [(name, f"{one[0]:.0f}", f"{one[1]:,.0f}", f"{one[2]:.4f}") for name, one in measured.rows.items()]
    title = f"{asked.drivers:,} drivers, {evening.postings:,} deliveries"
    show(title, ("act", "s here", "calls", "USD"), rows, f"USD: tables and functions, {CALL_S * 1000:.0f} ms a call")
    show("payouts", ("state", "number", "USD"), [(s, n, f"{c / 100:,.2f}") for s, (n, c) in totals["payouts"].items()])
    show("calls", ("operation", "number"), evening.tables.calls.most_common())
    conclude("settle", findings, {"totals": totals, "acts": measured.rows, "calls": dict(evening.tables.calls)})


if __name__ == "__main__":
    main()
