"""Insertion of an urgent order into running routes, compared with VROOM: ``python -m benchmarks.insert [options]``.

Thirty drivers under way in a made-up city, their next stops committed, goods on board. Each engine puts the same urgent
order into the same routes, in one process, in processor time. VROOM starts from the routes as they are; ``then`` means
from where our insertion put the order. Every answer is checked: who carries what, windows, room, committed stops.
"""

import argparse
import gc
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Any

from benchmarks.support.instances import DRIVING, Fleet, fleet
from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.planner.faults import faults
from crowdship.planner.insertion import insert
from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import Running
from crowdship.planner.polish import polish
from crowdship.planner.polish.by_vroom import improved_by_vroom
from crowdship.planner.polish.fleet import Bounds, movable
from crowdship.planner.routes import Job, Stop, Weights

FEW = 5
"""How many orders a polish with a small bound may move."""

Routes = tuple[Running, ...] | None


def after_insertion(there: Fleet, job: Job) -> Routes:
    """Return the routes with the job put in where it costs least."""
    best = insert(there.routes, job, there.matrix, DRIVING).best
    if best is None:
        return None
    return tuple(best.route if number == best.number else running for number, running in enumerate(there.routes))


def polished(there: Fleet, job: Job, most_moved: float) -> Routes:
    """Return the routes as crowdship leaves them in the end."""
    routes = after_insertion(there, job)
    bounds = Bounds(most_moved=most_moved, worth_s=0.0, free={job.id})
    return routes and polish(routes, there.matrix, DRIVING, bounds).routes


def warm(there: Fleet, job: Job, level: int) -> Routes:
    """Return what VROOM makes of the routes and the job."""
    return improved_by_vroom(there.routes, there.matrix, level=level, new=[job])


def then_vroom(there: Fleet, job: Job, level: int) -> Routes:
    """Return what VROOM makes of the routes with the job put in."""
    routes = after_insertion(there, job)
    return routes and improved_by_vroom(routes, there.matrix, level=level)


def cost(there: Fleet, routes: Routes) -> float:
    """Return what routes cost."""
    return inf if routes is None else sum(Line(running, there.matrix, DRIVING).cost for running in routes)


def wrong(there: Fleet, job: Job, routes: Sequence[Running]) -> list[str]:
    """Return what an answer breaks."""
    had = Counter(stop for running in there.routes for stop in running.stops) + Counter(job.stops)
    found = [] if had == Counter(stop for running in routes for stop in running.stops) else ["other stops than before"]
    jobs: dict[str, list[Stop]] = {}
    for stop in sorted(had, key=lambda stop: not stop.pickup):
        jobs.setdefault(stop.job, []).append(stop)
    listed = [Job(name, tuple(stops)) for name, stops in jobs.items()]
    found += faults([(running.vehicle, running.stops) for running in routes], listed, there.matrix)
    for old, new in zip(there.routes, routes, strict=True):
        bound = {stop.job for stop in old.stops} - movable(old).keys()
        if old.stops[: old.committed] != new.stops[: new.committed] or not bound <= {s.job for s in new.stops}:
            found.append(f"{old.vehicle.id} lost what it is bound to")
    return found


def moved(there: Fleet, job: Job, routes: Sequence[Running]) -> int:
    """Return how many orders changed hands."""
    owners = {stop.job: running.vehicle.id for running in there.routes for stop in running.stops}
    after = {stop.job: running.vehicle.id for running in routes for stop in running.stops}
    return sum(owners[name] != after[name] for name in owners if name != job.id)


def timed(work: Callable[[], Routes]) -> tuple[float, Routes]:
    """Return milliseconds of processor time, and what came of them."""
    gc.collect()  # nobody pays for what another left behind
    began = time.process_time()
    routes = work()
    return 1000 * (time.process_time() - began), routes


def measure(there: Fleet, job: Job, found: dict[str, dict[str, list[Any]]]) -> None:
    """Add one order's answers; a peer is asked first whose moves bound our own."""
    moves: dict[str, float] = {}
    costs: dict[str, float] = {}

    def ask(name: str, work: Callable[[], Routes]) -> None:
        took, routes = timed(work)
        its = found.setdefault(name, {"ms": [], "cost": [], "moved": [], "served": [], "faults": []})
        told = ["not served"] if routes is None else wrong(there, job, routes)
        costs[name] = cost(there, routes)
        moves[name] = inf if routes is None else moved(there, job, routes)
        its["ms"].append(took)
        its["moved"].append(None if routes is None else moves[name])
        its["served"].append(routes is not None)
        its["faults"] += told if routes is not None else []
        its["cost"].append(costs[name])

    ways: dict[str, Callable[[], Routes]] = {
        **{f"VROOM x{level} warm": partial(warm, there, job, level) for level in (0, 2, 5)},
        "insertion, then VROOM x5": lambda: then_vroom(there, job, 5),
        "polished, moves of VROOM x5": lambda: polished(there, job, moves["VROOM x5 warm"]),
        f"polished, at most {FEW} moves": lambda: polished(there, job, FEW),
    }
    ask("insertion", lambda: after_insertion(there, job))
    for name, way in ways.items():
        ask(name, way)
        # Once more with what the other left in the caches: one hiccup of the machine is not to be its p99.
        found["insertion"]["ms"].append(timed(lambda: after_insertion(there, job))[0])


