"""A driver's route: stops in order, and what inserting a delivery would cost."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import DISPATCH, StopKind
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.planner.insertion import Line, Running
from crowdship.planner.routes import Stop as PlannedStop
from crowdship.planner.routes import Vehicle, Weights
from crowdship.routing.travel import TravelTimes
from crowdship.zones.model import TravelRules

WAITING_WEIGHT = 0.25
"""Seconds of driving that a second of waiting is worth."""


class ChangeReason(StrEnum):
    """What changes a driver's plan."""

    DELIVERIES_ASSIGNED = "deliveries_assigned"
    DELIVERY_UPDATED = "delivery_updated"
    DELIVERY_CANCELLED = "delivery_cancelled"
    DELIVERY_FAILED = "delivery_failed"
    READY_TIME_CHANGED = "ready_time_changed"
    DRIVER_DEPARTED = "driver_departed"
    STOP_DONE = "stop_done"
    HANDED_BACK = "handed_back"
    EXPECTED_OTHERWISE = "expected_otherwise"
    """Arrivals are told anew; the order is as it was."""

    RESEQUENCED = "resequenced"
    """The same stops in a better order."""

    POLISHED = "polished"
    """Drivers of one merchant exchanged deliveries."""

    EDITED_BY_HAND = "edited_by_hand"
    MOVED_BY_HAND = "moved_by_hand"
    ROUTE_TRANSFERRED = "route_transferred"
    HANDOVER_MOVED = "handover_moved"
    COMPLETED_BY_HAND = "completed_by_hand"
    DRIVER_RELIEVED = "driver_relieved"


AUTOMATIC = frozenset({ChangeReason.RESEQUENCED, ChangeReason.POLISHED})
"""Reasons of changes that could as well not be made: what a driver must put up with of these is bounded."""

STEADY = timedelta(hours=1)
"""For so long a route does not go back by itself to a plan that it left, nor leave an order that a person gave it."""

MOST_PENDING = 20
"""So many changes are kept until the driver confirms: the first, which says since when, and the latest."""


class Stop(Value):
    """A place and an action.

    Parameters
    ----------
    opens_at, closes_at : datetime
        The window; being early means waiting, being late costs.
    weight_g, volume_l : int
        What the stop changes on board: positive at a pickup, negative otherwise.
    dwell_s : int
        Planned time at the stop.
    started : bool
        The driver is on the way there or there: it stays first.
    arrived_at : datetime or None
        When they said they were there.
    pinned : bool
        A dispatcher keeps it where it is: it and all before it stay, and nothing comes before it.
    eta : datetime or None
        Planned start of service.
    told : datetime or None
        The start of service that customer and merchant were told last; nobody is told of a pickup's.
    """

    stop_id: str
    kind: StopKind
    delivery_id: str
    point: Point
    opens_at: Moment
    closes_at: Moment
    weight_g: int
    volume_l: int
    dwell_s: int
    started: bool = False
    arrived_at: Moment | None = None
    pinned: bool = False
    eta: Moment | None = None
    told: Moment | None = None

    def begins_at(self, there_at: datetime) -> datetime:
        """Return when service begins for who is there at a moment, or has been there for a while."""
        return max(self.arrived_at or there_at, self.opens_at)

    def stay_s(self, now: datetime) -> float:
        """Return the seconds of service that are left: all, unless the driver is there.

        A stay that takes longer than planned is never as good as over: a quarter of it is always left.
        """
        if self.arrived_at is None:
            return self.dwell_s
        passed = max(0.0, (now - self.begins_at(now)).total_seconds())
        return max(self.dwell_s - passed, self.dwell_s / 4)


class PlanChange(Value):
    """What made a plan another one: by whom, why, and what changed.

    Parameters
    ----------
    revision : int
        The plan that it led to.
    added, removed, changed : tuple of str
        Stops, by id; ``changed`` are others in themselves, such as in their windows.
    reordered : bool
        Whether stops that stayed are in another order.
    """

    revision: int
    at: Moment
    reason: ChangeReason
    by: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    reordered: bool = False


class LeftPlan(Value):
    """An order of stops that was changed without a person's doing, and when."""

    at: Moment
    stop_ids: tuple[str, ...]


@dataclass(frozen=True)
class Load:
    """Grams and litres that a vehicle can hold."""

    weight_g: int
    volume_l: int


@dataclass(frozen=True)
class Start:
    """Where and when a driver begins the rest of their route."""

    point: Point
    at: datetime


