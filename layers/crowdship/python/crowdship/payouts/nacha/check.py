"""Check of a payroll file before it goes to the bank: every record, their order, and all counts and totals.

The check knows nothing of the writer, so it also finds what happened to the bytes after they were written. It reads the
file once, record by record, and keeps the trace numbers only.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from crowdship.payouts.nacha.records import BLOCK, LENGTH, MODULUS, PADDING, blocks_of
from crowdship.payouts.nacha.rules import LAYOUTS, RULES, Context, Flaw, characters

MOST_FAULTS = 100
"""Faults that one check lists."""

MAY_FOLLOW = {"": "1", "1": "5", "5": "6", "6": "678", "7": "68", "8": "59", "9": ""}
"""Kinds of records that may follow a kind; the empty text is the begin of the file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a file.

    Parameters
    ----------
    record : int
        Number of the record, counted from 1.
    field : str
        Name of the field, ``record`` for the whole of it.
    rule : str
        Short and stable.
    detail : str
        What would be right; nothing of an account and no name is repeated.
    """

    record: int
    field: str
    rule: str
    detail: str


@dataclass
class Sums:
    """Counts and totals of entries, as controls repeat them."""

    records: int = 0
    hash: int = 0
    cents: int = 0

    def add(self, other: "Sums") -> None:
        """Add those of a batch to those of the file."""
        self.records += other.records
        self.hash = (self.hash + other.hash) % MODULUS
        self.cents += other.cents


@dataclass
class Walk:
    """State between two records."""

    context: Context = field(default_factory=Context)
    before: str = ""
    batch: dict[str, str] = field(default_factory=dict)
    batches: int = 0
    sums: Sums = field(default_factory=Sums)
    of_batch: Sums = field(default_factory=Sums)
    trace: str = ""
    traces: set[int] = field(default_factory=set)
    awaits_addenda: bool = False
    control_at: int | None = None
    blocks: str = ""


def check(lines: Iterable[bytes]) -> list[Fault]:
    r"""Return the faults of a file, ``MOST_FAULTS`` at most; a file that may be sent has none.

    Parameters
    ----------
    lines : iterable of bytes
        Lines with their ends, as a binary file yields them; ``content.splitlines(keepends=True)`` of bytes.

    Examples
    --------
    >>> [fault.rule for fault in check([b"101 091000019\n"])]
    ['record_length', 'file_control', 'blocking']
    """
    return list(islice(_faults(lines), MOST_FAULTS))


def _faults(lines: Iterable[bytes]) -> Iterator[Fault]:
    walk, number = Walk(), 0
    for number, line in enumerate(lines, start=1):
        for flaw in _record(walk, number, line):
            yield Fault(number, flaw.field, flaw.rule, flaw.detail)
    yield from _ending(walk, number)


def _record(walk: Walk, number: int, line: bytes) -> Iterator[Flaw]:
    record = line.removesuffix(b"\n").removesuffix(b"\r").decode("latin-1")
    if len(record) != LENGTH:
        yield Flaw("record", "record_length", f"it has {len(record)} characters; every record has {LENGTH}")
        return
    if walk.control_at is not None:
        if record != PADDING:
            yield Flaw("record", "padding", f"after the file control only records of {LENGTH} nines may stand")
        return
    if record == PADDING:
        yield Flaw("record", "file_control", "nines may only stand after the file control record, which is missing")
        return
    kind = record[0]
    if kind not in LAYOUTS:
        yield Flaw("record_type", "record_type", f"it must be one of {', '.join(LAYOUTS)}")
        return
    if kind not in MAY_FOLLOW[walk.before]:
        right = " or ".join(MAY_FOLLOW[walk.before])
        yield Flaw("record_type", "record_order", f"a record of type {right} must stand here")
    walk.before = kind
    fields = LAYOUTS[kind].read(record)
    yield from characters(record, LAYOUTS[kind])
    yield from RULES[kind](fields, walk.context)
    yield from _in_place(walk, number, kind, fields)


def _in_place(walk: Walk, number: int, kind: str, fields: Mapping[str, str]) -> Iterator[Flaw]:
    """Return the flaws of a record beside those before it."""
    if walk.awaits_addenda and kind != "7":
        yield Flaw("record_type", "addenda", "the entry before announces an addenda record, which must stand here")
        walk.awaits_addenda = False
    match kind:
        case "5":
            yield from _batch_begins(walk, fields)
        case "6":
            yield from _entry(walk, fields)
        case "7":
            yield from _addenda(walk, fields)
        case "8":
            yield from _batch_ends(walk, fields)
        case "9":
            walk.control_at, walk.blocks = number, fields["block_count"]
            yield from _file_ends(walk, fields)


def _batch_begins(walk: Walk, fields: Mapping[str, str]) -> Iterator[Flaw]:
    walk.batch, walk.of_batch = dict(fields), Sums()
    walk.batches += 1
    if _number(fields["batch_number"]) != walk.batches:
        yield Flaw("batch_number", "batch_number", f"{walk.batches:07d} must stand here; batches are counted from 1")


def _entry(walk: Walk, fields: Mapping[str, str]) -> Iterator[Flaw]:
    walk.of_batch.records += 1
    walk.of_batch.hash = (walk.of_batch.hash + _number(fields["receiving_bank"])) % MODULUS
    walk.of_batch.cents += _number(fields["amount"])
    walk.awaits_addenda = fields["addenda_indicator"] == "1"
    trace, before = fields["trace_number"], walk.trace
    if _number(trace) in walk.traces:
        yield Flaw("trace_number", "trace_duplicate", "an earlier entry has this trace number; each is used once")
    elif trace <= before:
        yield Flaw("trace_number", "trace_order", f"it must be above {before}, that of the entry before")
    walk.traces.add(_number(trace))
    walk.trace = max(trace, before)


def _addenda(walk: Walk, fields: Mapping[str, str]) -> Iterator[Flaw]:
    walk.of_batch.records += 1
    if not walk.awaits_addenda:
        yield Flaw("record_type", "addenda", "the entry before announces no addenda record, so none may stand here")
    walk.awaits_addenda = False
    if fields["entry_sequence"] != walk.trace[-7:]:
        detail = f"{walk.trace[-7:]} must stand here, the end of the entry's trace number"
        yield Flaw("entry_sequence", "addenda_sequence", detail)


def _batch_ends(walk: Walk, fields: Mapping[str, str]) -> Iterator[Flaw]:
    for name in ("service_class", "company_id", "odfi", "batch_number"):
        if walk.batch and fields[name] != walk.batch[name]:
            yield Flaw(name, "batch_control", f"{walk.batch[name]!r} must stand here, as in the batch header")
    yield from _totals(fields, walk.of_batch)
    walk.sums.add(walk.of_batch)
    walk.batch, walk.of_batch = {}, Sums()


def _file_ends(walk: Walk, fields: Mapping[str, str]) -> Iterator[Flaw]:
    if _number(fields["batch_count"]) != walk.batches:
        yield Flaw("batch_count", "batch_count", f"{walk.batches:06d} must stand here, the number of batches")
    yield from _totals(fields, walk.sums)


def _totals(fields: Mapping[str, str], sums: Sums) -> Iterator[Flaw]:
    expected = {
        "entry_count": (sums.records, "the number of entries and addenda"),
        "entry_hash": (sums.hash, "the sum of the receiving banks' eight digits, of which the last ten count"),
        "total_debit": (0, "no entry is a debit"),
        "total_credit": (sums.cents, "the sum of the entries' amounts"),
    }
    for name, (value, meaning) in expected.items():
        if _number(fields[name]) != value:
            yield Flaw(name, name, f"{value:0{len(fields[name])}d} must stand here: {meaning}")


def _ending(walk: Walk, records: int) -> Iterator[Fault]:
    control = walk.control_at
    if control is None:
        yield Fault(records, "record", "file_control", "the file must end with a file control record")
    elif _number(walk.blocks) != blocks_of(control):
        detail = f"{blocks_of(control):06d} must stand here, the number of blocks of {BLOCK} records"
        yield Fault(control, "block_count", "block_count", detail)
    if records % BLOCK or records == 0:
        detail = f"the file has {records} records; their number must be a multiple of {BLOCK}"
        yield Fault(records, "record", "blocking", detail)
    elif control and records != blocks_of(control) * BLOCK:
        yield Fault(records, "record", "padding", "nines must fill the block of the file control, and no further one")


def _number(text: str) -> int:
    """Return a number, or -1 if it is none: what is no number is told by the rules of characters."""
    return int(text) if text.isascii() and text.isdigit() else -1
