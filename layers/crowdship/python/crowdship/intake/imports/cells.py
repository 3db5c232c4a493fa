"""Conversion of spreadsheet cells to values; a number must be in the unit of its column."""

import re

UNITS = {
    "tip": "minor units of the zone's currency (cents, where it has them)",
    "weight_g": "grams",
    "volume_l": "litres",
    "minimum_age": "years",
}
"""The unit of each column that holds whole numbers."""

_WHOLE = re.compile(r"-?[0-9]{1,12}")
_TWO_DECIMALS = re.compile(r"([0-9]{1,9})[.,]([0-9]{2})")
_DEGREES = re.compile(r"-?[0-9]{1,3}([.,][0-9]{1,20})?")
_SHORTENED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,3}")
_AS_TEXT = re.compile(r'="([^"]*)"')
_YES = frozenset({"1", "yes", "y", "true", "t", "on"})
_NO = frozenset({"0", "no", "n", "false", "f", "off"})


def plain(cell: str) -> str:
    """Return a cell without the spaces around it, and without the formula by which spreadsheets keep text: ="0123"."""
    text = cell.strip()
    quoted = _AS_TEXT.fullmatch(text)
    return quoted[1].strip() if quoted else text


def whole(column: str, cell: str) -> int:
    """Return the whole number in a cell.

    Raises
    ------
    ValueError
        If it is anything else, such as an amount in major units. The text names the column's unit, not the cell.
    """
    if _WHOLE.fullmatch(cell):
        return int(cell)
    unit = UNITS[column]
    if column == "tip" and (parts := _TWO_DECIMALS.fullmatch(cell)):
        written = f"{int(parts[1])}.{parts[2]}"
        raise ValueError(f"{column} is in {unit}: write {int(parts[1] + parts[2])} for {written}")
    raise ValueError(
        f"{column} is in {unit}: write a whole number without decimals, separators, signs of a currency or an exponent"
    )


def degrees(column: str, cell: str) -> float:
    """Return the coordinate in a cell; a decimal comma is read as a point, as some spreadsheets write it.

    Raises
    ------
    ValueError
        If it is no decimal number.
    """
    if not _DEGREES.fullmatch(cell):
        raise ValueError(f"{column} is in degrees: write a decimal number such as 41.8781 or -87.6298")
    return float(cell.replace(",", "."))


def flag(column: str, cell: str) -> bool:
    """Return the yes or no in a cell, True for yes.

    Raises
    ------
    ValueError
        If it says neither yes nor no.
    """
    said = cell.lower()
    if said not in _YES | _NO:
        raise ValueError(f"{column} is yes or no")
    return said in _YES


def refuse_shortened(column: str, cell: str) -> None:
    """Check that a spreadsheet has not shortened a long number to one with an exponent, whose digits are lost.

    Raises
    ------
    ValueError
        If the cell looks like such a number.
    """
    if _SHORTENED.fullmatch(cell):
        detail = "was shortened by a spreadsheet to a number with an exponent: make the column text and write it again"
        raise ValueError(f"{column} {detail}")
