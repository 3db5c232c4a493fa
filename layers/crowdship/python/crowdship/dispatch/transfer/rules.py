"""Distribution of a driver's deliveries among other drivers. Pure.

The delivery that would cost most more with its second best driver is given first (regret insertion, Potvin and Rousseau
1993). Then a few deliveries at a time are taken out and given anew (Schrimpf et al. 2000). If only few change hands,
each is also tried with other drivers whose whole route is then put into its best order, because a delivery may fit no
place of a route as it is, and yet be on the way. The search uses no solver: the dispatchers' function has none.
"""

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest
from math import inf
from operator import itemgetter

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available, most_stops
from crowdship.dispatch.places import Places
from crowdship.kernel.errors import Conflict
from crowdship.kernel.geo import distance_m
from crowdship.planner import routes as planner
from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import InsertionPoint, Running
from crowdship.planner.sequence import best_order
from crowdship.routes.stops import Stop, fixed_head
from crowdship.routes.timetable import WAITING_WEIGHT
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import ZoneSettings

STEPS = 300
"""The most steps of the search."""

TAKEN_OUT = 4
"""The most deliveries that one step gives anew, unless a stop would be late."""

ROUNDS = 2
"""Rounds of the search; after each, routes are put into their best order, which opens other places for deliveries."""

MORE_ROUNDS, ORDERED_STEPS = 6, 20
"""The most rounds while a stop would be late, and the steps of every second additional one.

An additional round may give all deliveries anew at once; every second one compares routes in their best order.
"""

BLINK = 0.25
"""Probability that a driver is skipped for a delivery that is given anew (Christiaens and Vanden Berghe 2020).

Without skips, few deliveries would be given the same way each time.
"""

FEW, NEAREST = 3, 4
"""Up to ``FEW`` deliveries are each tried with the ``NEAREST`` other drivers whose present routes they fit best."""

MOST_TAKERS = 40
"""The most drivers who are considered; the travel times of more would take longer than the search."""


@dataclass(frozen=True)
class Moving:
    """A delivery that is to change hands, and its stops for the new driver."""

    delivery: Delivery
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Distribution:
    """Result of a distribution.

    Parameters
    ----------
    routes : mapping of str to tuple of Stop
        The new stops of each driver who takes a delivery, by driver.
    given : mapping of str to str
        The new driver of each delivery, by delivery.
    left : tuple of str
        Deliveries that no driver can take.
    """

    routes: Mapping[str, tuple[Stop, ...]]
    given: Mapping[str, str]
    left: tuple[str, ...]


def distribute(
    moving: Sequence[Moving],
    takers: Sequence[Available],
    able: Mapping[str, Collection[str]],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    *,
    may_go_on: Callable[[], bool] = lambda: True,
    steps: int = STEPS,
) -> Distribution:
    """Return the distribution that costs least; the drivers' stops that have begun or are pinned stay.

    Parameters
    ----------
    able : mapping of str to collection of str
        The drivers who may take each delivery, by delivery.
    may_go_on : callable
        False ends the search with the best distribution so far.
    """
    most = most_stops(settings.dispatch.limits)
    takers = _nearest([entry for entry in takers if len(entry.route.stops) < most], moving, able)
    table = _Table(moving, takers, able, travel, now)
    weights = planner.Weights(WAITING_WEIGHT, settings.dispatch.weights.lateness)
    plan = _Plan(table, weights, most)
    plan.give(plan.lines, {}, sorted(table.jobs))
    one_by_one = plan.ordered(), dict(plan.given)
    for number in range(MORE_ROUNDS):
        more = number >= ROUNDS
        if more and not (len(moving) > 1 and plan.late_s and may_go_on()):
            break
        in_order = more and number % 2 == 1
        count, most_out = ORDERED_STEPS if in_order else steps // ROUNDS, len(moving) if more else TAKEN_OUT
        plan.search(count, most_out, may_go_on, in_order=in_order)
        plan.put_in_order()
        plan.try_others(may_go_on)
    plan.fall_back_on(one_by_one)
    given = {job: takers[number].driver.id for job, number in plan.given.items()}
    routes = {takers[n].driver.id: table.stops_of(plan.lines[n].running) for n in sorted(set(plan.given.values()))}
    return Distribution(routes, given, tuple(sorted(table.jobs.keys() - given.keys())))


