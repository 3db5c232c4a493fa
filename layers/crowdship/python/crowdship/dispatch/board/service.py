"""The present state of a zone, for dispatchers."""

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.board.views import AlertLine, Board, UnderWayLine
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.routes import service as routing
from crowdship.routes.stops import stop_id
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking import service as tracking


def of_zone(zone_id: str, clock: Clock) -> Board:
    """Return a zone's open deliveries, those under way, the drivers on duty, and alerts.

    Deliveries under way are sorted by lateness, then by the age of the driver's position. Alerts are computed now,
    whether or not a tick has raised them already; the worst comes first.
    """
    now = clock.now()
    crew = drivers.on_duty(zone_id)
    routes = routing.of_many(crew).values()
    seen = tracking.newest(driver.id for driver in crew)
    found = deliveries.get_many(stop.delivery_id for route in routes for stop in route.stops)
    lines, alerts = [], []
    for route in routes:
        heard = seen[route.id].received_at if route.id in seen else None
        expected = tracking.live_arrivals(route, seen.get(route.id), now)
        age_s = round((now - heard).total_seconds()) if heard else None
        for delivery_id in dict.fromkeys(stop.delivery_id for stop in route.stops):
            arrival = expected.get(stop_id(delivery_id, StopKind.DROPOFF))
            lines.append(UnderWayLine.of(found[delivery_id], arrival, route.id, age_s))
        if route.id in seen:
            alerts += [(alert, route.id) for alert in tracking.alerts_now(seen[route.id], route, expected, now)]
    alerts.sort(key=lambda alert: alert[0].worst_first)
    lines.sort(key=lambda line: (-line.late_s, -(line.position_age_s or 0), line.delivery_id))
    return Board.of(
        zone_id,
        deliveries.open_in_zone(zone_id, now),
        lines,
        (driver.id for driver in crew),
        (AlertLine.of(alert, driver_id) for alert, driver_id in alerts),
        routes,
    )
