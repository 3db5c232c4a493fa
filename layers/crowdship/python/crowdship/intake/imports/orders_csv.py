"""Orders in a CSV file: the columns, and the faults of rows."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_origin

from pydantic import ValidationError

from crowdship.intake.imports import cells as read_as
from crowdship.intake.orders.model import DeliveryRequest
from crowdship.kernel.errors import Unprocessable, said
from crowdship.kernel.events import Value
from crowdship.shipment.requirements.registry import OrderDetails, Requirements
from crowdship.shipment.requirements.temperature import Range
from crowdship.vault.phones import phone_number

MOST_ROWS = 500

COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": ("external_id",),
    "order_number": ("order_number",),
    "customer": ("dropoff", "contact", "name"),
    "company": ("dropoff", "contact", "company"),
    "phone": ("dropoff", "contact", "phone"),
    "email": ("dropoff", "contact", "email"),
    "address": ("dropoff", "contact", "address"),
    "notes": ("dropoff", "contact", "notes"),
    "dropoff_lat": ("dropoff", "point", "lat"),
    "dropoff_lon": ("dropoff", "point", "lon"),
    "pickup_name": ("pickup", "contact", "name"),
    "pickup_phone": ("pickup", "contact", "phone"),
    "pickup_address": ("pickup", "contact", "address"),
    "pickup_lat": ("pickup", "point", "lat"),
    "pickup_lon": ("pickup", "point", "lon"),
    "pickup_opens_at": ("pickup_window", "opens_at"),
    "pickup_closes_at": ("pickup_window", "closes_at"),
    "dropoff_opens_at": ("dropoff_window", "opens_at"),
    "dropoff_closes_at": ("dropoff_window", "closes_at"),
    "weight_g": ("parcel", "weight_g"),
    "volume_l": ("parcel", "volume_l"),
    "tip": ("tip",),
    "priority": ("priority",),
    **{name: ("requirements", name) for name in Requirements.model_fields if name != "temperature"},
    **{f"temperature_{end}": ("requirements", "temperature", end) for end in Range.model_fields},
    **{name: (name,) for name in OrderDetails.model_fields},
}
"""Every column, with the path of its field in a delivery request."""

COUNTRY = "country"
"""One more column: the country whose format the row's phones have if they don't begin with ``+``."""

REQUIRED = ("external_id", "customer", "phone", "address", "dropoff_lat", "dropoff_lon")
PHONES = ("phone", "pickup_phone")
DEGREES = ("dropoff_lat", "dropoff_lon", "pickup_lat", "pickup_lon")
TEMPERATURES = tuple(f"temperature_{end}" for end in Range.model_fields)

_KINDS = {name: field.annotation for name, field in (Requirements.model_fields | OrderDetails.model_fields).items()}
FLAGS = tuple(name for name, kind in _KINDS.items() if kind is bool)
LISTS = tuple(name for name, kind in _KINDS.items() if get_origin(kind) is tuple)
"""Columns of several values with spaces between them."""

DELIMITERS = (",", ";", "\t", "|")
GRAMS_IF_ONLY_VOLUME = 2000

_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?[,;\t| ]*', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")


class RowFault(Value):
    """One fault of a row; it never quotes the value, which may be a person's name.

    Parameters
    ----------
    row : int
        Numbered as in a spreadsheet: the heading is row 1.
    column : str or None
        None if the whole row is at fault.
    """

    row: int
    column: str | None
    code: str
    detail: str

    @property
    def pointer(self) -> str:
        """The fault's position, as the pointer of a problem."""
        return f"/rows/{self.row}" + (f"/{self.column}" if self.column else "")


class Sheet(Value):
    """The content of a file: the rows that can be read, and the faults of the others."""

    requests: dict[int, DeliveryRequest]
    faults: tuple[RowFault, ...]
    rows: int


def read(data: bytes) -> Sheet:
    """Return the orders and faults of a file, row by row.

    Raises
    ------
    Unprocessable
        If the file as a whole can't be read: its encoding, quotes, heading, or size.
    """
    lines = _lines(_text(data))
    number, heading = next(lines, (1, []))
    columns = _columns(heading)
    _check_heading(columns, number)
    requests: dict[int, DeliveryRequest] = {}
    faults: list[RowFault] = []
    first_row: dict[str, int] = {}
    rows = 0
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        rows += 1
        if rows > MOST_ROWS:
            raise Unprocessable(
                "too_many_rows", f"The file has more than {MOST_ROWS} orders; send it in parts.", "/rows"
            )
        if any(cell.strip() for cell in cells[len(columns) :]):
            told = f"The row has {len(cells)} cells, the heading {len(columns)}; quote cells with separators in them."
            faults.append(RowFault(row=number, column=None, code="too_many_cells", detail=told))
            continue
        given = {name: plain for name, cell in zip(columns, cells, strict=False) if (plain := read_as.plain(cell))}
        request = _request(given)
        if isinstance(request, DeliveryRequest):
            requests[number] = request
        else:
            faults += (RowFault(row=number, column=column, code="invalid", detail=told) for column, told in request)
        if (name := given.get("external_id")) is not None:
            if name in first_row:
                told = f"Row {first_row[name]} has the same external_id; each order needs its own."
                faults.append(RowFault(row=number, column="external_id", code="external_id_twice", detail=told))
            first_row.setdefault(name, number)
    if not rows:
        raise Unprocessable("no_orders", "The file has a heading and no orders.", "/rows")
    wrong = {one.row for one in faults}
    kept = {number: request for number, request in requests.items() if number not in wrong}
    return Sheet(requests=kept, faults=tuple(faults), rows=rows)


