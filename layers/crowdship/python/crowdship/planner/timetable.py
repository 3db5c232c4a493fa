"""The timetable of a route: when each stop is reached, begun and left, and what the route costs by that.

:func:`walk` holds the one rule of time: a vehicle that comes before a stop opens waits, service begins then, and the
vehicle leaves when service is over. Everything that tells the times of a route asks it: the planner's routes here, the
day plan in whole time units, a driver's stops and their arrivals in ``crowdship.routes``. Where a search needs the
times of very many routes that differ in little, it keeps sums of its own, says so, and is tested against this module.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crowdship.planner.routes import Matrix, Stop, Vehicle, Weights


def walk[Time: (int, float)](
    clock: Time, stops: Iterable[tuple[Time, Time, Time]]
) -> Iterator[tuple[Time, Time, Time]]:
    """Yield when each stop of a route is reached, when its service begins, and when it is left.

    Parameters
    ----------
    clock : int or float
        The moment at which the vehicle leaves its start.
    stops : iterable of tuple
        For each stop: the time that the way to it takes, the moment at which it opens, the time that service takes.
        It is read stop by stop.

    Examples
    --------
    A vehicle leaves at 0 and drives 60 s to each of two stops; the first opens at 100, service takes 30 s.

    >>> list(walk(0, [(60, 100, 30), (60, 0, 30)]))
    [(60, 100, 130), (190, 190, 220)]
    """
    for leg, opens_at, service in stops:
        arrives = clock + leg
        begins = arrives if arrives > opens_at else opens_at
        clock = begins + service
        yield arrives, begins, clock


@dataclass(frozen=True, slots=True)
class Timetable:
    """Times of a route, and the seconds it takes of each kind.

    Parameters
    ----------
    begins : tuple of float
        The start of service at each stop.
    ends_at : float
        The end of the last service, or the arrival at the vehicle's end if it has one.
    driving_s, waiting_s : float
        Seconds under way, and seconds before stops that are not open yet.
    late_s : float
        Sum over the stops of the seconds between their closing and the start of service.
    """

    begins: tuple[float, ...]
    ends_at: float
    driving_s: float
    waiting_s: float
    late_s: float


def legs_of(stops: Iterable[Stop], start: int, matrix: Matrix) -> list[float]:
    """Return the seconds of the way to each stop, from a place on."""
    return [matrix[here][there] for here, there in pairwise((start, *(stop.place for stop in stops)))]


def visits(stops: Sequence[Stop], clock: float, legs: Iterable[float]) -> Iterator[tuple[float, float, float]]:
    """Yield when stops are reached, begun and left by a vehicle that leaves at a moment (``walk``)."""
    return walk(clock, ((leg, stop.opens_at, stop.service_s) for leg, stop in zip(legs, stops, strict=True)))


def totals(
    legs: Iterable[float], times: Iterable[tuple[float, float, float]], closings: Iterable[float]
) -> tuple[float, float, float]:
    """Return the seconds of driving, of waiting and of lateness of a route.

    Parameters
    ----------
    legs : iterable of float
        The seconds of the way to each stop.
    times : iterable of tuple
        The visits, as ``walk`` yields them.
    closings : iterable of float
        The moment at which each stop closes, by the clock of the visits.
    """
    driving = waiting = late = 0.0
    for leg, (arrives, begins, _), closes_at in zip(legs, times, closings, strict=True):
        driving += leg
        waiting += begins - arrives
        late += max(0.0, begins - closes_at)
    return driving, waiting, late


def timetable(stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix) -> Timetable:
    """Return the times of a route.

    Examples
    --------
    >>> from crowdship.planner.routes import Stop, Vehicle
    >>> stops = [Stop("bread", place=1, opens_at=100.0, service_s=30.0)]
    >>> timetable(stops, Vehicle("van", start=0, end=0), [[0, 60], [60, 0]])
    Timetable(begins=(100.0,), ends_at=190.0, driving_s=120.0, waiting_s=40.0, late_s=0.0)
    """
    legs = legs_of(stops, vehicle.start, matrix)
    times = list(visits(stops, vehicle.on_at, legs))
    ends_at = times[-1][2] if times else vehicle.on_at
    driving, waiting, late = totals(legs, times, (stop.closes_at for stop in stops))
    if vehicle.end is not None and stops:
        home = matrix[stops[-1].place][vehicle.end]
        driving += home
        ends_at += home
    return Timetable(tuple(begins for _, begins, _ in times), ends_at, driving, waiting, late)


def price(stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix, weights: Weights) -> float:
    """Return the cost of a route in seconds of driving; infinite if it is late and must not be."""
    plan = timetable(stops, vehicle, matrix)
    late = plan.late_s + (max(0.0, plan.ends_at - vehicle.off_at) if stops else 0.0)
    return plan.driving_s + weights.waiting * plan.waiting_s + (weights.lateness * late if late > 0 else 0.0)
