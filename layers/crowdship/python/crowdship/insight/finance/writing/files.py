"""Attached files: each table as CSV, and all of them in one workbook with a sheet for each."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crowdship.insight.finance.content import Cell, Column, Kind, Row, Table
from crowdship.kernel.money import Money, digits_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MOST_ROWS = 20_000
"""Rows of a file; a larger table is left out and the mail leads to the console."""

NEVER = "never"


@dataclass(frozen=True)
class File:
    """An attachment."""

    name: str
    maintype: str
    subtype: str
    content: bytes


def files_of(tables: Sequence[Table], name: str, made_on: date) -> list[File]:
    """Return the files of some tables: a CSV for each, and a workbook with all.

    Parameters
    ----------
    tables : sequence of Table
        Those with at most ``MOST_ROWS`` rows and something to attach.
    name : str
        Begins each file's name.
    """
    attached = [table for table in tables if fits(table)]
    if not attached:
        return []
    sheets = [File(f"{name}-{table.code}.csv", "text", "csv", _csv(table)) for table in attached]
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [*sheets, File(f"{name}.xlsx", "application", kind, _workbook(attached, made_on))]


def fits(table: Table) -> bool:
    """Return whether a table is attached."""
    return table.file is not None and 0 < table.count <= MOST_ROWS


def _rows(table: Table) -> Iterator[Row]:
    return iter(table.file() if table.file else ())


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: one that begins like a formula gets an apostrophe.

    Examples
    --------
    >>> harmless("=1+1"), harmless("Corner Bakery")
    ("'=1+1", 'Corner Bakery')
    """
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def plain(value: Cell) -> str:
    """Return a cell of a CSV: amounts in major units with a point, shares from 0 to 1."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return str(value.decimal)
    if isinstance(value, float):
        return NEVER if math.isinf(value) else f"{value:.4f}"
    return str(value) if isinstance(value, int) else harmless(value)


def _csv(table: Table) -> bytes:
    """Return a table as CSV (RFC 4180) in UTF-8, with a mark by which Excel knows the encoding."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.code for column in table.columns])
    writer.writerows([plain(cell) for cell in row] for row in _rows(table))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _workbook(tables: Sequence[Table], made_on: date) -> bytes:
    """Return a workbook; rows go to temporary files as they are written, so that memory stays the same."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, {**options, "strings_to_numbers": False}) as workbook:
        workbook.set_properties({"created": datetime(made_on.year, made_on.month, made_on.day)})
        for table in tables:
            _sheet(workbook, table)
    return file.getvalue()


def _sheet(workbook: "Workbook", table: Table) -> None:
    sheet = workbook.add_worksheet(table.code[:31])
    head = workbook.add_format({"bold": True})
    formats: dict[str, Any] = {}
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, 30 if column.kind is Kind.TEXT else 15)
        sheet.write_string(0, number, column.code, head)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(_rows(table), start=1):
        for number, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            pattern = pattern_of(value, column)
            if pattern and pattern not in formats:
                formats[pattern] = workbook.add_format({"num_format": pattern})
            _write(sheet, (line, number), value, formats.get(pattern))


def _write(sheet: Any, place: tuple[int, int], value: Cell, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, str) or (isinstance(value, float) and math.isinf(value)):
        sheet.write_string(*place, plain(value))
    else:
        sheet.write_number(*place, value.decimal if isinstance(value, Money) else value, style)


def pattern_of(value: Cell, column: Column) -> str:
    """Return the number format of a cell; that of money has as many decimals as its currency.

    Examples
    --------
    >>> money = Column("pay", Kind.MONEY)
    >>> [pattern_of(Money(amount=100, currency=code), money) for code in ("USD", "JPY", "KWD")]
    ['#,##0.00', '#,##0', '#,##0.000']
    """
    if isinstance(value, Money):
        digits = digits_of(value.currency)
        return "#,##0" + ("." + "0" * digits if digits else "")
    if isinstance(value, str) or value is None:
        return ""
    return {Kind.SHARE: "0.0%", Kind.NUMBER: "0.0"}.get(column.kind, "#,##0")
