"""Content of a bank file: its originator, its credits, and the limits that it keeps to."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from anyascii import anyascii
from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.kernel.workdays import is_banking_day
from crowdship.payouts.nacha.records import check_digit

CURRENCY = "USD"
"""The only currency of domestic ACH entries."""

ENTRY_CLASS = "PPD"
"""Standard entry class of prearranged payments to people."""

CREDITS_ONLY = 220
"""Service class of a batch that has credits alone."""

PAYROLL = "PAYROLL"
"""Begin of the entry description of every PPD credit that pays compensation, contractors included (Nacha Operating
Rules, in force since 2026-03-20)."""

CREDIT_CODES = {"checking": 22, "savings": 32}
"""Transaction code of a live credit by the kind of account."""

MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""File id modifiers in their order: they tell the files of a day apart."""

LAST_SEQUENCE = 9_999_999
"""The last number that the seven digits of a trace number hold."""

CAPITALS = re.compile(r"[^A-Z0-9 .,&'()/#-]+")


def capitals(text: str, length: int) -> str:
    """Return a text in the characters that every bank takes: capitals, digits and some signs, cut to a length.

    Examples
    --------
    >>> capitals("José Ñandú-Müller", 22)
    'JOSE NANDU-MULLER'
    """
    return " ".join(CAPITALS.sub(" ", anyascii(text).upper()).split())[:length].rstrip()


def _routing_number(number: str) -> str:
    if check_digit(number[:8]) != int(number[8]):
        raise ValueError(f"its last digit must be {check_digit(number[:8])}")
    return number


RoutingNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$"), AfterValidator(_routing_number)]
"""Nine digits, the last of which checks the others."""


class Originator(Value):
    """The company that pays, as its bank knows it; the bank writes these values into the contract.

    Parameters
    ----------
    bank_routing_number : str
        Of the originating bank (ODFI); trace numbers begin with its first eight digits.
    destination : str
        Routing number of whoever takes the file, mostly the same bank.
    destination_name : str
        Its name.
    origin : str
        Ten characters by which it knows the sender: mostly ``1`` and the employer identification number, or a blank
        and a routing number.
    company_name : str
        Shown on the statements of those who are paid.
    company_id : str
        Ten characters.
    description : str
        Up to three characters after ``PAYROLL``.
    """

    bank_routing_number: RoutingNumber
    destination: RoutingNumber
    destination_name: str = Field(pattern=r"^[A-Z0-9][A-Z0-9 .,&'-]{0,22}$")
    origin: str = Field(pattern=r"^[A-Z0-9 ][A-Z0-9]{9}$")
    company_name: str = Field(pattern=r"^[A-Z0-9][A-Z0-9 .,&'-]{0,15}$")
    company_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    description: str = Field(default="", pattern=r"^[A-Z0-9 ]{0,3}$")

    @property
    def odfi(self) -> str:
        """The first eight digits of the originating bank's routing number."""
        return self.bank_routing_number[:8]


@dataclass(frozen=True, slots=True)
class FileNames:
    """Marks that tell one file from others; all come from the run, so that a repeated run writes the same bytes.

    Parameters
    ----------
    created_at : datetime
        Written as day and minute.
    effective_on : date
        The banking day on which the receivers have their money.
    modifier : str
        Of the first file, one of ``MODIFIERS``; further files of the run have the next ones.
    first_sequence : int
        Sequence in the first trace number.

    Raises
    ------
    ValueError
        If the effective date is no banking day or before the day of creation, or there is no such modifier.
    """

    created_at: datetime
    effective_on: date
    modifier: str = "A"
    first_sequence: int = 1

    def __post_init__(self) -> None:
        if not is_banking_day(self.effective_on):
            raise ValueError(f"{self.effective_on} is no banking day")
        if self.effective_on < self.created_at.date():
            raise ValueError(f"the effective date {self.effective_on} is before {self.created_at.date()}")
        if self.modifier not in MODIFIERS or len(self.modifier) != 1:
            raise ValueError(f"{self.modifier!r} is no file id modifier; it is one of {MODIFIERS}")

    @property
    def same_day(self) -> bool:
        """True if the money shall arrive on the day of the file."""
        return self.effective_on == self.created_at.date()


