"""Exchanges between a merchant's own drivers, in the background, after one was given work or came on duty."""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from crowdship.adapters.observability import logger
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import DISPATCH
from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.exchange.rules import Exchange, plan_exchanges
from crowdship.dispatch.store import PolishRow
from crowdship.dispatch.supply import available_in
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverKind
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import StaleWrite
from crowdship.kernel.events import DomainEvent
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.routes.timetable import Start, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.current import travel_at
from crowdship.travel.times import TravelTimes
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

SEARCH_S = 5.0
"""Wall seconds after which the search ends and the best exchanges so far are made."""

LEASE_S = 130
"""Wall seconds for which a second copy of an event does nothing; the function's timeout is shorter."""

LOOKS = 3
"""The most attempts while drivers' steps overtake exchanges."""


def after(event: DomainEvent, clock: Clock) -> list[Exchange]:
    """Make the exchanges that are worth it in the fleet of an event's driver, and return them.

    Nothing is done for crowd drivers, who keep what they accepted, or for test deliveries, which nobody drives.
    """
    if not event.livemode:
        return []
    driver = drivers.get(event.data["driver_id"])
    zone_id = event.data["zone_id"]
    if driver.kind is not DriverKind.DEDICATED or driver.merchant_id is None:
        return []
    if not zones.get(zone_id).settings.dispatch.exchange.moves:
        return []
    whose, owner, begins = (zone_id, driver.merchant_id), uuid4().hex, True
    asked_at, now = event.time.timestamp(), clock.now().timestamp()
    try:
        begins = PolishRow.begin(*whose, event.id, asked_at, owner, now, time.time(), LEASE_S)
        return polish_fleet(*whose, clock) if begins else []
    finally:
        if begins:  # also if the answer to ``begin`` was lost
            PolishRow.release(*whose, owner)


def polish_fleet(zone_id: str, merchant_id: str, clock: Clock) -> list[Exchange]:
    """Make the exchanges that are worth it between a merchant's own drivers in a zone, and return them.

    Each exchange is one transaction. It is not made if a driver's step, a tick or a dispatcher changed a route or
    delivery of it meanwhile; then the stored state is read and planned again.
    """
    made: list[Exchange] = []
    for _ in range(LOOKS):
        zone, now = zones.get(zone_id), clock.now()
        fleet = {entry.driver.id: entry for entry in available_in(zone, ()) if _is_own(entry, merchant_id)}
        known = deliveries.get_many(stop.delivery_id for entry in fleet.values() for stop in entry.route.stops)
        left = zone.settings.dispatch.exchange.moves - sum(len(exchange.moved) for exchange in made)
        travel = travel_at(zone, now)
        planned = plan_exchanges(
            list(fleet.values()), known, zone.settings, travel, now, most_moved=left, may_go_on=_until(SEARCH_S)
        )
        done = [exchange for exchange in planned if _made(exchange, fleet, known, zone, travel, now)]
        made += done
        if len(done) == len(planned):
            break
    return made


def _until(seconds: float) -> Callable[[], bool]:
    """Return a function that returns False once the seconds are over."""
    ends = time.monotonic() + seconds
    return lambda: time.monotonic() < ends


def _is_own(entry: Available, merchant_id: str) -> bool:
    return entry.driver.kind is DriverKind.DEDICATED and entry.driver.merchant_id == merchant_id


def _made(
    exchange: Exchange,
    fleet: dict[str, Available],
    known: dict[str, Delivery],
    zone: Zone,
    travel: TravelTimes,
    now: datetime,
) -> bool:
    """Write an exchange, routes and deliveries together or not at all; False if another write came first."""
    work = UnitOfWork()
    changed = {}
    for driver_id, stops in exchange.routes.items():
        entry = fleet[driver_id]
        route = entry.route.with_changes(zone_id=zone.id)
        replanned = route.replan(timed(stops, Start(entry.at, now), travel), now, ChangeReason.POLISHED)
        changed[driver_id] = replanned.announcing(exchange.moved)
        routing.keep(changed[driver_id], work)
    for driver_id in dict.fromkeys(exchange.moved.values()):
        # The write fails if the driver has gone off duty or been suspended since the read.
        drivers.must_stay(fleet[driver_id].driver, work)
    for delivery_id, driver_id in exchange.moved.items():
        eta = changed[driver_id].eta_of(delivery_id, StopKind.DROPOFF)
        deliveries.keep(known[delivery_id].reassign(driver_id, now, DISPATCH, ChangeReason.POLISHED, eta), work)
    try:
        work.commit()
    except StaleWrite as error:
        logger.info("overtaken", zone_id=zone.id, moved=exchange.moved, why=str(error))
        return False
    logger.info("exchanged", zone_id=zone.id, moved=exchange.moved, saved_s=round(exchange.saved_s))
    return True
