"""Going on and off duty, which checks and changes a driver's position and route."""

from collections.abc import Callable

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.drivers import service as drivers
from crowdship.drivers.limits import driving_limit
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.geo import Point
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.tracking import service as tracking
from crowdship.zones import service as zones


def begin(driver_id: str, zone_id: str | None, position: Point | None, clock: Clock) -> Driver:
    """Put a driver on duty at their present position.

    The position is written first, because a driver on duty without a position would never be asked. A driver who is on
    duty already keeps their position, as an app that restarts may still have buffered newer ones.
    """
    driver = drivers.get(driver_id)
    zone = zones.get(zone_id or (driver.duty.zone_id if driver.duty else driver.home_zone_id))
    driver.go_on_duty(zone.id, clock.now(), zone.settings.time_zone, driving_limit(zone.settings, clock.now()))
    if driver.duty is None or not tracking.is_followed(driver_id):
        tracking.begin_duty(driver_id, position, clock, zone.settings.area[0])
    return drivers.go_on_duty(driver_id, zone.id, clock)


def end(driver_id: str, clock: Clock) -> Driver:
    """Take a driver off duty if their route is empty, and nothing is added to it meanwhile."""

    def attempt() -> Driver:
        driver, route = drivers.get(driver_id), routing.of(driver_id)
        gone = driver.go_off_duty(clock.now(), len(route.stops))
        if gone is not driver:
            work = UnitOfWork()
            drivers.keep(gone, work)
            routing.must_stay(route, work)
            work.commit()
        return gone

    gone = persistently(attempt)
    tracking.go_off_duty(driver_id, clock)
    return gone


def relieve(driver_id: str, actor: str, clock: Clock) -> Driver:
    """Take a driver off duty by staff; deliveries that they have not fetched yet wait for other drivers.

    Raises
    ------
    Conflict
        If goods are on board, which staff have to resolve first.
    """

    def attempt() -> Driver:
        now = clock.now()
        driver = drivers.get(driver_id)
        route = routing.of(driver_id, driver.home_zone_id)
        if driver.duty is None and not route.stops:
            return driver
        work = UnitOfWork()
        for delivery in deliveries.get_many(stop.delivery_id for stop in route.stops).values():
            if delivery.has_left_shop:
                detail = (
                    f"{delivery.id} is {delivery.state}; transfer, complete or fail it before its driver goes off duty."
                )
                raise Conflict("goods_on_board", detail)
            deliveries.keep(delivery.reopen(now, ChangeReason.DRIVER_RELIEVED, actor=actor), work)
        routing.keep(route.replan((), now, ChangeReason.DRIVER_RELIEVED, actor), work)
        gone = driver.go_off_duty(now, 0)
        drivers.keep(gone, work)
        work.commit()
        return gone

    gone = persistently(attempt)
    tracking.go_off_duty(driver_id, clock)
    return gone


def withdraw(
    driver_id: str, actor: str, clock: Clock, which: Callable[[Delivery], bool] = lambda delivery: True
) -> int:
    """Take from a driver what is not on board yet, for other drivers; what is on board stays on the route.

    Return the number of deliveries that were taken; a repeated call takes none.

    Parameters
    ----------
    which : callable, optional
        Which deliveries are taken; all by default.
    """

    def attempt() -> int:
        now, route = clock.now(), routing.of(driver_id)
        work, shorter, taken = UnitOfWork(), route, 0
        for delivery in deliveries.get_many(stop.delivery_id for stop in route.stops).values():
            if delivery.has_left_shop or not which(delivery):
                continue
            deliveries.keep(delivery.reopen(now, ChangeReason.DRIVER_PAUSED, actor=actor), work)
            shorter, taken = shorter.without(delivery.id, now, ChangeReason.DRIVER_PAUSED, actor), taken + 1
        if taken:
            routing.keep(shorter, work)
            work.commit()
        return taken

    return persistently(attempt)
