"""The time in which a customer and a driver may reach each other about a delivery."""

from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, State
from crowdship.kernel.errors import Conflict

CONTACT_AFTER = timedelta(hours=1)
"""The contact goes on this long after the stop, for what was forgotten or left in the wrong place."""

AT_THE_STOP = (State.DELIVERED, State.FAILED, State.RETURNING)
"""States that end the stop at the customer."""


def was_reachable(delivery: Delivery) -> bool:
    """Return whether customer and driver could reach each other at any time: once a real driver had the goods."""
    return delivery.livemode and any(step.state is State.PICKED_UP for step in delivery.timeline)


def contact_ends_at(delivery: Delivery) -> datetime | None:
    """Return when the contact of a customer and the driver ends; None if the stop has not ended yet or never begins."""
    if not was_reachable(delivery):
        return None
    ends = [step.at for step in delivery.standing if step.state in AT_THE_STOP]
    return ends[0] + CONTACT_AFTER if ends else None


def may_contact(delivery: Delivery, now: datetime) -> bool:
    """Return whether a customer and the driver may reach each other now: from the pickup to an hour after the stop."""
    if not was_reachable(delivery) or delivery.driver_id is None:
        return False
    ends_at = contact_ends_at(delivery)
    return now < ends_at if ends_at else delivery.state in ON_BOARD


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
