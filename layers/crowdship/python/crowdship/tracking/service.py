"""Use cases of tracking."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Self

from pydantic import Field

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import WITH_DRIVER, State
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.devices import LONGEST_OFFLINE
from crowdship.kernel.errors import Gone, StaleWrite
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.routes import service as routing
from crowdship.routes.arrivals import arrivals
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import Stop, stop_id
from crowdship.routes.timetable import Start, timed
from crowdship.sandbox import model as sandbox
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.alerts import alerts_of, progress_of, silent_at, with_alerts
from crowdship.tracking.fences import Crossing, Radii, follow
from crowdship.tracking.filtering import Sifted, Unusable, sift
from crowdship.tracking.model import Alert, Fix, Position, TimeOff
from crowdship.tracking.store import PositionRow, TrailRow
from crowdship.travel.current import learned_in, look_again, travel_at
from crowdship.travel.engines.maps import travel_times
from crowdship.travel.expectation import Arrival
from crowdship.vault import service as vault
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

APPROACH = {StopKind.PICKUP: Delivery.approach_pickup, StopKind.DROPOFF: Delivery.approach}
"""Who is told that a driver comes near: the shop, or the customer and the shop."""


class Recorded(Value):
    """What became of a batch of fixes."""

    accepted: int
    dropped: dict[str, int]


class TrackedMerchant(Value):
    """Who the delivery is from, and whom to ask."""

    name: str
    colour: str | None
    logo_url: str | None
    support_phone: str | None
    support_email: str | None

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return a merchant as it shows itself to its customers."""
        return cls(name=merchant.sender, **merchant.branding.model_dump(exclude={"sender_name"}))


class TrackingView(Value):
    """What a customer sees: no more than they need, only while it is under way.

    Parameters
    ----------
    eta_earliest, eta_latest : datetime or None
        Four of five such arrivals are between these; null while no driver is under way.
    pin : str or None
        What the driver will ask for, for whoever got no message; null if none is asked for, or none any more.
    """

    state: State
    order_number: str = Field(description="What the shop calls the order")
    eta: Moment | None
    eta_earliest: Moment | None = None
    eta_latest: Moment | None = None
    promised_until: Moment
    driver_name: str | None = None
    vehicle: str | None = None
    position: Point | None = None
    position_at: Moment | None = None
    merchant: TrackedMerchant | None = None
    pin: str | None = None


def newest(driver_ids: Iterable[str]) -> dict[str, Position]:
    """Return the newest positions of some drivers, by driver."""
    return {position.id: position for position in PositionRow.load_many(driver_ids)}


def _latest(driver_id: str) -> Position | None:
    """Return a driver's position with the last write: a plain read may not know yet that a duty began, or ended."""
    return PositionRow.load(driver_id, consistent=True)


def start_of(driver_id: str, fallback: Point, now: datetime) -> Start:
    """Return where a driver's remaining route begins; ``fallback`` if they never sent a position."""
    position = PositionRow.load(driver_id)
    return Start(position.fix.point if position else fallback, now)


def record(driver_id: str, readings: Sequence[Fix | Unusable], clock: Clock) -> Recorded:
    """Keep a batch of positions, and notice what they tell: near or at a stop, gone from there, off the way, late."""
    now = clock.now()

    def attempt() -> tuple[Sifted, Route, dict[str, Arrival], Fix | None]:
        known, route = PositionRow.load(driver_id), routing.of(driver_id)
        if known is None or known.is_off_duty:
            known = _latest(driver_id)
        sifted = sift(readings, known, now, known.time_off if known else TimeOff())
        expected: dict[str, Arrival] = {}
        seen: Fix | None = None
        if known:
            kept = known.with_changes(clock=sifted.clock, rival=sifted.rival)
            position = kept.with_changes(jumped_at=now) if sifted.jumped else kept
            if sifted.kept and sifted.device_at:
                expected = _arrivals(route, Start(sifted.kept[-1].point, now))
                # The trail goes first: a batch that is sent again after a crash finds its fixes not yet known.
                TrailRow.of(driver_id, sifted.kept, now).save(add_version_condition=False)
                position = position.moving_to(sifted.kept[-1], sifted.device_at, now)
                # A phone that was offline can't be placed anywhere.
                seen = position.fix if position.tells_of_now(now) else None
                position, near = _followed(known, position, route, sifted.kept, expected, now, is_now=seen is not None)
                for stop in near:  # before the position, which tells of it once
                    deliveries.change(stop.delivery_id, partial(_approach, kind=stop.kind, now=now))
            if position.adds_to(known) and not (known.is_off_duty and not sifted.kept):
                _keep(position)
        return sifted, route, expected, seen

    sifted, route, expected, seen = persistently(attempt)
    if seen:
        _notice(route, expected, seen, now)
    return Recorded(accepted=len(sifted.kept), dropped=sifted.dropped)


