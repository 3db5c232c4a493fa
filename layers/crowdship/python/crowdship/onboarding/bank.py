"""Bank accounts of drivers: what a routing number looks like, and from which day pay goes to a new account."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.onboarding.tax import masked
from crowdship.vault.applicants import BankAccount
from crowdship.vault.model import ShortText

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
"""Weights of the digits of a routing number, whose weighted sum is a multiple of ten (American Bankers Association)."""

DISTRICTS = (*range(1, 13), *range(21, 33), *range(61, 73), 80)
"""First two digits: Federal Reserve districts, thrift institutions, electronic transfers, traveller's cheques."""


def check_routing_number(number: str) -> str:
    """Return a routing number of nine digits whose check digit is right.

    Raises
    ------
    ValueError
        If its check digit is wrong, or no bank has such a number.

    Examples
    --------
    >>> check_routing_number("021000021")
    '021000021'
    """
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True))
    if total % 10 or int(number[:2]) not in DISTRICTS:
        raise ValueError("no bank has this number; it stands at the lower left of a cheque, check each digit")
    return number


class AccountKind(StrEnum):
    """Kinds of accounts."""

    CHECKING = "checking"
    SAVINGS = "savings"


class BankAccountInput(Value):
    """A bank account as a driver gives it."""

    holder: ShortText
    kind: AccountKind
    routing_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$"), AfterValidator(check_routing_number)] = (
        Field(examples=["021000021"])
    )
    account_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,17}$")] = Field(
        description="4 to 17 digits; never shown again"
    )


def payable_from(now: datetime, before: BankAccount | None) -> date:
    """Return the first business day whose pay goes to an account that is given now.

    The first account of a driver counts at once. A change is held for one settlement period, so that whoever took over
    a sign-in does not get the pay of the day, and the driver hears of it first.
    """
    today = now.date()
    return today if before is None else max(today + timedelta(days=1), before.payable_from)


class BankAccountView(Value):
    """A bank account as it is shown: by its last four digits."""

    holder: str
    kind: AccountKind
    routing_number: str
    account_number: str
    given_at: Moment
    payable_from: Day

    @classmethod
    def of(cls, account: BankAccount) -> Self:
        """Return the view of an account."""
        return cls(
            holder=account.holder,
            kind=AccountKind(account.kind),
            routing_number=masked(account.routing_number),
            account_number=masked(account.account_number),
            given_at=account.given_at,
            payable_from=account.payable_from,
        )
