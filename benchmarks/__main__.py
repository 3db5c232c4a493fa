"""List the benchmarks, or their last results: ``python -m benchmarks [results]``."""

import ast
import sys
from pathlib import Path

from rich.table import Table

from benchmarks.support.report import console, results

HERE = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """Return the summary of each benchmark; a module whose docstring has its command is a benchmark."""
    found = {}
    for path in sorted((*HERE.glob("*.py"), *HERE.glob("*/__main__.py"))):
        name = path.parent.name if path.stem == "__main__" else path.stem
        about = ast.get_docstring(ast.parse(path.read_text())) or ""
        if f"python -m benchmarks.{name}" in about:
            found[name] = about.splitlines()[0]
    return found


def show_list() -> None:
    for name, about in benchmarks().items():
        console.print(f"  [cyan]python -m benchmarks.{name:12}[/] {about}", soft_wrap=True)
    console.print("\n  python -m benchmarks results    the last results here, against the goals")


def show_results() -> None:
    table = Table("figure", "found", "goal", "met", "command")
    for name in benchmarks():
        for finding in results(name):
            table.add_row(finding.what, finding.found, finding.goal, finding.verdict, f"python -m benchmarks.{name}")
    console.print(table)


if __name__ == "__main__":
    show_results() if sys.argv[1:] == ["results"] else show_list()
