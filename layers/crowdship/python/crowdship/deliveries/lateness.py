"""Lateness by the platform's fault, without delays that the merchant caused. Pure.

A merchant may cancel a delivery free of charge when it takes too long. A delivery is due at the end of its drop-off
window, or at the end of its shortest trip if that is later. Delays that the merchant adds (goods ready later, a farther
drop-off, a driver who waits at the counter) move that moment.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from crowdship.deliveries.states import State
from crowdship.kernel.events import Value

if TYPE_CHECKING:
    from crowdship.deliveries.delivery.record import DeliveryRecord
    from crowdship.deliveries.delivery.values import Step


class Way(Value):
    """The least time that a delivery takes, from the opening of its pickup to the arrival at the customer.

    Parameters
    ----------
    stay_s : int
        Seconds at the pickup.
    travel_s : int
        Seconds from the pickup to the drop-off, in free flow.
    """

    stay_s: int = Field(default=0, ge=0)
    travel_s: int = Field(default=0, ge=0)

    @property
    def takes(self) -> timedelta:
        """Stay and travel together."""
        return timedelta(seconds=self.stay_s + self.travel_s)

    @property
    def minutes(self) -> int:
        """Stay and travel together in whole minutes, rounded up."""
        return -(-(self.stay_s + self.travel_s) // 60)


def due_at(closes_at: datetime, opens_at: datetime, way: Way, now: datetime) -> datetime:
    """Return the moment from which a delivery is late by the platform's fault.

    Parameters
    ----------
    closes_at : datetime
        The end of the drop-off window.
    opens_at : datetime
        The beginning of the pickup window.
    now : datetime
        The time of the merchant's request.
    """
    return max(closes_at, max(now, opens_at) + way.takes)


def is_late(delivery: "DeliveryRecord", expected: datetime | None) -> bool:
    """Return whether a delivery that is expected at a moment is late by the platform's fault.

    A wait at the counter beyond the usual stay, after the pickup window opened, is the shop's fault. It is subtracted,
    as if the shop had handed the goods over in time.
    """
    if expected is None:
        return False
    promised = max(delivery.due_at or delivery.dropoff_window.closes_at, delivery.dropoff_window.closes_at)
    came = _came_to_shop(delivery.timeline)
    if came is not None:
        ready = max(came.made_at, delivery.pickup_window.opens_at) + timedelta(seconds=delivery.way.stay_s)
        if delivery.state is State.ARRIVED_AT_PICKUP and not delivery.transfer_point:
            expected = min(expected, ready + timedelta(seconds=delivery.way.travel_s))
        elif fetched := next((step for step in delivery.timeline if step.state is State.PICKED_UP), None):
            expected -= max(timedelta(0), fetched.made_at - ready)
    return expected > promised


def _came_to_shop(timeline: Sequence["Step"]) -> "Step | None":
    """Return the step of arrival at the shop, by the driver who fetched the goods or waits for them."""
    came = None
    for step in timeline:
        if step.state is State.ARRIVED_AT_PICKUP:
            came = step
        elif step.state is State.PICKED_UP:
            break
        elif step.state is State.ASSIGNED:
            came = None
    return came
