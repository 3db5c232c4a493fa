"""Use cases of tracking."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import WITH_DRIVER
from crowdship.kernel.clock import Clock
from crowdship.kernel.devices import LONGEST_OFFLINE
from crowdship.kernel.errors import StaleWrite
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.routes import service as routing
from crowdship.routes.arrivals import arrivals
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import Stop, stop_id
from crowdship.routes.timetable import Start, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.alerts import alerts_of, progress_of, silent_at, with_alerts
from crowdship.tracking.filtering import FilteredBatch, Unusable, filter_batch
from crowdship.tracking.geofences.fences import Crossing, Radii, follow
from crowdship.tracking.model import Alert, Fix, Position, TimeOff
from crowdship.tracking.store import PositionRow, TrailRow
from crowdship.travel.current import forget_incidents, learned_in, travel_at
from crowdship.travel.engines.maps import travel_times
from crowdship.travel.expectation import Arrival
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

APPROACH = {StopKind.PICKUP: Delivery.approach_pickup, StopKind.DROPOFF: Delivery.approach}
"""The change of a delivery when its driver comes near: the shop is told, and at a drop-off also the customer."""


class Recorded(Value):
    """The result of a batch of fixes: how many were accepted, and how many dropped, by reason."""

    accepted: int
    dropped: dict[str, int]


def newest(driver_ids: Iterable[str]) -> dict[str, Position]:
    """Return the newest positions of some drivers, by driver."""
    return {position.id: position for position in PositionRow.load_many(driver_ids)}


def _latest(driver_id: str) -> Position | None:
    """Return a driver's position by a consistent read; a plain read may miss that a duty has just begun, or ended."""
    return PositionRow.load(driver_id, consistent=True)


def start_of(driver_id: str, fallback: Point, now: datetime) -> Start:
    """Return where a driver's remaining route begins; ``fallback`` if they never sent a position."""
    position = PositionRow.load(driver_id)
    return Start(position.fix.point if position else fallback, now)


def record(driver_id: str, readings: Sequence[Fix | Unusable], clock: Clock) -> Recorded:
    """Store a batch of positions and derive crossings of geofences, alerts and changed arrival times from them.

    Parameters
    ----------
    readings : sequence of Fix or Unusable
        In any order.
    """
    now = clock.now()

    def attempt() -> tuple[FilteredBatch, Route, dict[str, Arrival], Fix | None]:
        known, route = PositionRow.load(driver_id), routing.of(driver_id)
        if known is None or known.is_off_duty:
            known = _latest(driver_id)
        filtered = filter_batch(readings, known, now, known.time_off if known else TimeOff())
        expected: dict[str, Arrival] = {}
        seen: Fix | None = None
        if known:
            kept = known.with_changes(clock=filtered.clock, rival=filtered.rival)
            position = kept.with_changes(jumped_at=now) if filtered.jumped else kept
            if filtered.kept and filtered.device_at:
                expected = _arrivals(route, Start(filtered.kept[-1].point, now))
                # The trail is written first: after a crash the batch is sent again and its fixes are not yet known.
                TrailRow.of(driver_id, filtered.kept, now).save(add_version_condition=False)
                position = position.moving_to(filtered.kept[-1], filtered.device_at, now)
                # Old positions of a phone that was offline do not say where the driver is now.
                seen = position.fix if position.is_current(now) else None
                position, near = _followed(
                    known, position, route, filtered.kept, expected, now, is_now=seen is not None
                )
                for stop in near:  # before the position is written, which reports an approach only once
                    deliveries.change(stop.delivery_id, partial(_approach, kind=stop.kind, now=now))
            if position.adds_to(known) and not (known.is_off_duty and not filtered.kept):
                _keep(position)
        return filtered, route, expected, seen

    filtered, route, expected, seen = persistently(attempt)
    if seen:
        _announce_moved(route, expected, seen, now)
    return Recorded(accepted=len(filtered.kept), dropped=filtered.dropped)


def _approach(delivery: Delivery, kind: StopKind, now: datetime) -> Delivery:
    if kind is StopKind.PICKUP and delivery.transfer_point:
        return delivery  # the goods come from another driver, so the shop expects nobody
    return APPROACH[kind](delivery, at=now)


def _keep(position: Position) -> None:
    work = UnitOfWork()
    work.store(PositionRow.of(position))
    work.commit()


