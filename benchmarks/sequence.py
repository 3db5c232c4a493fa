"""One driver's stops in the best order, beside VROOM and OR-Tools: ``python -m benchmarks.sequence [options]``.

Made-up routes with a fifth of the stops on board and windows to keep, every engine on the same routes in the same
process, in processor time. Gaps are to the best order known: the proven one, or else the best that anybody found.
The search was tuned on routes of the seeds 5000 to 5159; those that are reported are others.
"""

import argparse
import gc
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Any

from benchmarks.support.instances import route
from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.planner.engines import vroom
from crowdship.planner.faults import faults
from crowdship.planner.routes import Job, Stop, Vehicle, Weights
from crowdship.planner.sequence import ALWAYS_EXACT, best_order
from crowdship.planner.timetable import price

SIZES = (5, 10, 15, 25)
WINDOWS = {"tight": 0.0, "loose": 2400.0}
DRIVING = Weights(waiting=0.0, lateness=inf)
ORTOOLS_MS = 50

Route = tuple[tuple[Stop, ...], Vehicle, list[list[float]]]
Engine = Callable[[Route], tuple[float, Sequence[Stop] | None, bool]]
"""Milliseconds of processor time, the order it found, whether that is proven to be the best."""


def ours(asked: Route) -> tuple[float, Sequence[Stop] | None, bool]:
    """Return what crowdship finds."""
    began = time.process_time()
    found = best_order(*asked, DRIVING)
    took = 1000 * (time.process_time() - began)
    return took, found and found.stops, bool(found and found.optimal)


def thorough(asked: Route) -> tuple[float, Sequence[Stop] | None, bool]:
    """Return what crowdship finds where nobody waits for it."""
    began = time.process_time()
    found = best_order(*asked, DRIVING, thorough=True)
    took = 1000 * (time.process_time() - began)
    return took, found and found.stops, bool(found and found.optimal)


def by_vroom(asked: Route, level: int) -> tuple[float, Sequence[Stop] | None, bool]:
    """Return what VROOM finds at a level; building its model does not count."""
    engine = vroom()
    stops, vehicle, matrix = asked
    problem = engine.Input()
    problem.set_durations_matrix("car", [[int(leg) for leg in row] for row in matrix])
    problem.add_vehicle(engine.Vehicle(0, start=vehicle.start, capacity=list(vehicle.capacity)))
    told = [
        {
            "location": stop.place,
            "default_service": int(stop.service_s),
            "time_windows": [engine.TimeWindow(int(stop.opens_at), int(stop.closes_at))],
        }
        for stop in stops
    ]
    pickups = {stop.job: number for number, stop in enumerate(stops) if stop.pickup}
    for number, stop in enumerate(stops):
        if stop.pickup:
            continue
        amount = [-stop.load[0]]
        if stop.job in pickups:
            fetch = pickups[stop.job]
            steps = engine.ShipmentStep(fetch, **told[fetch]), engine.ShipmentStep(number, **told[number])
            problem.add_job(engine.Shipment(*steps, amount=amount))
        else:
            problem.add_job(engine.Job(number, delivery=amount, **told[number]))
    began = time.process_time()
    solution = problem.solve(exploration_level=level, nb_threads=1)
    took = 1000 * (time.process_time() - began)
    if solution.summary.unassigned:
        return took, None, False
    table = solution._routes_numpy()
    kinds = (b"job", b"pickup", b"delivery")
    order = [stops[int(n)] for kind, n in zip(table["type"], table["id"], strict=True) if kind in kinds]
    return took, order, False


def by_ortools(asked: Route) -> tuple[float, Sequence[Stop] | None, bool]:
    """Return what OR-Tools finds by guided local search in a fixed time."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    began = time.process_time()
    stops, vehicle, matrix = asked
    count = len(stops)
    manager = pywrapcp.RoutingIndexManager(count + 2, 1, [count], [count + 1])
    model = pywrapcp.RoutingModel(manager)
    places = [*(stop.place for stop in stops), vehicle.start]
    legs = [[int(matrix[a][b]) for b in places] + [0] for a in places] + [[0] * (count + 2)]
    spans = [[leg + (int(stops[n].service_s) if n < count else 0) for leg in row] for n, row in enumerate(legs)]
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(legs))
    model.AddDimension(model.RegisterTransitMatrix(spans), 10**6, 10**6, False, "time")
    clock = model.GetDimensionOrDie("time")
    aboard = -sum(stop.load[0] for stop in stops)
    loads = model.RegisterUnaryTransitVector([*(stop.load[0] for stop in stops), aboard, 0])
    model.AddDimensionWithVehicleCapacity(loads, 0, [vehicle.capacity[0]], True, "load")
    pickups = {stop.job: number for number, stop in enumerate(stops) if stop.pickup}
    for number, stop in enumerate(stops):
        index = manager.NodeToIndex(number)
        clock.CumulVar(index).SetRange(int(stop.opens_at), int(stop.closes_at))
        if not stop.pickup and stop.job in pickups:
            fetch = manager.NodeToIndex(pickups[stop.job])
            model.AddPickupAndDelivery(fetch, index)
            model.solver().Add(clock.CumulVar(fetch) <= clock.CumulVar(index))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(ORTOOLS_MS)
    solution = model.SolveWithParameters(parameters)
    took = 1000 * (time.process_time() - began)
    if solution is None:
        return took, None, False
    order, index = [], solution.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(index):
        order.append(stops[manager.IndexToNode(index)])
        index = solution.Value(model.NextVar(index))
    return took, order, False


ENGINES: dict[str, Engine] = {
    "crowdship": ours,
    "crowdship, thorough": thorough,
    "VROOM x3": partial(by_vroom, level=3),
    "VROOM x5": partial(by_vroom, level=5),
    f"OR-Tools {ORTOOLS_MS} ms": by_ortools,
}


def checked(asked: Route, order: Sequence[Stop] | None) -> float:
    """Return what an order costs; infinite if it can't be driven."""
    stops, vehicle, matrix = asked
    if order is None or sorted(stop.place for stop in order) != sorted(stop.place for stop in stops):
        return inf
    by_job: dict[str, list[Stop]] = {}
    for stop in sorted(stops, key=lambda stop: not stop.pickup):
        by_job.setdefault(stop.job, []).append(stop)
    jobs = [Job(name, tuple(its)) for name, its in by_job.items()]
    return inf if faults([(vehicle, order)], jobs, matrix) else price(order, vehicle, matrix, DRIVING)


