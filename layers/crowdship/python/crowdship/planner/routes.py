"""Stops, jobs, vehicles and the timetable of a route: what sequencing, insertion and the day plan share.

Places are rows of a matrix of travel times. Times are seconds of any common clock. Loads are whole numbers, one for
each thing that is counted (grams, litres), the same things in the same order for jobs and vehicles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

Matrix = Sequence[Sequence[float]]
"""``matrix[a][b]``: seconds from place ``a`` to place ``b``."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to be at, and what happens there.

    Parameters
    ----------
    job : str
        Whose stop it is.
    place : int
        Row of the matrix.
    pickup : bool
        It comes before the other stop of its job.
    load : tuple of int
        What it changes on board: positive at a pickup, negative at a drop-off.
    opens_at, closes_at : float
        When service may begin; being early means waiting.
    service_s : float
        How long it takes.
    """

    job: str
    place: int
    pickup: bool = False
    load: tuple[int, ...] = ()
    opens_at: float = 0.0
    closes_at: float = inf
    service_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery to plan: a pickup and a drop-off, or a single stop for what is loaded at the start or only fetched.

    Parameters
    ----------
    stops : tuple of Stop
        In their order.
    skills : frozenset of str
        What its vehicle must have.
    priority : int
        0 to 100; where not all can be served, a higher one is served first.
    """

    id: str
    stops: tuple[Stop, ...]
    skills: frozenset[str] = frozenset()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its driver.

    Parameters
    ----------
    start : int
        Where it is at ``on_at``.
    end : int or None
        Where it has to be by ``off_at``; None if it may end anywhere.
    capacity : tuple of int
        What it holds.
    on_at, off_at : float
        Its shift: it neither leaves earlier nor arrives, or serves, later.
    """

    id: str
    start: int
    end: int | None = None
    capacity: tuple[int, ...] = ()
    on_at: float = 0.0
    off_at: float = inf
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a vehicle is where: the start of service at each stop, and what the way costs in seconds."""

    begins: tuple[float, ...]
    ends_at: float
    driving_s: float
    waiting_s: float
    late_s: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What a route costs besides driving, in seconds of driving for each second.

    Parameters
    ----------
    waiting : float
        Being early, from 0 to 1.
    lateness : float
        Serving after a stop closes, or being under way after the shift; infinite if neither may be.
    """

    waiting: float = 0.25
    lateness: float = inf


def timetable(stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix) -> Timetable:
    """Return when each stop of a route begins."""
    clock, here = vehicle.on_at, vehicle.start
    driving = waiting = late = 0.0
    begins = []
    for stop in stops:
        leg = matrix[here][stop.place]
        arrives = clock + leg
        clock = max(arrives, stop.opens_at)
        driving += leg
        waiting += clock - arrives
        late += max(0.0, clock - stop.closes_at)
        begins.append(clock)
        clock += stop.service_s
        here = stop.place
    if vehicle.end is not None and stops:
        leg = matrix[here][vehicle.end]
        driving += leg
        clock += leg
    return Timetable(tuple(begins), clock, driving, waiting, late)


def price(stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix, weights: Weights) -> float:
    """Return what a route costs in seconds of driving; infinite if it is late and must not be."""
    plan = timetable(stops, vehicle, matrix)
    late = plan.late_s + (max(0.0, plan.ends_at - vehicle.off_at) if stops else 0.0)
    return plan.driving_s + weights.waiting * plan.waiting_s + (weights.lateness * late if late > 0 else 0.0)


def on_board(stops: Iterable[Stop], things: int) -> tuple[int, ...]:
    """Return what is on board before the first stop: whatever is dropped off without having been picked up."""
    listed = tuple(stops)
    fetched = {stop.job for stop in listed if stop.pickup}
    brought = [stop for stop in listed if not stop.pickup and stop.job not in fetched]
    return tuple(sum(max(0, -stop.load[n]) for stop in brought if stop.load) for n in range(things))


def faults(
    routes: Iterable[tuple[Vehicle, Sequence[Stop]]], jobs: Iterable[Job], matrix: Matrix, *, late: bool = False
) -> list[str]:
    """Return what is wrong with routes, one line each; an empty list if they can be driven as they are.

    Parameters
    ----------
    routes : iterable of vehicle and stops
        Who goes where in which order.
    jobs : iterable of Job
        What they serve; a job in no route is no fault.
    late : bool
        True if a stop may be reached after it closes.
    """
    known = {job.id: job for job in jobs}
    found: list[str] = []
    seen: dict[str, str] = {}
    for vehicle, stops in routes:
        plan = timetable(stops, vehicle, matrix)
        if plan.ends_at > vehicle.off_at + 1e-6 and stops:
            found.append(f"{vehicle.id} is under way until {plan.ends_at:g}, its shift ends at {vehicle.off_at:g}")
        load = list(on_board(stops, len(vehicle.capacity)))
        done: dict[str, list[Stop]] = {}
        for stop, begins in zip(stops, plan.begins, strict=True):
            done.setdefault(stop.job, []).append(stop)
            if not late and begins > stop.closes_at + 1e-6:
                found.append(f"{vehicle.id} is at {stop.job} at {begins:g}, it closes at {stop.closes_at:g}")
            for thing, change in enumerate(stop.load):
                load[thing] += change
                if load[thing] > vehicle.capacity[thing]:
                    found.append(f"{vehicle.id} holds {load[thing]} after {stop.job}, {vehicle.capacity[thing]} fit")
        for name, visits in done.items():
            job = known[name]
            if name in seen:
                found.append(f"{name} is served by {seen[name]} and by {vehicle.id}")
            seen[name] = vehicle.id
            if tuple(visits) != job.stops:
                found.append(f"{vehicle.id} serves {name} in part, twice or in the wrong order")
            if not job.skills <= vehicle.skills:
                found.append(f"{vehicle.id} has not the skills of {name}")
    return found
