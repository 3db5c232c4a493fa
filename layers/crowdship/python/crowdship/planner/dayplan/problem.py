"""A day's jobs and vehicles in the form that the engines of the day plan share.

Jobs and vehicles stand in an order that does not depend on their names. Times are whole numbers of a fine unit since
the earliest moment. Travel and service times are rounded up, openings up, closings down: a plan that holds in whole
numbers holds in seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf, isfinite
from typing import Any

from crowdship.planner.routes import Job, Matrix, Stop, Vehicle

Route = tuple[int, ...]
"""Numbers of stops in the order in which a vehicle is there."""

Routes = tuple[Route, ...]
"""A route for each vehicle, an empty one if it stays where it is."""

LARGEST = 20_000_000
"""No time in whole numbers is larger; the engines multiply them."""

FINEST = 10_000


@dataclass(frozen=True, slots=True)
class DayProblem:
    """A day's jobs and vehicles in whole time units.

    Parameters
    ----------
    jobs, vehicles : tuples
        In an order that does not depend on their names.
    matrix, costs : matrices
        Seconds between places, and costs of the ways between them.
    stops : tuple of Stop
        The stops of all jobs, one job's after the other's; their index is their number.
    job_of : tuple of int
        The job of a stop.
    first : tuple of int
        The first stop of a job.
    able : tuple of tuple of int
        The vehicles that have the skills of a job and hold it; none for a job whose windows never open.
    scale : int
        Whole time units a second.
    opens, closes, service : tuple of int
        Of stops, in whole time units.
    on, off : tuple of int
        Of vehicles, in whole time units.
    places : tuple of int
        Rows of the matrix that are in use.
    place_of : tuple of int
        Index into ``places``, of stops.
    legs, prices : tuple of tuple of int
        Between ``places``: travel times and costs in whole units.
    latest : int
        No schedule in whole time units is later.
    """

    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    matrix: Matrix
    costs: Matrix
    stops: tuple[Stop, ...]
    job_of: tuple[int, ...]
    first: tuple[int, ...]
    able: tuple[tuple[int, ...], ...]
    scale: int
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    service: tuple[int, ...]
    on: tuple[int, ...]
    off: tuple[int, ...]
    places: tuple[int, ...]
    place_of: tuple[int, ...]
    legs: tuple[tuple[int, ...], ...]
    prices: tuple[tuple[int, ...], ...]
    latest: int

    def stops_of(self, job: int) -> range:
        """Return the numbers of a job's stops."""
        return range(self.first[job], self.first[job] + len(self.jobs[job].stops))

    def is_single(self, stop: int) -> bool:
        """Return whether a stop is its job's only one."""
        return len(self.jobs[self.job_of[stop]].stops) == 1

    def jobs_in(self, route: Iterable[int]) -> tuple[int, ...]:
        """Return the jobs of a route in the order of their first stops."""
        return tuple(dict.fromkeys(self.job_of[stop] for stop in route))

    def unserved(self, routes: Iterable[Route]) -> tuple[int, ...]:
        """Return the jobs in no route."""
        served = {self.job_of[stop] for route in routes for stop in route}
        return tuple(job for job in range(len(self.jobs)) if job not in served)

    def route_cost(self, vehicle: int, route: Route) -> float:
        """Return the cost of the way of a route."""
        if not route:
            return 0.0
        owner, costs, stops = self.vehicles[vehicle], self.costs, self.stops
        here, total = owner.start, 0.0
        for stop in route:
            place = stops[stop].place
            total += costs[here][place]
            here = place
        return total if owner.end is None else total + costs[here][owner.end]

    def cost(self, routes: Routes) -> float:
        """Return the cost of the ways of all routes."""
        return sum(self.route_cost(vehicle, route) for vehicle, route in enumerate(routes))

    def kinds(self) -> tuple[tuple[int, ...], ...]:
        """Return the vehicles in groups that differ in nothing but their names."""
        groups: dict[Vehicle, list[int]] = {}
        for number, vehicle in enumerate(self.vehicles):
            groups.setdefault(replace(vehicle, id=""), []).append(number)
        return tuple(tuple(group) for group in groups.values())


