"""Exchanges of deliveries between a merchant's own drivers who are under way. Pure.

``planner.polish`` searches. This module turns drivers' routes into its routes and ties to their drivers the deliveries
that must not move: those on board, set out for or pinned, assigned by a person, or exchanged a short time ago.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import DISPATCH, State
from crowdship.dispatch.eligibility import Available, most_stops, unavailable, unsuitable
from crowdship.dispatch.places import Places
from crowdship.planner import routes as planner
from crowdship.planner.insertion.model import Running
from crowdship.planner.polish import polish
from crowdship.planner.polish.fleet import Bounds
from crowdship.planner.timetable import timetable
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import Stop, fixed_head
from crowdship.routes.timetable import WAITING_WEIGHT, Start, cost_of
from crowdship.shipment.options import Priority
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes
from crowdship.zones.dispatch_rules import ExchangeRules
from crowdship.zones.model import ZoneSettings

STEPS = 300
"""The most steps of the search."""


@dataclass(frozen=True)
class Exchange:
    """Routes that change together.

    Parameters
    ----------
    routes : mapping of str to tuple of Stop
        By driver, the stops that they should have.
    moved : mapping of str to str
        The new driver of each delivery that changes hands, by delivery.
    saved_s : float
        Saving in seconds of driving, beyond that of a better order of each driver's own stops.
    """

    routes: Mapping[str, tuple[Stop, ...]]
    moved: Mapping[str, str]
    saved_s: float


def may_move(delivery: Delivery, rules: ExchangeRules, now: datetime) -> bool:
    """Return whether a delivery may change hands: its driver has not set out for it and was not chosen by a person."""
    given = delivery.given
    if delivery.state is not State.ASSIGNED or given is None or given.actor != DISPATCH:
        return False
    return given.reason is None or given.at <= now - timedelta(minutes=rules.rest_minutes)


def plan_exchanges(
    fleet: Sequence[Available],
    known: Mapping[str, Delivery],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    *,
    most_moved: int | None = None,
    may_go_on: Callable[[], bool] = lambda: True,
    steps: int = STEPS,
) -> list[Exchange]:
    """Return the exchanges between a merchant's own drivers that are worth it, the largest saving first.

    Stops in progress and goods on board do not move, and no more deliveries move than the zone allows. A new driver
    passes every check of the zone's tick. No customer's arrival is delayed by more than the zone allows.

    Parameters
    ----------
    fleet : sequence of Available
        The drivers.
    known : mapping of str to Delivery
        The deliveries on their routes, by id.
    most_moved : int, optional
        The most deliveries that may move; the zone's ``exchange.moves`` by default.
    may_go_on : callable
        False ends the search with the best so far.
    """
    limits, rules = settings.dispatch.limits, settings.dispatch.exchange
    most = rules.moves if most_moved is None else most_moved
    if len(fleet) < 2 or not most:
        return []
    weight = settings.dispatch.weights.lateness
    starts = [Start(entry.at, now) for entry in fleet]
    # Savings count from the best order of each driver's own stops, as resequencing reaches that without an exchange.
    orders = [
        sequence(entry.route.stops, start, entry.capacity, travel, weight, may_go_on)
        for entry, start in zip(fleet, starts, strict=True)
    ]
    problem = _Problem(fleet, orders, known, settings, travel, now)
    if not problem.movable:
        return []
    bounds = Bounds(most, rules.worth_s, skills=problem.skills)
    weights = planner.Weights(WAITING_WEIGHT, weight)
    found = polish(problem.routes, problem.matrix, weights, bounds, steps=steps, may_go_on=may_go_on)
    new = [problem.stops_of(running) for running in found.routes]
    exchanges = []
    for numbers, moved in _together(found.moved, orders, new):
        before = sum(cost_of(orders[n], starts[n], travel).total(weight) for n in numbers)
        saved = before - sum(cost_of(new[n], starts[n], travel).total(weight) for n in numbers)
        # As in a tick, a driver whose route is not full can be given one more delivery.
        room = all(len(new[n]) <= max(len(orders[n]), most_stops(limits)) for n in numbers)
        steady = all(fleet[n].route.may_change_to(new[n], now, limits.automatic_changes) for n in numbers)
        if room and steady and saved > 0 and saved >= rules.worth_s * len(moved):
            routes = {fleet[n].driver.id: new[n] for n in numbers}
            exchanges.append(Exchange(routes, {job: fleet[n].driver.id for job, n in moved.items()}, saved))
    return sorted(exchanges, key=lambda exchange: (-exchange.saved_s, min(exchange.moved)))


class _Problem:
    """Drivers and their stops in the planner's terms.

    The planner checks skills only, while a driver may be ineligible for several reasons. So deliveries with the same
    eligible drivers share a skill, which only these drivers have.

    Attributes
    ----------
    movable : bool
        Whether any delivery may have another driver.
    """

    def __init__(
        self,
        fleet: Sequence[Available],
        orders: Sequence[Sequence[Stop]],
        known: Mapping[str, Delivery],
        settings: ZoneSettings,
        travel: TravelTimes,
        now: datetime,
    ) -> None:
        self._fleet, self._known, self._settings, self._now = fleet, known, settings, now
        self._stops = {(stop.delivery_id, stop.kind is StopKind.PICKUP): stop for order in orders for stop in order}
        points = (point for entry in fleet for point in (entry.at, *(stop.point for stop in entry.route.stops)))
        self._places = Places(points, travel)
        self.matrix = self._places.matrix
        takers = [entry for entry in fleet if not unavailable(entry, settings, now)]
        groups: dict[frozenset[str], str] = {}
        self.movable = False
        self.skills: dict[str, frozenset[str]] = {}
        for entry, order in zip(fleet, orders, strict=True):
            for delivery_id in dict.fromkeys(stop.delivery_id for stop in order):
                able = frozenset({entry.driver.id, *self._able(delivery_id, takers)})
                self.movable |= len(able) > 1
                self.skills[delivery_id] = frozenset({groups.setdefault(able, f"group-{len(groups)}")})
        self.routes = [
            self._running(entry, order, frozenset(name for able, name in groups.items() if entry.driver.id in able))
            for entry, order in zip(fleet, orders, strict=True)
        ]

    def stops_of(self, running: Running) -> tuple[Stop, ...]:
        """Return the stops of a planner's route."""
        return tuple(self._stops[stop.job, stop.pickup] for stop in running.stops)

    def _able(self, delivery_id: str, takers: Sequence[Available]) -> list[str]:
        delivery = self._known.get(delivery_id)
        if delivery is None or not may_move(delivery, self._settings.dispatch.exchange, self._now):
            return []
        return [entry.driver.id for entry in takers if not unsuitable(entry, [delivery], self._settings, self._now)]

    def _running(self, entry: Available, order: Sequence[Stop], skills: frozenset[str]) -> Running:
        vehicle = self._places.vehicle(entry, self._now, skills)
        asked = [self._places.planned(stop, self._now) for stop in order]
        begins = timetable(asked, vehicle, self.matrix).begins
        held = tuple(self._held(stop, at) for stop, at in zip(asked, begins, strict=True))
        return Running(vehicle, held, committed=fixed_head(order))

    def _held(self, stop: planner.Stop, begins: float) -> planner.Stop:
        """Return a drop-off that closes when its longest delay is reached; pickups and late drop-offs are unchanged."""
        if stop.pickup or begins >= stop.closes_at:
            return stop
        delivery = self._known.get(stop.job)
        urgent = delivery is None or delivery.priority is Priority.URGENT
        delay = 0 if urgent else self._settings.dispatch.exchange.delay_s
        return replace(stop, closes_at=min(stop.closes_at, begins + delay))


def _together(
    moved: frozenset[str], before: Sequence[Sequence[Stop]], after: Sequence[Sequence[Stop]]
) -> Iterator[tuple[list[int], dict[str, int]]]:
    """Yield the numbers of routes that exchange deliveries with each other, and who gets which of these."""
    had, gets = ({stop.delivery_id: n for n, stops in enumerate(side) for stop in stops} for side in (before, after))
    left = sorted(moved)
    while left:
        numbers = {had[left[0]], gets[left[0]]}
        jobs: list[str] = []
        while more := [job for job in left if had[job] in numbers or gets[job] in numbers]:
            jobs += more
            left = [job for job in left if job not in more]
            numbers.update(n for job in more for n in (had[job], gets[job]))
        yield sorted(numbers), {job: gets[job] for job in jobs}
