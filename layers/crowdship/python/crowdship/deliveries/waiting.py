"""Waits of a delivery's drivers at its doors, read from its timeline. Pure.

A wait at the shop begins with the driver's arrival, or at the moment at which the goods were promised when the driver
got the delivery if that is later, and ends with the pickup, a failure, or a cancellation. Goods that became ready
later than that are waited for. Fetching goods from another driver's vehicle is no wait at the shop. A driver who gives
the delivery back while waiting is paid nothing for it, and the merchant is not charged.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from crowdship.deliveries.states import State
from crowdship.pricing.model import Price
from crowdship.pricing.waiting import with_waits

if TYPE_CHECKING:
    from crowdship.deliveries.delivery.record import DeliveryRecord


class Wait(NamedTuple):
    """A wait at a door.

    Parameters
    ----------
    at_shop : bool
        False at the customer's.
    own : bool
        True if the delivery's present driver waited.
    counted : timedelta
        What counts of it by the terms.
    """

    at_shop: bool
    own: bool
    counted: timedelta


def waits_of(delivery: "DeliveryRecord", until: datetime | None = None) -> tuple[Wait, ...]:
    """Return the waits of a delivery, in their order; one that is not over counts only up to ``until``."""
    return tuple(_waits(delivery, until))


def _waits(delivery: "DeliveryRecord", until: datetime | None) -> Iterator[Wait]:
    steps = delivery.standing
    newest = max((number for number, step in enumerate(steps) if step.state is State.ASSIGNED), default=0)
    was_fetched = False
    for number, (step, following) in enumerate(zip_longest(steps, steps[1:])):
        was_fetched = was_fetched or step.state is State.PICKED_UP
        at_shop = step.state is State.ARRIVED_AT_PICKUP and not was_fetched
        left_at = following.made_at if following else until
        given_back = following and following.state is State.CREATED and following.actor == step.actor
        if left_at is None or given_back or not (at_shop or step.state is State.ARRIVED_AT_DROPOFF):
            continue
        counted = delivery.wait.counted(step.made_at, left_at, _promised(delivery) if at_shop else None)
        if counted:
            yield Wait(at_shop, delivery.driver_id is not None and number > newest, counted)


def _promised(delivery: "DeliveryRecord") -> datetime:
    """Return when the goods were to be ready: as the driver was told, or earlier if the shop said so since."""
    opens_at = delivery.pickup_window.opens_at
    told = delivery.planned.pickup_at if delivery.planned else None
    return min(told or opens_at, opens_at)


def waited_price(delivery: "DeliveryRecord", until: datetime | None = None) -> Price:
    """Return a delivery's price with the parts for the waits so far.

    The present driver is paid for their own waits, as others were paid for theirs when they handed over. The merchant
    is charged for every wait at the shop.
    """
    if not delivery.wait.counts:
        return delivery.price
    waits = waits_of(delivery, until)
    paid = (wait.counted for wait in waits if wait.own)
    return with_waits(delivery.price, delivery.wait, paid, (wait.counted for wait in waits if wait.at_shop))
