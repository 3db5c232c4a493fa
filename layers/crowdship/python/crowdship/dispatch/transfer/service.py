"""Use cases of dispatchers on a driver's route: read it, rearrange it, transfer it to other drivers."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, State
from crowdship.dispatch.eligibility import Available, off_work, unfit_by_hand, why_not
from crowdship.dispatch.resequence.rules import Rerouted, Sketch, rearranged
from crowdship.dispatch.supply import available_in
from crowdship.dispatch.transfer.rules import Distribution, Moving, distribute, refuse_too_many
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import amended, stops_of
from crowdship.routes.timetable import Start, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking import service as tracking
from crowdship.travel.current import learned_in, travel_at
from crowdship.travel.times import TravelTimes
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

MOST_TRANSFERRED = 30
"""The most deliveries of one transfer: one transaction writes them with their routes and drivers."""

SEARCH_S = 3.0
"""Wall seconds after which the search ends with the best distribution so far."""


def read(driver_id: str, clock: Clock) -> tuple[Route, Sketch, Zone]:
    """Return a driver's route, its times from now, and the zone, whose weights give its cost."""
    now = clock.now()
    route, zone = _route_of(driver_id)
    fallback = route.stops[0].point if route.stops else zone.settings.area[0]
    start = tracking.start_of(driver_id, fallback, now)
    return route, Sketch.of(route.stops, start, travel_at(zone, now)), zone


def _route_of(driver_id: str) -> tuple[Route, Zone]:
    driver = drivers.get(driver_id)
    home = driver.duty.zone_id if driver.duty else driver.home_zone_id
    route = routing.of(driver_id, home)
    return route, zones.get(route.zone_id or home)


def rearrange(
    driver_id: str,
    revision: int,
    order: Sequence[str],
    pinned: Collection[str],
    actor: str,
    clock: Clock,
    *,
    dry_run: bool = False,
) -> tuple[Rerouted, Route]:
    """Put a driver's stops into another order and pin some; return the comparison with before, and the new route.

    Raises
    ------
    Conflict
        If the route has another revision by now, or no open stop.
    Unprocessable
        If other stops are named, or the order can't be driven.
    """

    def attempt() -> tuple[Rerouted, Route]:
        now = clock.now()
        route, zone = _route_of(driver_id)
        route.must_be_at(revision)
        new = rearranged(route.stops, order, pinned, routing.capacity_of(drivers.get(driver_id)))
        if not new:
            raise Conflict("nothing_to_do", f"No stop of {driver_id} is open; there is nothing to rearrange.")
        travel, start = travel_at(zone, now), tracking.start_of(driver_id, route.stops[0].point, now)
        changed = route.replan(timed(new, start, travel), now, ChangeReason.EDITED_BY_HAND, actor).ordered(now)
        if not dry_run:
            work = UnitOfWork()
            routing.keep(changed, work)
            work.commit()
        return Rerouted.of(route, changed, start, travel), changed

    return persistently(attempt)


@dataclass(frozen=True)
class Transferred:
    """Result of a transfer.

    Parameters
    ----------
    moved : dict
        New driver of each delivery that changed hands, by delivery.
    fetched_there : frozenset of str
        Deliveries whose goods are fetched from the driver who had them.
    reopened, stays : tuple of str
        Deliveries that no driver can take: before the pickup they wait for a driver again, after it they stay.
    routes : list of Rerouted
        The routes before and after, the one given up first.
    zone : Zone
        The zone of the route.
    """

    moved: dict[str, str]
    fetched_there: frozenset[str]
    reopened: tuple[str, ...]
    stays: tuple[str, ...]
    routes: list[Rerouted]
    zone: Zone


