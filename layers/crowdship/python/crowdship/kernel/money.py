"""Money: integer minor units and a currency, in one type."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from pydantic import BaseModel, ConfigDict, Field

MINOR_DIGITS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "BHD": 3,
    "JOD": 3,
    "KWD": 3,
    "OMR": 3,
    "TND": 3,
}
"""ISO 4217 minor-unit digits where they are not 2."""


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
    currency: str = Field(pattern=r"^[A-Z]{3}$")

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
        digits = MINOR_DIGITS.get(self.currency, 2)
        return f"{Decimal(self.amount).scaleb(-digits):.{digits}f} {self.currency}"

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """Return an amount that is written in whole units, such as 4.50 USD.

        Raises
        ------
        ValueError
            If the currency has no unit that small.
        """
        digits = MINOR_DIGITS.get(currency, 2)
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