def _followed(
    known: Position,
    position: Position,
    route: Route,
    fixes: Sequence[Fix],
    expected: Mapping[str, Arrival],
    now: datetime,
    *,
    is_now: bool,
) -> tuple[Position, list[Stop]]:
    """Return a driver's position after more fixes, with visits, progress and alerts, and the stops they approached."""
    if not route.stops and not position.visits and not position.alerts:
        return position.with_changes(progress=None), []
    zone = zones.get(route.zone_id)
    visits, crossed = follow(position.visits, route.stops, fixes, known.fix, Radii.of(zone.settings))
    position = position.with_changes(visits=visits)
    for one in crossed:
        data = {"driver_id": route.id, "zone_id": zone.id, **one.data()}
        position = position.emitting(one.what, now, data)
    if is_now:
        position = _with_progress(position, route, zone)
    position = with_alerts(position, alerts_now(position, route, expected, now), zone.id, now)
    approached = {stop_id for one in crossed if one.what is Crossing.APPROACHED for stop_id in one.stop_ids}
    near = [stop for stop in route.stops if stop.stop_id in approached and stop.kind in APPROACH]
    return position, near


def _with_progress(position: Position, route: Route, zone: Zone) -> Position:
    """Return a position with its driver's progress towards the stop they set out for."""
    if not route.stops or not route.stops[0].started:
        return position.with_changes(progress=None)
    here, there, ways = position.fix.point, route.stops[0].point, travel_times(zone.settings.travel)
    limit_s, estimated = zone.settings.alerts.off_route_minutes * 60, ways.estimates(here, there)
    progress = progress_of(position, route.stops, ways.seconds(here, there), limit_s, estimated=estimated)
    return position.with_changes(progress=progress)


def alerts_now(position: Position, route: Route, expected: Mapping[str, Arrival], now: datetime) -> tuple[Alert, ...]:
    """Return the alerts about a driver on duty, the worst first.

    Parameters
    ----------
    expected : mapping of str to Arrival
        Expected arrivals of the driver, by stop id.
    """
    if not route.stops:
        return ()
    return alerts_of(position, route.stops, expected, zones.get(route.zone_id).settings, now)


def watch(position: Position, route: Route, now: datetime) -> datetime | None:
    """Raise and clear the alerts about a driver on duty who may be silent.

    Alerts about a driver who sends positions are raised and cleared when the positions are recorded.

    Returns
    -------
    datetime or None
        When to look at the driver again if they send nothing until then; None if they have nothing to do.
    """
    if not route.stops and not position.alerts:
        return None
    zone = zones.get(route.zone_id)
    again = now + timedelta(minutes=zone.settings.dispatch.limits.position_minutes)
    silent = silent_at(position, route.stops, zone.settings) if route.stops else now
    if silent > now:
        return silent
    found = alerts_now(position, route, live_arrivals(route, position, now), now)
    watched = with_alerts(position, found, zone.id, now)
    try:
        if watched is not position:
            _keep(watched)
    except StaleWrite:  # a batch came just now, and its alerts are written with it
        return again
    # A driver who is silent already may still become late, or send something and fall silent again.
    return again if route.stops else None


def go_off_duty(driver_id: str, clock: Clock) -> None:
    """Clear alerts, visits and progress of a driver who goes off duty; their positions are not taken from then on."""

    def attempt() -> None:
        position, now = _latest(driver_id), clock.now()
        if position and not position.is_off_duty:
            _keep(with_alerts(position, (), routing.of(driver_id).zone_id, now).going_off_duty(now))

    persistently(attempt)


def is_followed(driver_id: str) -> bool:
    """Return whether a driver's positions are taken."""
    position = _latest(driver_id)
    return position is not None and not position.is_off_duty


def begin_duty(driver_id: str, point: Point | None, clock: Clock, corner: Point | None = None) -> None:
    """Begin a driver's duty at the point that they state, whatever was known before.

    Parameters
    ----------
    point : Point or None
        Where the driver says they are; if None, their last known position stays.
    corner : Point or None
        A corner of the zone. It is stored for a driver without ``point`` of whom no position is known, with a time
        long ago: nobody takes the driver for being there, and their first position is accepted.
    """

    def attempt() -> None:
        now = clock.now()
        known = _latest(driver_id) or _unknown(driver_id, point or corner, now - LONGEST_OFFLINE)
        if known:
            _keep(known.beginning_duty(point, now))

    persistently(attempt)


def _unknown(driver_id: str, point: Point | None, at: datetime) -> Position | None:
    if point is None:
        return None
    fix = Fix(point=point, device_at=at)
    return Position(id=driver_id, fix=fix, received_at=at, is_said=True, time_off=TimeOff())