def transfer(
    driver_id: str,
    revision: int,
    actor: str,
    clock: Clock,
    *,
    delivery_ids: Collection[str] = (),
    to: Collection[str] = (),
    transfer_point: Point | None = None,
    dry_run: bool = False,
) -> Transferred:
    """Let other drivers take over a route, or a part of it: all at once or not at all.

    Parameters
    ----------
    delivery_ids : collection of str
        Deliveries that are to change hands; all by default.
    to : collection of str
        Drivers who may take them over; by default all others on duty in the zone. If it names the driver of the route
        alone, no delivery changes hands: that driver is to fetch goods from another driver at a new ``transfer_point``.
    transfer_point : Point, optional
        Place of goods that are on board, or that the driver was to fetch from another driver. By default the former are
        at the driver's last position, and the latter at the place that was named before.

    Raises
    ------
    Conflict
        If the route has another revision by now, there is nothing to move, a driver named is not on duty in the zone,
        the place of goods on board is unknown, or a delivery named has to stay with its driver.
    Unprocessable
        If a delivery named is not on the route.
    """

    def attempt() -> Transferred:
        now = clock.now()
        route, zone = _route_of(driver_id)
        route.must_be_at(revision)
        asked = _asked(route, delivery_ids)
        known = deliveries.get_many(asked)
        for name in delivery_ids:
            known[name].refuse_swap()
        if transfer_point and set(to) == {driver_id}:
            fetched = {name: d for name, d in known.items() if delivery_ids or d.transfer_point}
            return _meet_elsewhere(route, zone, fetched, transfer_point, actor, now, dry_run=dry_run)
        travel, stay_s = travel_at(zone, now), learned_in(zone).stay_s
        start = tracking.start_of(driver_id, route.stops[0].point, now)
        movable = {name: delivery for name, delivery in known.items() if not delivery.stays_with_driver}
        where = transfer_point or _last_seen(driver_id, movable, zone, now) or start.point
        takers = _takers(zone, driver_id, to, now)
        moving = [
            Moving(to_be, stops_of(to_be, zone.settings.travel, stay_s))
            for delivery in movable.values()
            if delivery.state is not State.RETURNING
            for to_be in (_as_handed_on(delivery, where, anew=transfer_point is not None),)
        ]
        able = {each.delivery.id: _able(each.delivery, takers, zone, now, named=bool(to)) for each in moving}
        ends = time.monotonic() + SEARCH_S
        plan = distribute(moving, takers, able, zone.settings, travel, now, may_go_on=lambda: time.monotonic() < ends)
        work, done = UnitOfWork(), _Transfer(route, zone, takers, plan, known, where, transfer_point, now, actor)
        transferred = done.write(start, travel, work)
        if not dry_run:
            work.commit()
        return transferred

    return persistently(attempt)


def _asked(route: Route, delivery_ids: Collection[str]) -> list[str]:
    on_route = list(dict.fromkeys(stop.delivery_id for stop in route.stops))
    if strange := sorted(set(delivery_ids) - set(on_route)):
        detail = f"Not on the route: {', '.join(strange)}; on it are: {', '.join(on_route) or 'none'}."
        raise Unprocessable("not_on_route", detail, "/delivery_ids")
    if not on_route:
        raise Conflict("nothing_to_do", f"No stop of {route.id} is open; there is nothing to transfer.")
    asked = [delivery_id for delivery_id in on_route if not delivery_ids or delivery_id in delivery_ids]
    refuse_too_many(len(asked), MOST_TRANSFERRED)
    return asked


def _takers(zone: Zone, but: str, to: Collection[str], now: datetime) -> list[Available]:
    """Return the drivers who may take deliveries over: those named, or all others on duty."""
    if but in to:
        detail = f"{but} has it already; name another driver, or a new transfer_point for goods to fetch."
        raise Unprocessable("same_driver", detail, "/to")
    there = {entry.driver.id: entry for entry in available_in(zone, ()) if entry.driver.id != but}
    for driver_id in to:
        taker = there.get(driver_id)
        if why := off_work(taker.driver, now) if taker else f"{driver_id} is not on duty in {zone.id}.":
            raise Conflict("driver_not_available", f"{why} Name another driver.", "/to")
    return [there[driver_id] for driver_id in dict.fromkeys(to)] if to else list(there.values())


def _able(delivery: Delivery, takers: Sequence[Available], zone: Zone, now: datetime, *, named: bool) -> frozenset[str]:
    """Return the drivers who may take a delivery; a named one may be far off, silent, or have declined it."""
    if named:
        return frozenset(entry.driver.id for entry in takers if not unfit_by_hand(entry.driver, delivery, now))
    settings = zone.settings
    return frozenset(entry.driver.id for entry in takers if not why_not(entry, [delivery], settings, now))


def _last_seen(driver_id: str, known: Mapping[str, Delivery], zone: Zone, now: datetime) -> Point | None:
    """Return the last position of a driver with goods that others are to fetch; None if there are no such goods.

    Raises
    ------
    Conflict
        If that position is too old to send another driver there.
    """
    if not any(delivery.state in ON_BOARD and delivery.state is not State.RETURNING for delivery in known.values()):
        return None
    position = tracking.newest([driver_id]).get(driver_id)
    within = timedelta(minutes=zone.settings.dispatch.limits.position_minutes)
    if position is None or position.received_at < now - within:
        seen = f"was last seen at {position.received_at:%H:%M} UTC" if position else "was never seen"
        detail = f"{driver_id} {seen}; find out where the goods are and name that place as transfer_point."
        raise Conflict("position_unknown", detail, "/transfer_point")
    return position.fix.point


