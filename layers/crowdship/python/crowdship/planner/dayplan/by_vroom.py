"""VROOM as an engine of the day plan: fast constructions and a thorough local search, at levels 0 to 5.

VROOM is loaded when it is first asked to plan (:func:`crowdship.planner.engines.vroom`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crowdship.planner import engines
from crowdship.planner.dayplan.problem import DayProblem, Route


def plan(
    problem: DayProblem,
    vehicles: Sequence[int],
    jobs: Iterable[int],
    level: int,
    *,
    fixed: int = 0,
    start: Mapping[int, Route] | None = None,
    threads: int = 1,
    within_s: float | None = None,
) -> dict[int, Route]:
    """Return routes of vehicles for jobs; a job that VROOM can't serve is in none.

    Parameters
    ----------
    level : int
        VROOM's exploration level, 0 to 5.
    fixed : int
        Cost of a vehicle in use, in the unit of ``problem.prices``.
    start : mapping, optional
        Routes to start from, instead of its constructions.
    within_s : float, optional
        Wall seconds after which VROOM answers with the best it has.
    """
    import numpy as np

    vroom = engines.vroom()
    possible = [job for job in jobs if problem.able[job]]
    if not possible or not vehicles:
        return {}
    skills = {skill: number for number, skill in enumerate(sorted({s for job in problem.jobs for s in job.skills}))}
    asked = vroom.Input()
    durations = np.asarray(problem.legs, dtype=np.uint32)
    asked.set_durations_matrix("car", durations)
    asked.set_costs_matrix("car", np.asarray(problem.prices, dtype=np.uint32))
    place = {row: index for index, row in enumerate(problem.places)}
    for number in vehicles:
        owner = problem.vehicles[number]
        asked.add_vehicle(
            vroom.Vehicle(
                number,
                start=place[owner.start],
                end=None if owner.end is None else place[owner.end],
                capacity=list(owner.capacity),
                skills={skills[skill] for skill in owner.skills if skill in skills},
                time_window=vroom.TimeWindow(problem.on[number], problem.off[number]),
                costs=vroom.VehicleCosts(fixed=fixed),
                steps=[_step(vroom, problem, stop) for stop in (start or {}).get(number, ())],
            )
        )
    asked.add_job([_job(vroom, problem, job, skills) for job in possible])
    limit = None if within_s is None else timedelta(milliseconds=max(1, int(within_s * 1000)))
    answer = asked.solve(exploration_level=level, nb_threads=threads, timeout=limit)
    found: dict[int, list[int]] = {}
    steps = np.asarray(answer._routes_numpy())
    for owner_number, kind, stop in zip(steps["vehicle_id"], steps["type"], steps["id"], strict=True):
        if kind not in (b"start", b"end"):
            found.setdefault(int(owner_number), []).append(int(stop))
    return {number: tuple(route) for number, route in found.items()}


def _job(vroom: Any, problem: DayProblem, number: int, skills: Mapping[str, int]) -> Any:
    job = problem.jobs[number]
    wanted = {skills[skill] for skill in job.skills}
    numbers = problem.stops_of(number)
    if len(numbers) == 2:
        return vroom.Shipment(
            *(_shipment_step(vroom, problem, stop) for stop in numbers),
            amount=list(job.stops[0].load),
            skills=wanted,
            priority=job.priority,
        )
    stop = numbers[0]
    window = vroom.TimeWindow(problem.opens[stop], problem.closes[stop])
    fetched = job.stops[0].pickup
    load = [abs(change) for change in job.stops[0].load]
    none = [0] * len(load)
    return vroom.Job(
        stop,
        location=problem.place_of[stop],
        default_service=problem.service[stop],
        delivery=none if fetched else load,
        pickup=load if fetched else none,
        skills=wanted,
        priority=job.priority,
        time_windows=[window],
    )


def _shipment_step(vroom: Any, problem: DayProblem, stop: int) -> Any:
    return vroom.ShipmentStep(
        stop,
        location=problem.place_of[stop],
        default_service=problem.service[stop],
        time_windows=[vroom.TimeWindow(problem.opens[stop], problem.closes[stop])],
    )


def _step(vroom: Any, problem: DayProblem, stop: int) -> Any:
    if len(problem.jobs[problem.job_of[stop]].stops) == 1:
        return vroom.VehicleStepSingle(stop)
    return (vroom.VehicleStepPickup if problem.stops[stop].pickup else vroom.VehicleStepDelivery)(stop)
