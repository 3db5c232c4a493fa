"""Lateness of a delivery by cause; the causes' seconds add up to it. Pure.

The platform has to show that a delay was the driver's: what it can't show is counted as its own plan's.
"""

from datetime import datetime, timedelta

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.kernel.events import Value


class Lateness(Value):
    """Seconds between the promised and the real arrival at the customer, by cause.

    Parameters
    ----------
    shop : int
        The wait at the counter, beyond the usual stay, once the driver was there and the pickup window was open.
    traffic : int
        Travel to the customer beyond the time of free streets.
    plan : int
        Promised before it was possible by our plan, other stops that we put before it, and whatever nothing else
        explains.
    driver : int
        Time in which the driver had nothing else to do and did not leave, although the goods could be fetched.

    Examples
    --------
    >>> Lateness(shop=300, traffic=120).total
    420
    """

    shop: int = Field(default=0, ge=0)
    traffic: int = Field(default=0, ge=0)
    plan: int = Field(default=0, ge=0)
    driver: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        """All causes together, seconds."""
        return self.shop + self.traffic + self.plan + self.driver


GRACE_S = 60
"""Seconds that a driver takes to leave, which are no delay."""


def lateness_of(delivery: Delivery) -> Lateness:
    """Return the lateness of a delivery at its customer, by cause; none if it came in time or never came.

    The causes are taken in this order, and none takes more than what is left: what the plan promised too early, the
    shop's wait, traffic, the driver's own idle time; the plan has the rest.
    """
    came = _made(delivery, State.ARRIVED_AT_DROPOFF) or _made(delivery, State.DELIVERED)
    promised = delivery.dropoff_window.closes_at
    if came is None or came <= promised:
        return Lateness()
    total = left = _seconds(came - promised)
    early = min(left, _early(delivery, promised))
    left -= early
    shop = min(left, _wait(delivery))
    left -= shop
    traffic = min(left, _traffic(delivery, came))
    left -= traffic
    driver = min(left, _idle(delivery))
    return Lateness(shop=shop, traffic=traffic, driver=driver, plan=total - shop - traffic - driver)


def _early(delivery: Delivery, promised: datetime) -> int:
    """Return by how much the plan was later than the promise when the driver got the delivery, seconds."""
    planned = delivery.planned and delivery.planned.arrival
    return _seconds(planned - promised) if planned else 0


def _wait(delivery: Delivery) -> int:
    came, left = _made(delivery, State.ARRIVED_AT_PICKUP), _made(delivery, State.PICKED_UP)
    if came is None or left is None:
        return 0
    ready = max(came, delivery.pickup_window.opens_at) + timedelta(seconds=delivery.way.stay_s)
    return _seconds(left - ready)


def _traffic(delivery: Delivery, came: datetime) -> int:
    left = _made(delivery, State.EN_ROUTE_TO_DROPOFF) or _made(delivery, State.PICKED_UP)
    return (
        _seconds(came - left) - delivery.way.travel_s if left and _seconds(came - left) > delivery.way.travel_s else 0
    )


def _idle(delivery: Delivery) -> int:
    """Return the time before leaving for the shop and the customer, if nothing else was on the driver's route.

    Whoever is at the shop when the goods can be fetched left in time, however long after the assignment.
    """
    if delivery.planned is None or not delivery.planned.alone:
        return 0
    came = _made(delivery, State.ARRIVED_AT_PICKUP) or _made(delivery, State.PICKED_UP)
    ready = max(one for one in (delivery.pickup_window.opens_at, delivery.ready_at) if one)
    too_late = _seconds(came - ready) if came else 0
    to_shop = min(too_late, _waited(delivery, State.ASSIGNED, State.EN_ROUTE_TO_PICKUP))
    return to_shop + _waited(delivery, State.PICKED_UP, State.EN_ROUTE_TO_DROPOFF)


def _waited(delivery: Delivery, before: State, after: State) -> int:
    """Return the time between two steps beyond what leaving takes."""
    since, until = _made(delivery, before), _made(delivery, after)
    return max(0, _seconds(until - since) - GRACE_S) if since and until else 0


def _made(delivery: Delivery, state: State) -> datetime | None:
    """Return when the present driver made the newest step into a state, or None if they did not."""
    for step in reversed(delivery.standing):
        if step.state is state:
            return step.made_at
        if step.state is State.ASSIGNED:
            break
    return None


def _seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))
