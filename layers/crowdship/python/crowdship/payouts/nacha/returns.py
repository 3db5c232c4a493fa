"""Reader of the files in which a bank returns credits and corrects accounts.

A return is an entry with an addenda record of type 99, a correction one with type 98. Whatever is damaged or unknown
becomes a record with a fault, and everything else is read all the same, also from a file that is there in part only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from crowdship.kernel.money import Money
from crowdship.payouts.bank.codes import RETURNS
from crowdship.payouts.nacha.codes import CHANGES, CODE, KIND_OF
from crowdship.payouts.nacha.model import CURRENCY
from crowdship.payouts.nacha.records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    CHANGE_ADDENDA,
    ENTRY,
    FILE_HEADER,
    LENGTH,
    PADDING,
    RETURN_ADDENDA,
)
from crowdship.payouts.nacha.rules import day_of, is_routing_number
from crowdship.payouts.provider import BankReturn

REFERENCE = re.compile(r"[0-9A-Z]{15}")
ACCOUNT_NUMBER = re.compile(r"[0-9A-Z-]{1,17}")
TRACE = re.compile(r"[0-9]{15}")

KINDS = {
    "R": ("99", RETURN_ADDENDA, "reason_code"),
    "C": ("98", CHANGE_ADDENDA, "change_code"),
}
"""Type, layout and name of the code of an addenda record by the first letter of the code."""


@dataclass(frozen=True)
class Place:
    """State of the reader between two records."""

    made_on: date | None = None
    entry: Mapping[str, str] = field(default_factory=dict)
    entry_line: int = 0
    records: int = 0
    ended: bool = False


def returns_in(content: bytes) -> list[BankReturn]:
    """Return the returns and corrections of a file in their order; nothing raises.

    Parameters
    ----------
    content : bytes
        The file, or a part of it; records end with a line feed, with carriage return and line feed, or follow each
        other without an end.

    Examples
    --------
    >>> [(record.line, record.fault) for record in returns_in(b"R02 4000123")]
    [(1, 'the record has 11 characters; every record has 94'), (1, 'the file ends before its control record')]
    """
    return list(_records(content))


def _records(content: bytes) -> Iterator[BankReturn]:
    place, line = Place(), 0
    for line, record in enumerate(_lines(content), start=1):
        place, told = _read(place, line, record)
        yield from told
    if place.entry:
        yield _without_addenda(place)
    if not place.ended:
        yield BankReturn(line=max(line, 1), fault="the file ends before its control record")


def _lines(content: bytes) -> Iterator[str]:
    text = content.decode("latin-1")
    if "\n" not in text and len(text) > LENGTH:
        yield from (text[start : start + LENGTH] for start in range(0, len(text), LENGTH))
        return
    for record in text.split("\n"):
        if stripped := record.rstrip("\r"):
            yield stripped


def _read(place: Place, line: int, record: str) -> tuple[Place, list[BankReturn]]:
    told = []
    if place.entry and record[:1] != "7":
        told.append(_without_addenda(place))
        place = replace(place, entry={})
    if len(record) != LENGTH:
        detail = f"the record has {len(record)} characters; every record has {LENGTH}"
        return place, [*told, BankReturn(line=line, fault=detail)]
    if record == PADDING:
        return place, told
    match record[0]:
        case "1":
            place = Place(made_on=day_of(FILE_HEADER.read(record)["creation_date"]))
        case "5":
            made_on = place.made_on or day_of(BATCH_HEADER.read(record)["effective_date"])
            place = replace(place, made_on=made_on, records=0, ended=False)
        case "6":
            place = replace(place, entry=ENTRY.read(record), entry_line=line, records=place.records + 1)
        case "7":
            told.append(_addenda(place, line, record))
            place = replace(place, entry={}, records=place.records + 1)
        case "8":
            told += _control(place, line, record)
        case "9":
            place = replace(place, ended=True)
        case _:
            told.append(BankReturn(line=line, fault="no kind of record begins like this"))
    return place, told


def _without_addenda(place: Place) -> BankReturn:
    detail = "no addenda record follows the entry, so nothing says why it comes"
    return _of_entry(place, place.entry_line).model_copy(update={"fault": detail})


def _control(place: Place, line: int, record: str) -> Iterator[BankReturn]:
    said = BATCH_CONTROL.read(record)["entry_count"]
    if said != f"{place.records:06d}":
        detail = f"the control counts {said} entries and addenda, and {place.records:06d} are there; some may be lost"
        yield BankReturn(line=line, fault=detail)


def _of_entry(place: Place, line: int) -> BankReturn:
    """Return what the entry alone says."""
    reference = place.entry.get("individual_id", "").strip()
    amount = place.entry.get("amount", "")
    return BankReturn(
        line=line,
        reference=reference if REFERENCE.fullmatch(reference) else None,
        amount=Money(amount=int(amount), currency=CURRENCY) if amount.isascii() and amount.isdigit() else None,
        on=place.made_on,
    )


def _addenda(place: Place, line: int, record: str) -> BankReturn:
    code = RETURN_ADDENDA.read(record)["reason_code"]
    if not (code[0] in KINDS and code[1:].isascii() and code[1:].isdigit()):
        return _of_entry(place, line).model_copy(update={"fault": "the addenda record has no code of a return"})
    addenda_type, layout, _ = KINDS[code[0]]
    fields = layout.read(record)
    trace = fields["original_trace"]
    read = _of_entry(place, line).model_copy(update={"code": code, "trace": trace if TRACE.fullmatch(trace) else None})
    if fault := _fault(place, read, fields, addenda_type):
        return read.model_copy(update={"fault": fault})
    return _corrected(read, fields["corrected"].rstrip()) if code[0] == "C" else read


def _fault(place: Place, read: BankReturn, fields: Mapping[str, str], addenda_type: str) -> str | None:
    if not place.entry:
        return "no entry stands before the addenda record, so its amount and reference are missing"
    if fields["addenda_type"] != addenda_type:
        return f"the addenda record has the type {fields['addenda_type']}; with {read.code} it must be {addenda_type}"
    if read.code not in RETURNS and read.code not in CHANGES:
        return f"{read.code} is no code that is known for credits, so a person has to look at it"
    if read.trace is None and read.reference is None:
        return "neither the original trace number nor the reference can be read"
    if read.amount is None:
        return "the amount can't be read"
    return None


def _corrected(read: BankReturn, corrected: str) -> BankReturn:
    read = read.model_copy(update={"corrected": corrected})
    places = CHANGES[read.code]
    parts = {name: corrected[first - 1 : last].strip() for name, (first, last) in places.items()}
    if wrong := [name for name, text in parts.items() if not _is_right(name, text)]:
        return read.model_copy(update={"fault": f"the corrected {' and '.join(wrong)} can't be read"})
    if CODE in parts:
        parts["kind"] = KIND_OF[parts.pop(CODE)[0]]
    return read.model_copy(update={"corrections": parts})


def _is_right(name: str, text: str) -> bool:
    match name:
        case "routing_number":
            return is_routing_number(text)
        case "account_number":
            return ACCOUNT_NUMBER.fullmatch(text) is not None
        case "transaction_code":
            return len(text) == 2 and text[0] in KIND_OF
        case _:
            return bool(text) and text.isascii() and text.isprintable()
