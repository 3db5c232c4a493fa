"""What a benchmark says and leaves behind."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "benchmarks"

console = Console(highlight=False)
if not console.is_terminal:
    console.width = 130


@dataclass(frozen=True)
class Finding:
    """One figure, and the goal it was measured against; ``met`` is None where there is no goal."""

    what: str
    found: str
    goal: str = "-"
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """``met`` as a word."""
        return {True: "yes", False: "no", None: "-"}[self.met]


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "processor": processor,
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 2**20, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], note: str = "") -> None:
    """Print a table; all but its first column are figures."""
    table = Table(title=title, title_justify="left", caption=note, caption_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def progress(text: str) -> None:
    """Say how far it is, to a person who waits."""
    if console.is_terminal:
        console.print(f"  {text:60}", end="\r", markup=False)


def conclude(name: str, findings: Sequence[Finding], details: dict[str, Any]) -> None:
    """Print the figures that have goals, and keep the whole result."""
    rows = [(finding.what, finding.found, finding.goal, finding.verdict) for finding in findings]
    show("against the goals", ("figure", "found", "goal", "met"), rows)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "findings": [asdict(finding) for finding in findings],
        **details,
    }
    path = OUTPUT / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    console.print(f"  {path.relative_to(ROOT)}")


def results(name: str) -> list[Finding]:
    """Return what a benchmark last found here; nothing if it never ran."""
    try:
        told = json.loads((OUTPUT / f"{name}.json").read_text())
    except FileNotFoundError:
        return []
    return [Finding(**finding) for finding in told["findings"]]


def keep_picture(name: str, figure: Any) -> None:
    """Write a matplotlib figure."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / f"{name}.png"
    figure.savefig(path, dpi=120, bbox_inches="tight")
    console.print(f"  {path.relative_to(ROOT)}")