def measure(size: int, wider_s: float, seeds: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return, for each engine, its times, gaps and how often it proved its answer."""
    found: dict[str, dict[str, Any]] = {name: {"ms": [], "gaps": [], "proven": 0, "failed": 0} for name in ENGINES}
    for seed in seeds:
        asked = route(size, seed, wider_s)
        answers = {}
        for name, engine in ENGINES.items():
            gc.collect()  # nobody pays for what another left behind
            answers[name] = engine(asked)
        costs = {name: checked(asked, order) for name, (_, order, _) in answers.items()}
        best = min(costs.values())
        for name, (took, _, proven) in answers.items():
            found[name]["ms"].append(took)
            found[name]["proven"] += proven
            if costs[name] < inf:
                found[name]["gaps"].append(100 * (costs[name] / best - 1))
            else:
                found[name]["failed"] += 1
    return found


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--routes", type=int, default=50, help="routes of each kind")
    parser.add_argument("--seed", type=int, default=1000, help="the first route's seed")
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.routes)
    measure(15, WINDOWS["loose"], range(3))  # what is imported and built once
    results: dict[str, dict[int, dict[str, dict[str, Any]]]] = {}
    findings = []
    for windows, wider_s in WINDOWS.items():
        rows = []
        for size in SIZES:
            progress(f"{size} stops, windows {windows}")
            found = measure(size, wider_s, seeds)
            results.setdefault(windows, {})[size] = found
            for name, its in found.items():
                gaps = its["gaps"]
                rows.append(
                    (
                        f"{size} stops, {name}",
                        f"{quantile(its['ms'], 0.5):.1f}",
                        f"{quantile(its['ms'], 0.99):.1f}",
                        f"{sum(gaps) / len(gaps):.2f}" if gaps else "-",
                        f"{max(gaps):.2f}" if gaps else "-",
                        f"{sum(gap < 1e-6 for gap in gaps)}/{len(seeds)}",
                        its["proven"] or "-",
                        its["failed"] or "-",
                    )
                )
            findings += against_goals(windows, size, found)
        columns = ("engine", "p50 ms", "p99 ms", "mean gap %", "largest %", "best", "proven", "no answer")
        show(f"windows {windows}", columns, rows)
    draw(results)
    conclude("sequence", findings, {"routes": asked.routes, "seed": asked.seed, "results": results})


def against_goals(windows: str, size: int, found: dict[str, dict[str, Any]]) -> list[Finding]:
    """Return how far we are from the goals at one size."""
    mine, peer = found["crowdship"], found["VROOM x5"]
    slower = quantile(mine["ms"], 0.99) / quantile(peer["ms"], 0.99)
    what = f"{size} stops, windows {windows}"
    findings = [Finding(f"p99 beside VROOM x5, {what}", f"{slower:.2f} times", "1 time", slower <= 1)]
    if size <= ALWAYS_EXACT:
        count, routes = mine["proven"], len(mine["ms"])
        findings.append(Finding(f"proven optimal, {what}", f"{count} of {routes}", "all", count == routes))
        return findings
    for name in ("crowdship", "crowdship, thorough"):
        gaps = found[name]["gaps"]
        gap = sum(gaps) / len(gaps)
        findings.append(Finding(f"gap of {name}, {what}", f"{gap:.2f} %", "0.2 %", gap <= 0.2))
    return findings


def draw(results: dict[str, dict[int, dict[str, dict[str, Any]]]]) -> None:
    """Draw time and gap by size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 3.6), layout="tight")
    panels = figure.subplots(1, 2 * len(results))
    for number, (windows, by_size) in enumerate(results.items()):
        times, gaps = panels[2 * number], panels[2 * number + 1]
        for name in ENGINES:
            sizes = list(by_size)
            times.plot(sizes, [quantile(by_size[size][name]["ms"], 0.99) for size in sizes], marker="o", label=name)
            mean = [sum(its) / len(its) if its else 0.0 for its in (by_size[size][name]["gaps"] for size in sizes)]
            gaps.plot(sizes, mean, marker="o", label=name)
        times.set(title=f"p99, windows {windows}", xlabel="stops", ylabel="ms of processor", yscale="log")
        gaps.set(title=f"mean gap, windows {windows}", xlabel="stops", ylabel="%")
    panels[0].legend(fontsize="small")
    keep_picture("sequence", figure)


if __name__ == "__main__":
    main()
