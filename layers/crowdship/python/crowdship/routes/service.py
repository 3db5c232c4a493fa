"""Use cases of routes: reading, writing and confirming."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries.states import DISPATCH
from crowdship.drivers.model import Driver
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.store import RouteRow
from crowdship.routes.timetable import Load


def of(driver_id: str, zone_id: str = "") -> Route:
    """Return a driver's route; an empty one in ``zone_id`` if they have none yet."""
    return RouteRow.load(driver_id) or Route(id=driver_id, zone_id=zone_id)


def of_many(drivers: Iterable[Driver]) -> dict[str, Route]:
    """Return the routes of some drivers, by driver id; empty ones for those who have none yet."""
    wanted = {driver.id: driver for driver in drivers}
    found = {route.id: route for route in RouteRow.load_many(wanted)}
    return {
        driver_id: found.get(driver_id) or Route(id=driver_id, zone_id=driver.home_zone_id)
        for driver_id, driver in wanted.items()
    }


def keep(route: Route, work: UnitOfWork) -> None:
    """Add the write of a route to a unit of work; the commit fails if the route has changed since it was read."""
    work.store(RouteRow.of(route))


def confirm(driver_id: str, revision: int) -> Route:
    """Note that a driver knows the plan of a revision; doing it twice changes nothing."""

    def attempt() -> Route:
        route = of(driver_id)
        confirmed = route.confirm(revision)
        if confirmed is not route:
            work = UnitOfWork()
            keep(confirmed, work)
            work.commit()
        return confirmed

    return persistently(attempt)


def must_stay(route: Route, work: UnitOfWork) -> None:
    """Add to a unit of work the condition that a route is still as it was read."""
    unread = RouteRow.pk.does_not_exist()
    unchanged = RouteRow.version == route.stored_version if route.stored_version else unread
    work.check(RouteRow, route.id, RouteRow.SORT, unchanged)


def drop_delivery(
    driver_id: str,
    zone_id: str,
    delivery_id: str,
    now: datetime,
    reason: ChangeReason,
    work: UnitOfWork,
    by: str = DISPATCH,
) -> None:
    """Add the write that takes a delivery off a driver's route."""
    route = of(driver_id, zone_id)
    changed = route.without(delivery_id, now, reason, by)
    if changed is not route:
        keep(changed, work)


def capacity_of(driver: Driver) -> Load:
    """Return the capacity of a driver's vehicle."""
    return Load(driver.vehicle.max_weight_g, driver.vehicle.max_volume_l)