@dataclass(frozen=True)
class RouteCost:
    """What a sequence of stops costs: seconds of driving, waiting and lateness."""

    driving_s: float
    waiting_s: float
    late_s: float

    def total(self, lateness_weight: float) -> float:
        """Return seconds of driving that the sequence is worth."""
        return self.driving_s + WAITING_WEIGHT * self.waiting_s + lateness_weight * self.late_s


@dataclass(frozen=True)
class Insertion:
    """The best way to take more deliveries along."""

    stops: tuple[Stop, ...]
    added_s: float
    late_s: float


class Route(Aggregate):
    """The open stops of a driver, in order; its id is the driver's.

    Parameters
    ----------
    revision : int
        Counts the plans: one more whenever stops are others, in another order, or changed in themselves. New times or
        pins alone are no new plan.
    pending : tuple of PlanChange
        What others changed since the driver confirmed.
    left : tuple of LeftPlan
        The plans of the last hour that were changed without a person's doing.
    ordered_at : datetime or None
        When a dispatcher last said in which order the stops come.
    """

    zone_id: str
    stops: tuple[Stop, ...] = ()
    idle_since: Moment | None = None
    revision: int = 0
    pending: tuple[PlanChange, ...] = ()
    left: tuple[LeftPlan, ...] = ()
    ordered_at: Moment | None = None

    def replan(self, stops: Iterable[Stop], now: datetime, reason: ChangeReason, by: str = DISPATCH) -> Self:
        """Return the route with other stops, announced if they differ in more than their times.

        Parameters
        ----------
        by : str
            Who changes it; the driver needs not confirm what they did.
        """
        new = tuple(stops)
        changed = self.with_changes(stops=new, idle_since=None if new else now if self.stops else self.idle_since)
        if _ids(new) == _ids(self.stops):
            return changed
        if reason in AUTOMATIC:
            left = (*self._left_lately(now), LeftPlan(at=now, stop_ids=_ids(self.stops)))
            changed = changed.with_changes(left=left)
        return changed._announced(self.stops, now, reason, by)

    def amend(self, stops: Iterable[Stop], now: datetime, reason: ChangeReason, by: str = DISPATCH) -> Self:
        """Return the route with stops that changed in themselves, announced also if they are the same in order."""
        changed = self.with_changes(stops=tuple(stops))
        return changed._announced(self.stops, now, reason, by)

    def _announced(self, before: Sequence[Stop], now: datetime, reason: ChangeReason, by: str) -> Self:
        change = _change(before, self.stops, revision=self.revision + 1, at=now, reason=reason, by=by)
        pending = self.pending if by == self.id else (*self.pending, change)
        if len(pending) > MOST_PENDING:
            pending = (pending[0], *pending[2:])
        plan = [
            {
                "stop_id": s.stop_id,
                "kind": s.kind,
                "delivery_id": s.delivery_id,
                "eta": s.eta and _text(s.eta),
            }
            for s in self.stops
        ]
        told = change.model_dump(mode="json", exclude={"at"})
        data = {"driver_id": self.id, "zone_id": self.zone_id, "stops": plan, **told}
        changed = self.with_changes(revision=change.revision, pending=pending)
        return changed.emitting("route.changed", now, data)

    @property
    def confirmed_revision(self) -> int:
        """The newest plan that the driver knows."""
        return self.pending[0].revision - 1 if self.pending else self.revision

    @property
    def unconfirmed_since(self) -> datetime | None:
        """Since when the plan is another than the driver knows, or None if it is not."""
        return self.pending[0].at if self.pending else None

    def confirm(self, revision: int) -> Self:
        """Note that the driver knows the plan of a revision; what came after it stays to be confirmed.

        Raises
        ------
        Conflict
            If there is no such plan yet.
        """
        if revision > self.revision:
            told = f"The route is at revision {self.revision}; there is no {revision} yet. Read it, then confirm that."
            raise Conflict("no_such_revision", told, "/revision")
        left = tuple(change for change in self.pending if change.revision > revision)
        return self if left == self.pending else self.with_changes(pending=left)

    def must_be_at(self, revision: int) -> None:
        """Check that somebody saw the plan as it is.

        Raises
        ------
        Conflict
            If it is another one by now.
        """
        if revision != self.revision:
            told = f"The route is at revision {self.revision}, not {revision}; read it again and decide on that."
            raise Conflict("stale_revision", told, "/revision")

    def may_change_to(self, stops: Iterable[Stop], now: datetime, most: int) -> bool:
        """Return whether the plan may become another one without a person's doing.

        It may ``most`` times in an hour, never back to an order that was left within it, and not within an hour after
        a dispatcher said which order it is to be.
        """
        if not self.is_movable(now, most):
            return False
        new, present = _ids(stops), _ids(self.stops)
        for plan in self._left_lately(now):
            known = set(plan.stop_ids)
            was = tuple(stop for stop in plan.stop_ids if stop in new)
            if known.issuperset(new) and was == new and new != present:
                return False
        return True

    def is_movable(self, now: datetime, most: int) -> bool:
        """Return whether any other order may come about without a person's doing."""
        settled = self.ordered_at is not None and self.ordered_at > now - STEADY
        return not settled and len(self._left_lately(now)) < most

    def ordered(self, now: datetime) -> Self:
        """Note that a dispatcher said in which order the stops come."""
        return self.with_changes(ordered_at=now)

    def _left_lately(self, now: datetime) -> tuple[LeftPlan, ...]:
        return tuple(plan for plan in self.left if plan.at > now - STEADY)

    def awaits(self, delivery_id: str, kind: StopKind) -> bool:
        """Return whether a stop is open and the driver is not on the way there."""
        return any(stop.stop_id == stop_id(delivery_id, kind) and not stop.started for stop in self.stops)

    def begin(self, delivery_id: str, kind: StopKind, now: datetime, device_at: datetime | None = None) -> Self:
        """Put a stop first and mark it as begun: the driver who does so knows the plan.

        Parameters
        ----------
        device_at : datetime, optional
            When they did so, if their phone has been offline since: what changed later they have not seen.
        """
        wanted = stop_id(delivery_id, kind)
        mine = [stop for stop in self.stops if stop.stop_id == wanted]
        if not mine:
            raise NotFound("no_such_stop", f"The {kind} of delivery {delivery_id} is not on this route.")
        begun = mine[0].model_copy(update={"started": True})
        others = (
            stop.model_copy(update={"started": False, "arrived_at": None})
            for stop in self.stops
            if stop.stop_id != begun.stop_id
        )
        seen = min(now, device_at or now)
        confirmed = self.with_changes(pending=tuple(change for change in self.pending if change.at > seen))
        return confirmed.replan((begun, *others), now, ChangeReason.DRIVER_DEPARTED, self.id).telling({delivery_id})

    def arrive(self, delivery_id: str, kind: StopKind, now: datetime) -> Self:
        """Note that the driver is at a stop; from then on its stay runs out."""
        there = stop_id(delivery_id, kind)
        return self.with_changes(
            stops=tuple(
                stop.model_copy(update={"arrived_at": stop.arrived_at or now}) if stop.stop_id == there else stop
                for stop in self.stops
            )
        )

    def telling(self, delivery_ids: Collection[str]) -> Self:
        """Note that customer and merchant of some deliveries are told of the arrivals as they are planned now."""
        return self.with_changes(
            stops=tuple(
                stop.model_copy(update={"told": stop.eta})
                if stop.kind is StopKind.DROPOFF and stop.delivery_id in delivery_ids
                else stop
                for stop in self.stops
            )
        )

    def finish(self, delivery_id: str, kind: StopKind, now: datetime) -> Self:
        """Take off a stop that the driver has done."""
        done = stop_id(delivery_id, kind)
        return self.replan((stop for stop in self.stops if stop.stop_id != done), now, ChangeReason.STOP_DONE, self.id)

    def without(self, delivery_id: str, now: datetime, reason: ChangeReason, by: str = DISPATCH) -> Self:
        """Take off all stops of a delivery."""
        return self.replan((stop for stop in self.stops if stop.delivery_id != delivery_id), now, reason, by)

    def eta_of(self, delivery_id: str, kind: StopKind) -> datetime | None:
        """Return when a stop is planned, or None if it is not on the route."""
        wanted = stop_id(delivery_id, kind)
        return next((stop.eta for stop in self.stops if stop.stop_id == wanted), None)


