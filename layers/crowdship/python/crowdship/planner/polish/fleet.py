"""The routes of a fleet while they are changed, the jobs that changed hands, and the search that changes them."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import InsertionPoint, Running
from crowdship.planner.routes import Matrix, Stop, Weights
from crowdship.planner.ruin_recreate import ruin_and_recreate
from crowdship.planner.sequence import best_order

EXACT_STOPS = 10
"""Up to so many open stops a route that changed is put into its best order."""

TAKEN_OUT = 5
"""Orders that are taken out at once, at most."""

NEAR = 12
"""Among so many of the nearest orders the ones to take out with another are chosen."""

UPHILL = 0.003
"""A step may cost this share of the whole at the start of the search, less and less until its end."""

State = tuple[float, list[Line], list[dict[str, InsertionPoint | None]], dict[str, int]]
"""Cost of the routes, changes of hands included; the routes; known places in them by job; the route of each job."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of what polishing may change.

    Parameters
    ----------
    most_moved : float
        The most jobs that may change hands.
    worth_s : float
        Seconds of driving that each change of hands must save.
    free : collection of str
        Jobs that no driver was told of yet: their change of hands costs nothing.
    skills : mapping of str to frozenset of str
        Skills that the vehicle of a job must have.
    """

    most_moved: float = 10
    worth_s: float = 30.0
    free: Collection[str] = ()
    skills: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Fleet:
    """The routes of a fleet while they are changed.

    Attributes
    ----------
    lines : list of Line
        The routes as they are now.
    places : list of dict
        Of each route, the best place of jobs that were asked about since it last changed.
    jobs : dict
        The stops of each job that may change hands.
    home, where : dict
        The number of the route that each job was in at first, and that it is in now.
    """

    def __init__(self, routes: Sequence[Running], matrix: Matrix, weights: Weights, bounds: Bounds) -> None:
        self.matrix, self.weights, self.bounds = matrix, weights, bounds
        self.lines = [Line(running, matrix, weights) for running in routes]
        self.places: list[dict[str, InsertionPoint | None]] = [{} for _ in routes]
        self.jobs: dict[str, tuple[Stop, ...]] = {}
        self.home: dict[str, int] = {}
        for number, running in enumerate(routes):
            for job, stops in movable(running).items():
                self.jobs[job], self.home[job] = stops, number
        self.where = dict(self.home)

    @property
    def cost(self) -> float:
        """Cost of all routes, in seconds of driving."""
        return sum(line.cost for line in self.lines)

    def moved(self) -> list[str]:
        """Return the jobs that changed hands, without those that may for nothing."""
        return [job for job, number in self.where.items() if number != self.home[job] and job not in self.bounds.free]

    def worth(self) -> float:
        """Return the cost of the routes and of the changes of hands."""
        return self.cost + self.bounds.worth_s * len(self.moved())

    def put(self, number: int, running: Running) -> None:
        """Replace a route."""
        self.lines[number], self.places[number] = Line(running, self.matrix, self.weights), {}

    def order(self, number: int) -> None:
        """Put a short route into its best order."""
        running = self.lines[number].running
        if 1 < len(running.stops) - running.committed <= EXACT_STOPS:
            found = best_order(running.stops, running.vehicle, self.matrix, self.weights, committed=running.committed)
            if found and found.cost < self.lines[number].cost:
                self.put(number, replace(running, stops=found.stops))

    def take(self, routes: Sequence[Running] | None) -> None:
        """Take over another search's routes if they are better, once changes of hands that do not pay are undone."""
        if routes is None:
            return
        kept = self.lines, self.places, self.where
        before = self.worth()
        self.lines, self.places, self.where = list(self.lines), list(self.places), dict(self.where)
        for number, running in enumerate(routes):
            if running.stops != self.lines[number].running.stops:
                self.put(number, running)
                self.order(number)
            for job in movable(running):
                self.where[job] = number
        self.return_goods()
        while len(self.moved()) > self.bounds.most_moved:
            if not self._give_one_back(-inf):
                break
        if self.worth() >= before or len(self.moved()) > self.bounds.most_moved:
            self.lines, self.places, self.where = kept

    def return_goods(self) -> None:
        """Return jobs to their first vehicles as long as that costs less than their change of hands is worth."""
        while self._give_one_back(-self.bounds.worth_s):
            pass

    def _give_one_back(self, least: float) -> bool:
        """Return the job to its first vehicle that saves most by it, if that is more than ``least``."""
        best: tuple[float, str, InsertionPoint, Running] | None = None
        for job in self.moved():
            number, home, stops = self.where[job], self.home[job], self.jobs[job]
            rest = without(self.lines[number].running, {job})
            back = self._place(home, job, stops)
            if back is None:
                continue
            wins = self.lines[number].cost - Line(rest, self.matrix, self.weights).cost - back.added
            if wins > (best[0] if best else least):
                best = wins, job, back, rest
        if best is None:
            return False
        _, job, place, rest = best
        home = self.home[job]
        self.put(self.where[job], rest)
        self.put(home, self.lines[home].running_with(self.jobs[job], place))
        self.where[job] = home
        return True

    def _place(self, number: int, job: str, stops: Sequence[Stop]) -> InsertionPoint | None:
        """Return the best place of a job in a route where nothing gets late by it, looked up if it was found before."""
        known = self.places[number]
        if job not in known:
            line = self.lines[number]
            suits = self.bounds.skills.get(job, frozenset()) <= line.running.vehicle.skills
            known[job] = line.best_place(stops, on_time=True) if suits else None
        return known[job]

    def shuffle(self, steps: int, rng: random.Random, may_go_on: Callable[[], bool]) -> None:
        """Take jobs out and put them back where they cost least, for some steps; keep the best of it."""
        names = sorted(self.jobs)
        if not names:
            return
        near = self._near(names)

        def rebuilt(kept: State) -> State | None:
            self._restore(kept)
            first = rng.choice(names)
            others = rng.sample(near[first], min(len(near[first]), rng.randint(0, TAKEN_OUT - 1)))
            if not self._move([first, *others], rng) or len(self.moved()) > self.bounds.most_moved:
                return None
            return self._state()

        def accepts(found: State, kept: State, best: State, step: int) -> bool:
            return found[0] <= kept[0] + UPHILL * best[0] * (1 - step / steps) * rng.random()

        best, _ = ruin_and_recreate(
            self._state(),
            rebuilt,
            is_better=lambda found, best: found[0] < best[0] - 1e-6,
            may_go_on=lambda step: step < steps and may_go_on(),
            accepts=accepts,
        )
        self._restore(best)

    def _state(self) -> State:
        return self.worth(), list(self.lines), list(self.places), dict(self.where)

    def _restore(self, state: State) -> None:
        self.lines, self.places, self.where = list(state[1]), list(state[2]), dict(state[3])

    def _near(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return, for each job, those that start or end close to where it does."""

        def apart(one: str, other: str) -> float:
            (a, *_, b), (c, *_, d) = self.jobs[one], self.jobs[other]
            return self.matrix[a.place][c.place] + self.matrix[b.place][d.place]

        return {
            name: sorted((other for other in names if other != name), key=lambda other: apart(name, other))[:NEAR]
            for name in names
        }

    def _move(self, jobs: Sequence[str], rng: random.Random) -> bool:
        """Take jobs out and put each back where it costs least; return whether all found a place."""
        taken: dict[int, set[str]] = {}
        for job in jobs:
            taken.setdefault(self.where[job], set()).add(job)
        for number, out in taken.items():
            self.put(number, without(self.lines[number].running, out))
        for job in rng.sample(jobs, len(jobs)):
            stops, home = self.jobs[job], self.home[job]
            strange = 0.0 if job in self.bounds.free else self.bounds.worth_s
            best: tuple[float, int, InsertionPoint] | None = None
            for number in range(len(self.lines)):
                place = self._place(number, job, stops)
                if place is None:
                    continue
                added = place.added + (strange if number != home else 0.0)
                if best is None or added < best[0]:
                    best = added, number, place
            if best is None:
                return False
            _, number, place = best
            self.put(number, self.lines[number].running_with(stops, place))
            self.where[job] = number
        return True


def movable(running: Running) -> dict[str, tuple[Stop, ...]]:
    """Return the jobs of a route that another vehicle could do: nothing of them is on board or under way."""
    stops: dict[str, tuple[Stop, ...]] = {}
    for stop in running.stops[running.committed :]:
        stops[stop.job] = (*stops.get(stop.job, ()), stop)
    begun = {stop.job for stop in running.stops[: running.committed]}
    return {job: its for job, its in stops.items() if its[0].pickup and job not in begun}


def without(running: Running, jobs: Collection[str]) -> Running:
    """Return a route without some jobs."""
    return replace(running, stops=tuple(stop for stop in running.stops if stop.job not in jobs))