def column_of(pointer: str) -> str | None:
    """Return the first column at or below a pointer into a delivery request."""
    path = tuple(pointer.strip("/").split("/"))
    return next((name for name, place in COLUMNS.items() if place[: len(path)] == path[: len(place)]), None)


def _text(data: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 if its byte order mark says so."""
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        detail = f"The file is neither UTF-8 nor marked as UTF-16 (line {line}); save it as 'CSV UTF-8'."
        raise Unprocessable("wrong_encoding", detail, f"/rows/{line}") from error
    for strange in ("\ufffd", "\0"):
        if strange in text:
            line = text[: text.index(strange)].count("\n") + 1
            detail = f"Line {line} has a character that was lost in another encoding; save the file as 'CSV UTF-8'."
            raise Unprocessable("wrong_encoding", detail, f"/rows/{line}")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their numbers, including empty rows."""
    first, rest = _first_line(text)
    # Excel names the separator of the cells in this line, which is no row of the sheet.
    if separator := _SEPARATOR.fullmatch(first):
        text, delimiter = rest, separator[1]
    else:
        delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            detail = f"The file is not CSV from row {number} on: {error}."
            raise Unprocessable("malformed_csv", detail, f"/rows/{number}") from error


def _first_line(text: str) -> tuple[str, str]:
    """Return the first line without its end, and the rest; line ends of any system are recognised."""
    end = _LINE_END.search(text)
    return (text[: end.start()], text[end.end() :]) if end else (text, "")


def _columns(heading: Sequence[str]) -> list[str]:
    """Return the columns' names; trailing empty cells are ignored, as spreadsheets leave them for removed columns."""
    columns = ["_".join(cell.lower().replace("-", " ").split()) for cell in heading]
    while columns and not columns[-1]:
        columns.pop()
    return columns


def _check_heading(columns: Sequence[str], row: int) -> None:
    faults = [(f"/rows/{row}/{name}", f"There is no column {name}.") for name in REQUIRED if name not in columns]
    for name in dict.fromkeys(columns):
        shown = name[:40] or "(empty)"
        if columns.count(name) > 1:
            faults.append((f"/rows/{row}", f"There are two columns {shown}."))
        elif name not in COLUMNS and name != COUNTRY:
            faults.append((f"/rows/{row}", f"There must be no column {shown}."))
    if faults:
        detail = f"{faults[0][1]} The columns are {', '.join((*COLUMNS, COUNTRY))}."
        raise Unprocessable("wrong_columns", detail, errors=faults)


type _Wrong = list[tuple[str | None, str]]
"""Faults: the column of each, and its text."""


def _request(given: dict[str, str]) -> DeliveryRequest | _Wrong:
    """Return the request of a row, or its faults by column."""
    cells, wrong = _cells(given)
    already = {name for name, _ in wrong}
    try:
        request = DeliveryRequest.model_validate(_nested(cells))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            column = column_of("/".join(map(str, one["loc"])))
            if column not in already:
                wrong.append((column, said(one["msg"])))
        return wrong
    return wrong or request


def _cells(given: dict[str, str]) -> tuple[dict[str, Any], _Wrong]:
    """Return the cells converted to values of an order, and the faults of cells that can't be converted."""
    wrong: _Wrong = []
    cells: dict[str, Any] = dict(given)
    country = cells.pop(COUNTRY, None)
    readers: dict[str, Callable[[str, str], Any]] = {
        **dict.fromkeys(PHONES, lambda column, cell: _phone(column, cell, country)),
        **dict.fromkeys((*DEGREES, *TEMPERATURES), read_as.degrees),
        **dict.fromkeys(read_as.UNITS, read_as.whole),
        **dict.fromkeys(FLAGS, read_as.flag),
        "external_id": _unshortened,
        "priority": lambda _, cell: cell.lower(),
        **dict.fromkeys(LISTS, _several),
    }
    for name in [name for name in cells if name in readers]:
        try:
            cells[name] = readers[name](name, cells[name])
        except ValueError as error:
            wrong.append((name, f"{error}."))
    if "volume_l" in cells:
        cells.setdefault("weight_g", GRAMS_IF_ONLY_VOLUME)
    return cells, wrong


def _several(column: str, cell: str) -> list[str]:
    return [_unshortened(column, value) for value in cell.split()]


def _unshortened(column: str, cell: str) -> str:
    read_as.refuse_shortened(column, cell)
    return cell


def _phone(column: str, cell: str, country: str | None) -> str:
    """Return a number in E.164, with its extension behind it, which later goes into the contact's notes."""
    read_as.refuse_shortened(column, cell)
    number = phone_number(cell, country)
    return f"{number.e164};ext={number.extension}" if number.extension else number.e164


def _nested(cells: dict[str, Any]) -> dict[str, Any]:
    """Return the cells as a nested request; a given end has all its parts, so that missing ones are reported."""
    nested: dict[str, Any] = {"dropoff": {"contact": {}, "point": {}}}
    if any(COLUMNS[name][0] == "pickup" for name in cells):
        nested["pickup"] = {"contact": {}, "point": {}}
    for name, value in cells.items():
        *path, last = COLUMNS[name]
        part = nested
        for key in path:
            part = part.setdefault(key, {})
        part[last] = value
    return nested
