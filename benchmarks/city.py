"""The day plan of invented cities with drivers at distinct starts, compared with VROOM at equal processor time.

200 deliveries from shop to door for 30 drivers who start anywhere and end where they like, with windows, vehicles
that hold 4 to 8, and a skill for a fifth of the deliveries::

    python -m benchmarks.city [--seeds 1 2 3] [--jobs 200] [--drivers 30]

VROOM's levels run first, in the same process; the day plan is given the processor time that level 5 took. Imports are
not counted. Costs are seconds of driving; where not everything is served, what is left out is compared first.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers" / "crowdship" / "python"))

from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.planner import engines
from crowdship.planner.dayplan import by_vroom
from crowdship.planner.dayplan.plan import DayPlan, plan_day
from crowdship.planner.dayplan.problem import make_problem
from crowdship.planner.faults import faults
from crowdship.planner.routes import Job, Stop, Vehicle

Point = tuple[float, float]

HOUR = 3600.0
SIDE = 12_000.0
"""Of the city, in metres."""

SPEED = 6.0
"""Metres a second through town."""

SERVICE_S = 120.0
SKILLS = ("cold", "heavy")
LEVELS = (1, 3, 5)
FIRST_GOAL_S = 1.5


@dataclass(frozen=True, slots=True)
class City:
    """A day: what is to be delivered, who drives, where everything is."""

    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    points: tuple[Point, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What an engine found: jobs left out, seconds of driving, processor time."""

    unserved: int
    cost: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """A city's figures; ``steps`` are the moments and costs at which the day plan became better."""

    seed: int
    levels: dict[int, Planned]
    ours: Planned
    steps: tuple[tuple[float, float], ...]
    engines: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """Our cost beside VROOM's level 5."""
        return self.ours.cost / self.levels[5].cost


def make_city(seed: int, jobs: int = 200, drivers: int = 30) -> City:
    """Return a city: half of all places lie around six centres, windows open over six hours."""
    rng = random.Random(seed)
    centres = [(rng.uniform(0, SIDE), rng.uniform(0, SIDE)) for _ in range(6)]
    points: list[Point] = []

    def place() -> int:
        if rng.random() < 0.5:
            x, y = rng.choice(centres)
            points.append((rng.gauss(x, SIDE / 10), rng.gauss(y, SIDE / 10)))
        else:
            points.append((rng.uniform(0, SIDE), rng.uniform(0, SIDE)))
        return len(points) - 1

    def job(number: int) -> Job:
        name, shop, door = f"job-{number}", place(), place()
        opens, width = rng.uniform(0, 6 * HOUR), rng.choice((0.5, 1.0, 2.0)) * HOUR
        closes = opens + width + 1.5 * dist(points[shop], points[door]) / SPEED + 0.5 * HOUR
        load = rng.choice((1, 1, 1, 2))
        skills = frozenset({rng.choice(SKILLS)}) if rng.random() < 0.2 else frozenset()
        pickup = Stop(name, shop, True, (load,), opens, opens + width, SERVICE_S)
        return Job(name, (pickup, Stop(name, door, False, (-load,), opens, closes, SERVICE_S)), skills)

    def vehicle(number: int) -> Vehicle:
        on = rng.choice((0.0, 0.0, 0.0, HOUR))
        skills = frozenset(skill for skill in SKILLS if rng.random() < 0.5)
        return Vehicle(f"driver-{number}", place(), None, (rng.randint(4, 8),), on, on + 8 * HOUR, skills)

    made = tuple(job(number) for number in range(jobs))
    fleet = tuple(vehicle(number) for number in range(drivers))
    matrix = tuple(tuple(dist(a, b) / SPEED for b in points) for a in points)
    return City(made, fleet, tuple(points), matrix)


def vroom_alone(city: City, level: int) -> Planned:
    """Return what VROOM finds alone."""
    began = time.process_time()
    problem = make_problem(city.jobs, city.vehicles, city.matrix)
    found = by_vroom.plan(problem, range(len(problem.vehicles)), range(len(problem.jobs)), level)
    seconds = time.process_time() - began
    routes = [(problem.vehicles[v], [problem.stops[stop] for stop in route]) for v, route in found.items()]
    if wrong := faults(routes, problem.jobs, problem.matrix):
        raise SystemExit(f"VROOM x{level}: {wrong[0]}")
    cost = sum(problem.route_cost(vehicle, route) for vehicle, route in found.items())
    return Planned(len(problem.unserved(found.values())), cost, seconds)


