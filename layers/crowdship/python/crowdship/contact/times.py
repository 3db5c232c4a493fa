"""The time in which a customer and a driver may reach each other about a delivery."""

from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sight import may_see, sight_ends_at
from crowdship.deliveries.states import State
from crowdship.kernel.errors import Conflict


def was_reachable(delivery: Delivery) -> bool:
    """Return whether customer and driver could reach each other at any time: once a real driver had the goods."""
    return delivery.livemode and any(step.state is State.PICKED_UP for step in delivery.timeline)


def contact_ends_at(delivery: Delivery) -> datetime | None:
    """Return when the contact of a customer and the driver ends; None if the stop has not ended yet or never begins."""
    return sight_ends_at(delivery) if delivery.livemode else None


def may_contact(delivery: Delivery, now: datetime) -> bool:
    """Return whether a customer and the driver may reach each other now: while the driver sees the customer."""
    return delivery.livemode and may_see(delivery, now)


def refuse_contact(delivery: Delivery, now: datetime) -> None:
    """Check that a customer and the driver may reach each other now.

    Raises
    ------
    Conflict
        If it is too early or too late.
    """
    if not may_contact(delivery, now):
        detail = (
            f"The delivery is {delivery.state}. Customer and driver can reach each other from the pickup until an hour "
            "after the stop; before and after, the shop helps the customer, and our dispatchers the driver."
        )
        raise Conflict("no_contact_now", detail)
