"""PyVRP as an engine of the day plan: an iterated local search that improves a plan for as long as it may.

Imports pyvrp only when asked to plan. PyVRP knows no skills and no open ends: a stop that a vehicle must not serve is
out of reach in the profile of its kind, and an open end is a depot that is no way from anywhere.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crowdship.planner.dayplan.problem import DayProblem, Route


@dataclass(frozen=True, slots=True)
class SearchRules:
    """Settings of PyVRP's search; the defaults are those that measured best here, not its own.

    Parameters
    ----------
    neighbours : int
        Number of neighbours of a stop that are tried.
    history : int
        Length of the late acceptance.
    most_perturbed : int
        Stops in the largest perturbation.
    exhaustive : bool
        True if each better plan is searched completely.
    patience : int
        Steps without a better plan after which the search ends.
    """

    neighbours: int = 50
    history: int = 20
    most_perturbed: int = 25
    exhaustive: bool = True
    patience: int = 1_000_000


PLAIN = SearchRules(history=300)
"""PyVRP's own defaults."""


@dataclass(slots=True)
class PyvrpModel:
    """A part of a problem in PyVRP's terms, and the translation of plans both ways.

    Parameters
    ----------
    kinds : sequence of sequences of int
        Vehicles in groups of equal ones.
    """

    kinds: Sequence[Sequence[int]]
    data: Any
    activities: dict[int, Any]
    stop_of: dict[tuple[str, int], int]

    def read(self, solution: Any) -> dict[int, Route]:
        """Return PyVRP's solution as routes of vehicles."""
        used = [0] * len(self.kinds)
        found = {}
        for route in solution.routes():
            kind = route.vehicle_type()
            stops = tuple(self.stop_of[_key(step)] for step in route if not step.is_depot())
            if stops:
                found[self.kinds[kind][used[kind]]] = stops
                used[kind] += 1
        return found

    def write(self, routes: dict[int, Route]) -> Any:
        """Return routes as a solution of PyVRP's."""
        import pyvrp

        kind_of = {number: kind for kind, group in enumerate(self.kinds) for number in group}
        listed = [
            pyvrp.Route(self.data, [self.activities[stop] for stop in route], kind_of[number])
            for number, route in sorted(routes.items())
            if route
        ]
        return pyvrp.Solution(self.data, listed)


def _key(step: Any) -> tuple[str, int]:
    activity = step.activity if hasattr(step, "activity") else step
    name = "p" if activity.is_pickup() else "d" if activity.is_delivery() else "c"
    return name, activity.idx


