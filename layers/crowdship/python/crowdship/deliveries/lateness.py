"""Lateness that is the platform's: what the merchant caused itself is not counted. Pure.

A merchant may call a delivery off for nothing when it takes too long. That holds only against a promise that could have
been kept: it ends with the drop-off window, or when the way needs longer, with the way; what the merchant adds later
(goods that are ready later, a farther door, a driver who waits at the counter) is added to it.
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
        """Both together."""
        return timedelta(seconds=self.stay_s + self.travel_s)

    @property
    def minutes(self) -> int:
        """Both together in whole minutes, rounded up."""
        return -(-(self.stay_s + self.travel_s) // 60)


def due_at(closes_at: datetime, opens_at: datetime, way: Way, now: datetime) -> datetime:
    """Return from when on a delivery is late by the platform's doing.

    Parameters
    ----------
    closes_at : datetime
        The end of the drop-off window.
    opens_at : datetime
        The beginning of the pickup window.
    now : datetime
        When the merchant asked for it.
    """
    return max(closes_at, max(now, opens_at) + way.takes)


def is_late(delivery: "DeliveryRecord", expected: datetime | None) -> bool:
    """Return whether the platform breaks its promise with a delivery that is expected at a moment.

    A driver's wait at the counter, beyond the usual stay and from the opening of the pickup window on, is the shop's: a
    driver who waits there is looked at as if the goods had been handed over in time.
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
    """Return the step by which the driver who fetched the goods, or waits for them, came to the shop."""
    came = None
    for step in timeline:
        if step.state is State.ARRIVED_AT_PICKUP:
            came = step
        elif step.state is State.PICKED_UP:
            break
        elif step.state is State.ASSIGNED:
            came = None
    return came
