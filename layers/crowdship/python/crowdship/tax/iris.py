"""The file for the agency's portal IRIS: columns by a mapping that is data, at most 100 forms a file. Pure.

The mapping is ours: the agency's template was not at hand when it was written. ``VERIFIED`` says so to finance until
somebody has compared ``iris.csv`` with the template of the year.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

MOST_RECORDS = 100
"""Forms that one file may have."""

VERIFIED: Mapping[int, str] = {}
"""By tax year, who compared the mapping with the agency's template and when; a year without a line is not verified."""


class RecordRefused(ValueError):  # noqa: N818 - an answer to finance
    """A form can't be written as the mapping has it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file.

    Parameters
    ----------
    column : str
        Its heading.
    field : str
        Name of our field.
    format : str
        ``text``, ``digits`` or ``money``.
    length : int
        Characters at most.
    required : bool
        Whether it may not be empty.
    """

    column: str
    field: str
    format: str
    length: int
    required: bool


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns of the mapping, in their order."""
    text = Path(__file__).with_name("iris.csv").read_text(encoding="utf-8")
    return tuple(
        Column(row["column"], row["field"], row["format"], int(row["length"]), row["required"] == "yes")
        for row in csv.DictReader(io.StringIO(text))
    )


def _digits(value: str | int) -> str:
    text = str(value)
    if not text.isdigit():
        raise RecordRefused("it must have digits alone")
    return text


def _money(value: str | int) -> str:
    if isinstance(value, str):
        raise RecordRefused("it must be minor units")
    if value < 0:
        raise RecordRefused("it is below zero")
    return str(Decimal(value).scaleb(-2).quantize(Decimal("0.01")))


_FORMATS: Mapping[str, Callable[[str | int], str]] = {"text": str, "digits": _digits, "money": _money}


def cell(column: Column, value: str | int | None) -> str:
    """Return what stands in a cell; a text that is too long is cut, a number never is.

    Raises
    ------
    RecordRefused
        If it is required and empty, or is no number that fits. The message does not show it.
    """
    if value in {None, ""}:
        if column.required:
            raise RecordRefused(f"{column.column} is empty")
        return ""
    try:
        written = _FORMATS[column.format](value)
    except RecordRefused as error:
        raise RecordRefused(f"{column.column}: {error}") from None
    if len(written) <= column.length:
        return _harmless(written)
    if column.format != "text":
        raise RecordRefused(f"{column.column} has more than {column.length} characters")
    return _harmless(written[: column.length])


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return text.lstrip("=+-@\t\r") if text[:1] in "=+-@\t\r" else text


def file_of(records: Iterable[Mapping[str, str | int | None]]) -> bytes:
    """Return the file of some forms as CSV with headings.

    Raises
    ------
    RecordRefused
        If a record does not fit the mapping, or there are more than a file may have.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.column for column in columns())
    for number, record in enumerate(records):
        if number >= MOST_RECORDS:
            raise RecordRefused(f"a file has {MOST_RECORDS} forms at most")
        writer.writerow(cell(column, record.get(column.field)) for column in columns())
    return out.getvalue().encode()
