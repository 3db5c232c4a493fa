"""Going on and off duty: where a driver stands, and what is still on their route."""

from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.geo import Point
from crowdship.kernel.storage import UnitOfWork, persistently
from crowdship.routing import service as routing
from crowdship.tracking import service as tracking
from crowdship.zones import service as zones


def begin(driver_id: str, zone_id: str | None, position: Point, clock: Clock) -> Driver:
    """Let a driver take work, from where they stand.

    The position is written first: a driver on duty whom nobody can place would never be asked.
    """
    zone = zones.get(zone_id or drivers.get(driver_id).home_zone_id)
    tracking.place(driver_id, position, clock)
    return drivers.go_on_duty(driver_id, zone.id, clock)


def end(driver_id: str, clock: Clock) -> Driver:
    """Let a driver go, once nothing is left on their route, and unless something is put there meanwhile."""

    def attempt() -> Driver:
        driver, route = drivers.get(driver_id), routing.of(driver_id)
        gone = driver.go_off_duty(clock.now(), len(route.stops))
        if gone is not driver:
            work = UnitOfWork()
            drivers.keep(gone, work)
            routing.must_stay(route, work)
            work.commit()
        return gone

    return persistently(attempt)
