"""List the benchmarks, or what they last found: ``python -m benchmarks [results]``."""

import sys
from importlib import import_module

from rich.table import Table

from benchmarks.report import console, results

NAMES = ("api", "first_offer", "imports", "calls", "idle", "memory")


def show_list() -> None:
    for name in NAMES:
        about = str(import_module(f"benchmarks.{name}").__doc__).splitlines()[0]
        console.print(f"  [cyan]python -m benchmarks.{name:12}[/] {about}")
    console.print("\n  python -m benchmarks results    what they last found here, against the goals")


def show_results() -> None:
    table = Table("figure", "found", "goal", "met", "command")
    for name in NAMES:
        for finding in results(name):
            table.add_row(finding.what, finding.found, finding.goal, finding.verdict, f"python -m benchmarks.{name}")
    console.print(table)


if __name__ == "__main__":
    show_results() if sys.argv[1:] == ["results"] else show_list()
