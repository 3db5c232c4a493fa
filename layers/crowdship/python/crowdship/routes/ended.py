"""Deliveries that ended on a driver's route."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CLOSED, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value

MOST_ENDED = 10
"""Ended deliveries that a route remembers."""


class EndedDelivery(Value):
    """A delivery that ended while it was on a route, and when that came in."""

    delivery_id: str
    at: Moment


class EndedView(Value):
    """A delivery that its driver ended, or for which goods go back.

    Parameters
    ----------
    ended_at : datetime
        Moment of the last step.
    correctable_until : datetime or None
        Until when the driver can take the ending back; null if they can't.
    """

    delivery_id: str
    order_number: str
    state: State
    ended_at: Moment
    correctable_until: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the view of a delivery."""
        return cls(
            delivery_id=delivery.id,
            order_number=delivery.known_as,
            state=delivery.state,
            ended_at=(delivery.ending or delivery.timeline[-1]).made_at,
            correctable_until=delivery.correctable_until,
        )


def with_ended(ended: Iterable[EndedDelivery], delivery_id: str, at: datetime) -> tuple[EndedDelivery, ...]:
    """Return ended deliveries with one more, the newest first."""
    others = (one for one in ended if one.delivery_id != delivery_id)
    return (EndedDelivery(delivery_id=delivery_id, at=at), *others)[:MOST_ENDED]


def is_shown(delivery: Delivery, driver_id: str) -> bool:
    """Return whether a delivery is still one that a driver ended."""
    over = delivery.state in CLOSED or (delivery.state is State.RETURNING and delivery.ending is not None)
    return over and delivery.driver_id == driver_id
