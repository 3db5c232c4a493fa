"""A zone's map: drivers, and deliveries by urgency, as they are now."""

from collections.abc import Mapping
from datetime import datetime

from crowdship.contact import emergencies
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.dispatch.overview.rules import Waiting, facts_of, late_by, latest, under_way
from crowdship.dispatch.overview.urgency import Reason, urgency
from crowdship.dispatch.overview.views import DeliveryOnMap, DriverOnMap, ZoneMap
from crowdship.dispatch.supply import known
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.merchants import service as merchants
from crowdship.routes import service as routing
from crowdship.routes.route import Route
from crowdship.routes.stops import stop_id
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Position
from crowdship.travel import current
from crowdship.travel.expectation import Arrival
from crowdship.vault import service as vault
from crowdship.zones import service as zones


def of_zone(zone_id: str, clock: Clock) -> ZoneMap:
    """Return a zone's drivers on duty, and its open deliveries and those under way, the most urgent first.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    zone, now = zones.latest(zone_id), clock.now()
    crew = drivers.on_duty(zone_id)
    routes, seen = routing.of_many(crew), tracking.newest(driver.id for driver in crew)
    waiting = deliveries.open_in_zone(zone_id, now)
    carried = deliveries.get_many(stop.delivery_id for route in routes.values() for stop in route.stops)
    merchant_of = merchants.known_many(d.merchant_id for d in (*waiting, *carried.values()))
    names = vault.names_of(driver.person_token for driver in crew)
    raisers = emergencies.raisers()
    late: dict[str, float] = {}
    lines: list[DeliveryOnMap] = []

    def add(delivery: Delivery, expected: datetime | None, waits: Waiting | None, reasons: frozenset[Reason]) -> None:
        late[delivery.id] = late_by(delivery, expected, now)
        why = waits.why(delivery) if waits else None
        points = urgency(facts_of(delivery, late[delivery.id], now, why, reasons))
        merchant = merchant_of.get(delivery.merchant_id)
        lines.append(
            DeliveryOnMap.of(delivery, merchant.name if merchant else None, expected, late[delivery.id], points, why)
        )

    for route in routes.values():
        expected, reasons = _followed(route, seen.get(route.id), now, in_emergency=route.id in raisers)
        for delivery_id in dict.fromkeys(stop.delivery_id for stop in route.stops):
            arrival = expected.get(stop_id(delivery_id, StopKind.DROPOFF))
            add(carried[delivery_id], arrival.at if arrival else None, None, reasons[delivery_id])
    waits = Waiting.among(known(crew, seen, routes), zone, now)
    for delivery in waiting:
        if delivery.id not in late and delivery.driver_id is None:
            add(delivery, None, waits, frozenset())
    lines.sort(key=lambda line: (-line.urgency, line.promised_until, line.delivery_id))
    return ZoneMap(
        zone_id=zone_id,
        as_of=now,
        drivers=tuple(_driver(driver, names, seen.get(driver.id), routes[driver.id], late, now) for driver in crew),
        deliveries=tuple(lines),
        incidents=current.standing(zone_id, clock),
        paused=zone.pause_at(now),
    )


def _followed(
    route: Route, position: Position | None, now: datetime, *, in_emergency: bool
) -> tuple[Mapping[str, Arrival], Mapping[str, frozenset[Reason]]]:
    """Return the expected arrivals of a driver by stop, and the reasons that come from the driver by delivery."""
    expected = tracking.live_arrivals(route, position, now)
    alerts = tracking.alerts_now(position, route, expected, now) if position else ()
    return expected, under_way(route, alerts, now, in_emergency=in_emergency)


def _driver(
    driver: Driver,
    names: Mapping[str, str],
    position: Position | None,
    route: Route,
    late: Mapping[str, float],
    now: datetime,
) -> DriverOnMap:
    following = route.stops[0] if route.stops else None
    return DriverOnMap(
        driver_id=driver.id,
        name=names.get(driver.person_token),
        vehicle=driver.vehicle.kind,
        position=position and position.fix.point,
        position_at=position and position.received_at,
        heading=following and following.kind,
        delivery_id=following and following.delivery_id,
        stops=len(route.stops),
        late_s=latest(late, (stop.delivery_id for stop in route.stops)),
        suspended=driver.standing.bars(driver.day_of(now)),
    )
