"""Insertion into routes of a day, in plain Python.

It serves jobs that an engine left out, finds the cost of a job at each place, and plans alone where there is no engine.

A place for a job is looked for in whole time units with the earliest and the latest begin of every stop kept, so that
trying one takes constant time (forward time slack: Savelsbergh 1992, "The Vehicle Routing Problem with Time Windows:
Minimizing Route Duration").
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from operator import add, le

from crowdship.planner.dayplan.problem import DayProblem, Route, Routes
from crowdship.planner.timetable import walk


@dataclass(frozen=True, slots=True)
class Line:
    """A route with the times and loads that trying an insertion needs.

    Parameters
    ----------
    begins, closes : tuple of int
        For each stop: the begin of service, and the latest begin that makes no later stop late.
    load : tuple of tuple of int
        On board before the first stop and after each.
    """

    vehicle: int
    route: Route
    begins: tuple[int, ...]
    closes: tuple[int, ...]
    load: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class RouteWithJob:
    """A route with a job put in, and the extra cost in the unit of ``problem.prices``."""

    extra: int
    vehicle: int
    route: Route


LINES_KEPT = 4096
"""Routes whose times an inserter caches, because a search changes few routes in a step and tries some again."""


@dataclass(slots=True)
class Inserter:
    """Tries places for jobs in routes.

    Attributes
    ----------
    line : callable
        Returns a vehicle's route with its times and loads.
    """

    problem: DayProblem
    starts: tuple[int, ...] = ()
    ends: tuple[int | None, ...] = ()
    line: Callable[[int, Route], Line] = field(init=False)

    def __post_init__(self) -> None:
        index = {row: number for number, row in enumerate(self.problem.places)}
        self.starts = tuple(index[vehicle.start] for vehicle in self.problem.vehicles)
        self.ends = tuple(None if v.end is None else index[v.end] for v in self.problem.vehicles)
        self.line = lru_cache(LINES_KEPT)(self._line)

    def _line(self, vehicle: int, route: Route) -> Line:
        problem = self.problem
        legs, place_of, service = problem.legs, problem.place_of, problem.service
        places, end = [place_of[stop] for stop in route], self.ends[vehicle]
        ways = [legs[here][there] for here, there in pairwise((self.starts[vehicle], *places))]
        services = [service[stop] for stop in route]
        times = walk(problem.on[vehicle], zip(ways, [problem.opens[stop] for stop in route], services, strict=True))
        begins = tuple([begun for _, begun, _ in times])
        closes = []
        after = problem.off[vehicle] - (legs[places[-1]][end] if route and end is not None else 0)
        for stop, way, takes in zip(reversed(route), reversed(ways), reversed(services), strict=True):
            latest = min(problem.closes[stop], after - takes)
            closes.append(latest)
            after = latest - way
        on_board = tuple(
            -sum(min(0, problem.stops[stop].load[thing]) for stop in route if problem.is_single(stop))
            for thing in range(len(problem.vehicles[vehicle].capacity))
        )
        load = [on_board]
        for stop in route:
            on_board = tuple(map(add, on_board, problem.stops[stop].load))
            load.append(on_board)
        return Line(vehicle, route, begins, tuple(closes[::-1]), tuple(load))

    def holds(self, vehicle: int, route: Route) -> bool:
        """Return whether a route keeps windows, shift and capacity."""
        line = self.line(vehicle, route)
        if any(begin > close for begin, close in zip(line.begins, line.closes, strict=True)):
            return False
        return all(all(map(le, load, self.problem.vehicles[vehicle].capacity)) for load in line.load)

    def work(self, vehicle: int, route: Route) -> int:
        """Return the whole time units that a vehicle drives and serves."""
        if not route:
            return 0
        legs, place_of = self.problem.legs, self.problem.place_of
        way = [self.starts[vehicle], *(place_of[stop] for stop in route)]
        end = self.ends[vehicle]
        driving = sum(legs[a][b] for a, b in pairwise(way)) + (0 if end is None else legs[way[-1]][end])
        return driving + sum(self.problem.service[stop] for stop in route)

    def best(self, line: Line, job: int) -> RouteWithJob | None:
        """Return the cheapest place for a job in a route; None if there is none."""
        if line.vehicle not in self.problem.able[job]:
            return None
        return self._pair(line, job) if len(self.problem.jobs[job].stops) == 2 else self._single(line, job)

    def _reach(self, line: Line, index: int) -> tuple[int, int]:
        """Return where and when a vehicle is done with its first ``index`` stops."""
        if not index:
            return self.starts[line.vehicle], self.problem.on[line.vehicle]
        stop = line.route[index - 1]
        return self.problem.place_of[stop], line.begins[index - 1] + self.problem.service[stop]

    def _goes_on(self, line: Line, index: int, here: int, clock: int) -> bool:
        """Return whether a vehicle that leaves a place can still serve its stops from ``index`` on."""
        if index < len(line.route):
            return clock + self.problem.legs[here][self.problem.place_of[line.route[index]]] <= line.closes[index]
        end = self.ends[line.vehicle]
        return clock + (0 if end is None else self.problem.legs[here][end]) <= self.problem.off[line.vehicle]

    def _next(self, line: Line, index: int) -> int | None:
        return self.problem.place_of[line.route[index]] if index < len(line.route) else self.ends[line.vehicle]

    def _detour(self, before: int, via: int, after: int | None) -> int:
        prices = self.problem.prices
        if after is None:
            return prices[before][via]
        return prices[before][via] + prices[via][after] - prices[before][after]

    def _single(self, line: Line, job: int) -> RouteWithJob | None:
        problem = self.problem
        stop = problem.first[job]
        place, change = problem.place_of[stop], problem.stops[stop].load
        room = problem.vehicles[line.vehicle].capacity
        taken = [tuple(map(add, load, map(abs, change))) for load in line.load]
        fits = [all(map(le, load, room)) for load in taken]
        best: tuple[int, int] | None = None
        for index in range(len(line.route) + 1):
            here, clock = self._reach(line, index)
            begins = max(clock + problem.legs[here][place], problem.opens[stop])
            if begins > problem.closes[stop]:
                break
            # Goods of a single pickup stay on board to the end; goods of a single drop-off are on board from the start.
            if not all(fits[index:] if problem.stops[stop].pickup else fits[: index + 1]):
                continue
            if not self._goes_on(line, index, place, begins + problem.service[stop]):
                continue
            extra = self._detour(here, place, self._next(line, index))
            if best is None or extra < best[0]:
                best = (extra, index)
        if best is None:
            return None
        return RouteWithJob(best[0], line.vehicle, (*line.route[: best[1]], stop, *line.route[best[1] :]))

    def _pair(self, line: Line, job: int) -> RouteWithJob | None:
        problem = self.problem
        pickup = problem.first[job]
        dropoff = pickup + 1
        from_, to = problem.place_of[pickup], problem.place_of[dropoff]
        legs, opens, closes, service = problem.legs, problem.opens, problem.closes, problem.service
        room = problem.vehicles[line.vehicle].capacity
        fits = [all(map(le, map(add, load, problem.stops[pickup].load), room)) for load in line.load]
        route, size = line.route, len(line.route)
        best: tuple[int, int, int] | None = None
        for index in range(size + 1):
            before, clock = self._reach(line, index)
            begins = max(clock + legs[before][from_], opens[pickup])
            if begins > closes[pickup]:
                break
            if not fits[index]:
                continue
            done = begins + service[pickup]
            to_pickup = self._detour(before, from_, self._next(line, index))
            here = from_
            for later in range(index, size + 1):
                arrives = max(done + legs[here][to], opens[dropoff])
                if arrives > closes[dropoff]:
                    break
                if self._goes_on(line, later, to, arrives + service[dropoff]):
                    extra = to_pickup + self._detour(here, to, self._next(line, later))
                    if best is None or extra < best[0]:
                        best = (extra, index, later)
                if later == size or not fits[later + 1]:
                    break
                stop = route[later]
                arrives = max(done + legs[here][problem.place_of[stop]], opens[stop])
                if arrives > line.closes[later]:
                    break
                done, here = arrives + service[stop], problem.place_of[stop]
        if best is None:
            return None
        extra, index, later = best
        return RouteWithJob(extra, line.vehicle, (*route[:index], pickup, *route[index:later], dropoff, *route[later:]))


def without(problem: DayProblem, route: Route, jobs: Collection[int]) -> Route:
    """Return a route without some jobs."""
    return tuple(stop for stop in route if problem.job_of[stop] not in jobs)


def insert(
    inserter: Inserter,
    routes: Routes,
    jobs: Iterable[int],
    *,
    fixed: int = 0,
    eject: bool = True,
    may_go_on: Callable[[], bool] = lambda: True,
    blink: Callable[[], bool] = lambda: False,
) -> Routes:
    """Return routes with jobs put where they cost least, those of high priority first.

    Parameters
    ----------
    fixed : int
        Cost of a vehicle not in use yet.
    eject : bool
        True if a job that fits nowhere may take the place of one of lower priority.
    blink : callable
        True to overlook a place.
    """
    problem = inserter.problem
    lines = [inserter.line(vehicle, route) for vehicle, route in enumerate(routes)]

    def rank(job: int) -> tuple[int, int, int]:
        return -problem.jobs[job].priority, len(problem.able[job]), job

    waiting = sorted(jobs, key=rank)
    while waiting and may_go_on():
        job = waiting.pop(0)
        best: tuple[int, RouteWithJob] | None = None
        tried: set[tuple[object, ...]] = set()
        for vehicle in problem.able[job]:
            line = lines[vehicle]
            if not line.route:
                owner = problem.vehicles[vehicle]
                alike = (owner.start, owner.end, owner.capacity, owner.on_at, owner.off_at, owner.skills)
                if alike in tried:
                    continue
                tried.add(alike)
            place = inserter.best(line, job)
            if place is None or blink():
                continue
            extra = place.extra + (0 if line.route else fixed)
            if best is None or extra < best[0]:
                best = (extra, place)
        if best:
            lines[best[1].vehicle] = inserter.line(best[1].vehicle, best[1].route)
        elif eject:
            swap = _swap(inserter, lines, job)
            if swap:
                place, ejected = swap
                lines[place.vehicle] = inserter.line(place.vehicle, place.route)
                waiting.extend(ejected)
                waiting.sort(key=rank)
    return tuple(line.route for line in lines)


def _swap(inserter: Inserter, lines: Sequence[Line], job: int) -> tuple[RouteWithJob, tuple[int, ...]] | None:
    """Return a place for a job instead of some of lower priority, and those.

    If removing one job is enough, one is removed; otherwise all jobs of lower priority are, and are put back where they
    still fit.
    """
    problem = inserter.problem
    own = problem.jobs[job].priority
    best: tuple[tuple[int, int, int], RouteWithJob, tuple[int, ...]] | None = None
    for vehicle in problem.able[job]:
        route = lines[vehicle].route
        lower = [other for other in problem.jobs_in(route) if problem.jobs[other].priority < own]
        for gone in (*((other,) for other in lower), tuple(lower)):
            place = inserter.best(inserter.line(vehicle, without(problem, route, gone)), job) if gone else None
            if place:
                key = (len(gone), max(problem.jobs[other].priority for other in gone), place.extra)
                if best is None or key < best[0]:
                    best = (key, place, gone)
    return (best[1], best[2]) if best else None