def make_problem(
    jobs: Iterable[Job],
    vehicles: Iterable[Vehicle],
    matrix: Matrix,
    costs: Matrix | None = None,
    *,
    finest: int = FINEST,
) -> DayProblem:
    """Return a problem.

    Parameters
    ----------
    costs : matrix, optional
        Costs of the ways between places, for example metres; the travel times if not given.
    finest : int
        Whole units a second at most, a power of ten.

    Raises
    ------
    ValueError
        If a job has no stop or more than two, or does not drop off what it picked up.
    """
    listed, owners = same_things(jobs, vehicles)
    known, fleet = tuple(sorted(listed, key=_job_key)), tuple(sorted(owners, key=_vehicle_key))

    stops = tuple(stop for job in known for stop in job.stops)
    job_of = tuple(number for number, job in enumerate(known) for _ in job.stops)
    first = tuple(job_of.index(number) for number in range(len(known)))
    rows = [stop.place for stop in stops]
    ends = [place for vehicle in fleet for place in (vehicle.start, vehicle.end) if place is not None]
    places = tuple(dict.fromkeys((*rows, *ends)))

    moments = [stop.opens_at for stop in stops] + [vehicle.on_at for vehicle in fleet]
    origin = min((moment for moment in moments if isfinite(moment)), default=0.0)
    horizon = _horizon(stops, fleet, places, matrix, origin)
    scale = 1
    while scale < finest and horizon * scale * 10 <= LARGEST:
        scale *= 10
    latest = ceil(horizon * scale)

    def whole(moment: float, rounded: object) -> int:
        if not isfinite(moment):
            return latest if moment > 0 else 0
        exact = (moment - origin) * scale
        # A rounding error of a float must not cost a whole unit.
        near = round(exact)
        if abs(exact - near) < 1e-6:
            return min(latest, near)
        return min(latest, ceil(exact) if rounded is ceil else floor(exact))

    def length(seconds: float) -> int:
        if not isfinite(seconds):
            return latest
        near = round(seconds * scale)
        return min(latest, near if abs(seconds * scale - near) < 1e-6 else ceil(seconds * scale))

    priced = costs if costs is not None else matrix
    dearest = max((priced[a][b] for a in places for b in places if isfinite(priced[a][b])), default=1.0)
    unit = 1
    while unit < finest and dearest * unit * 10 <= LARGEST / 10:
        unit *= 10
    opens = tuple(max(0, whole(stop.opens_at, ceil)) for stop in stops)
    closes = tuple(whole(stop.closes_at, floor) for stop in stops)
    on = tuple(max(0, whole(vehicle.on_at, ceil)) for vehicle in fleet)
    off = tuple(whole(vehicle.off_at, floor) for vehicle in fleet)
    shut = {job for job, begins, ends in zip(job_of, opens, closes, strict=True) if begins > ends}
    shut |= {n for n, job in enumerate(known) if opens[first[n]] > closes[first[n] + len(job.stops) - 1]}
    working = [number for number in range(len(fleet)) if on[number] <= off[number]]
    return DayProblem(
        jobs=known,
        vehicles=fleet,
        matrix=matrix,
        costs=priced,
        stops=stops,
        job_of=job_of,
        first=first,
        able=tuple(
            tuple(n for n in working if is_able(fleet[n], job)) if number not in shut else ()
            for number, job in enumerate(known)
        ),
        scale=scale,
        opens=opens,
        closes=closes,
        service=tuple(length(stop.service_s) for stop in stops),
        on=on,
        off=tuple(map(max, on, off)),
        places=places,
        place_of=tuple(places.index(row) for row in rows),
        legs=tuple(tuple(length(matrix[a][b]) for b in places) for a in places),
        prices=tuple(
            tuple(round(priced[a][b] * unit) if isfinite(priced[a][b]) else LARGEST for b in places) for a in places
        ),
        latest=latest,
    )


