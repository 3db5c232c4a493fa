"""Prices: the parts of charge and pay by a zone's rate card, and the parts that are due at the end."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.kernel.money import CurrencyCode, Money
from crowdship.pricing.basis import PricedTrip, PriceVersions
from crowdship.pricing.terms import HALF, NOTHING, WHOLE, Shares

SURGE = "surge"
"""Code of the part that is added while drivers are short."""

RAISE = "raise"
"""Code of the part by which an offer's pay was raised; the platform pays it."""


WAIT = "wait"
"""The code of the part for waiting at doors, which is known only afterwards; no share of it is taken."""

PAID_BEFORE = "paid_before"
"""Code of the part, below zero, that a driver was paid for the same delivery when the platform took it from them."""

NOT_AGREED = frozenset({WAIT, PAID_BEFORE})
"""Codes of the parts that were not agreed beforehand."""


class PricePart(Value):
    """One part of a charge or of a pay; ``code`` names it, for example ``base`` or ``distance``."""

    code: str
    amount: Money


HIGHEST_RATE = 10_000_000
"""The most minor units of a rate, in any currency: a guard against typing errors."""


class RateCard(Value):
    """Rates at which a zone charges merchants and pays drivers, in minor units of one currency.

    Parameters
    ----------
    charge_base, charge_per_km, charge_urgent : int
        The merchant's charge: per delivery, per kilometre of the trip, extra when urgent.
    charge_further, pay_further : int
        Base of each further drop-off of a job, instead of ``charge_base`` and ``pay_base``; at most as much as these.
    pay_base, pay_per_km, pay_per_minute, pay_urgent : int
        The driver's pay: per delivery, per kilometre and per planned minute of the trip, extra when urgent.
    return_percent : int
        The way back costs and earns this percentage of every part of the way out; 60 is usual in the field.
    """

    currency: CurrencyCode = "USD"
    charge_base: int = Field(default=599, ge=0, le=HIGHEST_RATE)
    charge_per_km: int = Field(default=95, ge=0, le=HIGHEST_RATE)
    charge_urgent: int = Field(default=200, ge=0, le=HIGHEST_RATE)
    charge_further: int = Field(default=299, ge=0, le=HIGHEST_RATE)
    pay_base: int = Field(default=325, ge=0, le=HIGHEST_RATE)
    pay_per_km: int = Field(default=55, ge=0, le=HIGHEST_RATE)
    pay_per_minute: int = Field(default=12, ge=0, le=HIGHEST_RATE)
    pay_urgent: int = Field(default=120, ge=0, le=HIGHEST_RATE)
    pay_further: int = Field(default=200, ge=0, le=HIGHEST_RATE)
    return_percent: int = Field(default=60, ge=0, le=100)

    @property
    def usual_pay_per_minute(self) -> float:
        """Minor units of pay for each minute of a usual trip; offers are compared with it, in any currency.

        A usual trip has three kilometres, ten minutes for these, and twelve minutes to the pickup and at the doors.
        """
        return max(1.0, (self.pay_base + 3 * self.pay_per_km + 10 * self.pay_per_minute) / 22)


def scaled(parts: tuple[PricePart, ...], percent: int, rounding: str) -> tuple[PricePart, ...]:
    """Return ``percent`` of some parts, each rounded by itself; a part that becomes zero is left out.

    Parameters
    ----------
    rounding : str
        A rounding mode of ``decimal``.
    """
    share = Decimal(percent) / 100
    due = (PricePart(code=part.code, amount=part.amount.times(share, rounding)) for part in parts)
    return tuple(part for part in due if part.amount.amount)


def agreed_parts(parts: tuple[PricePart, ...]) -> tuple[PricePart, ...]:
    """Return the parts that were agreed beforehand."""
    return tuple(part for part in parts if part.code not in NOT_AGREED)