def _ids(stops: Iterable[Stop]) -> tuple[str, ...]:
    return tuple(stop.stop_id for stop in stops)


_PASSING = {"eta": None, "told": None, "started": False, "arrived_at": None, "pinned": False}
"""Of a stop, what says nothing of where to go when."""


def _change(before: Sequence[Stop], after: Sequence[Stop], **told: Any) -> PlanChange:
    was = {stop.stop_id: stop.model_copy(update=_PASSING) for stop in before}
    new = {stop.stop_id: stop.model_copy(update=_PASSING) for stop in after}
    stayed = [stop for stop in was if stop in new]
    return PlanChange(
        added=tuple(stop for stop in new if stop not in was),
        removed=tuple(stop for stop in was if stop not in new),
        changed=tuple(stop for stop in stayed if was[stop] != new[stop]),
        reordered=stayed != [stop for stop in new if stop in was],
        **told,
    )


def fixed_head(stops: Sequence[Stop]) -> int:
    """Return how many stops at the head keep their place: one that has begun, and all up to the last that is pinned."""
    fixed = (place + 1 for place, stop in enumerate(stops) if stop.pinned or (stop.started and not place))
    return max(fixed, default=0)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def stop_id(delivery_id: str, kind: StopKind) -> str:
    """Return the id of a delivery's stop."""
    return f"{delivery_id}:{kind}"