def _nearest(
    takers: Sequence[Available], moving: Sequence[Moving], able: Mapping[str, Collection[str]]
) -> list[Available]:
    """Return the drivers who may take a delivery; if there are too many, the nearest to the pickups."""
    places = [each.stops[0].point for each in moving]
    may = [entry for entry in takers if any(entry.driver.id in able.get(each.delivery.id, ()) for each in moving)]
    return nsmallest(MOST_TAKERS, may, key=lambda entry: min(distance_m(entry.at, place) for place in places))


class _Table:
    """Drivers, their stops and what is to change hands, in the planner's terms.

    Each delivery needs a skill of its own, which the drivers who may take it have.
    """

    def __init__(
        self,
        moving: Sequence[Moving],
        takers: Sequence[Available],
        able: Mapping[str, Collection[str]],
        travel: TravelTimes,
        now: datetime,
    ) -> None:
        own = [stop for entry in takers for stop in entry.route.stops]
        new = [stop for each in moving for stop in each.stops]
        self._stops = {(stop.delivery_id, stop.kind is StopKind.PICKUP): stop for stop in (*own, *new)}
        points = (*(entry.at for entry in takers), *(stop.point for stop in (*own, *new)))
        self._places, self._now = Places(points, travel), now
        self.matrix = self._places.matrix
        self.jobs = {each.delivery.id: tuple(map(self._planned, each.stops)) for each in moving}
        self.routes = []
        for entry in takers:
            skills = frozenset(job for job in self.jobs if entry.driver.id in able.get(job, ()))
            stops = tuple(map(self._planned, entry.route.stops))
            vehicle = self._places.vehicle(entry, now, skills)
            self.routes.append(Running(vehicle, stops, fixed_head(entry.route.stops)))

    def _planned(self, stop: Stop) -> planner.Stop:
        return self._places.planned(stop, self._now)

    def stops_of(self, running: Running) -> tuple[Stop, ...]:
        """Return the stops of a planner's route."""
        return tuple(self._stops[stop.job, stop.pickup] for stop in running.stops)


