"""A first order by VROOM, where it is installed: its local search is quick at what plain Python takes long for.

It is a start and no more. What VROOM doesn't know (the price of waiting and of lateness) or rounds is counted again by
who asked.
"""

from collections.abc import Sequence
from math import floor, inf
from typing import Any

from crowdship.planner.engines import vroom
from crowdship.planner.sequence.problem import Problem

LEVEL = 3
"""How far VROOM explores, of 0 to 5."""

TENTHS = 10
"""VROOM counts in whole numbers; these are tenths of a second, cut off so that what is just on time stays so."""

NEVER = 10**9


def order_by_vroom(problem: Problem, jobs: Sequence[tuple[int, ...]]) -> list[int] | None:
    """Return the order in which VROOM would serve the stops.

    Parameters
    ----------
    jobs : sequence of tuple of int
        The stops of each job, in their order: one, or a pickup and its drop-off.

    Returns
    -------
    list of int or None
        None if VROOM is not installed, or finds no order that keeps the windows.
    """
    engine = vroom()
    if engine is None:
        return None
    asked = engine.Input()
    start, end = problem.count, problem.count + 1
    legs = [[*row, 0.0, last] for row, last in zip(problem.legs, problem.last, strict=True)]
    legs += [[*problem.first, 0.0, 0.0], [0.0] * (end + 1)]
    asked.set_durations_matrix("car", [[floor(TENTHS * leg + 1e-6) for leg in row] for row in legs])
    aboard = [-sum(change for change in changes if change < 0) for _, changes in problem.loads]
    for job in jobs:
        steps = [_told(engine, problem, stop) for stop in job]
        amount = [abs(changes[job[0]]) for _, changes in problem.loads]
        if len(job) == 2:
            fetch, bring = (engine.ShipmentStep(stop, **step) for stop, step in zip(job, steps, strict=True))
            asked.add_job(engine.Shipment(fetch, bring, amount=amount))
            aboard = [held - more for held, more in zip(aboard, amount, strict=True)]
        else:
            kind = "pickup" if problem.stops[job[0]].pickup else "delivery"
            asked.add_job(engine.Job(job[0], **{kind: amount}, **steps[0]))
    capacity = [room + held for (room, _), held in zip(problem.loads, aboard, strict=True)]
    shift = engine.TimeWindow(0, _tenths(problem, problem.off_at))
    asked.add_vehicle(engine.Vehicle(0, start=start, end=end, capacity=capacity, time_window=shift))
    solution = asked.solve(exploration_level=LEVEL, nb_threads=1)
    if solution.summary.unassigned:
        return None
    table = solution._routes_numpy()
    return [int(stop) for kind, stop in zip(table["type"], table["id"], strict=True) if kind in _STOPS]


_STOPS = (b"job", b"pickup", b"delivery")
"""VROOM's steps that are stops."""


def _told(engine: Any, problem: Problem, stop: int) -> dict[str, Any]:
    opens = max(0, _tenths(problem, problem.opens[stop]))
    window = engine.TimeWindow(opens, max(opens, _tenths(problem, problem.closes[stop])))
    return {
        "location": stop,
        "default_service": floor(TENTHS * problem.service[stop]),
        "time_windows": [window],
    }


def _tenths(problem: Problem, moment: float) -> int:
    """Return how long after the start of the route a moment is."""
    return NEVER if moment == inf else floor(TENTHS * (moment - problem.clock) + 1e-6)