def measure(seed: int, city: City) -> tuple[Result, DayPlan]:
    """Return what VROOM and the day plan find in a city."""
    levels = {}
    for level in LEVELS:
        progress(f"city {seed}: VROOM x{level}")
        levels[level] = vroom_alone(city, level)
    progress(f"city {seed}: day plan")
    steps: list[tuple[float, float]] = []
    plan = plan_day(
        city.jobs,
        city.vehicles,
        city.matrix,
        seconds=levels[max(LEVELS)].seconds,
        clock=time.process_time,
        on_plan=lambda plan, seconds: steps.append((seconds, plan.cost.way)),
    )
    ours = Planned(plan.cost.unserved, plan.cost.way, plan.seconds)
    return Result(seed, levels, ours, tuple(steps), plan.engines), plan


def report(results: Sequence[Result]) -> None:
    """Print the table, and the figures that have goals."""
    rows = []
    for result in results:
        cells = [f"{p.cost:.0f} ({p.unserved}) in {p.seconds:.1f} s" for p in (*result.levels.values(), result.ours)]
        rows.append((f"city {result.seed}", *cells, f"{result.ratio:.4f}", f"{result.steps[0][0]:.2f} s"))
    heads = [f"VROOM x{level}" for level in LEVELS]
    title = "seconds of driving (left out) in processor time"
    show(title, ("", *heads, "day plan", "beside x5", "first plan"), rows)
    mean = sum(result.ratio for result in results) / len(results)
    served = all(result.ours.unserved <= result.levels[5].unserved for result in results)
    first = max(result.steps[0][0] for result in results)
    findings = [
        Finding(
            f"Cost of the day plan beside VROOM x5 at equal processor time, {len(results)} cities",
            f"{mean:.4f} times" + ("" if served else ", serves fewer"),
            "1.00 times",
            mean <= 1 and served,
        ),
        Finding("First useful plan", f"{first:.2f} s", f"{FIRST_GOAL_S} s", first <= FIRST_GOAL_S),
    ]
    told = [
        {
            "seed": result.seed,
            "vroom": {level: [p.unserved, p.cost, p.seconds] for level, p in result.levels.items()},
            "day_plan": [result.ours.unserved, result.ours.cost, result.ours.seconds],
            "steps": result.steps,
            "engines": result.engines,
        }
        for result in results
    ]
    conclude("city", findings, {"cities": told})


def draw(results: Sequence[Result], city: City, plan: DayPlan) -> None:
    """Draw the plan of the first city, and how costs fall with time in all."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 9))
    draw_map(axes, city, plan)
    keep_picture("city_map", figure)
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for number, result in enumerate(results):
        colour, base = f"C{number}", result.levels[5].cost
        moments = [moment for moment, _ in result.steps] + [result.ours.seconds]
        ratios = [cost / base for _, cost in result.steps] + [result.ours.cost / base]
        axes.step(moments, ratios, where="post", color=colour, label=f"city {result.seed}")
        for level, alone in result.levels.items():
            axes.plot(alone.seconds, alone.cost / base, "o", color=colour)
            axes.annotate(f"x{level}", (alone.seconds, alone.cost / base), xytext=(4, 4), textcoords="offset points")
    axes.axhline(1, color="0.7", lw=1, zorder=0)
    axes.set_xlabel("processor time, s")
    axes.set_ylabel("cost beside VROOM x5")
    axes.set_title("day plan (lines), VROOM alone (dots)")
    axes.legend()
    keep_picture("city_convergence", figure)


def draw_map(axes: Any, city: City, plan: DayPlan) -> None:
    """Draw each route in a colour of its own: a square where it starts, points to pick up, triangles to drop off."""
    from matplotlib import colormaps

    starts = {vehicle.id: vehicle.start for vehicle in city.vehicles}
    for number, route in enumerate(plan.routes):
        colour = colormaps["turbo"]((number + 0.5) / len(plan.routes))
        way = [starts[route.vehicle_id], *(stop.place for stop in route.stops)]
        axes.plot(*zip(*(city.points[place] for place in way), strict=True), color=colour, lw=0.9)
        axes.plot(*city.points[way[0]], "s", color=colour, ms=7, mec="black")
        for stop in route.stops:
            mark = "o" if stop.visits[0].pickup else "v"
            axes.plot(*city.points[stop.place], mark, color=colour, ms=4)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"{len(plan.routes)} routes, {sum(len(route.job_ids) for route in plan.routes)} deliveries")


def main() -> None:
    """Read the command line, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--drivers", type=int, default=30)
    arguments = parser.parse_args()
    engines.vroom()
    engines.pyvrp()
    measured = []
    for seed in arguments.seeds:
        city = make_city(seed, arguments.jobs, arguments.drivers)
        measured.append((*measure(seed, city), city))
    results = [result for result, _, _ in measured]
    draw(results, measured[0][2], measured[0][1])
    report(results)


if __name__ == "__main__":
    main()