def stop_of(identity: str) -> tuple[str, StopKind]:
    """Return the delivery and the kind of a stop, by its id."""
    delivery_id, _, kind = identity.partition(":")
    return delivery_id, StopKind(kind)


def stops_of(
    delivery: Delivery, rules: TravelRules, stay_s: Callable[[StopKind, Point], int] | None = None
) -> tuple[Stop, ...]:
    """Return the stops that a delivery still needs: pickup and drop-off, or what is left of them.

    Parameters
    ----------
    stay_s : callable, optional
        Seconds that a stop at a place takes, where more is known than the zone's rules say.
    """

    def stop(kind: StopKind, sign: int) -> Stop:
        at_pickup = kind is not StopKind.DROPOFF
        window = delivery.pickup_window if at_pickup else delivery.dropoff_window
        point = delivery.dropoff
        if at_pickup:
            point = delivery.collect_at if kind is StopKind.PICKUP else delivery.pickup
        closes_at = delivery.dropoff_window.closes_at if delivery.handover else window.closes_at
        usual_s = rules.pickup_dwell_s if at_pickup else rules.dropoff_dwell_s
        return Stop(
            stop_id=stop_id(delivery.id, kind),
            kind=kind,
            delivery_id=delivery.id,
            point=point,
            opens_at=window.opens_at,
            closes_at=closes_at,
            weight_g=sign * delivery.parcel.weight_g,
            volume_l=sign * delivery.parcel.volume_l,
            dwell_s=stay_s(kind, point) if stay_s else usual_s,
        )

    if delivery.next_stop is StopKind.PICKUP:
        return (stop(StopKind.PICKUP, 1), stop(StopKind.DROPOFF, -1))
    return (stop(delivery.next_stop, -1),)


def amended(stops: Iterable[Stop], new: Mapping[str, Stop]) -> list[Stop]:
    """Return stops in the order they are in, some of them as they have become; those keep what happened and was told.

    Who has arrived at a stop that is now elsewhere has not.
    """
    return [
        became.model_copy(
            update={
                "started": stop.started,
                "arrived_at": stop.arrived_at if became.point == stop.point else None,
                "pinned": stop.pinned,
                "told": stop.told,
            }
        )
        if (became := new.get(stop.stop_id))
        else stop
        for stop in stops
    ]


def on_board(stops: Iterable[Stop]) -> Load:
    """Return what is on board before the first stop: whatever the stops bring without having fetched it."""
    listed = tuple(stops)
    return Load(-sum(stop.weight_g for stop in listed), -sum(stop.volume_l for stop in listed))


def fits(stops: Sequence[Stop], capacity: Load) -> bool:
    """Return whether a sequence never holds more than the vehicle can."""
    load = on_board(stops)
    weight, volume = load.weight_g, load.volume_l
    if weight > capacity.weight_g or volume > capacity.volume_l:
        return False
    for stop in stops:
        weight += stop.weight_g
        volume += stop.volume_l
        if weight > capacity.weight_g or volume > capacity.volume_l:
            return False
    return True


def in_order(stops: Sequence[Stop]) -> bool:
    """Return whether every pickup comes before its drop-off and a stop that has begun comes first."""
    dropped = set()
    for position, stop in enumerate(stops):
        if stop.started and position:
            return False
        if stop.kind is StopKind.DROPOFF:
            dropped.add(stop.delivery_id)
        elif stop.kind is StopKind.PICKUP and stop.delivery_id in dropped:
            return False
    return True


def cost_of(stops: Sequence[Stop], start: Start, travel: TravelTimes) -> RouteCost:
    """Return what a sequence of stops costs from a start."""
    clock, here = start.at.timestamp(), start.point
    driving = waiting = late = 0.0
    for stop in stops:
        opens, closes = stop.opens_at.timestamp(), stop.closes_at.timestamp()
        leg = _leg_s(here, stop, travel)
        clock += leg
        driving += leg
        if clock < opens:
            waiting += opens - clock
            clock = opens
        if clock > closes:
            late += clock - closes
        clock += stop.stay_s(start.at)
        here = stop.point
    return RouteCost(driving, waiting, late)


