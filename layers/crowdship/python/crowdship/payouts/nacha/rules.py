"""Rules of single records of a payroll file: what each field must have. A rule repeats no account and no name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from crowdship.kernel.workdays import is_banking_day
from crowdship.payouts.nacha.model import (
    CREDIT_CODES,
    CREDITS_ONLY,
    ENTRY_CLASS,
    MODIFIERS,
    PAYROLL,
    same_day_limit,
)
from crowdship.payouts.nacha.records import (
    ADDENDA,
    BATCH_CONTROL,
    BATCH_HEADER,
    ENTRY,
    FILE_CONTROL,
    FILE_HEADER,
    Layout,
    check_digit,
)

LAYOUTS: Mapping[str, Layout] = {
    "1": FILE_HEADER,
    "5": BATCH_HEADER,
    "6": ENTRY,
    "7": ADDENDA,
    "8": BATCH_CONTROL,
    "9": FILE_CONTROL,
}
"""Layouts by the first character of a record."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A way in which a record breaks a rule.

    Parameters
    ----------
    field : str
        Name of the field in its layout; of several, the one that decides.
    rule : str
        Short and stable.
    detail : str
        What would be right.
    """

    field: str
    rule: str
    detail: str


@dataclass
class Context:
    """Content of earlier records, as far as rules of later ones need it."""

    created_on: date | None = None
    effective_on: date | None = None
    odfi: str = ""

    @property
    def most(self) -> int:
        """The most cents of an entry: those of Same Day ACH if the file is made on its effective date."""
        if self.effective_on and self.effective_on == self.created_on:
            return same_day_limit(self.effective_on)
        return 10**10 - 1


def day_of(text: str) -> date | None:
    """Return the day that six digits YYMMDD name in this century, or None."""
    try:
        return datetime.strptime(f"20{text}", "%Y%m%d").date() if text.isdigit() else None
    except ValueError:
        return None


def is_routing_number(text: str) -> bool:
    """Return whether a text is nine digits with the right check digit."""
    return len(text) == 9 and text.isascii() and text.isdigit() and check_digit(text[:8]) == int(text[8])


def characters(record: str, layout: Layout) -> Iterator[Flaw]:
    """Return the flaws of characters: what ASCII does not print, small letters, other things than digits in numbers."""
    for name, field in layout.fields.items():
        text = field.of(record)
        if not (text.isascii() and text.isprintable()):
            yield Flaw(name, "characters", "only printable characters of ASCII may stand here")
        elif text != text.upper():
            yield Flaw(name, "capitals", "letters must be capitals")
        elif field.digits and not text.isdigit():
            yield Flaw(name, "number", f"{field.length} digits must stand here, filled with zeros at the left")
        elif not field.digits and text.startswith(" ") and text.strip() and name not in ("destination", "origin"):
            yield Flaw(name, "left_justified", "the text must begin at the first character of the field")


def constant(fields: Mapping[str, str], **expected: str) -> Iterator[Flaw]:
    """Return a flaw for each field that differs from what is always there."""
    for name, value in expected.items():
        if fields[name] != value:
            yield Flaw(name, "constant", f"{value!r} must stand here" if value.strip() else "blanks must stand here")


def present(fields: Mapping[str, str], *names: str) -> Iterator[Flaw]:
    """Return a flaw for each field that is blank."""
    for name in names:
        if not fields[name].strip():
            yield Flaw(name, "empty", "the field must not be blank")


def file_header(fields: Mapping[str, str], context: Context) -> Iterator[Flaw]:
    """Return the flaws of a file header."""
    yield from constant(fields, priority="01", record_size="094", blocking_factor="10", format_code="1")
    if fields["destination"][0] != " " or not is_routing_number(fields["destination"][1:]):
        yield Flaw(
            "destination", "routing_number", "a blank and nine digits with the right check digit must stand here"
        )
    yield from present(fields, "origin", "destination_name", "origin_name")
    context.created_on = day_of(fields["creation_date"])
    if context.created_on is None:
        yield Flaw("creation_date", "date", "a day YYMMDD that the calendar has must stand here")
    if not _is_time(fields["creation_time"]):
        yield Flaw("creation_time", "time", "a time from 0000 to 2359 must stand here")
    if fields["file_id_modifier"] not in MODIFIERS:
        yield Flaw("file_id_modifier", "modifier", "a capital or a digit must stand here")


def _is_time(text: str) -> bool:
    try:
        time(int(text[:2]), int(text[2:]))
    except ValueError:
        return False
    return True


def batch_header(fields: Mapping[str, str], context: Context) -> Iterator[Flaw]:
    """Return the flaws of a batch header."""
    if fields["service_class"] != str(CREDITS_ONLY):
        detail = f"{CREDITS_ONLY} must stand here, because all entries are credits"
        yield Flaw("service_class", "service_class", detail)
    yield from present(fields, "company_name", "company_id")
    if fields["entry_class"] != ENTRY_CLASS:
        yield Flaw("entry_class", "entry_class", f"{ENTRY_CLASS} must stand here for payments to people")
    if not fields["entry_description"].startswith(PAYROLL):
        yield Flaw("entry_description", "payroll", f"the description of pay must begin with {PAYROLL}")
    yield from constant(fields, settlement_date="   ", originator_status="1")
    yield from _effective_date(fields["effective_date"], context)
    context.odfi = fields["odfi"]


def _effective_date(text: str, context: Context) -> Iterator[Flaw]:
    context.effective_on = day = day_of(text)
    if day is None:
        yield Flaw("effective_date", "date", "a day YYMMDD that the calendar has must stand here")
    elif not is_banking_day(day):
        yield Flaw("effective_date", "banking_day", "banks do not settle on this day; the next banking day is right")
    elif context.created_on and day < context.created_on:
        yield Flaw("effective_date", "past", "the day must not be before that of the file")


def entry(fields: Mapping[str, str], context: Context) -> Iterator[Flaw]:
    """Return the flaws of an entry."""
    if fields["transaction_code"] not in map(str, CREDIT_CODES.values()):
        right = " or ".join(map(str, CREDIT_CODES.values()))
        yield Flaw("transaction_code", "transaction_code", f"{right}, a credit that is paid, must stand here")
    if not is_routing_number(fields["receiving_bank"] + fields["check_digit"]):
        yield Flaw("check_digit", "routing_number", "the check digit does not belong to the receiving bank's number")
    yield from present(fields, "account_number", "individual_name", "individual_id")
    if fields["amount"].isdigit():
        yield from _amount(int(fields["amount"]), context)
    if fields["trace_number"][:8] != context.odfi:
        yield Flaw("trace_number", "trace_bank", f"it must begin with {context.odfi}, as the batch header says")
    if fields["addenda_indicator"] not in ("0", "1"):
        yield Flaw("addenda_indicator", "addenda", "1 with an addenda record, 0 without must stand here")


def _amount(cents: int, context: Context) -> Iterator[Flaw]:
    if cents == 0:
        yield Flaw("amount", "zero", "the amount must be above zero")
    elif cents > context.most:
        yield Flaw("amount", "limit", f"{context.most} cents are the most of an entry on the day of the file")


def addenda(fields: Mapping[str, str], context: Context) -> Iterator[Flaw]:
    """Return the flaws of an addenda record."""
    yield from constant(fields, addenda_type="05", addenda_sequence="0001")
    yield from present(fields, "payment_information")


def batch_control(fields: Mapping[str, str], context: Context) -> Iterator[Flaw]:
    """Return the flaws of a batch control that need no totals."""
    yield from constant(fields, authentication=" " * 19, reserved=" " * 6)


def file_control(fields: Mapping[str, str], context: Context) -> Iterator[Flaw]:
    """Return the flaws of a file control that need no totals."""
    yield from constant(fields, reserved=" " * 39)


RULES: Mapping[str, Callable[[Mapping[str, str], Context], Iterator[Flaw]]] = {
    "1": file_header,
    "5": batch_header,
    "6": entry,
    "7": addenda,
    "8": batch_control,
    "9": file_control,
}
"""Rules by the first character of a record."""