class _Plan:
    """Routes with the jobs that they take over.

    Attributes
    ----------
    lines : list of Line
        The routes.
    given : dict of str to int
        Number of the route that takes each job, by job.
    """

    def __init__(self, table: _Table, weights: planner.Weights, most: int) -> None:
        self._table, self._weights, self._most = table, weights, most
        self.lines = [self._line(running) for running in table.routes]
        self.given: dict[str, int] = {}
        self._random = random.Random(0)

    @property
    def late_s(self) -> float:
        """Lateness of all stops together, seconds."""
        return sum(line.late_s for line in self.lines)

    def _line(self, running: Running) -> Line:
        return Line(running, self._table.matrix, self._weights)

    def give(self, lines: Sequence[Line], given: Mapping[str, int], jobs: Sequence[str], blink: float = 0.0) -> None:
        """Start from some routes and give jobs to them, as many as they can take."""
        self.lines, self.given = list(lines), dict(given)
        seen = self._random.random if blink else lambda: 1.0
        places = {job: [self._place(line, job) if seen() >= blink else None for line in self.lines] for job in jobs}
        while some := [job for job in places if any(places[job])]:
            job = max(some, key=lambda name: _regret(places[name]))
            found = ((number, place) for number, place in enumerate(places.pop(job)) if place)
            number, place = min(found, key=lambda entry: entry[1].added)
            self.lines[number] = self._line(self.lines[number].running_with(self._table.jobs[job], place))
            self.given[job] = number
            for other, its in places.items():
                its[number] = self._place(self.lines[number], other)

    def _place(self, line: Line, job: str) -> InsertionPoint | None:
        stops, running = self._table.jobs[job], line.running
        if job not in running.vehicle.skills or len(running.stops) + len(stops) > self._most:
            return None
        return line.best_place(stops)

    def search(self, steps: int, most: int, may_go_on: Callable[[], bool], *, in_order: bool = False) -> None:
        """Give some jobs anew in each step; keep the result if it leaves no more jobs and costs less.

        Parameters
        ----------
        most : int
            The most jobs that a step gives anew.
        in_order : bool
            Whether routes are put into their best order before they are compared, which takes long.
        """
        rng, names = self._random, sorted(self.given)
        # A single job has its best place already, and so have all jobs on a single route.
        for _ in range(steps if len(self.lines) > 1 and len(names) > 1 else 0):
            if not may_go_on():
                break
            kept = self.lines, self.given
            before = self._worth()
            out = rng.sample(names, rng.randint(1, min(most, len(names))))
            lines = list(self.lines)
            for number in {self.given[job] for job in out if job in self.given}:
                lines[number] = self._without(number, out)
            others = {job: number for job, number in self.given.items() if job not in out}
            self.give(lines, others, sorted(self._table.jobs.keys() - others.keys()), BLINK)
            if in_order:
                self.put_in_order()
            if self._worth() >= before:
                self.lines, self.given = kept

    def _without(self, number: int, out: Collection[str]) -> Line:
        """Return a route without some jobs; one that takes over no other job is as it was before."""
        running = self.lines[number].running
        if any(taker == number and job not in out for job, taker in self.given.items()):
            return self._line(replace(running, stops=tuple(stop for stop in running.stops if stop.job not in out)))
        return self._line(self._table.routes[number])

    def _worth(self) -> tuple[int, float]:
        return -len(self.given), sum(line.cost for line in self.lines)

    def fall_back_on(self, state: tuple[list[Line], dict[str, int]]) -> None:
        """Return to an earlier state of routes and jobs if that costs less.

        The search compares routes that are not in their best order, so its result can cost more than its start.
        """
        reached, found = (self.lines, self.given), self._worth()
        self.lines, self.given = state
        if self._worth() >= found:
            self.lines, self.given = reached

    def put_in_order(self) -> None:
        """Put the routes that take something over into their best order."""
        self.lines = self.ordered()

    def ordered(self) -> list[Line]:
        """Return the routes, those that take something over in their best order; the plan stays as it is."""
        takers = set(self.given.values())
        return [self._in_order(line) if number in takers else line for number, line in enumerate(self.lines)]

    def _in_order(self, line: Line) -> Line:
        running = line.running
        found = best_order(
            running.stops, running.vehicle, self._table.matrix, self._weights, committed=running.committed
        )
        return self._line(replace(running, stops=found.stops)) if found and found.cost < line.cost else line

    def try_others(self, may_go_on: Callable[[], bool]) -> None:
        """If there are few jobs, try each with other drivers, whose routes are put into their best order."""
        for job in sorted(self.given) if len(self.given) <= FEW else ():
            here, stops = self.given[job], self._table.jobs[job]
            left = self._without(here, (job,))
            least, best = self.lines[here].cost - left.cost, None
            places = ((number, self._place(line, job)) for number, line in enumerate(self.lines) if number != here)
            others = sorted(((place.added, number, place) for number, place in places if place), key=itemgetter(0, 1))
            for _, number, place in others[:NEAREST]:
                if not may_go_on():
                    break
                line = self._in_order(self._line(self.lines[number].running_with(stops, place)))
                if line.cost - self.lines[number].cost < least:
                    least, best = line.cost - self.lines[number].cost, (number, line)
            if best:
                self.lines[here] = left
                self.given[job], self.lines[best[0]] = best


def _regret(places: Iterable[InsertionPoint | None]) -> float:
    """Return how much more the second best place costs than the best; without a second, infinitely more."""
    costs = sorted(place.added for place in places if place)
    return costs[1] - costs[0] if len(costs) > 1 else inf


def refuse_too_many(count: int, most: int) -> None:
    """Check that so many deliveries can change hands together.

    Raises
    ------
    Conflict
        If they can't be written in one transaction.
    """
    if count > most:
        detail = f"{count} deliveries are too many for one transfer; name {most} at most."
        raise Conflict("too_many_deliveries", detail, "/delivery_ids")
