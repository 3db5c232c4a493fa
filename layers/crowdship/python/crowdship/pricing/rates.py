"""Rates of a row of a price table, and the parts of a charge or a pay that they make."""

from decimal import Decimal

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.pricing.basis import PricedTrip
from crowdship.pricing.model import PricePart

LARGEST = 100_000_000
"""The most minor units of a rate in a currency with very small units; the bounds of a table are far below."""


class Rates(Value):
    """Rates of a charge or of a pay, in minor units of the table's currency.

    Parameters
    ----------
    base : int
        For a delivery.
    further : int or None
        For each further drop-off of a job, in place of the base; the base if left out.
    per_km, per_minute : int
        For each kilometre and each planned minute of the trip.
    urgent : int
        In addition for an urgent delivery.
    size : int
        In addition, for the row's class of size.
    minimum : int
        The least sum of all these parts; a part ``minimum`` makes up for what is missing.
    """

    base: int = Field(ge=0, le=LARGEST)
    further: int | None = Field(default=None, ge=0, le=LARGEST)
    per_km: int = Field(default=0, ge=0, le=LARGEST)
    per_minute: int = Field(default=0, ge=0, le=LARGEST)
    urgent: int = Field(default=0, ge=0, le=LARGEST)
    size: int = Field(default=0, ge=0, le=LARGEST)
    minimum: int = Field(default=0, ge=0, le=LARGEST)

    def parts(self, trip: PricedTrip, currency: str) -> tuple[PricePart, ...]:
        """Return the parts for a trip; ``base`` and ``distance`` are always among them, others if they are not zero."""
        base = self.base if self.further is None or not trip.further else min(self.base, self.further)
        amounts = {
            "base": Money(amount=base, currency=currency),
            "distance": _times(self.per_km, Decimal(trip.metres) / 1000, currency),
            "time": _times(self.per_minute, Decimal(trip.seconds) / 60, currency),
            "urgent": Money(amount=self.urgent if trip.urgent else 0, currency=currency),
            "size": Money(amount=self.size, currency=currency),
        }
        missing = self.minimum - sum(amount.amount for amount in amounts.values())
        amounts["minimum"] = Money(amount=max(0, missing), currency=currency)
        always = ("base", "distance")
        return tuple(
            PricePart(code=code, amount=amount) for code, amount in amounts.items() if amount.amount or code in always
        )

    @property
    def usual(self) -> int:
        """The sum for a usual trip of three kilometres and ten minutes; rows are compared by it."""
        return max(self.minimum, self.base + 3 * self.per_km + 10 * self.per_minute + self.size)


def _times(rate: int, quantity: Decimal, currency: str) -> Money:
    return Money(amount=rate, currency=currency).times(quantity)