def less_paid(parts: tuple[PricePart, ...], paid: int) -> tuple[PricePart, ...]:
    """Return what of some parts is left to pay to somebody who was paid some of it before; never less than nothing.

    Parameters
    ----------
    paid : int
        Minor units that were paid before.

    Examples
    --------
    >>> base = PricePart(code="base", amount=Money(amount=300, currency="USD"))
    >>> [(part.code, part.amount.amount) for part in less_paid((base,), 75)]
    [('base', 300), ('paid_before', -75)]
    >>> less_paid((base,), 400)
    ()
    """
    if not paid:
        return parts
    whole = sum(part.amount.amount for part in parts)
    if whole <= paid:
        return ()
    currency = parts[0].amount.currency
    return (*parts, PricePart(code=PAID_BEFORE, amount=Money(amount=-paid, currency=currency)))


def due_of(parts: tuple[PricePart, ...], percent: int, rounding: str) -> tuple[PricePart, ...]:
    """Return a share of some parts, less what was paid before of them.

    Waiting that has happened is due whole, or not at all if the share is 0. It was not paid before.
    """
    waits = tuple(part for part in parts if part.code == WAIT and percent)
    paid = -sum(part.amount.amount for part in parts if part.code == PAID_BEFORE)
    return (*less_paid(scaled(agreed_parts(parts), percent, rounding), paid), *waits)


class Price(Value):
    """Price of a delivery for its merchant and its driver, pinned when the delivery is created.

    Parameters
    ----------
    charge, pay : tuple of PricePart
        The parts; their sums are the totals.
    tip : Money
        The driver gets all of it.
    return_percent : int
        The way back costs and earns this percentage of every part.
    trip, versions : PricedTrip, PriceVersions or None
        The inputs and the versions of the tables by which it can be computed again; None for a price from before these
        were kept.
    """

    charge: tuple[PricePart, ...]
    pay: tuple[PricePart, ...]
    tip: Money
    return_percent: int = 60
    trip: PricedTrip | None = None
    versions: PriceVersions | None = None

    @property
    def agreed(self) -> Self:
        """The price as it was agreed beforehand, without waiting."""
        return self.model_copy(update={"charge": agreed_parts(self.charge), "pay": agreed_parts(self.pay)})

    @property
    def undivided(self) -> Self:
        """The price with all of the driver's pay, whether or not they were paid some of it before."""
        return self.model_copy(update={"pay": tuple(part for part in self.pay if part.code != PAID_BEFORE)})

    @property
    def return_charge(self) -> tuple[PricePart, ...]:
        """Parts that the merchant is charged in addition if the goods go back."""
        back = scaled(agreed_parts(self.charge), self.return_percent, ROUND_HALF_EVEN)
        return tuple(part.model_copy(update={"code": f"return_{part.code}"}) for part in back)

    @property
    def return_pay(self) -> tuple[PricePart, ...]:
        """Parts that the driver earns in addition for bringing the goods back."""
        back = scaled(agreed_parts(self.pay), self.return_percent, ROUND_CEILING)
        return tuple(part.model_copy(update={"code": f"return_{part.code}"}) for part in back)

    def with_tip(self, tip: int) -> Self:
        """Return the same price with another tip, in minor units."""
        return self.model_copy(update={"tip": Money(amount=tip, currency=self.tip.currency)})

    def raised_to(self, amount: int) -> Self:
        """Return the same price with a pay that is raised by an amount in all, in minor units; never by less than now.

        The priced parts stay as they are, and so does the charge.
        """
        now = self.raised
        if amount <= now:
            return self
        others = tuple(part for part in self.pay if part.code != RAISE)
        part = PricePart(code=RAISE, amount=Money(amount=amount, currency=self.tip.currency))
        return self.model_copy(update={"pay": (*others, part)})

    @property
    def raised(self) -> int:
        """The amount by which the pay was raised over the priced parts, in minor units."""
        return sum(part.amount.amount for part in self.pay if part.code == RAISE)

    @property
    def charge_total(self) -> Money:
        """The merchant's charge without the tip."""
        return Money.total((part.amount for part in self.charge), self.tip.currency)

    @property
    def pay_total(self) -> Money:
        """The driver's pay without the tip."""
        return Money.total((part.amount for part in self.pay), self.tip.currency)


