"""Money: integer minor units and a currency, in one type.

Examples
--------
>>> price, tip = Money(amount=1250, currency="USD"), Money(amount=300, currency="USD")
>>> str(price + tip)
'15.50 USD'
>>> price.times(Decimal("0.2")).amount
250
>>> price + Money(amount=100, currency="EUR")
Traceback (most recent call last):
ValueError: can't combine USD with EUR
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo

from crowdship.kernel.reading import is_stored

CODE = r"^[A-Z]{3}$"


@cache
def minor_digits() -> Mapping[str, int]:
    """Return how many decimals each currency has, as the maintenance agency of ISO 4217 publishes it.

    Codes without a minor unit, such as XXX (no currency), XTS (tests) and XAU (gold), are no currencies to pay in and
    are left out. The table comes with the package ``iso4217``, which is imported when it is first needed.
    """
    from iso4217 import Currency

    return {code.code: code.exponent for code in Currency if code.exponent is not None}


def _payable(code: str, info: ValidationInfo) -> str:
    if not is_stored(info) and code not in minor_digits():
        raise ValueError("it is no ISO 4217 code of a currency that can be paid in; write USD, EUR or another one")
    return code


CurrencyCode = Annotated[str, StringConstraints(pattern=CODE), AfterValidator(_payable)]
"""The ISO 4217 code of a currency that has minor units."""


class Money(BaseModel):
    """An amount in ISO 4217 minor units.

    Parameters
    ----------
    amount : int
        Minor units (cents for USD); may be negative.
    currency : str
        ISO 4217 code, upper case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(strict=True)
    currency: str = Field(pattern=CODE)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"can't combine {self.currency} with {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(amount=self.amount - other.amount, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(amount=-self.amount, currency=self.currency)

    def times(self, factor: Decimal, rounding: str = ROUND_HALF_EVEN) -> Money:
        """Return this amount times ``factor``, rounded to a whole minor unit: half to even unless told otherwise."""
        return Money(amount=int((self.amount * factor).quantize(Decimal(1), rounding=rounding)), currency=self.currency)

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with as many decimals as the currency has: 4.50 for 450 cents.

        A currency that was withdrawn since is written with two, which nearly all have.
        """
        return Decimal(self.amount).scaleb(-minor_digits().get(self.currency, 2))

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """Return an amount that is written in major units, such as 4.50 USD.

        Raises
        ------
        ValueError
            If it is no currency, or has no unit that small.

        Examples
        --------
        >>> Money.of(Decimal("4.50"), "USD").amount, Money.of(Decimal("450"), "JPY").amount
        (450, 450)
        """
        digits = digits_of(currency)
        minor = amount.scaleb(digits)
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} {currency} is no amount; {currency} has {digits} decimals")
        return cls(amount=int(minor), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing of a currency."""
        return cls(amount=0, currency=currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """Return the sum of ``amounts``, which must all be in ``currency``."""
        result = cls.zero(currency)
        for amount in amounts:
            result += amount
        return result


def digits_of(currency: str) -> int:
    """Return how many decimals a currency has.

    Raises
    ------
    ValueError
        If it is no currency that can be paid in.
    """
    if currency not in minor_digits():
        raise ValueError(f"{currency} is no ISO 4217 code of a currency that can be paid in")
    return minor_digits()[currency]
