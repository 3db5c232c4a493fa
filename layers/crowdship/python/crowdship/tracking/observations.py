"""Legs and stays of a delivery's driver, as the delivery's timeline has them."""

from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State

SHORTEST_STAY_S = 30.0
"""Quicker is the second order of a bundle, whose stay was counted with the first."""


def stay_of(delivery: Delivery, arrived: State, done: State) -> tuple[datetime, float] | None:
    """Return when a driver was done at a stop and the seconds that took, or None if both were not noted.

    Who comes before the window opens waits; that is no stay.
    """
    span = _between(delivery, arrived, done)
    if span is None:
        return None
    window = delivery.pickup_window if arrived is State.ARRIVED_AT_PICKUP else delivery.dropoff_window
    seconds = (span[1] - max(span[0], window.opens_at)).total_seconds()
    return (span[1], seconds) if seconds >= SHORTEST_STAY_S else None


def leg_of(delivery: Delivery, left: State, arrived: State) -> tuple[datetime, datetime] | None:
    """Return when a driver left for a stop and was there, or None if both were not noted."""
    span = _between(delivery, left, arrived)
    return span if span and span[0] < span[1] else None


def _between(delivery: Delivery, first: State, then: State) -> tuple[datetime, datetime] | None:
    """Return when the newest steps into two states were made, by the device; None unless one actor made both."""
    began, ended = delivery.newest_step(first), delivery.newest_step(then)
    if ended is None or began is None or ended.actor != began.actor:
        return None
    return began.made_at, ended.made_at
