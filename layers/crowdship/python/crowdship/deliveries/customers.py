"""The rules of a customer's acts by the tracking link: rating and tip after the hand-over."""

from collections.abc import Callable
from datetime import datetime, timedelta

from crowdship.deliveries.delivery.values import LateTip
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CUSTOMER, State
from crowdship.kernel.clock import written
from crowdship.kernel.errors import Conflict
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money

ACTS_WITHIN = timedelta(days=7)
"""A customer may rate and tip until this long after the hand-over."""

MOST_CUSTOMER_TIP = 10_000
"""Minor units. The merchant is charged, so a customer's bound is lower than the merchant's own."""


def refuse_rating(delivery: Delivery, now: datetime) -> None:
    """Check that a customer may rate a delivery.

    Raises
    ------
    Conflict
        If it is not delivered, or was delivered longer than ``ACTS_WITHIN`` ago.
    """
    _refuse_outside(delivery, now, "rate", "rated")


def _refuse_outside(delivery: Delivery, now: datetime, act: str, acted: str) -> None:
    delivered = delivery.newest_step(State.DELIVERED)
    if delivered is None:
        raise Conflict("wrong_state", f"The delivery is {delivery.state}; it can be {acted} once it is delivered.")
    if now > (ends := delivered.at + ACTS_WITHIN):
        detail = f"It was delivered at {written(delivered.at)}; it could be {acted} until {written(ends)}."
        raise Conflict(f"too_late_to_{act}", detail)


def customer_tip(delivery: Delivery) -> LateTip | None:
    """Return the tip of a delivery's customer, or None."""
    return next((tip for tip in delivery.late_tips if tip.actor == CUSTOMER), None)


def tip_by_customer(delivery: Delivery, amount: int, now: datetime, *, taken: bool) -> Delivery:
    """Return a delivery with its customer's tip; the same amount again is the same tip.

    Parameters
    ----------
    amount : int
        Minor units of the delivery's currency.
    taken : bool
        Whether the merchant takes customers' tips.

    Raises
    ------
    Conflict
        If the customer gave another tip, the merchant takes none, or the delivery was not delivered within
        ``ACTS_WITHIN``.
    """
    known = customer_tip(delivery)
    if known and known.amount.amount == amount:
        return delivery
    if known:
        raise Conflict("tipped_already", f"This delivery has your tip of {known.amount}; one tip is the most.")
    if not taken:
        raise Conflict("tips_not_taken", "This shop takes no tips by the link; the driver can be rated instead.")
    _refuse_outside(delivery, now, "tip", "tipped")
    tip = Money(amount=amount, currency=delivery.price.tip.currency)
    return delivery.tip_later(derived_id("tip", delivery.id, "by", CUSTOMER), tip, now, CUSTOMER)


def is_allowed(act: Callable[[], object]) -> bool:
    """Return whether an act is not refused."""
    try:
        act()
    except Conflict:
        return False
    return True
