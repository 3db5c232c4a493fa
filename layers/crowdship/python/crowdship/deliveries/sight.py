"""The time in which a delivery's driver sees its customer, and the area that is seen instead before. Pure."""

from datetime import datetime, timedelta

import h3

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, State
from crowdship.kernel.geo import Point

SEEN_AFTER = timedelta(hours=1)
"""The customer is seen this long after the stop, for what was forgotten or left in the wrong place."""

AT_THE_STOP = (State.DELIVERED, State.FAILED, State.RETURNING)
"""States that end the stop at the customer."""

AREA_RESOLUTION = 8
"""H3 resolution of an area: its corners are about 530 m from its middle, so that it holds many doors."""


def had_the_goods(delivery: Delivery) -> bool:
    """Return whether its present driver had the goods on board at any time."""
    return delivery.has_been(State.PICKED_UP)


def sight_ends_at(delivery: Delivery) -> datetime | None:
    """Return when its driver sees the customer no more; None if the stop has not ended yet or never begins."""
    if not had_the_goods(delivery):
        return None
    ends = [step.at for step in delivery.standing if step.state in AT_THE_STOP]
    return ends[0] + SEEN_AFTER if ends else None


def may_see(delivery: Delivery, now: datetime) -> bool:
    """Return whether its driver sees name, door and notes now: from the pickup to an hour after the stop.

    A driver who is to fetch the goods from another driver sees them once the goods are on board.
    """
    if delivery.driver_id is None:
        return False
    ends_at = sight_ends_at(delivery)
    return now < ends_at if ends_at else delivery.state in ON_BOARD


def area_of(point: Point) -> Point:
    """Return the middle of the area in which a point is, the same for all points of the area.

    Examples
    --------
    >>> area_of(Point(lat=41.88, lon=-87.63))
    Point(lat=41.88144, lon=-87.62834)
    """
    lat, lon = h3.cell_to_latlng(h3.latlng_to_cell(point.lat, point.lon, AREA_RESOLUTION))
    return Point(lat=round(lat, 5), lon=round(lon, 5))
