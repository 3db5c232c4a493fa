"""The timetable of a driver's stops: planned times, cost and load, and the cheapest insertion of more.

All times come from :func:`visits`, which asks the planner's :func:`crowdship.planner.timetable.walk`. So planned times,
costs and expected arrivals of one route agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdship.kernel.geo import Point
from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import Running
from crowdship.planner.routes import Stop as PlannedStop
from crowdship.planner.routes import Vehicle, Weights
from crowdship.planner.timetable import totals, walk
from crowdship.routes.stops import Stop, fixed_head
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes

WAITING_WEIGHT = 0.25
"""The price of a second of waiting, in seconds of driving."""


@dataclass(frozen=True)
class Load:
    """Grams and litres that a vehicle can hold."""

    weight_g: int
    volume_l: int


@dataclass(frozen=True)
class Start:
    """The place and the moment at which a driver begins the rest of their route."""

    point: Point
    at: datetime


@dataclass(frozen=True)
class RouteCost:
    """The cost of a sequence of stops: seconds of driving, waiting and lateness."""

    driving_s: float
    waiting_s: float
    late_s: float

    def total(self, lateness_weight: float) -> float:
        """Return the total cost in seconds of driving."""
        return self.driving_s + WAITING_WEIGHT * self.waiting_s + lateness_weight * self.late_s


@dataclass(frozen=True)
class Insertion:
    """The best way to take more deliveries along."""

    stops: tuple[Stop, ...]
    added_s: float
    late_s: float


def on_board(stops: Iterable[Stop]) -> Load:
    """Return the load on board before the first stop: all that the stops deliver without having picked it up."""
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
    """Return whether each pickup comes before its drop-off, and a stop that was started comes first."""
    dropped = set()
    for position, stop in enumerate(stops):
        if stop.started and position:
            return False
        if stop.kind is StopKind.DROPOFF:
            dropped.add(stop.delivery_id)
        elif stop.kind is StopKind.PICKUP and stop.delivery_id in dropped:
            return False
    return True


def legs_of(stops: Sequence[Stop], start: Start, travel: TravelTimes) -> list[float]:
    """Return the seconds of the way to each stop; 0 to a stop where the driver is, whatever their phone's position."""
    points = (start.point, *(stop.point for stop in stops))
    return [
        0.0 if stop.arrived_at else travel.seconds(here, stop.point) for here, stop in zip(points, stops, strict=False)
    ]


def visits(stops: Sequence[Stop], start: Start, legs: Iterable[float]) -> Iterator[tuple[float, float, float]]:
    """Yield when each stop is reached, when its service begins and when it is left, in seconds after the start.

    At a stop where the driver is already, the rest of their stay begins at the start.

    Parameters
    ----------
    legs : iterable of float
        The seconds of the way to each stop.
    """
    now = start.at
    return walk(
        0.0,
        ((leg, (stop.opens_at - now).total_seconds(), stop.stay_s(now)) for leg, stop in zip(legs, stops, strict=True)),
    )


def cost_of(stops: Sequence[Stop], start: Start, travel: TravelTimes) -> RouteCost:
    """Return the cost of a sequence of stops from a start."""
    ways = legs_of(stops, start, travel)
    closings = ((stop.closes_at - start.at).total_seconds() for stop in stops)
    return RouteCost(*totals(ways, visits(stops, start, ways), closings))


def waypoints(stops: Iterable[Stop], start: Start) -> list[tuple[float, float]]:
    """Return the latitudes and longitudes of the start of a route and of its stops."""
    return [(point.lat, point.lon) for point in (start.point, *(stop.point for stop in stops))]


def timed(stops: Iterable[Stop], start: Start, travel: TravelTimes) -> tuple[Stop, ...]:
    """Return the stops with their planned times, to the second."""
    listed = tuple(stops)
    travel.know_legs(waypoints(listed, start))
    times = visits(listed, start, legs_of(listed, start, travel))
    return tuple(
        stop.model_copy(update={"eta": begins_at(stop, start, begins).replace(microsecond=0)})
        for stop, (_, begins, _) in zip(listed, times, strict=True)
    )


def begins_at(stop: Stop, start: Start, begins_s: float) -> datetime:
    """Return the moment at which service at a stop begins, or began if the driver is there.

    Parameters
    ----------
    begins_s : float
        The start of service in seconds after the start, as :func:`visits` yields it.
    """
    return stop.begins_at(start.at + timedelta(seconds=begins_s))


def free_after(stops: Sequence[Stop], start: Start, travel: TravelTimes) -> Start:
    """Return the place and the moment at which a driver has done all stops."""
    if not stops:
        return start
    travel.know_legs(waypoints(stops, start))
    *_, (_, begins_s, _) = visits(stops, start, legs_of(stops, start, travel))
    last = stops[-1]
    begins = start.at if last.arrived_at else begins_at(last, start, begins_s).replace(microsecond=0)
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
        The stops in their present order; one that was started stays first, and pinned ones where they are.
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
    # A driver who is at a stop begins there, whatever their phone's position.
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
