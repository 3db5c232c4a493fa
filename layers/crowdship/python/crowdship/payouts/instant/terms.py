"""Terms of instant pay, by currency and zone, each with the days on which it holds: the rows of ``terms.csv``."""

import csv
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money

FILE = Path(__file__).with_name("terms.csv")
BASIS = Decimal(10_000)
ZONE = "zone_id"


class InstantTerms(Value):
    """One row of the table; amounts in minor units.

    Parameters
    ----------
    zone_id : str
        Home zone of the driver; empty for all zones that have no row of their own.
    valid_from, valid_to : date
        First and last day; an empty end is open.
    fee_basis_points, fee_least, fee_most : int
        The fee: a share of the amount in hundredths of a percent, and its bounds.
    least, most : int
        Bounds of one order, with the fee.
    driver_count, driver_amount : int
        What a driver may order on one day (UTC).
    platform_amount : int
        What all drivers may order on one day.
    """

    currency: str
    zone_id: str
    valid_from: date
    valid_to: date | None = None
    fee_basis_points: int = Field(ge=0, le=1000)
    fee_least: int = Field(ge=0)
    fee_most: int = Field(ge=0)
    least: int = Field(ge=1)
    most: int
    driver_count: int = Field(ge=0)
    driver_amount: int = Field(ge=0)
    platform_amount: int = Field(ge=0)

    def holds(self, on: date) -> bool:
        """Return whether the row holds on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def fee(self, amount: Money) -> Money:
        """Return the fee of an amount, rounded half up and kept within its bounds.

        Examples
        --------
        >>> [table()[0].fee(Money(amount=amount, currency="USD")).amount for amount in (1000, 10000, 90000)]
        [50, 150, 1000]
        """
        share = amount.times(Decimal(self.fee_basis_points) / BASIS, ROUND_HALF_UP)
        return Money(amount=min(max(share.amount, self.fee_least), self.fee_most), currency=amount.currency)


def read(lines: Iterable[str]) -> tuple[InstantTerms, ...]:
    """Return the rows of a table.

    Raises
    ------
    ValueError
        If a row is not as the table needs it, or an order of the least amount would not cover its fee.
    """
    rows = []
    for number, row in enumerate(csv.DictReader(lines), start=2):
        terms = InstantTerms.model_validate_strings({name: text for name, text in row.items() if text or name == ZONE})
        if not terms.fee_least <= terms.fee_most or not terms.fee_least < terms.least <= terms.most:
            raise ValueError(f"terms.csv:{number}: fee_least <= fee_most and fee_least < least <= most must hold")
        rows.append(terms)
    return tuple(rows)


@cache
def table() -> tuple[InstantTerms, ...]:
    """Return the rows of ``terms.csv``."""
    return read(FILE.read_text(encoding="utf-8").splitlines())


def terms_for(currency: str, zone_id: str, on: date, rows: Iterable[InstantTerms] | None = None) -> InstantTerms | None:
    """Return the terms for a currency and zone on a day; the zone's own row before the one for all; None if none."""
    held = [row for row in (table() if rows is None else rows) if row.currency == currency and row.holds(on)]
    own = [row for row in held if row.zone_id == zone_id]
    newest = sorted(own or [row for row in held if not row.zone_id], key=lambda row: row.valid_from)
    return newest[-1] if newest else None