@dataclass(frozen=True, slots=True)
class Credit:
    """A payment to one account.

    Parameters
    ----------
    reference : str
        Up to 15 characters that come back with a return.
    name : str
        Of the account's holder, in any script.
    note : str
        Up to 80 characters that the receiver's bank may show; empty for no addenda record.
    """

    reference: str
    routing_number: str = field(repr=False)
    account_number: str = field(repr=False)
    kind: str
    name: str = field(repr=False)
    amount: Money
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a file holds.

    Parameters
    ----------
    entry, total : int
        Cents of an entry and of a file.
    records : int
        Entries and addenda of a file.
    """

    entry: int
    total: int
    records: int

    def for_day(self, names: FileNames) -> "Limits":
        """Return these limits, and on the same day those of Same Day ACH as well."""
        if not names.same_day:
            return self
        return Limits(min(self.entry, same_day_limit(names.effective_on)), self.total, self.records)


FORMAT = Limits(entry=10**10 - 1, total=10**12 - 1, records=999_999)
"""Limits of the format itself: its fields hold no more."""

SAME_DAY = ((date(2016, 9, 23), 25_000_00), (date(2020, 3, 20), 100_000_00), (date(2022, 3, 18), 1_000_000_00))
"""First day and the most cents of an entry of Same Day ACH."""


def same_day_limit(day: date) -> int:
    """Return the most cents of an entry that settles on the day on which it is sent; 0 before there was that service.

    Examples
    --------
    >>> same_day_limit(date(2026, 11, 30))
    100000000
    """
    return max((cents for since, cents in SAME_DAY if since <= day), default=0)


class UnfitCredit(ValueError):  # noqa: N818 - the credit is named
    """A credit that no file can have; the others can be written without it.

    Parameters
    ----------
    code : str
        ``currency``, ``amount``, ``limit``, ``routing_number``, ``account_number``, ``account_kind`` or ``name``.
    """

    def __init__(self, reference: str, code: str, detail: str) -> None:
        super().__init__(f"{reference}: {detail}")
        self.reference, self.code, self.detail = reference, code, detail


ROUTING = re.compile(r"[0-9]{9}")
ACCOUNT = re.compile(r"[0-9A-Z-]{1,17}")


def fit(credit: Credit, limits: Limits) -> Credit:
    """Return a credit with its name in permitted characters.

    Raises
    ------
    UnfitCredit
        If no file can have it. Nothing of the account is repeated.
    """
    if wrong := _wrong(credit, limits):
        raise UnfitCredit(credit.reference, *wrong)
    name = capitals(credit.name, 22)
    if not name:
        raise UnfitCredit(credit.reference, "name", "nothing of the holder's name can be written in capitals")
    return Credit(
        reference=credit.reference,
        routing_number=credit.routing_number,
        account_number=credit.account_number,
        kind=credit.kind,
        name=name,
        amount=credit.amount,
        note=capitals(credit.note, 80),
    )


def _wrong(credit: Credit, limits: Limits) -> tuple[str, str] | None:
    """Return code and detail of what is wrong with a credit."""
    cents, currency = credit.amount.amount, credit.amount.currency
    if currency != CURRENCY:
        return "currency", f"{currency} can't be sent; a Nacha file pays {CURRENCY} only"
    if cents <= 0:
        return "amount", f"the amount is {credit.amount}; it must be above zero"
    if cents > limits.entry:
        most = Money(amount=limits.entry, currency=CURRENCY)
        return "limit", f"the amount is {credit.amount}; {most} are the most of an entry"
    if not ROUTING.fullmatch(credit.routing_number):
        return "routing_number", "the routing number must have nine digits"
    if check_digit(credit.routing_number[:8]) != int(credit.routing_number[8]):
        return "routing_number", "the routing number's check digit is wrong"
    if not ACCOUNT.fullmatch(credit.account_number):
        return "account_number", "the account number must have 1 to 17 digits, capitals or hyphens"
    if credit.kind not in CREDIT_CODES:
        return "account_kind", f"the account is {credit.kind}; it must be one of {sorted(CREDIT_CODES)}"
    return None