def same_things(jobs: Iterable[Job], vehicles: Iterable[Vehicle]) -> tuple[list[Job], list[Vehicle]]:
    """Return jobs and vehicles with loads and capacities of equally many things; what isn't told is 0.

    Raises
    ------
    ValueError
        If a job has no stop or more than two, or does not drop off what it picked up.
    """
    listed, owners = list(jobs), list(vehicles)
    for job in listed:
        _check(job)
    loads = [stop.load for job in listed for stop in job.stops]
    things = max((len(load) for load in (*loads, *(vehicle.capacity for vehicle in owners))), default=0)
    return [_padded(job, things) for job in listed], [_roomy(vehicle, things) for vehicle in owners]


def is_able(vehicle: Vehicle, job: Job) -> bool:
    """Return whether a vehicle has the skills of a job and holds it."""
    return job.skills <= vehicle.skills and holds(vehicle, job)


def holds(vehicle: Vehicle, job: Job) -> bool:
    """Return whether a job fits into an empty vehicle."""
    return all(
        abs(change) <= room for stop in job.stops for change, room in zip(stop.load, vehicle.capacity, strict=True)
    )


def _check(job: Job) -> None:
    if len(job.stops) not in (1, 2):
        raise ValueError(f"{job.id} has {len(job.stops)} stops, a job has one or two")
    for stop in job.stops:
        if any((change < 0) if stop.pickup else (change > 0) for change in stop.load):
            raise ValueError(f"{job.id} loads at a drop-off or unloads at a pickup")
    if len(job.stops) == 2:
        pickup, dropoff = job.stops
        if not pickup.pickup or dropoff.pickup or tuple(-change for change in dropoff.load) != pickup.load:
            raise ValueError(f"{job.id} does not drop off what it picked up")


def _padded(job: Job, things: int) -> Job:
    stops = tuple(replace(stop, load=(*stop.load, *(0,) * (things - len(stop.load)))) for stop in job.stops)
    return replace(job, stops=stops)


def _roomy(vehicle: Vehicle, things: int) -> Vehicle:
    return replace(vehicle, capacity=(*vehicle.capacity, *(0,) * (things - len(vehicle.capacity))))


def _job_key(job: Job) -> Any:
    stops = [(s.opens_at, s.closes_at, s.place, s.pickup, s.service_s, s.load) for s in job.stops]
    return stops, sorted(job.skills), job.priority


def _vehicle_key(vehicle: Vehicle) -> Any:
    end = -1 if vehicle.end is None else vehicle.end
    return vehicle.start, end, vehicle.on_at, vehicle.off_at, vehicle.capacity, sorted(vehicle.skills)


def _horizon(
    stops: Sequence[Stop], fleet: Sequence[Vehicle], places: Sequence[int], matrix: Matrix, origin: float
) -> float:
    """Return seconds from the origin to a moment that no sensible route outlasts."""
    shifts = [vehicle.off_at for vehicle in fleet]
    if shifts and max(shifts) < inf:
        return max(1.0, max(shifts) - origin)
    longest = max((matrix[a][b] for a in places for b in places if isfinite(matrix[a][b])), default=0.0)
    moments = [stop.closes_at if isfinite(stop.closes_at) else stop.opens_at for stop in stops]
    moments += [vehicle.on_at for vehicle in fleet]
    latest = max((moment for moment in moments if isfinite(moment)), default=origin)
    if stops and max(stop.closes_at for stop in stops) < inf:
        return max(1.0, latest - origin + longest + max(stop.service_s for stop in stops))
    return max(1.0, latest - origin + sum(stop.service_s + longest for stop in stops) + longest)
