"""The order of long routes by PyVRP, where it is installed: the day plan's engine with one vehicle.

It keeps windows that must not be kept at any price, and rounds; what its order costs is counted again by who asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from crowdship.planner.dayplan import by_pyvrp
from crowdship.planner.dayplan.by_pyvrp import SearchRules
from crowdship.planner.dayplan.problem import DayProblem, make_problem
from crowdship.planner.engines import pyvrp
from crowdship.planner.routes import Job, Stop
from crowdship.planner.sequence.problem import Problem

RULES = SearchRules(neighbours=20, history=5, most_perturbed=20, exhaustive=False)
"""The settings that measured best on one vehicle's 15 and 25 stops."""

SEED = 5
"""One of the better of eight; which steps are tried depends on it alone."""

TENTHS = 10
"""Whole units a second. PyVRP's price of a load too much has an upper bound; finer ways would make it worth paying."""


def order_by_pyvrp(
    problem: Problem, jobs: Sequence[tuple[int, ...]], steps: int, may_go_on: Callable[[], bool]
) -> list[int] | None:
    """Return the order in which PyVRP would serve the stops.

    Parameters
    ----------
    jobs : sequence of tuple of int
        The stops of each job, in their order: one, or a pickup and its drop-off.
    steps : int
        Number of times it takes the route apart.

    Returns
    -------
    list of int or None
        None if PyVRP is not installed, or finds no order that keeps the windows.
    """
    if pyvrp() is None:
        return None
    told = [Job(str(number), _stops(problem, its)) for number, its in enumerate(jobs)]
    day = make_problem(told, [problem.vehicle], problem.matrix, finest=TENTHS)
    if not all(day.able):
        return None
    engine = by_pyvrp.make_model(day, [[0]], range(len(told)), waiting=problem.waiting)
    first = {0: tuple(sorted(range(len(day.stops)), key=lambda stop: (_due(day, stop), stop)))}
    routes, _ = by_pyvrp.search(engine, first, lambda step: step <= steps and may_go_on(), seed=SEED, rules=RULES)
    if not routes:
        return None
    numbers = [number for job in day.jobs for number in jobs[int(job.id)]]
    return [numbers[stop] for stop in routes[0]]


def _due(day: DayProblem, stop: int) -> int:
    """Return by when a stop, or the drop-off of what is fetched there, must begin."""
    return min(day.closes[stop : day.stops_of(day.job_of[stop]).stop])


def _stops(problem: Problem, its: tuple[int, ...]) -> tuple[Stop, ...]:
    """Return the stops of a job with those loads alone for which there might be no room."""
    load = tuple(abs(changes[its[0]]) for _, changes in problem.loads)
    stops = (problem.stops[number] for number in its)
    return tuple(replace(stop, load=load if stop.pickup else tuple(-part for part in load)) for stop in stops)
