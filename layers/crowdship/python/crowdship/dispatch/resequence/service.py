"""Resequencing of a driver's route after it or its times changed."""

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
"""Wall seconds after which the search ends with the best order so far."""


def improve(driver_id: str, zone_id: str, clock: Clock) -> Route | None:
    """Resequence a driver's open stops if that is worth it; stops in progress or pinned stay.

    The zone limits such changes per hour. None brings back an order that was left within the hour, or undoes a
    dispatcher's. Customers are told of new arrival times even if the order stays, because the route changed before.

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
