"""The timetable of a route: planned times, cost and load of its stops, and the cheapest insertion of more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdship.kernel.geo import Point
from crowdship.planner.insertion import Line, Running
from crowdship.planner.routes import Stop as PlannedStop
from crowdship.planner.routes import Vehicle, Weights
from crowdship.routes.stops import Stop, fixed_head
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes

WAITING_WEIGHT = 0.25
"""Seconds of driving that a second of waiting is worth."""


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