def _as_handed_on(delivery: Delivery, where: Point, *, anew: bool) -> Delivery:
    """Return a delivery in the state that gives the stops of its new driver.

    Parameters
    ----------
    where : Point
        Place of goods on board.
    anew : bool
        Whether that is also the new place of goods that are changing hands already.
    """
    if delivery.state in ON_BOARD or (anew and delivery.transfer_point):
        return delivery.with_changes(state=State.ASSIGNED, transfer_point=where)
    return delivery.with_changes(state=State.ASSIGNED)


def _meet_elsewhere(
    route: Route, zone: Zone, known: Mapping[str, Delivery], where: Point, actor: str, now: datetime, *, dry_run: bool
) -> Transferred:
    """Change the place at which a driver is to fetch goods from another driver.

    Customers are told of new arrival times as after any change of a route.
    """
    if not known:
        detail = f"{route.id} has no goods to fetch from another driver; transfer to somebody else instead."
        raise Conflict("nothing_to_do", detail)
    moved = {delivery.id: delivery.meet_at(where) for delivery in known.values()}
    stay_s = learned_in(zone).stay_s
    new = {stop.stop_id: stop for d in moved.values() for stop in stops_of(d, zone.settings.travel, stay_s)}
    travel, start = travel_at(zone, now), tracking.start_of(route.id, where, now)
    changed = route.amend(
        timed(amended(route.stops, new), start, travel), now, ChangeReason.TRANSFER_POINT_MOVED, actor
    )
    work = UnitOfWork()
    routing.keep(changed, work)
    for delivery in moved.values():
        deliveries.keep(delivery, work)
    if not dry_run:
        work.commit()
    routes = [Rerouted.of(route, changed, start, travel)]
    return Transferred(dict.fromkeys(moved, route.id), frozenset(moved), (), (), routes, zone)


@dataclass(frozen=True)
class _Transfer:
    """The writes of a transfer."""

    route: Route
    zone: Zone
    takers: Sequence[Available]
    plan: Distribution
    known: dict[str, Delivery]
    where: Point
    named: Point | None
    now: datetime
    actor: str

    def write(self, start: Start, travel: TravelTimes, work: UnitOfWork) -> Transferred:
        """Add the writes to a unit of work; return the result of the transfer."""
        stays = [name for name, d in self.known.items() if name not in self.plan.given and d.has_left_shop]
        gone = self.known.keys() - set(stays)
        kept = [stop for stop in self.route.stops if stop.delivery_id not in gone]
        left = self.route.replan(timed(kept, start, travel), self.now, ChangeReason.ROUTE_TRANSFERRED, self.actor)
        routing.keep(left, work)
        routes = [Rerouted.of(self.route, left, start, travel)]
        by_id = {entry.driver.id: entry for entry in self.takers}
        etas = {}
        for driver_id, stops in self.plan.routes.items():
            entry, begins = by_id[driver_id], Start(by_id[driver_id].at, self.now)
            before = entry.route.with_changes(zone_id=self.zone.id)
            after = before.replan(timed(stops, begins, travel), self.now, ChangeReason.ROUTE_TRANSFERRED, self.actor)
            after = after.announcing([name for name, taker in self.plan.given.items() if taker == driver_id])
            routing.keep(after, work)
            # The write fails if the driver has gone off duty or been suspended since the read.
            drivers.must_stay(entry.driver, work)
            routes.append(Rerouted.of(before, after, begins, travel))
            etas.update({stop.delivery_id: stop.eta for stop in after.stops if stop.kind is StopKind.DROPOFF})
        for delivery_id, driver_id in self.plan.given.items():
            deliveries.keep(self._moved(self.known[delivery_id], driver_id, etas[delivery_id]), work)
        reopened = tuple(sorted(gone - self.plan.given.keys()))
        for delivery_id in reopened:
            again = self.known[delivery_id].reopen(
                self.now, ChangeReason.ROUTE_TRANSFERRED, actor=self.actor, declined_by=(self.route.id,)
            )
            deliveries.keep(again, work)
        there = frozenset(name for name in self.plan.given if self.known[name].has_left_shop)
        return Transferred(dict(self.plan.given), there, reopened, tuple(sorted(stays)), routes, self.zone)

    def _moved(self, delivery: Delivery, driver_id: str, eta: datetime | None) -> Delivery:
        if delivery.state in ON_BOARD:
            return delivery.transfer(driver_id, self.where, self.now, self.actor, eta)
        moved = delivery.reassign(driver_id, self.now, self.actor, ChangeReason.MOVED_BY_HAND, eta)
        return moved.meet_at(self.named) if self.named and delivery.transfer_point else moved
