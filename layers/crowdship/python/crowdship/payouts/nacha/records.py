"""Records of a Nacha file: fields with their places, and the text of a record from its values and back.

Every record has 94 characters. The layouts follow the ACH file specifications that Nacha publishes
(achdevguide.nacha.org), restricted to entries with at most one addenda record.
"""

from collections.abc import Iterator
from dataclasses import dataclass

LENGTH = 94
"""Characters of a record."""

BLOCK = 10
"""Records of a block; a file is filled up to whole blocks with records of nines."""

PADDING = "9" * LENGTH

MODULUS = 10**10
"""Modulus of the entry hash: the sum of eight-digit routing numbers keeps its last ten digits."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record.

    Parameters
    ----------
    name : str
        As in the layout.
    first, last : int
        Places of its characters, counted from 1.
    digits : bool
        True if it is a number, filled with zeros at the left; else text, filled with blanks at the right.
    """

    name: str
    first: int
    last: int
    digits: bool

    @property
    def length(self) -> int:
        """Number of characters."""
        return self.last - self.first + 1

    def of(self, record: str) -> str:
        """Return the field's characters in a record."""
        return record[self.first - 1 : self.last]

    def text(self, value: str | int) -> str:
        """Return a value as it stands in a record.

        Raises
        ------
        ValueError
            If it is too long, or no number where the field is one. The value is not repeated.
        """
        said = str(value)
        if len(said) > self.length:
            raise ValueError(f"{self.name} has {len(said)} characters; the field has {self.length}")
        if not self.digits:
            return said.ljust(self.length)
        if said and not _is_number(said):
            raise ValueError(f"{self.name} is no number")
        return said.rjust(self.length, "0")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


class Layout:
    """The fields of a kind of record.

    Parameters
    ----------
    name : str
        Of the kind.
    *fields : tuple
        Name, number of characters, and ``N`` for a number or ``T`` for text.
    """

    def __init__(self, name: str, *fields: tuple[str, int, str]) -> None:
        self.name = name
        self.fields: dict[str, Field] = {}
        first = 1
        for field, length, kind in fields:
            self.fields[field] = Field(field, first, first + length - 1, kind == "N")
            first += length
        if first != LENGTH + 1:
            raise ValueError(f"the layout {name} has {first - 1} characters; a record has {LENGTH}")

    def record(self, **values: str | int) -> str:
        """Return a record; a field without a value has zeros or blanks.

        Raises
        ------
        ValueError
            If a value does not fit its field.
        KeyError
            If there is no such field.
        """
        if unknown := values.keys() - self.fields.keys():
            raise KeyError(f"{self.name} has no {sorted(unknown)}")
        return "".join(field.text(values.get(name, "")) for name, field in self.fields.items())

    def read(self, record: str) -> dict[str, str]:
        """Return the characters of each field, blanks included."""
        return {name: field.of(record) for name, field in self.fields.items()}

    def at(self, place: int) -> str:
        """Return the name of the field that has a place, counted from 1."""
        return next(name for name, field in self.fields.items() if field.first <= place <= field.last)


FILE_HEADER = Layout(
    "file header",
    ("record_type", 1, "N"),
    ("priority", 2, "N"),
    ("destination", 10, "T"),
    ("origin", 10, "T"),
    ("creation_date", 6, "N"),
    ("creation_time", 4, "N"),
    ("file_id_modifier", 1, "T"),
    ("record_size", 3, "N"),
    ("blocking_factor", 2, "N"),
    ("format_code", 1, "N"),
    ("destination_name", 23, "T"),
    ("origin_name", 23, "T"),
    ("reference", 8, "T"),
)
BATCH_HEADER = Layout(
    "batch header",
    ("record_type", 1, "N"),
    ("service_class", 3, "N"),
    ("company_name", 16, "T"),
    ("discretionary", 20, "T"),
    ("company_id", 10, "T"),
    ("entry_class", 3, "T"),
    ("entry_description", 10, "T"),
    ("descriptive_date", 6, "T"),
    ("effective_date", 6, "T"),
    ("settlement_date", 3, "T"),
    ("originator_status", 1, "T"),
    ("odfi", 8, "N"),
    ("batch_number", 7, "N"),
)
ENTRY = Layout(
    "entry",
    ("record_type", 1, "N"),
    ("transaction_code", 2, "N"),
    ("receiving_bank", 8, "N"),
    ("check_digit", 1, "N"),
    ("account_number", 17, "T"),
    ("amount", 10, "N"),
    ("individual_id", 15, "T"),
    ("individual_name", 22, "T"),
    ("discretionary", 2, "T"),
    ("addenda_indicator", 1, "N"),
    ("trace_number", 15, "N"),
)
ADDENDA = Layout(
    "addenda",
    ("record_type", 1, "N"),
    ("addenda_type", 2, "N"),
    ("payment_information", 80, "T"),
    ("addenda_sequence", 4, "N"),
    ("entry_sequence", 7, "N"),
)
RETURN_ADDENDA = Layout(
    "return addenda",
    ("record_type", 1, "N"),
    ("addenda_type", 2, "N"),
    ("reason_code", 3, "T"),
    ("original_trace", 15, "N"),
    ("date_of_death", 6, "T"),
    ("original_receiving_bank", 8, "N"),
    ("information", 44, "T"),
    ("trace_number", 15, "N"),
)
CHANGE_ADDENDA = Layout(
    "change addenda",
    ("record_type", 1, "N"),
    ("addenda_type", 2, "N"),
    ("change_code", 3, "T"),
    ("original_trace", 15, "N"),
    ("reserved", 6, "T"),
    ("original_receiving_bank", 8, "N"),
    ("corrected", 29, "T"),
    ("reserved_too", 15, "T"),
    ("trace_number", 15, "N"),
)
BATCH_CONTROL = Layout(
    "batch control",
    ("record_type", 1, "N"),
    ("service_class", 3, "N"),
    ("entry_count", 6, "N"),
    ("entry_hash", 10, "N"),
    ("total_debit", 12, "N"),
    ("total_credit", 12, "N"),
    ("company_id", 10, "T"),
    ("authentication", 19, "T"),
    ("reserved", 6, "T"),
    ("odfi", 8, "N"),
    ("batch_number", 7, "N"),
)
FILE_CONTROL = Layout(
    "file control",
    ("record_type", 1, "N"),
    ("batch_count", 6, "N"),
    ("block_count", 6, "N"),
    ("entry_count", 8, "N"),
    ("entry_hash", 10, "N"),
    ("total_debit", 12, "N"),
    ("total_credit", 12, "N"),
    ("reserved", 39, "T"),
)


def check_digit(bank: str) -> int:
    """Return the ninth digit of a routing number (American Bankers Association).

    Examples
    --------
    >>> check_digit("02100002")
    1
    """
    total = sum(int(digit) * weight for digit, weight in zip(bank, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return -total % 10


def blocks_of(records: int) -> int:
    """Return the number of blocks that a number of records fills, the last one in part."""
    return -(-records // BLOCK)


def padding_after(records: int) -> Iterator[str]:
    """Return the records of nines that fill the last block."""
    yield from [PADDING] * (-records % BLOCK)