def feasible(there: Fleet, job: Job) -> bool:
    """Tell whether the job can be put into some route with every window kept."""
    best = insert(there.routes, job, there.matrix, Weights(0.0, inf)).best
    return best is not None


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13], help="a city each")
    parser.add_argument("--orders", type=int, default=10, help="urgent orders a city")
    asked = parser.parse_args()
    found: dict[str, dict[str, list[Any]]] = {}
    urgent = late = 0
    opens: list[int] = []
    for seed in asked.seeds:
        progress(f"city {seed} is planned")
        there = fleet(seed, asked.orders)
        opens.append(there.open_orders)
        for job in there.urgent:
            if not feasible(there, job):
                late += 1
                continue
            urgent += 1
            progress(f"city {seed}, {job.id}")
            measure(there, job, found)
    best = [min(costs) for costs in zip(*(its["cost"] for its in found.values()), strict=True)]
    rows = []
    for name, its in found.items():
        beside = [one / least for one, least in zip(its["cost"], best, strict=True) if one < inf]
        moves = [number for number in its["moved"] if number is not None]
        rows.append(
            (
                name,
                f"{quantile(its['ms'], 0.5):.2f}",
                f"{quantile(its['ms'], 0.99):.2f}",
                f"{sum(beside) / len(beside):.4f}",
                f"{sum(moves) / len(moves):.1f}",
                f"{sum(its['served'])}/{urgent}",
                len(its["faults"]),
            )
        )
    columns = ("way", "p50 ms", "p99 ms", "cost of best", "moved", "served", "faults")
    note = f"{sum(opens) / len(opens):.0f} open orders a city; {late} urgent orders that can't be on time left aside"
    show(f"{urgent} urgent orders", columns, rows, note)
    draw(found, best)
    findings = against_goals(found, urgent)
    conclude("insert", findings, {"seeds": asked.seeds, "open_orders": opens, "left_aside": late, "ways": found})


def against_goals(found: dict[str, dict[str, list[Any]]], urgent: int) -> list[Finding]:
    """Return how far we are from the goals."""
    at_once, peer, best = found["insertion"], found["VROOM x5 warm"], found["polished, moves of VROOM x5"]
    p50, p99 = quantile(at_once["ms"], 0.5), quantile(at_once["ms"], 0.99)
    costs = sum(best["cost"]) / sum(peer["cost"])
    moves = sum(best["moved"]), sum(peer["moved"])
    served = sum(at_once["served"])
    faults_found = sum(len(its["faults"]) for name, its in found.items() if "VROOM x" not in name or "polished" in name)
    quicker = quantile(found["VROOM x0 warm"]["ms"], 0.5) / p50
    return [
        Finding("urgent orders served at once", f"{served} of {urgent}", "all", served == urgent),
        Finding("answer at once, p50 and p99", f"{p50:.2f} ms, {p99:.2f} ms", "2 ms", p99 <= 2),
        Finding("quicker than VROOM x0 warm", f"{quicker:.0f} times", "15 times", quicker >= 15),
        Finding("polished, beside VROOM x5 warm", f"{costs:.4f} times the cost", "1 time", costs <= 1),
        Finding("moved, and by VROOM x5 warm", f"{moves[0]}, {moves[1]}", "no more", moves[0] <= moves[1]),
        Finding("faults in our answers", str(faults_found), "0", not faults_found),
    ]


def draw(found: dict[str, dict[str, list[Any]]], best: Sequence[float]) -> None:
    """Draw what each way costs and how long it takes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="tight")
    axes = figure.subplots()
    for name, its in found.items():
        beside = [100 * (one / least - 1) for one, least in zip(its["cost"], best, strict=True)]
        moves = sum(its["moved"]) / len(its["moved"])
        axes.scatter(quantile(its["ms"], 0.5), sum(beside) / len(beside), s=40, label=f"{name} ({moves:.1f} moved)")
    axes.set(xscale="log", xlabel="ms of processor, median", ylabel="% above the best found")
    axes.legend(fontsize="x-small")
    keep_picture("insert", figure)


if __name__ == "__main__":
    main()