def _announce_moved(route: Route, expected: Mapping[str, Arrival], seen: Fix, now: datetime) -> None:
    """Announce the arrivals that changed, computed from the driver's present position."""
    # The route keeps the arrivals that were announced, so that no delivery is read while all goes as planned.
    if _moved(route, expected):
        persistently(lambda: _write_announcements(routing.of(route.id), seen.point, now))


def announce_changes(driver_id: str, clock: Clock) -> None:
    """Announce each arrival on a driver's route that is no longer near the one announced, after the route changed."""

    def attempt() -> None:
        now, route = clock.now(), routing.of(driver_id)
        if not route.stops:
            return
        start = start_of(driver_id, route.stops[0].point, now)
        if _moved(route, _arrivals(route, start)):
            _write_announcements(route, start.point, now)

    persistently(attempt)


def _announcement_threshold(route: Route) -> timedelta:
    """Return by how much an arrival has to change to be announced."""
    return timedelta(minutes=zones.get(route.zone_id).settings.eta_change_minutes)


def _moved(route: Route, expected: Mapping[str, Arrival]) -> dict[str, datetime]:
    """Return the arrivals at customers that are not near the ones announced last, by delivery id."""
    if not route.stops:
        return {}
    threshold = _announcement_threshold(route)
    return {
        stop.delivery_id: arrival.at
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF
        and stop.arrived_at is None
        and (arrival := expected.get(stop.stop_id))
        and (stop.announced_at is None or abs(arrival.at - stop.announced_at) >= threshold)
    }


def _write_announcements(route: Route, here: Point, now: datetime) -> None:
    """Write the deliveries whose arrival moved, and the route with its times as now expected."""
    # A container with an old list of incidents would take back what another container has just announced.
    forget_incidents(route.zone_id)
    moved = _moved(route, _arrivals(route, Start(here, now)))
    if not moved:
        return
    threshold, work = _announcement_threshold(route), UnitOfWork()
    for delivery in deliveries.get_many(moved).values():
        expected = delivery.expect(moved[delivery.id], now, threshold)
        if expected is not delivery:
            deliveries.keep(expected, work)
    zone = zones.get(route.zone_id)
    planned = timed(route.stops, Start(here, now), travel_at(zone, now))
    routing.keep(route.replan(planned, now, ChangeReason.EXPECTED_OTHERWISE).announcing(moved), work)
    work.commit()


def live_arrivals(route: Route, position: Position | None, now: datetime) -> dict[str, Arrival]:
    """Return the expected arrivals of a driver at their open stops, by stop id, from where they were last seen."""
    if not route.stops:
        return {}
    return _arrivals(route, Start(position.fix.point if position else route.stops[0].point, now))


def trail_of(driver_id: str, day: date) -> list[Fix]:
    """Return the positions of a driver's day, in the order of the device's clock."""
    return TrailRow.of_day(driver_id, day.isoformat())


def trail_between(driver_id: str, since: datetime, until: datetime) -> list[Fix]:
    """Return a driver's positions between two moments, in the order of the device's clock."""
    return TrailRow.between(driver_id, since, until)


def forget(driver_id: str) -> None:
    """Delete a driver's newest position; the trail, on which pay rests, expires within 30 days."""
    PositionRow.forget(driver_id)


def live_eta(delivery: Delivery, clock: Clock) -> datetime | None:
    """Return when a driver is expected at the customer, from their position now.

    While no driver is under way with the delivery it is the delivery's own ``eta``, which may be None.
    """
    expected = live_arrival(delivery, clock)
    return expected.at if expected else delivery.eta


def live_arrival(delivery: Delivery, clock: Clock) -> Arrival | None:
    """Return the expected arrival at the customer with its interval; None while no driver is under way with it."""
    if delivery.driver_id is None or delivery.state not in WITH_DRIVER or not delivery.livemode:
        return None
    return expected_arrival(delivery, routing.of(delivery.driver_id), PositionRow.load(delivery.driver_id), clock.now())


def expected_arrival(delivery: Delivery, route: Route, position: Position | None, now: datetime) -> Arrival | None:
    """Return the expected arrival at the customer with its interval, from a driver's position and route."""
    start = Start(position.fix.point if position else delivery.pickup, now)
    return _arrivals(route, start).get(stop_id(delivery.id, StopKind.DROPOFF))


def _arrivals(route: Route, start: Start) -> dict[str, Arrival]:
    """Return the expected arrivals at a route's open stops, by stop id, from a start."""
    if not route.stops:
        return {}
    zone = zones.get(route.zone_id)
    return arrivals(route.stops, start, travel_at(zone, start.at), learned_in(zone))
