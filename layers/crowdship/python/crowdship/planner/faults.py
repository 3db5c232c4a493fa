"""The check of finished routes: order, capacity, windows, shifts and skills.

It shares nothing but the timetable with the searches and engines whose routes it checks.
"""

from collections.abc import Iterable, Sequence

from crowdship.planner.routes import Job, Matrix, Stop, Vehicle, on_board
from crowdship.planner.timetable import timetable


def faults(
    routes: Iterable[tuple[Vehicle, Sequence[Stop]]], jobs: Iterable[Job], matrix: Matrix, *, late: bool = False
) -> list[str]:
    """Return the faults of routes, one line each; an empty list if the routes can be driven as they are.

    Parameters
    ----------
    routes : iterable of vehicle and stops
        The stops of each vehicle, in their order.
    jobs : iterable of Job
        The jobs that the stops belong to; a job in no route is no fault.
    late : bool
        True if a stop may be reached after it closes.

    Examples
    --------
    >>> from crowdship.planner.routes import Job, Stop, Vehicle
    >>> stop = Stop("bread", place=1, closes_at=30.0)
    >>> faults([(Vehicle("van", start=0), [stop])], [Job("bread", (stop,))], [[0, 60], [60, 0]])
    ['van is at bread at 60, it closes at 30']
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