def price_trip(
    card: RateCard,
    distance_m: float,
    duration_s: float,
    tip: int = 0,
    *,
    urgent: bool = False,
    further: bool = False,
) -> Price:
    """Return the price of one trip from pickup to drop-off.

    Parameters
    ----------
    distance_m, duration_s : float
        Planned metres and seconds from pickup to drop-off.
    tip : int
        Tip promised by the customer, minor units.
    further : bool
        Whether it is a further drop-off of a job, which has a smaller base.
    """
    km = Decimal(round(distance_m)) / 1000
    minutes = Decimal(round(duration_s)) / 60

    def part(code: str, rate: int, quantity: Decimal = Decimal(1)) -> PricePart:
        return PricePart(code=code, amount=Money(amount=rate, currency=card.currency).times(quantity))

    charge_base, pay_base = card.charge_base, card.pay_base
    if further:
        charge_base, pay_base = min(charge_base, card.charge_further), min(pay_base, card.pay_further)
    charge = [part("base", charge_base), part("distance", card.charge_per_km, km)]
    pay = [
        part("base", pay_base),
        part("distance", card.pay_per_km, km),
        part("time", card.pay_per_minute, minutes),
    ]
    if urgent:
        charge.append(part("urgent", card.charge_urgent))
        pay.append(part("urgent", card.pay_urgent))
    return Price(
        charge=tuple(charge),
        pay=tuple(pay),
        tip=Money(amount=tip, currency=card.currency),
        return_percent=card.return_percent,
    )


class Outcome(StrEnum):
    """Ends of a delivery that differ in what is charged and paid."""

    DELIVERED = "delivered"
    RETURNED = "returned"
    DISPOSED = "disposed"
    FAILED_AT_PICKUP = "failed_at_pickup"
    CANCELLED_AT_PICKUP = "cancelled_at_pickup"
    CANCELLED_ON_THE_WAY = "cancelled_on_the_way"
    NO_SERVICE = "no_service"


SHARES_OF_OUTCOME: dict[Outcome, Shares] = {
    Outcome.DELIVERED: WHOLE,
    Outcome.RETURNED: WHOLE,
    Outcome.DISPOSED: WHOLE,
    Outcome.FAILED_AT_PICKUP: HALF,
    Outcome.NO_SERVICE: NOTHING,
}
"""Shares of the pinned charge and pay that are due by outcome, unless somebody called the delivery off.

For cancellations the shares follow from the pinned ``CancellationTerms``.
"""


def settle_price(price: Price, outcome: Outcome, shares: Shares | None = None) -> Price:
    """Return the price that is due for an outcome.

    The way back is due only if the goods came back, the tip only if they reached the customer. Each part of the pay is
    rounded up, so that a driver never gets less than the share of the whole. Waiting is due whole, unless the share
    is 0. What the driver was paid for the same delivery before is taken off.

    Parameters
    ----------
    shares : Shares or None
        Shares fixed at the cancellation; None if the delivery was not cancelled.

    Raises
    ------
    KeyError
        If it was cancelled and no shares are given.
    """
    due = shares or SHARES_OF_OUTCOME[outcome]
    back = outcome is Outcome.RETURNED
    return price.model_copy(
        update={
            "charge": due_of(price.charge + (price.return_charge if back else ()), due.charge, ROUND_HALF_EVEN),
            "pay": due_of(price.pay + (price.return_pay if back else ()), due.pay, ROUND_CEILING),
            "tip": price.tip if outcome is Outcome.DELIVERED else Money.zero(price.tip.currency),
        }
    )