def _approach(delivery: Delivery, kind: StopKind, now: datetime) -> Delivery:
    if kind is StopKind.PICKUP and delivery.transfer_point:
        return delivery  # it is fetched from another driver, and the shop waits for nobody
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
    """Return where a driver is after some more fixes, with all that follows, and the stops they come near."""
    if not route.stops and not position.visits and not position.alerts:
        return position.with_changes(progress=None), []
    zone = zones.get(route.zone_id)
    visits, crossed = follow(position.visits, route.stops, fixes, known.fix, Radii.of(zone.settings))
    position = position.with_changes(visits=visits)
    for one in crossed:
        data = {"driver_id": route.id, "zone_id": zone.id, **one.data()}
        position = position.emitting(one.what, now, data)
    if is_now:
        position = _getting_on(position, route, zone)
    position = with_alerts(position, alerts_now(position, route, expected, now), zone.id, now)
    approached = {stop_id for one in crossed if one.what is Crossing.APPROACHED for stop_id in one.stop_ids}
    near = [stop for stop in route.stops if stop.stop_id in approached and stop.kind in APPROACH]
    return position, near


def _getting_on(position: Position, route: Route, zone: Zone) -> Position:
    """Return a position that knows how its driver gets on to the stop they set out for."""
    if not route.stops or not route.stops[0].started:
        return position.with_changes(progress=None)
    here, there, ways = position.fix.point, route.stops[0].point, travel_times(zone.settings.travel)
    limit_s, estimated = zone.settings.alerts.off_route_minutes * 60, ways.estimates(here, there)
    progress = progress_of(position, route.stops, ways.seconds(here, there), limit_s, estimated=estimated)
    return position.with_changes(progress=progress)


def alerts_now(position: Position, route: Route, expected: Mapping[str, Arrival], now: datetime) -> tuple[Alert, ...]:
    """Return what dispatchers have to look at of a driver on duty, who is ``expected`` so, the worst first."""
    if not route.stops:
        return ()
    return alerts_of(position, route.stops, expected, zones.get(route.zone_id).settings, now)


def watch(position: Position, route: Route, now: datetime) -> datetime | None:
    """Raise and clear the alerts of a driver on duty who may be silent; who is not says all by themselves.

    Returns
    -------
    datetime or None
        When they are to be looked at again if they send nothing until then; None once they have nothing to do.
    """
    if not route.stops and not position.alerts:
        return None
    zone = zones.get(route.zone_id)
    again = now + timedelta(minutes=zone.settings.dispatch.position_minutes)
    silent = silent_at(position, route.stops, zone.settings) if route.stops else now
    if silent > now:
        return silent
    found = alerts_now(position, route, live_arrivals(route, position, now), now)
    watched = with_alerts(position, found, zone.id, now)
    try:
        if watched is not position:
            _keep(watched)
    except StaleWrite:  # they sent something just now, and what follows from that is written with it
        return again
    # Who is silent already may yet be late, or be heard of and fall silent once more.
    return again if route.stops else None


