"""Orders of a driver's stops: a better one found by search, or a dispatcher's own, pins and added delivery. Pure.

A dispatcher's change is compared with the route before it, to show what it costs.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf

from crowdship.kernel.errors import Unprocessable, counted
from crowdship.routes.route import Route
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import Stop, fixed_head
from crowdship.routes.timetable import Load, RouteCost, Start, cost_of, fits, in_order, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes
from crowdship.zones.dispatch_rules import DispatchRules

WORTHWHILE_S = 60.0
"""Seconds of driving that a new order must save, as drivers dislike changes that gain little."""


def better_order(
    route: Route,
    start: Start,
    capacity: Load,
    travel: TravelTimes,
    rules: DispatchRules,
    *,
    may_go_on: Callable[[], bool] = lambda: True,
) -> tuple[Stop, ...] | None:
    """Return a better order of a driver's stops; None if none saves enough and may be made now."""
    if not route.is_movable(start.at, rules.limits.automatic_changes):
        return None
    weight = rules.weights.lateness
    order = sequence(route.stops, start, capacity, travel, weight, may_go_on)
    saved = cost_of(route.stops, start, travel).total(weight) - cost_of(order, start, travel).total(weight)
    if saved < WORTHWHILE_S or not route.may_change_to(order, start.at, rules.limits.automatic_changes):
        return None
    return order


@dataclass(frozen=True)
class Sketch:
    """Stops with their times, and their cost."""

    stops: tuple[Stop, ...]
    cost: RouteCost

    @classmethod
    def of(cls, stops: Sequence[Stop], start: Start, travel: TravelTimes) -> "Sketch":
        """Return the sketch of stops driven from a start."""
        return cls(timed(stops, start, travel), cost_of(stops, start, travel))

    @property
    def late_s(self) -> dict[str, float]:
        """Lateness of each stop by id, seconds."""
        pairs = ((stop, stop.eta or stop.closes_at) for stop in self.stops)
        return {stop.stop_id: max(0.0, (eta - stop.closes_at).total_seconds()) for stop, eta in pairs}


@dataclass(frozen=True)
class Rerouted:
    """A driver's route before a change and after it."""

    driver_id: str
    before: Sketch
    after: Sketch

    @classmethod
    def of(cls, before: Route, after: Route, start: Start, travel: TravelTimes) -> "Rerouted":
        """Return the comparison of two plans of a driver from the same start."""
        sides = (Sketch.of(route.stops, start, travel) for route in (before, after))
        return cls(before.id, *sides)

    def later(self) -> list[tuple[Stop, float, float]]:
        """Return the stops that become late, or later than before, with their lateness before and after, seconds."""
        was, becomes = self.before.late_s, self.after.late_s
        grown = ((stop, was.get(stop.stop_id, 0.0), becomes[stop.stop_id]) for stop in self.after.stops)
        return [(stop, before, after) for stop, before, after in grown if after > before]


def rearranged(
    stops: Sequence[Stop], order: Sequence[str], pinned: Collection[str], capacity: Load
) -> tuple[Stop, ...]:
    """Return the stops in the given order, with the given ones pinned.

    Raises
    ------
    Unprocessable
        If other stops are named, or the order can't be driven; the message says what would be right.
    """
    known = {stop.stop_id: stop for stop in stops}
    if sorted(order) != sorted(known):
        missing, strange = sorted(known.keys() - set(order)), sorted(set(order) - known.keys())
        detail = f"Name each open stop once; missing: {_listed(missing)}; not on the route: {_listed(strange)}."
        raise Unprocessable("other_stops", detail, "/order")
    if strange := sorted(set(pinned) - known.keys()):
        raise Unprocessable("other_stops", f"Not on the route: {_listed(strange)}; pin open stops.", "/pinned")
    new = tuple(known[name].model_copy(update={"pinned": name in pinned}) for name in order)
    refuse_impossible(new, capacity, "/order")
    return new


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def refuse_impossible(stops: Sequence[Stop], capacity: Load, pointer: str) -> None:
    """Check that stops can be driven in the order they are in.

    Raises
    ------
    Unprocessable
        If not; the message says what would be right.
    """
    begun = next((stop.stop_id for stop in stops if stop.started), None)
    if begun and not stops[0].started:
        detail = f"The driver has set out for {begun}: it must come first."
        raise Unprocessable("stop_has_begun", detail, pointer)
    if not in_order(stops):
        before = {s.stop_id: n for n, s in enumerate(stops)}
        wrong = next(
            s.delivery_id
            for s in stops
            if s.kind is StopKind.PICKUP and before.get(f"{s.delivery_id}:{StopKind.DROPOFF}", inf) < before[s.stop_id]
        )
        raise Unprocessable("dropoff_first", f"Put the pickup of {wrong} before its drop-off.", pointer)
    if not fits(stops, capacity):
        holds = f"{capacity.weight_g} g and {capacity.volume_l} l"
        detail = f"In this order the load exceeds what the vehicle holds, {holds}; put a drop-off earlier."
        raise Unprocessable("does_not_fit", detail, pointer)


def put_at(stops: Sequence[Stop], group: Sequence[Stop], places: Sequence[int], capacity: Load) -> tuple[Stop, ...]:
    """Return a route with a delivery's stops added at chosen places, counted from 0.

    Raises
    ------
    Unprocessable
        If there is no such place, a stop that must stay would move, or the result can't be driven.
    """
    head, most = fixed_head(stops), len(stops) + len(group) - 1
    ordered = list(places) == sorted(set(places))
    if not ordered or places[0] < head or places[-1] > most:
        kept = counted(head, "stop keeps its place", "stops keep their places")
        detail = f"Choose places from {head} to {most}, the pickup before the drop-off; {kept}."
        raise Unprocessable("wrong_place", detail, "/position")
    new = list(stops)
    for place, stop in zip(places, group, strict=True):
        new.insert(place, stop)
    refuse_impossible(new, capacity, "/position")
    return tuple(new)
