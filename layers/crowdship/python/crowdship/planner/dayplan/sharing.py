"""Several jobs at one address as one stop.

Jobs with the same place at each stop and windows that overlap can be planned as one job, so that they come together.
A vehicle that is at a place for several jobs in a row stops once: the longest service counts in full, each other one
by a share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from crowdship.planner.dayplan.problem import holds
from crowdship.planner.routes import Job, Matrix, Stop, Vehicle
from crowdship.planner.timetable import legs_of, walk


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop of a vehicle: everything it does at one place in one go.

    Parameters
    ----------
    place : int
        Row of the matrix.
    arrives_at, begins_at, leaves_at : float
        Seconds on the common clock.
    visits : tuple of Stop
        The stops of the jobs that are served there.
    """

    place: int
    arrives_at: float
    begins_at: float
    leaves_at: float
    visits: tuple[Stop, ...]


def merge(jobs: Sequence[Job], vehicles: Sequence[Vehicle], share: float) -> tuple[list[Job], dict[str, list[Job]]]:
    """Return jobs with those at one address joined, and what each joined one is made of.

    Parameters
    ----------
    share : float
        Part of its service time that each further job at a stop takes, 0 to 1; at 1 joining saves nothing.
    """
    if share >= 1:
        return list(jobs), {}
    groups: list[list[Job]] = []
    by_address: dict[object, list[list[Job]]] = {}
    for job in sorted(jobs, key=lambda job: [(s.opens_at, s.closes_at, s.service_s, s.load) for s in job.stops]):
        address = tuple((stop.place, stop.pickup) for stop in job.stops), job.skills, job.priority
        known = by_address.setdefault(address, [])
        for group in known:
            if _goes_with([*group, job], vehicles, share):
                group.append(job)
                break
        else:
            known.append([job])
            groups.append(known[-1])
    joined = [_join(group, share) if len(group) > 1 else group[0] for group in groups]
    return joined, {one.id: group for one, group in zip(joined, groups, strict=True) if len(group) > 1}


def _goes_with(group: Sequence[Job], vehicles: Sequence[Vehicle], share: float) -> bool:
    """Return whether jobs may come together: half of each window is left, and each skilled vehicle holds them all."""
    one = _join(group, share)
    for job in group:
        for own, shared in zip(job.stops, one.stops, strict=True):
            if shared.closes_at - shared.opens_at < (own.closes_at - own.opens_at) / 2:
                return False
    return all(holds(vehicle, one) for vehicle in vehicles if one.skills <= vehicle.skills)


def _join(group: Sequence[Job], share: float) -> Job:
    name = group[0].id
    stops = []
    for visits in zip(*(job.stops for job in group), strict=True):
        stops.append(
            replace(
                visits[0],
                job=name,
                load=tuple(sum(changes) for changes in zip(*(visit.load for visit in visits), strict=True)),
                opens_at=max(visit.opens_at for visit in visits),
                closes_at=min(visit.closes_at for visit in visits),
                service_s=service(visits, share),
            )
        )
    return replace(group[0], stops=tuple(stops))


def service(visits: Sequence[Stop], share: float) -> float:
    """Return how long a stop takes: the longest visit in full, of each other a share, in seconds."""
    longest = max(visit.service_s for visit in visits)
    return longest + share * (sum(visit.service_s for visit in visits) - longest)


def split(stops: Sequence[Stop], parts: Mapping[str, Sequence[Job]]) -> list[Stop]:
    """Return a route with joined jobs taken apart again."""
    single = []
    for stop in stops:
        if stop.job in parts:
            number = 0 if stop.pickup or len(parts[stop.job][0].stops) == 1 else 1
            single += [job.stops[number] for job in parts[stop.job]]
        else:
            single.append(stop)
    return single


def planned_stops(stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix, share: float) -> tuple[PlannedStop, ...]:
    """Return the stops of a route with their times; consecutive visits at one place are one stop.

    A visit begins when the stop does, or when its own window opens; the stop ends after the latest.
    """
    groups = [tuple(group) for _, group in groupby(stops, lambda stop: stop.place)]
    legs = legs_of((group[0] for group in groups), vehicle.start, matrix)
    times = walk(
        vehicle.on_at,
        (
            (0.0 if number else leg, visit.opens_at, more)
            for group, leg in zip(groups, legs, strict=True)
            for number, (visit, more) in enumerate(zip(group, _services(group, share), strict=True))
        ),
    )
    planned = []
    for group in groups:
        own = [next(times) for _ in group]
        planned.append(PlannedStop(group[0].place, own[0][0], own[0][1], own[-1][2], group))
    return tuple(planned)


def _services(visits: Sequence[Stop], share: float) -> list[float]:
    """Return by how much each visit makes a stop longer, in seconds."""
    totals = [0.0, *(service(visits[:many], share) for many in range(1, len(visits) + 1))]
    return [total - before for before, total in pairwise(totals)]