def _leg_s(here: Point, stop: Stop, travel: TravelTimes) -> float:
    """Return the seconds to a stop; none for who is there, wherever their phone thinks it is."""
    return 0.0 if stop.arrived_at else travel.seconds(here, stop.point)


def waypoints(stops: Iterable[Stop], start: Start) -> list[tuple[float, float]]:
    """Return where a route begins and where its stops are, in latitudes and longitudes."""
    return [(point.lat, point.lon) for point in (start.point, *(stop.point for stop in stops))]


def timed(stops: Iterable[Stop], start: Start, travel: TravelTimes) -> tuple[Stop, ...]:
    """Return the stops with their planned times."""
    here, now = start.point, start.at
    result = []
    listed = tuple(stops)
    travel.know_legs(waypoints(listed, start))
    for stop in listed:
        now = max(now + timedelta(seconds=_leg_s(here, stop, travel)), stop.opens_at)
        result.append(stop.model_copy(update={"eta": stop.begins_at(now).replace(microsecond=0)}))
        now += timedelta(seconds=stop.stay_s(start.at))
        here = stop.point
    return tuple(result)


def free_after(stops: Sequence[Stop], start: Start, travel: TravelTimes) -> Start:
    """Return where and when a driver has done all stops."""
    if not stops:
        return start
    last = timed(stops, start, travel)[-1]
    begins = start.at if last.arrived_at else last.eta or start.at
    return Start(last.point, begins + timedelta(seconds=last.stay_s(start.at)))


def insert(
    route: Sequence[Stop],
    groups: Sequence[Sequence[Stop]],
    start: Start,
    capacity: Load,
    travel: TravelTimes,
    lateness_weight: float,
) -> Insertion | None:
    """Return the cheapest way to add deliveries one after the other, each at its best place.

    Parameters
    ----------
    route : sequence of Stop
        The stops as they stand; one that has begun stays first, and pinned ones where they are.
    groups : iterable of sequences of Stop
        The stops of each delivery to add, in their order.

    Returns
    -------
    Insertion or None
        None if the vehicle can't hold them anywhere.
    """
    if not fits(route, capacity):
        return None
    stops = [*route, *(stop for group in groups for stop in group)]
    asked, vehicle, matrix = planned(stops, start, capacity, travel)
    weights = Weights(WAITING_WEIGHT, lateness_weight)
    line = Line(Running(vehicle, tuple(asked[: len(route)]), fixed_head(route)), matrix, weights)
    first_new = len(route)
    added = late = 0.0
    for group in groups:
        new = asked[first_new : first_new + len(group)]
        first_new += len(group)
        place = line.best_place(new)
        if place is None:
            return None
        added += place.added
        late += place.late_s
        line = Line(line.running_with(new, place), matrix, weights)
    best = timed((stops[stop.place] for stop in line.running.stops), start, travel)
    return Insertion(best, added, max(0.0, late))


def planned(
    stops: Sequence[Stop], start: Start, capacity: Load, travel: TravelTimes
) -> tuple[list[PlannedStop], Vehicle, list[list[float]]]:
    """Return stops, vehicle and travel times in the planner's terms; a stop's place is its number, the last the start.

    See Also
    --------
    crowdship.planner.routes
    """
    # Who is at a stop begins there, wherever their phone thinks it is.
    begins = stops[0].point if stops and stops[0].arrived_at else start.point
    points = [*(stop.point for stop in stops), begins]
    travel.know(waypoints(stops, start))
    matrix = [[travel.seconds(a, b) for b in points] for a in points]
    asked = [planned_stop(stop, number, start.at) for number, stop in enumerate(stops)]
    holds = (capacity.weight_g, capacity.volume_l)
    return asked, Vehicle(id="", start=len(stops), capacity=holds, on_at=start.at.timestamp()), matrix


def planned_stop(stop: Stop, place: int, now: datetime) -> PlannedStop:
    """Return a stop in the planner's terms, at a row of its matrix."""
    return PlannedStop(
        job=stop.delivery_id,
        place=place,
        pickup=stop.kind is StopKind.PICKUP,
        load=(stop.weight_g, stop.volume_l),
        opens_at=stop.opens_at.timestamp(),
        closes_at=stop.closes_at.timestamp(),
        service_s=stop.stay_s(now),
    )
