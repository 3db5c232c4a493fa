"""Running routes improved in the background, with few orders changing hands.

VROOM's local search goes first where it is installed, from the routes as they are. Then ruin and recreate (Schrimpf et
al. 2000): take out a few orders that are near each other, put each back where it costs least. At last every order that
changed hands for less than it is worth goes back to where it was.
"""

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf
from typing import Any

from crowdship.planner.engines import vroom
from crowdship.planner.insertion import Line, Place, Running
from crowdship.planner.routes import Job, Matrix, Stop, Weights
from crowdship.planner.sequence import best_order
from crowdship.planner.timetable import Timetable, timetable

TENTHS = 10
"""VROOM counts in whole numbers; these are tenths of a second."""

EXACT_STOPS = 10
"""Up to so many open stops a route that changed is put into its best order."""

TAKEN_OUT = 5
"""Orders that are taken out at once, at most."""

NEAR = 12
"""Among so many of the nearest orders the ones to take out with another are chosen."""

UPHILL = 0.003
"""A step may cost this share of the whole at the start of the search, less and less until its end."""


@dataclass(frozen=True, slots=True)
class Polished:
    """Routes and what became of them.

    Parameters
    ----------
    moved : frozenset of str
        Jobs that have another vehicle than before.
    saved : float
        Seconds of driving that the routes cost less.
    """

    routes: tuple[Running, ...]
    moved: frozenset[str]
    saved: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """What polishing may change.

    Parameters
    ----------
    most_moved : float
        So many jobs may change hands at most.
    worth_s : float
        What each that does must save, in seconds of driving.
    free : collection of str
        Jobs that nobody counts on yet: they may change hands for nothing.
    skills : mapping of str to frozenset of str
        What the vehicle of a job must have.
    """

    most_moved: float = 10
    worth_s: float = 30.0
    free: Collection[str] = ()
    skills: Mapping[str, frozenset[str]] = field(default_factory=dict)


