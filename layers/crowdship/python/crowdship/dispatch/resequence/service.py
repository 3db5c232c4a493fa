"""Bring a driver's route into a better order after it changed, or after its times did."""

import time

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.dispatch.resequence.rules import better_order
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.timetable import timed
from crowdship.tracking import service as tracking
from crowdship.travel.current import travel_at
from crowdship.zones import service as zones

SEARCH_S = 5.0
"""A route of so many stops that this is too short for it is answered with the best order so far."""


def improve(driver_id: str, zone_id: str, clock: Clock) -> Route | None:
    """Resequence a driver's open stops if that is worth it; what is in progress or pinned stays.

    A driver is not asked to follow more such changes in an hour than the zone allows, nor one that takes back another
    or a dispatcher's.
    Whether it was worth it or not: the route may have just changed, so customers may have to expect their driver at
    another time.

    Returns
    -------
    Route or None
        The route in its new order, or None if the old one stays.
    """

    def attempt() -> Route | None:
        now = clock.now()
        route = routing.of(driver_id, zone_id)
        if len(route.stops) < 2:
            return None
        zone = zones.get(zone_id)
        travel, start = travel_at(zone, now), tracking.start_of(driver_id, route.stops[0].point, now)
        capacity = routing.capacity_of(drivers.get(driver_id))
        ends = time.monotonic() + SEARCH_S
        order = better_order(
            route, start, capacity, travel, zone.settings.dispatch, may_go_on=lambda: time.monotonic() < ends
        )
        if order is None:
            return None
        better = route.replan(timed(order, start, travel), now, ChangeReason.RESEQUENCED)
        work = UnitOfWork()
        routing.keep(better, work)
        work.commit()
        return better

    better = persistently(attempt)
    tracking.announce_changes(driver_id, clock)
    return better
