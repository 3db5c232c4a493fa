"""Wait pay: minutes that a driver waits at a door beyond a grace, what they earn and what they cost. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import HIGHEST_RATE, WAIT, Price, PricePart

MINUTE = timedelta(minutes=1)


class WaitTerms(Value):
    """Terms of waiting at doors: a zone's setting, pinned when a delivery is created.

    Parameters
    ----------
    pay_per_minute : int
        Pay for each minute that counts, at the pickup and at the drop-off, minor units of the zone's currency; 0 for
        none.
    charge_per_minute : int
        Charge to the merchant for each minute that counts at the pickup, which the shop causes. Waiting at the
        drop-off is the platform's cost.
    grace_minutes : int
        The first minutes of each wait, which don't count.
    most_minutes : int
        The most minutes of each wait that count.
    """

    pay_per_minute: int = Field(default=0, ge=0, le=HIGHEST_RATE)
    charge_per_minute: int = Field(default=0, ge=0, le=HIGHEST_RATE)
    grace_minutes: int = Field(default=10, ge=0, le=240)
    most_minutes: int = Field(default=60, ge=0, le=480)

    @property
    def counts(self) -> bool:
        """True if waiting earns or costs anything."""
        return bool(self.most_minutes and (self.pay_per_minute or self.charge_per_minute))

    def counted(self, arrived_at: datetime, left_at: datetime, promised_at: datetime | None = None) -> timedelta:
        """Return the part of a wait that counts.

        Parameters
        ----------
        promised_at : datetime, optional
            When the goods were promised to be ready; a driver who comes earlier waits from then on.

        Examples
        --------
        >>> from datetime import UTC
        >>> noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
        >>> terms = WaitTerms(pay_per_minute=20, grace_minutes=5, most_minutes=30)
        >>> terms.counted(noon, noon + 12 * MINUTE) // MINUTE
        7
        >>> terms.counted(noon, noon + 12 * MINUTE, promised_at=noon + 4 * MINUTE) // MINUTE
        3
        >>> terms.counted(noon, noon + 90 * MINUTE) // MINUTE
        30
        """
        begins = max(arrived_at, promised_at or arrived_at)
        waited = left_at - begins - self.grace_minutes * MINUTE
        return min(max(waited, timedelta()), self.most_minutes * MINUTE)


def with_waits(price: Price, terms: WaitTerms, paid: Iterable[timedelta], charged: Iterable[timedelta]) -> Price:
    """Return a price whose parts for waiting are those of some waits, and no others.

    Pay is rounded up to a minor unit, the charge half to even.

    Parameters
    ----------
    paid, charged : iterable of timedelta
        What counts of each wait, for the driver and for the merchant.
    """
    currency = price.tip.currency
    pay = _part(terms.pay_per_minute, paid, currency, ROUND_CEILING)
    charge = _part(terms.charge_per_minute, charged, currency, ROUND_HALF_EVEN)
    return price.model_copy(update={"pay": (*_others(price.pay), *pay), "charge": (*_others(price.charge), *charge)})


def _others(parts: tuple[PricePart, ...]) -> tuple[PricePart, ...]:
    return tuple(part for part in parts if part.code != WAIT)


def _part(rate: int, waits: Iterable[timedelta], currency: str, rounding: str) -> tuple[PricePart, ...]:
    # Divided last: a third of a minute has no exact decimal, and half a minor unit must be found as such.
    exact = Decimal(rate * (sum(waits, timedelta()) // timedelta(microseconds=1))) / (60 * 10**6)
    amount = int(exact.quantize(Decimal(1), rounding=rounding))
    return (PricePart(code=WAIT, amount=Money(amount=amount, currency=currency)),) if amount else ()
