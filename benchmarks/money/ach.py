"""A reader of bank files by columns of the Nacha format, which shares no code with the room that writes them.

It checks each file by itself; ``bank_files`` compares them with each other and with the ledger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

WIDTH, BLOCK = 94, 10
HASHED = 10**10
CREDITS = ("22", "32")
"""Codes of credits to checking and savings accounts."""


@dataclass(frozen=True)
class Entry:
    """An entry of a file.

    Attributes
    ----------
    bank, account : str
        Routing number and account number of whoever is paid.
    day, modifier : str
        Day on which its file was made, and which one of that day it is.
    """

    reference: str
    trace: str
    code: str
    bank: str
    account: str
    cents: int
    day: str
    modifier: str

    @property
    def driver(self) -> int:
        """Number of the driver whose account it is: nine digits of each simulated account, after two of changes."""
        return int(self.account[2:11])


def _lines(content: bytes) -> list[str]:
    return content.decode("ascii").split("\n")


def _columns(line: str, first: int, last: int) -> str:
    return line[first - 1 : last]


def _number(line: str, first: int, last: int) -> int:
    return int(_columns(line, first, last))


def entries_of(content: bytes) -> list[Entry]:
    """Return the entries of a file."""
    lines = _lines(content)
    day, modifier = _columns(lines[0], 24, 29), _columns(lines[0], 34, 34)
    return [
        Entry(
            reference=_columns(line, 40, 54),
            trace=_columns(line, 80, 94),
            code=_columns(line, 2, 3),
            bank=_columns(line, 4, 12),
            account=_columns(line, 13, 29).strip(),
            cents=_number(line, 30, 39),
            day=day,
            modifier=modifier,
        )
        for line in lines
        if line[:1] == "6"
    ]


def name_of(content: bytes) -> str:
    """Return what tells a file from others: the moment at which it was made, and which one of that day it is."""
    return _columns(_lines(content)[0], 24, 34)


def returned_in(content: bytes) -> set[str]:
    """Return the references of the entries that a bank's file, or the part of it that is there, gives back."""
    lines = _lines(content)
    whole = ((one, other) for one, other in pairwise(lines) if len(one) == len(other) == WIDTH)
    return {_columns(one, 40, 54) for one, other in whole if one[0] == "6" and other[:2] == "79" and other[3] == "R"}


def faults_of(content: bytes) -> Iterator[str]:
    """Yield what is wrong with a file by itself: its records, their order, and the totals of its controls."""
    *lines, rest = _lines(content)
    if rest or len(lines) % BLOCK or any(len(line) != WIDTH for line in lines):
        yield "its records do not fill blocks of ten"
        return
    kinds = "".join(line[0] for line in lines).rstrip("9") + "9"
    if kinds[0] != "1" or kinds[1] != "5" or kinds[-2:] != "89":
        yield f"its records are {kinds}"
        return
    batch: list[str] = []
    batches = 0
    for line in lines[1 : len(kinds) - 1]:
        batch.append(line)
        if line[0] == "8":
            batches += 1
            yield from _faults_of_batch(batch)
            batch = []
    entries, control = [line for line in lines if line[0] == "6"], lines[len(kinds) - 1]
    said = (
        *(_number(control, 2, 7), _number(control, 8, 13), _number(control, 14, 21)),
        *(_number(control, 22, 31), _number(control, 32, 43), _number(control, 44, 55)),
    )
    if said != (found := (batches, len(lines) // BLOCK, len(entries), *_sums(entries))):
        yield f"its control says {said}, there are {found}"


def _sums(entries: Iterable[str]) -> tuple[int, int, int]:
    """Return the hash, the debits and the credits of some entries."""
    listed = list(entries)
    hashed = sum(_number(line, 4, 11) for line in listed) % HASHED
    return hashed, 0, sum(_number(line, 30, 39) for line in listed)


def _faults_of_batch(batch: list[str]) -> Iterator[str]:
    header, *entries, control = batch
    if header[0] != "5" or {line[0] for line in entries} != {"6"}:
        yield "a batch has other records than entries"
        return
    said = (_number(control, 5, 10), _number(control, 11, 20), _number(control, 21, 32), _number(control, 33, 44))
    if said != (found := (len(entries), *_sums(entries))):
        yield f"a batch's control says {said}, there are {found}"
    traces = [_columns(line, 80, 94) for line in entries]
    if traces != sorted(set(traces)) or any(trace[:8] != _columns(header, 80, 87) for trace in traces):
        yield "its trace numbers do not rise"
    made = _columns(header, 70, 75)
    if date(2000 + int(made[:2]), int(made[2:4]), int(made[4:])).weekday() > 4:
        yield f"it is to arrive at a weekend, {made}"
