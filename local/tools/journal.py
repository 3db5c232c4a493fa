"""Export the journal of the running platform, and let Beancount and hledger balance it: ``make journal``."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta

from rich.console import Console

from local.city.results.journal import balanced
from local.city.town import staff_of
from local.layers import ROOT
from local.running import NotRunningError, RunningStack


def main() -> int:
    """Export and balance; return the exit status."""
    parser = argparse.ArgumentParser(prog="make journal", description=str(__doc__))
    parser.add_argument("--first", type=date.fromisoformat, help="a day; today of the platform if left out")
    parser.add_argument("--last", type=date.fromisoformat, help="a day; the one after the first if left out")
    asked = parser.parse_args()
    console = Console(highlight=False)
    try:
        stack = RunningStack.load()
    except NotRunningError as error:
        console.print(f"[red]{error}[/]")
        return 1
    first = asked.first or datetime.fromtimestamp(stack.clock.sim_now(), UTC).date()
    found = balanced(staff_of(stack), first, asked.last or first + timedelta(days=1))
    for one in found:
        verdict = "[green]balances[/]" if not one.faults else f"[red]{'; '.join(one.faults[:3])}[/]"
        console.print(f"  {one.program:10} {one.file.relative_to(ROOT)}  {verdict}")
    return 1 if any(one.faults for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