def make_model(
    problem: DayProblem,
    kinds: Sequence[Sequence[int]],
    jobs: Sequence[int],
    *,
    fixed: int = 0,
    prizes: dict[int, int] | None = None,
    weights: Sequence[int] | None = None,
    waiting: float = 0.0,
) -> PyvrpModel:
    """Return a part of a problem in PyVRP's terms.

    Parameters
    ----------
    kinds : sequence of sequences of int
        Vehicles in groups of equal ones.
    jobs : sequence of int
        The jobs they may serve.
    fixed : int
        Cost of a vehicle in use, in the unit of ``problem.prices``.
    prizes : dict, optional
        The cost of leaving a job out; a job without a prize must be served.
    weights : sequence of int, optional
        A factor for the cost of the way of each kind of vehicle.
    waiting : float
        The cost of a second of waiting beside a second under way, 0 to 1. Unless it is 0, ways cost the time they take
        and vehicles leave when they come on.
    """
    import numpy as np
    import pyvrp

    prize = prizes or {}
    stops = [stop for job in jobs for stop in problem.stops_of(job)]
    ends = list(dict.fromkeys(p for k in kinds for p in (problem.vehicles[k[0]].start, problem.vehicles[k[0]].end)))
    rows = {row: index for index, row in enumerate(problem.places)}
    index = [problem.place_of[stop] for stop in stops] + [0 if end is None else rows[end] for end in ends]
    durations = np.asarray(problem.legs, dtype=np.int64)[np.ix_(index, index)]
    priced = problem.legs if waiting else problem.prices
    distances = np.asarray(priced, dtype=np.int64)[np.ix_(index, index)]
    for number, end in enumerate(ends, start=len(stops)):
        if end is None:
            durations[:, number] = distances[:, number] = 0
    np.fill_diagonal(durations, 0)
    np.fill_diagonal(distances, 0)

    location = {stop: number for number, stop in enumerate(stops)}
    clients: list[Any] = []
    shipments: list[Any] = []
    activities: dict[int, Any] = {}
    stop_of: dict[tuple[str, int], int] = {}
    for job in jobs:
        numbers = problem.stops_of(job)
        content: dict[str, Any] = {"prize": prize.get(job, 0), "required": job not in prize}
        if len(numbers) == 2:
            pickup, dropoff = numbers
            activities[pickup] = pyvrp.Activity(pyvrp.ActivityType.PICKUP, len(shipments))
            activities[dropoff] = pyvrp.Activity(pyvrp.ActivityType.DELIVERY, len(shipments))
            stop_of["p", len(shipments)] = pickup
            stop_of["d", len(shipments)] = dropoff
            shipments.append(
                pyvrp.Shipment(
                    location[pickup],
                    location[dropoff],
                    problem.opens[pickup],
                    problem.closes[pickup],
                    problem.service[pickup],
                    problem.opens[dropoff],
                    problem.closes[dropoff],
                    problem.service[dropoff],
                    list(problem.stops[pickup].load),
                    **content,
                )
            )
        else:
            stop = numbers[0]
            activities[stop] = pyvrp.Activity(pyvrp.ActivityType.CLIENT, len(clients))
            stop_of["c", len(clients)] = stop
            load = [abs(change) for change in problem.stops[stop].load]
            none = [0] * len(load)
            fetched = problem.stops[stop].pickup
            clients.append(
                pyvrp.Client(
                    location[stop],
                    none if fetched else load,
                    load if fetched else none,
                    problem.service[stop],
                    problem.opens[stop],
                    problem.closes[stop],
                    **content,
                )
            )
    depot = {end: number for number, end in enumerate(ends)}
    profiles: dict[frozenset[int], int] = {}
    types = []
    idle = round(100 * waiting)  # a hundredth part is the price of all time; driving is priced for the rest
    driving = 100 - idle if waiting else 1
    for group, weight in zip(kinds, weights or [1] * len(kinds), strict=True):
        owner = problem.vehicles[group[0]]
        barred = frozenset(
            location[stop] for job in jobs if group[0] not in problem.able[job] for stop in problem.stops_of(job)
        )
        types.append(
            pyvrp.VehicleType(
                num_available=len(group),
                capacity=list(owner.capacity),
                start_depot=depot[owner.start],
                end_depot=depot[owner.end],
                fixed_cost=fixed,
                tw_early=problem.on[group[0]],
                tw_late=problem.off[group[0]],
                start_late=problem.on[group[0]] if waiting else problem.off[group[0]],
                unit_distance_cost=weight * driving,
                unit_duration_cost=weight * idle,
                profile=profiles.setdefault(barred, len(profiles)),
            )
        )
    all_distances: list[Any] = []
    all_durations: list[Any] = []
    for barred in profiles:
        own_distances, own_durations = distances, durations
        if barred:
            own_distances, own_durations = distances.copy(), durations.copy()
            listed = sorted(barred)
            own_durations[:, listed] = problem.latest + 1
            np.fill_diagonal(own_durations, 0)
        all_distances.append(own_distances)
        all_durations.append(own_durations)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in index],
        clients,
        [pyvrp.Depot(len(stops) + number) for number in range(len(ends))],
        types,
        all_distances,
        all_durations,
        [],
        shipments,
    )
    return PyvrpModel(kinds, data, activities, stop_of)


def search(
    engine: PyvrpModel,
    start: dict[int, Route] | None,
    may_go_on: Callable[[int], bool],
    *,
    seed: int = 1,
    rules: SearchRules = SearchRules(),
    on_best: Callable[[Any], None] | None = None,
) -> tuple[dict[int, Route] | None, int]:
    """Return the best routes found and the number of steps; None for routes if none that hold were found.

    Parameters
    ----------
    start : mapping, optional
        Routes to start from, all that must be served among them; without it from a random plan.
    may_go_on : callable
        Asked before each step with the number of steps so far.
    on_best : callable, optional
        Told of each better solution; :meth:`PyvrpModel.read` reads it.
    """
    import pyvrp
    from pyvrp import search as moves
    from pyvrp.exceptions import PenaltyBoundWarning
    from pyvrp.IteratedLocalSearch import IteratedLocalSearch, IteratedLocalSearchCallbacks, IteratedLocalSearchParams
    from pyvrp.PenaltyManager import PenaltyManager, PenaltyParams

    data = engine.data
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    neighbours = moves.compute_neighbours(data, moves.NeighbourhoodParams(num_neighbours=rules.neighbours))
    local = moves.LocalSearch(
        data, rng, neighbours, moves.PerturbationManager(moves.PerturbationParams(1, rules.most_perturbed))
    )
    for operator in moves.OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    params = PenaltyParams()
    penalties = PenaltyManager(params.midpoint_penalties(data), params)
    if start is None:
        first = local(pyvrp.Solution.make_random(data, rng), penalties.max_cost_evaluator(), exhaustive=True)
    else:
        first = engine.write(start)

    steps = better_at = 0

    class Told(IteratedLocalSearchCallbacks):
        def on_best(self, best: Any) -> None:
            nonlocal better_at
            better_at = steps
            if on_best:
                on_best(best)

    def stop(best_cost: int) -> bool:
        nonlocal steps
        steps += 1
        return steps - better_at > rules.patience or not may_go_on(steps)

    settings = IteratedLocalSearchParams(
        history_length=rules.history, exhaustive_on_best=rules.exhaustive, callbacks=Told()
    )
    with warnings.catch_warnings():
        # Penalties at their bound say that it is hard to keep every rule; what breaks one is not taken anyway.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = IteratedLocalSearch(data, penalties, local, first, settings).run(stop, collect_stats=False)
    best = result.best
    return (engine.read(best) if best.is_feasible() else None), steps