def polish(
    routes: Sequence[Running],
    matrix: Matrix,
    weights: Weights,
    bounds: Bounds,
    *,
    steps: int = 300,
    level: int = 5,
    seed: int = 0,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Polished:
    """Return routes that cost less.

    What is on board stays on board, committed stops stay where they are, no stop becomes later than it closes that was
    not before unless that pays by ``weights``.

    Parameters
    ----------
    weights : Weights
        Lateness must have a finite weight, as routes under way may be late already.
    steps : int
        Steps of ruin and recreate.
    level : int
        VROOM's exploration level, 0 to 5.
    may_go_on : callable
        False once the time is up.
    """
    plan = _Plan(routes, matrix, weights, bounds)
    before = plan.cost
    loose, new = _loosened(routes, bounds)
    # Where a job was put at once is not always where a search goes that starts without it.
    for start, without in ((routes, ()), (loose, new))[: 2 if new else 1]:
        if may_go_on():
            plan.take(improved_by_vroom(start, matrix, level=level, new=without, skills=bounds.skills))
    plan.shuffle(steps, random.Random(seed), may_go_on)
    plan.return_goods()
    moved = frozenset(plan.moved())
    return Polished(tuple(line.running for line in plan.lines), moved, before - plan.cost)


def movable(running: Running) -> dict[str, tuple[Stop, ...]]:
    """Return the jobs of a route that another vehicle could do: nothing of them is on board or under way."""
    stops: dict[str, tuple[Stop, ...]] = {}
    for stop in running.stops[running.committed :]:
        stops[stop.job] = (*stops.get(stop.job, ()), stop)
    begun = {stop.job for stop in running.stops[: running.committed]}
    return {job: its for job, its in stops.items() if its[0].pickup and job not in begun}


def _loosened(routes: Sequence[Running], bounds: Bounds) -> tuple[list[Running], list[Job]]:
    """Return the routes without the jobs that may change hands for nothing, and these."""
    loose, new = [], []
    for running in routes:
        out = {job: stops for job, stops in movable(running).items() if job in bounds.free}
        loose.append(_without(running, out) if out else running)
        new += [Job(job, stops, bounds.skills.get(job, frozenset())) for job, stops in out.items()]
    return loose, new


class _Plan:
    """The routes of a fleet while they are changed."""

    def __init__(self, routes: Sequence[Running], matrix: Matrix, weights: Weights, bounds: Bounds) -> None:
        self.matrix, self.weights, self.bounds = matrix, weights, bounds
        self.lines = [Line(running, matrix, weights) for running in routes]
        self.places: list[dict[str, Place | None]] = [{} for _ in routes]
        self.jobs: dict[str, tuple[Stop, ...]] = {}
        self.home: dict[str, int] = {}
        for number, running in enumerate(routes):
            for job, stops in movable(running).items():
                self.jobs[job], self.home[job] = stops, number
        self.where = dict(self.home)

    @property
    def cost(self) -> float:
        """What all routes cost."""
        return sum(line.cost for line in self.lines)

    def moved(self) -> list[str]:
        """Return the jobs that changed hands, less those that may for nothing."""
        return [job for job, number in self.where.items() if number != self.home[job] and job not in self.bounds.free]

    def worth(self) -> float:
        """Return what the routes cost, the changes of hands included."""
        return self.cost + self.bounds.worth_s * len(self.moved())

    def put(self, number: int, running: Running) -> None:
        """Let a route be another."""
        self.lines[number], self.places[number] = Line(running, self.matrix, self.weights), {}

    def order(self, number: int) -> None:
        """Put a short route into its best order."""
        running = self.lines[number].running
        if 1 < len(running.stops) - running.committed <= EXACT_STOPS:
            found = best_order(running.stops, running.vehicle, self.matrix, self.weights, committed=running.committed)
            if found and found.cost < self.lines[number].cost:
                self.put(number, replace(running, stops=found.stops))

    def take(self, routes: Sequence[Running] | None) -> None:
        """Take over what another found, less the changes of hands that do not pay, if it is better then."""
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
        """Let jobs go back to whose they were as long as that costs less than their change of hands is worth."""
        while self._give_one_back(-self.bounds.worth_s):
            pass

    def _give_one_back(self, least: float) -> bool:
        """Give back the job that has the most to win by it, if that is more than ``least``."""
        best: tuple[float, str, Place, Running] | None = None
        for job in self.moved():
            number, home, stops = self.where[job], self.home[job], self.jobs[job]
            without = _without(self.lines[number].running, {job})
            back = self._place(home, job, stops)
            if back is None:
                continue
            wins = self.lines[number].cost - Line(without, self.matrix, self.weights).cost - back.added
            if wins > (best[0] if best else least):
                best = wins, job, back, without
        if best is None:
            return False
        _, job, place, without = best
        home = self.home[job]
        self.put(self.where[job], without)
        self.put(home, self.lines[home].running_with(self.jobs[job], place))
        self.where[job] = home
        return True

    def _place(self, number: int, job: str, stops: Sequence[Stop]) -> Place | None:
        """Return the best place of a job in a route where nothing gets late by it, looked up if it was found before."""
        known = self.places[number]
        if job not in known:
            line = self.lines[number]
            suits = self.bounds.skills.get(job, frozenset()) <= line.running.vehicle.skills
            known[job] = line.best_place(stops, on_time=True) if suits else None
        return known[job]

    def shuffle(self, steps: int, rng: random.Random, may_go_on: Callable[[], bool]) -> None:
        """Take jobs out and put them back, step by step."""
        names = sorted(self.jobs)
        if not names:
            return
        near = self._near(names)
        best = kept = self._state()
        for step in range(steps):
            if not may_go_on():
                break
            first = rng.choice(names)
            others = rng.sample(near[first], min(len(near[first]), rng.randint(0, TAKEN_OUT - 1)))
            placed = self._move([first, *others], rng)
            found = self._state()
            uphill = UPHILL * best[0] * (1 - step / steps)
            if not placed or len(self.moved()) > self.bounds.most_moved or found[0] > kept[0] + uphill * rng.random():
                self._restore(kept)
            else:
                kept = found
                if found[0] < best[0] - 1e-6:
                    best = found
        self._restore(best)

    def _state(self) -> tuple[float, list[Line], list[dict[str, Place | None]], dict[str, int]]:
        return self.worth(), list(self.lines), list(self.places), dict(self.where)

    def _restore(self, state: tuple[float, list[Line], list[dict[str, Place | None]], dict[str, int]]) -> None:
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
            self.put(number, _without(self.lines[number].running, out))
        for job in rng.sample(jobs, len(jobs)):
            stops, home = self.jobs[job], self.home[job]
            strange = 0.0 if job in self.bounds.free else self.bounds.worth_s
            best: tuple[float, int, Place] | None = None
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


def _without(running: Running, jobs: Collection[str]) -> Running:
    return replace(running, stops=tuple(stop for stop in running.stops if stop.job not in jobs))


def improved_by_vroom(
    routes: Sequence[Running],
    matrix: Matrix,
    *,
    level: int = 5,
    new: Iterable[Job] = (),
    skills: Mapping[str, frozenset[str]] = {},
) -> tuple[Running, ...] | None:
    """Return what VROOM makes of routes under way, from the order they are in.

    Parameters
    ----------
    new : iterable of Job
        Jobs that nobody has yet; all must find a place.

    Returns
    -------
    tuple of Running or None
        None if VROOM is not installed, or left something out.
    """
    engine = vroom()
    if engine is None:
        return None
    listed = tuple(new)
    if not listed and all(len(running.stops) <= running.committed for running in routes):
        return tuple(routes)  # VROOM refuses a problem without a task
    return _VroomModel(engine, routes, matrix, listed, skills).solve(level)


class _VroomModel:
    """Routes under way in VROOM's terms.

    A vehicle starts where its committed stops end. A window that the route misses anyway is held open until then, as
    VROOM knows no lateness. Travel times are cut to tenths of a second, so that a route which is just on time for us is
    on time for it.
    """

    def __init__(
        self,
        engine: Any,
        routes: Sequence[Running],
        matrix: Matrix,
        new: Sequence[Job],
        skills: Mapping[str, frozenset[str]],
    ) -> None:
        self.engine, self.routes = engine, routes
        self.begins_at = min((running.vehicle.on_at for running in routes), default=0.0)
        self.stops: list[Stop] = []
        self.things = max((len(running.vehicle.capacity) for running in routes), default=0)
        names = sorted({skill for running in routes for skill in running.vehicle.skills})
        self.skills = {name: len(routes) + number for number, name in enumerate(names)}
        self.problem = engine.Input()
        places = {stop.place for job in new for stop in job.stops}
        for running in routes:
            ends = (running.vehicle.start, running.vehicle.end)
            places.update(place for place in (*ends, *(stop.place for stop in running.stops)) if place is not None)
        self.rows = {place: number for number, place in enumerate(sorted(places))}
        legs = [[floor(TENTHS * matrix[a][b] + 1e-6) for b in self.rows] for a in self.rows]
        self.problem.set_durations_matrix("car", legs)
        for number, running in enumerate(routes):
            self._add_vehicle(number, running, timetable(running.stops, running.vehicle, matrix), skills)
        for job in new:
            self._add_job(job.stops, [stop.closes_at for stop in job.stops], self._ids(job.skills))

    def _tenths(self, moment: float) -> int:
        return floor(TENTHS * (min(moment, self.begins_at + 1e8) - self.begins_at) + 1e-6)

    def _ids(self, skills: Iterable[str]) -> set[int]:
        """Return skills as numbers; one that nobody has is a number that nobody has."""
        return {self.skills.get(skill, len(self.routes) + len(self.skills)) for skill in skills}

    def _add_vehicle(
        self, number: int, running: Running, plan: Timetable, skills: Mapping[str, frozenset[str]]
    ) -> None:
        engine, vehicle, head = self.engine, running.vehicle, running.committed
        free = movable(running)
        begins = dict(zip(running.stops, plan.begins, strict=True))
        open_stops = running.stops[head:]
        steps = []
        ids: dict[str, int] = {}
        for stop in open_stops:
            if stop.job in ids:
                steps.append(engine.VehicleStepDelivery(ids[stop.job]))
                continue
            its = free.get(stop.job, (stop,))
            wants = self._ids(skills.get(stop.job, ())) if stop.job in free else {number}
            ids[stop.job] = self._add_job(its, [max(one.closes_at, begins[one]) for one in its], wants)
            steps.append(
                engine.VehicleStepPickup(ids[stop.job]) if len(its) > 1 else engine.VehicleStepSingle(ids[stop.job])
            )
        here, leaves = vehicle.start, vehicle.on_at
        if head:
            last = running.stops[head - 1]
            here, leaves = last.place, plan.begins[head - 1] + last.service_s
        self.problem.add_vehicle(
            engine.Vehicle(
                number,
                start=self.rows[here],
                end=None if vehicle.end is None else self.rows[vehicle.end],
                capacity=list(vehicle.capacity),
                skills={number, *self._ids(vehicle.skills)},
                time_window=engine.TimeWindow(self._tenths(leaves), self._tenths(max(vehicle.off_at, plan.ends_at))),
                steps=steps,
            )
        )

    def _add_job(self, stops: Sequence[Stop], closes: Sequence[float], skills: set[int]) -> int:
        """Add a job and return its number: that of its first stop."""
        engine, number = self.engine, len(self.stops)
        self.stops.extend(stops)
        told = [
            {
                "location": self.rows[stop.place],
                "default_service": floor(TENTHS * stop.service_s),
                "time_windows": [
                    engine.TimeWindow(
                        max(0, self._tenths(stop.opens_at)), max(0, self._tenths(stop.opens_at), self._tenths(close))
                    )
                ],
            }
            for stop, close in zip(stops, closes, strict=True)
        ]
        amount = list(map(abs, stops[0].load)) or [0] * self.things
        if len(stops) == 2:
            steps = [engine.ShipmentStep(number, **one) for one in told]
            self.problem.add_job(engine.Shipment(*steps, amount=amount, skills=skills))
        else:
            held = {"pickup" if stops[0].pickup else "delivery": amount}
            self.problem.add_job(engine.Job(number, **held, skills=skills, **told[0]))
        return number

    def solve(self, level: int) -> tuple[Running, ...] | None:
        """Return the routes, or None if anything is left out."""
        solution = self.problem.solve(exploration_level=level, nb_threads=1)
        if solution.summary.unassigned:
            return None
        found: list[list[Stop]] = [list(running.stops[: running.committed]) for running in self.routes]
        table = solution._routes_numpy()
        for vehicle, kind, number in zip(table["vehicle_id"], table["type"], table["id"], strict=True):
            if kind in _STOPS:
                found[int(vehicle)].append(self.stops[int(number) + _STOPS[kind]])
        return tuple(replace(running, stops=tuple(stops)) for running, stops in zip(self.routes, found, strict=True))


_STOPS = {b"job": 0, b"pickup": 0, b"delivery": 1}
"""VROOM's steps that are stops, and which of their job."""
