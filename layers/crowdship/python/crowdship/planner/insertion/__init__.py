"""Insertion of an urgent order into routes under way, where it costs least.

Each route is walked once, up to where the job can still be on time, for a lower bound of the detour (``bounds``). That
cuts off half of the routes and more. The others are walked again (``line``): forwards for the times of their stops, and
backwards for the delay that each stop allows before anything is late (Savelsbergh 1992). The cost of a place in a route
then takes a few sums. The results are exact, also where the matrix breaks the triangle inequality.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from operator import itemgetter

from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import MAY_DIFFER, ROUNDING, InsertionPoint, Running
from crowdship.planner.routes import Job, Matrix, Weights


@dataclass(frozen=True, slots=True)
class Inserted:
    """A vehicle that takes a job along.

    Parameters
    ----------
    number : int
        Number of its route among those given.
    route : Running
        The route with the job.
    """

    number: int
    place: InsertionPoint
    route: Running

    @property
    def on_time(self) -> bool:
        """True if nothing is late that was not late before."""
        return self.place.late_s <= MAY_DIFFER


@dataclass(frozen=True, slots=True)
class Choice:
    """The best vehicle for a job and the next best; None where there is none."""

    best: Inserted | None
    runner_up: Inserted | None = None


def insert(routes: Sequence[Running], job: Job, matrix: Matrix, weights: Weights) -> Choice:
    """Return the vehicles that take a job along at the least cost.

    No stop is made late by it if there is any way. If there is none, lateness costs what ``weights`` say, and a job
    that fits into any vehicle that has the skills is taken along.

    Parameters
    ----------
    routes : sequence of Running
        The routes under way.
    job : Job
        One stop, or a pickup and its drop-off.
    matrix : matrix
        Seconds between places.

    Examples
    --------
    Places lie on a line, a minute apart. One van is near the pickup, the other is not.

    >>> from crowdship.planner.routes import Job, Stop, Vehicle, Weights
    >>> matrix = [[60.0 * abs(a - b) for b in range(10)] for a in range(10)]
    >>> job = Job("bread", (Stop("bread", 3, pickup=True, load=(1,)), Stop("bread", 5, load=(-1,))))
    >>> vans = [Running(Vehicle("far", start=9, capacity=(2,))), Running(Vehicle("near", start=2, capacity=(2,)))]
    >>> choice = insert(vans, job, matrix, Weights())
    >>> choice.best.route.vehicle.id, choice.best.place.added, choice.runner_up.place.added
    ('near', 180.0, 480.0)
    """
    lines = [
        (number, Line(running, matrix, weights))
        for number, running in enumerate(routes)
        if job.skills <= running.vehicle.skills
    ]
    return choose(lines, job)


def choose(lines: Sequence[tuple[int, Line]], job: Job) -> Choice:
    """Return the best two of some routes for a job, on time if any can be."""
    found = _best_two(lines, job, on_time=True) or _best_two(lines, job, on_time=False)
    best, runner_up, *_ = [
        *(Inserted(number, place, line.running_with(job.stops, place)) for number, place, line in found),
        None,
        None,
    ]
    return Choice(best, runner_up)


def _best_two(lines: Sequence[tuple[int, Line]], job: Job, *, on_time: bool) -> list[tuple[int, InsertionPoint, Line]]:
    """Return the best two places for a job, the one that costs less first."""
    bounds = [(line.least_of(job.stops, on_time=on_time), number, line) for number, line in lines]
    # Routes with the lowest bound are looked at first: the place found there cuts off most of the others.
    bounds.sort(key=itemgetter(0))
    found: list[tuple[int, InsertionPoint, Line]] = []
    limit = inf
    for bound, number, line in bounds:
        if bound >= limit - ROUNDING:
            break
        place = line.best_place(job.stops, limit, on_time=on_time)
        if place:
            found = sorted([*found, (number, place, line)], key=lambda entry: entry[1].added)[:2]
            limit = found[1][1].added if len(found) == 2 else inf
    return found