def stand_down(driver_id: str, clock: Clock) -> None:
    """Let go of what follows from the positions of a driver who goes off duty, and take none from then on."""

    def attempt() -> None:
        position, now = _latest(driver_id), clock.now()
        if position and not position.is_off_duty:
            _keep(with_alerts(position, (), routing.of(driver_id).zone_id, now).going_off_duty(now))

    persistently(attempt)


def is_followed(driver_id: str) -> bool:
    """Return whether a driver's positions are taken."""
    position = _latest(driver_id)
    return position is not None and not position.is_off_duty


def place(driver_id: str, point: Point | None, clock: Clock, corner: Point | None = None) -> None:
    """Take a driver's word for where they begin their duty, whatever was known before.

    Without a word they are where they were last. Of a driver of whom nothing is known a ``corner`` of the zone is
    noted, long ago: their first position then counts, and nobody takes them for being there.
    """

    def attempt() -> None:
        now = clock.now()
        known = _latest(driver_id) or _unknown(driver_id, point or corner, now - LONGEST_OFFLINE)
        if known:
            _keep(known.standing_at(point, now))

    persistently(attempt)


def _unknown(driver_id: str, point: Point | None, at: datetime) -> Position | None:
    if point is None:
        return None
    fix = Fix(point=point, device_at=at)
    return Position(id=driver_id, fix=fix, received_at=at, is_said=True, time_off=TimeOff())


def _notice(route: Route, expected: Mapping[str, Arrival], seen: Fix, now: datetime) -> None:
    """Notice that customers have to expect a driver at another time, from where they are seen now."""
    # A route keeps what was told of it: while it goes as planned nobody's delivery is read.
    if _moved(route, expected):
        persistently(lambda: _tell_changes(routing.of(route.id), seen.point, now))


def tell_changes(driver_id: str, clock: Clock) -> None:
    """Tell of each arrival on a driver's route that is no longer near what was told last, after the route changed."""

    def attempt() -> None:
        now, route = clock.now(), routing.of(driver_id)
        if not route.stops:
            return
        start = start_of(driver_id, route.stops[0].point, now)
        if _moved(route, _arrivals(route, start)):
            _tell_changes(route, start.point, now)

    persistently(attempt)


def _told_from(route: Route) -> timedelta:
    """Return by how much an arrival has to change for somebody to be told."""
    return timedelta(minutes=zones.get(route.zone_id).settings.eta_change_minutes)


def _moved(route: Route, expected: Mapping[str, Arrival]) -> dict[str, datetime]:
    """Return the arrivals at customers that are not near what was told last, by delivery."""
    if not route.stops:
        return {}
    threshold = _told_from(route)
    return {
        stop.delivery_id: arrival.at
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF
        and stop.arrived_at is None
        and (arrival := expected.get(stop.stop_id))
        and (stop.announced_at is None or abs(arrival.at - stop.announced_at) >= threshold)
    }


def _tell_changes(route: Route, here: Point, now: datetime) -> None:
    """Write the deliveries whose arrival moved, and with them the route, as it is now expected to go."""
    # Who has not heard of an incident yet would take back what another container has just told.
    look_again(route.zone_id)
    moved = _moved(route, _arrivals(route, Start(here, now)))
    if not moved:
        return
    threshold, work = _told_from(route), UnitOfWork()
    for delivery in deliveries.get_many(moved).values():
        expected = delivery.expect(moved[delivery.id], now, threshold)
        if expected is not delivery:
            deliveries.keep(expected, work)
    zone = zones.get(route.zone_id)
    planned = timed(route.stops, Start(here, now), travel_at(zone, now))
    routing.keep(route.replan(planned, now, ChangeReason.EXPECTED_OTHERWISE).announcing(moved), work)
    work.commit()


def live_arrivals(route: Route, position: Position | None, now: datetime) -> dict[str, Arrival]:
    """Return when a driver is expected at each open stop, from where they were last seen."""
    if not route.stops:
        return {}
    return _arrivals(route, Start(position.fix.point if position else route.stops[0].point, now))


