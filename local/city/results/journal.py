"""The journal of some days, exported and balanced by programs that know nothing of ours: Beancount, and hledger."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import requests

from local.city.api import Caller
from local.layers import ROOT

FOLDER = ROOT / "build" / "journal"
LONGEST_S = 60.0


class JournalError(Exception):
    """An export was not made in time."""


@dataclass(frozen=True)
class Balanced:
    """Finding of another program on the journal.

    Parameters
    ----------
    program : str
        Its name.
    file : Path
        The journal that it read.
    faults : tuple of str
        What it does not accept; empty if the journal balances.
    """

    program: str
    file: Path
    faults: tuple[str, ...]


def export(staff: Caller, first: date, last: date, form: str) -> Path:
    """Export the journal of some days in a format and return the file.

    Raises
    ------
    JournalError
        If it takes too long.
    """
    asked = staff.post("/v1/staff/ledger/exports", {"first": str(first), "last": str(last), "format": form})
    deadline = time.monotonic() + LONGEST_S
    while not (told := staff.get(f"/v1/staff/ledger/exports/{asked['export_id']}"))["url"]:
        if time.monotonic() > deadline:
            raise JournalError(f"the export {asked['export_id']} is {told['state']} after {LONGEST_S:.0f} s")
        time.sleep(0.5)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / str(told["file_name"])
    answer = requests.get(told["url"], timeout=30)
    answer.raise_for_status()
    file.write_bytes(answer.content)
    return file


def by_beancount(file: Path) -> Balanced:
    """Let Beancount read a journal."""
    from beancount import loader

    _, errors, _ = loader.load_file(str(file))
    return Balanced("beancount", file, tuple(str(error.message) for error in errors))


def by_hledger(file: Path) -> Balanced | None:
    """Let hledger read a journal; None if it is not installed."""
    program = shutil.which("hledger")
    if program is None:
        return None
    checked = subprocess.run([program, "check", "-f", str(file)], check=False, capture_output=True, text=True)
    return Balanced("hledger", file, (checked.stderr.strip(),) if checked.returncode else ())


def balanced(staff: Caller, first: date, last: date) -> list[Balanced]:
    """Export the journal of some days for each program that is there, and return what they find."""
    found = [by_beancount(export(staff, first, last, "beancount"))]
    if shutil.which("hledger") and (checked := by_hledger(export(staff, first, last, "hledger"))):
        found.append(checked)
    return found
