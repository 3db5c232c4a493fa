"""Legs and stays of a delivery's driver, taken from the delivery's timeline."""

from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State

SHORTEST_STAY_S = 30.0
"""A shorter stay is that of a bundle's second order, whose stay was counted with the first."""


def stay_of(delivery: Delivery, arrived: State, done: State) -> tuple[datetime, float] | None:
    """Return when a driver was done at a stop and the seconds of the stay, or None.

    The result is None if one of the two steps was not noted or the stay was shorter than ``SHORTEST_STAY_S``. The time
    that an early driver waits for the window to open is not part of the stay.
    """
    span = _between(delivery, arrived, done)
    if span is None:
        return None
    window = delivery.pickup_window if arrived is State.ARRIVED_AT_PICKUP else delivery.dropoff_window
    seconds = (span[1] - max(span[0], window.opens_at)).total_seconds()
    return (span[1], seconds) if seconds >= SHORTEST_STAY_S else None


def leg_of(delivery: Delivery, left: State, arrived: State) -> tuple[datetime, datetime] | None:
    """Return when a driver left for a stop and when they arrived, or None if one of the two was not noted."""
    span = _between(delivery, left, arrived)
    return span if span and span[0] < span[1] else None


def _between(delivery: Delivery, first: State, then: State) -> tuple[datetime, datetime] | None:
    """Return the times of the newest steps into two states, by the device's clock; None unless one actor made both."""
    began, ended = delivery.newest_step(first), delivery.newest_step(then)
    if ended is None or began is None or ended.actor != began.actor:
        return None
    return began.made_at, ended.made_at