def live_eta(delivery: Delivery, clock: Clock) -> datetime | None:
    """Return when a driver is expected at the customer, from where they are now; None if nobody is to come."""
    expected = live_arrival(delivery, clock)
    return expected.at if expected else delivery.eta


def live_arrival(delivery: Delivery, clock: Clock) -> Arrival | None:
    """Return the same with the interval that holds most such arrivals; None while no driver is under way with it."""
    if delivery.driver_id is None or delivery.state not in WITH_DRIVER or not delivery.livemode:
        return None
    return _expected(delivery, routing.of(delivery.driver_id), PositionRow.load(delivery.driver_id), clock.now())


def _expected(delivery: Delivery, route: Route, position: Position | None, now: datetime) -> Arrival | None:
    start = Start(position.fix.point if position else delivery.pickup, now)
    return _arrivals(route, start).get(stop_id(delivery.id, StopKind.DROPOFF))


def _arrivals(route: Route, start: Start) -> dict[str, Arrival]:
    """Return when a driver is expected at each open stop, from a start."""
    if not route.stops:
        return {}
    zone = zones.get(route.zone_id)
    return arrivals(route.stops, start, travel_at(zone, start.at), learned_in(zone))


def _is_on_the_way_to(delivery: Delivery, route: Route, position: Position) -> bool:
    """Return whether a driver set out for nobody but this customer, or for the shop on their behalf.

    Until then, and until they have left where they were before, their position would show other customers' doors.
    """
    first = route.stops[0] if route.stops else None
    if first is None or first.delivery_id != delivery.id or not first.started:
        return False
    return all(delivery.id in visit.delivery_ids for visit in position.visits if visit.is_there)


def customer_view(delivery_id: str, clock: Clock) -> TrackingView:
    """Return what the customer of a delivery may see.

    Raises
    ------
    Gone
        Once the delivery is closed.
    """
    delivery = deliveries.get(delivery_id)
    if delivery.state not in WITH_DRIVER and delivery.state not in (State.CREATED, State.OFFERED):
        raise Gone("tracking_closed", f"The delivery is {delivery.state}; it can't be followed any more.")
    view = TrackingView(
        state=delivery.state,
        order_number=delivery.known_as,
        eta=delivery.eta,
        promised_until=delivery.dropoff_window.closes_at,
        merchant=TrackedMerchant.of(merchants.known(delivery.merchant_id)),
        pin=_pin(delivery),
    )
    if delivery.driver_id is None or delivery.state is State.RETURNING:
        return view
    if not delivery.livemode:
        sight = sandbox.seen(delivery)
        return view.model_copy(
            update={
                "driver_name": sandbox.DRIVER_NAME,
                "vehicle": sandbox.VEHICLE,
                "position": sight and sight.point,
                "position_at": sight and sight.at,
            }
        )
    driver, route = drivers.get(delivery.driver_id), routing.of(delivery.driver_id)
    position = PositionRow.load(delivery.driver_id)
    shown = position if position and _is_on_the_way_to(delivery, route, position) else None
    return view.model_copy(
        update={
            **_told(delivery, _expected(delivery, route, position, clock.now())),
            "driver_name": _first_name(driver),
            "vehicle": driver.vehicle.kind,
            "position": shown and shown.fix.point,
            "position_at": shown and shown.fix.device_at,
        }
    )


def _pin(delivery: Delivery) -> str | None:
    if not delivery.requirements.pin or delivery.state is State.RETURNING:
        return None
    try:
        return vault.contacts(delivery.contacts_token).pin
    except Gone:  # erased
        return None


def _told(delivery: Delivery, expected: Arrival | None) -> dict[str, datetime | None]:
    if expected is None:
        return {"eta": delivery.eta}
    return {"eta": expected.at, "eta_earliest": expected.earliest, "eta_latest": expected.latest}


def _first_name(driver: Driver) -> str | None:
    try:
        return vault.person(driver.person_token).name.split()[0]
    except Gone:  # erased
        return None
