"""Pickup and delivery with time windows: the day plan on Li & Lim's instances, beside the engines alone.

Plan one instance, or many beside "VROOM level 1, then PyVRP with its defaults" in the same process::

    python -m benchmarks.pdptw FILE --seconds 5 --threads 1 --objective vehicles --out plan.json
    python -m benchmarks.pdptw --all FOLDER --seconds 5 --sample 12 [--best TABLE]

The instances are not part of this repository. Seconds are the process's own (of its processor, if it has one thread)
from the first line of planning on: importing the engines and reading the file are not counted. ``--best`` is a
Markdown table with the columns instance, vehicles and distance of the best known plans; FOLDER's README.md by default.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import dist
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers" / "crowdship" / "python"))

from crowdship.planner import engines
from crowdship.planner.dayplan import by_pyvrp, by_vroom
from crowdship.planner.dayplan.plan import DayPlan, plan_day
from crowdship.planner.dayplan.problem import make_problem
from crowdship.planner.dayplan.search import FIXED, VROOM_FIXED, Objective
from crowdship.planner.faults import faults
from crowdship.planner.routes import Job, Stop, Vehicle

PEER = "VROOM x1 then PyVRP"


@dataclass(frozen=True, slots=True)
class Instance:
    """A day of Li & Lim's: jobs are named by their pickup's number, places are task numbers."""

    name: str
    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The best known plan."""

    vehicles: int
    distance: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan as task numbers without the depot."""

    routes: tuple[tuple[int, ...], ...]
    distance: float
    seconds: float

    @property
    def vehicles(self) -> int:
        """How many are in use."""
        return len(self.routes)


def read(path: Path) -> Instance:
    """Return the instance in a file."""
    (fleet, capacity, *_), *tasks = (line.split() for line in path.read_text().splitlines() if line.strip())
    rows = {int(task[0]): [float(cell) for cell in task] for task in tasks}
    points = [(rows[number][1], rows[number][2]) for number in sorted(rows)]

    def stop(job: int, number: int) -> Stop:
        _, _, _, demand, opens, closes, service, *_ = rows[number]
        return Stop(str(job), number, demand > 0, (int(demand),), opens, closes, service)

    jobs = tuple(
        Job(str(number), (stop(number, number), stop(number, int(row[8]))))
        for number, row in rows.items()
        if number and not row[7]
    )
    opens, closes = rows[0][4], rows[0][5]
    vehicles = tuple(Vehicle(str(n), 0, 0, (int(capacity),), opens, closes) for n in range(int(fleet)))
    return Instance(path.stem, jobs, vehicles, tuple(tuple(dist(a, b) for b in points) for a in points))


def best_known(table: Path) -> dict[str, Known]:
    """Return the best known plans of a Markdown table whose last two columns are vehicles and distance."""
    found = {}
    for line in table.read_text().splitlines() if table.is_file() else ():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) >= 3 and cells[-2].isdigit():
            found[cells[0]] = Known(int(cells[-2]), float(cells[-1]))
    return found


def ours(instance: Instance, seconds: float, threads: int, objective: Objective, seed: int = 1) -> Answer:
    """Return the day plan."""
    plan = plan_day(
        instance.jobs,
        instance.vehicles,
        instance.matrix,
        seconds=seconds,
        clock=time.process_time if threads == 1 else time.monotonic,
        threads=threads,
        objective=objective,
        seed=seed,
    )
    return Answer(task_numbers(plan), plan.cost.way, plan.seconds)


def task_numbers(plan: DayPlan) -> tuple[tuple[int, ...], ...]:
    """Return the routes of a plan as task numbers."""
    return tuple(tuple(visit.place for stop in route.stops for visit in stop.visits) for route in plan.routes)


def peer(instance: Instance, seconds: float, objective: Objective, seed: int = 1) -> Answer:
    """Return the plan of VROOM's level 1, improved by PyVRP with its defaults for the rest of the budget."""
    began = time.process_time()
    problem = make_problem(instance.jobs, instance.vehicles, instance.matrix)
    counts = objective is Objective.VEHICLES
    everything, fleet = range(len(problem.jobs)), range(len(problem.vehicles))
    start = by_vroom.plan(problem, fleet, everything, 1, fixed=VROOM_FIXED if counts else 0)
    engine = by_pyvrp.make_model(problem, problem.kinds(), everything, fixed=FIXED if counts else 0)
    found, _ = by_pyvrp.search(
        engine, start, lambda _: time.process_time() - began < seconds, seed=seed, rules=by_pyvrp.PLAIN
    )
    routes = found or start
    distance = sum(problem.route_cost(vehicle, route) for vehicle, route in routes.items())
    numbers = tuple(tuple(problem.stops[stop].place for stop in route) for route in routes.values())
    return Answer(numbers, distance, time.process_time() - began)


def check(instance: Instance, answer: Answer) -> list[str]:
    """Return what is wrong with an answer, in double precision, jobs left out included."""
    stops = {stop.place: stop for job in instance.jobs for stop in job.stops}
    routes = [
        (vehicle, [stops[number] for number in route])
        for vehicle, route in zip(instance.vehicles, answer.routes, strict=False)
    ]
    served = sum(len(route) for route in answer.routes)
    missing = [] if served == len(stops) else [f"{len(stops) - served} tasks are left out"]
    return faults(routes, instance.jobs, instance.matrix) + missing


def plan_one(path: Path, arguments: argparse.Namespace) -> None:
    """Plan one instance and write the plan."""
    instance = read(path)
    answer = ours(instance, arguments.seconds, arguments.threads, Objective(arguments.objective), arguments.seed)
    told = {
        "instance": instance.name,
        "vehicles": answer.vehicles,
        "distance": answer.distance,
        "seconds": round(answer.seconds, 3),
        "faults": check(instance, answer),
        "routes": answer.routes,
    }
    if arguments.out:
        arguments.out.write_text(json.dumps(told) + "\n")
    print(
        f"{instance.name}: {answer.vehicles} vehicles, distance {answer.distance:.2f}, {answer.seconds:.2f} s, "
        f"{len(told['faults'])} faults"
    )


def sampled(folder: Path, count: int | None, seed: int) -> list[Path]:
    """Return the instances of a folder, or some of them."""
    paths = sorted(folder.glob("*.txt"))
    return paths if not count or count >= len(paths) else sorted(random.Random(seed).sample(paths, count))


Rows = Sequence[tuple[str, Answer, Answer]]


def plan_all(paths: Iterable[Path], known: Mapping[str, Known], arguments: argparse.Namespace) -> None:
    """Plan many instances, both ways by turns, and say how they compare."""
    from benchmarks.support.report import Finding, conclude, progress, show

    objective = Objective(arguments.objective)
    rows: list[tuple[str, Answer, Answer]] = []
    for path in paths:
        instance = read(path)
        progress(instance.name)
        own = ours(instance, arguments.seconds, arguments.threads, objective, arguments.seed)
        other = peer(instance, arguments.seconds, objective, arguments.seed)
        for answer in (own, other):
            if wrong := check(instance, answer):
                raise SystemExit(f"{instance.name}: {wrong[0]}")
        rows.append((instance.name, own, other))
    table = []
    for name, own, other in rows:
        best = known.get(name)
        table.append(
            (
                name,
                f"{best.vehicles} / {best.distance:.2f}" if best else "-",
                f"{own.vehicles} / {own.distance:.2f}",
                f"{other.vehicles} / {other.distance:.2f}",
                f"{own.distance / other.distance:.4f}",
                f"{own.seconds:.2f}",
            )
        )
    show(
        f"Li & Lim, {arguments.seconds:g} s each, vehicles / distance",
        ("instance", "best known", "day plan", PEER, "ratio", "seconds"),
        table,
    )
    vehicles = [sum(row[side].vehicles for row in rows) for side in (1, 2)]
    ratio = sum(row[1].distance for row in rows) / sum(row[2].distance for row in rows)
    reached = [sum(row[side].vehicles <= known[row[0]].vehicles for row in rows if row[0] in known) for side in (1, 2)]
    same = [row for row in rows if row[1].vehicles == row[2].vehicles]
    alike = sum(row[1].distance for row in same) / (sum(row[2].distance for row in same) or 1.0)
    label = f"{len(rows)} instances, {arguments.seconds:g} s"
    findings = [
        Finding(f"Vehicles, {label}", f"{vehicles[0]} beside {vehicles[1]}", "no more", vehicles[0] <= vehicles[1]),
        Finding(f"Distance, {label}", f"{ratio:.4f} times", "1.005 times", ratio <= 1.005),
        Finding(
            f"Distance where fleets are equal, {len(same)} of {label}",
            f"{alike:.4f} times",
            "1.005 times",
            alike <= 1.005,
        ),
        Finding(f"Best known fleet reached, {label}", f"{reached[0]} beside {reached[1]}", "-"),
    ]
    draw(rows, known)
    told = [{"instance": name, "ours": _told(own), "peer": _told(other)} for name, own, other in rows]
    conclude("pdptw", findings, {"seconds": arguments.seconds, "objective": str(objective), "instances": told})


def _told(answer: Answer) -> dict[str, float]:
    return {"vehicles": answer.vehicles, "distance": answer.distance, "seconds": answer.seconds}


def draw(rows: Rows, known: Mapping[str, Known]) -> None:
    """Draw how far both are from the best known plans."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from benchmarks.support.report import keep_picture

    rows = [row for row in rows if row[0] in known]
    if not rows:
        return
    figure, (above, below) = pyplot.subplots(2, 1, figsize=(max(7.0, 0.32 * len(rows)), 6), sharex=True)
    for side, (label, shift) in enumerate((("day plan", -0.2), (PEER, 0.2)), start=1):
        where = [index + shift for index in range(len(rows))]
        above.bar(where, [row[side].vehicles - known[row[0]].vehicles for row in rows], 0.4, label=label)
        far = [100 * (row[side].distance / known[row[0]].distance - 1) for row in rows]
        below.bar(where, far, 0.4)
    above.set_ylabel("vehicles beyond best known")
    below.set_ylabel("distance beside best known, %")
    below.set_xticks(range(len(rows)), [row[0] for row in rows], rotation=90)
    above.legend()
    keep_picture("pdptw", figure)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", type=Path, nargs="?", help="an instance")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="plan the folder's instances beside the peer")
    parser.add_argument("--sample", type=int, help="so many of them, chosen by the seed")
    parser.add_argument("--best", type=Path, help="table of best known plans")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--objective", choices=("vehicles", "distance"), default="vehicles")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where the plan goes, as JSON")
    arguments = parser.parse_args()
    for load in (engines.vroom, engines.pyvrp):
        if load() is None:
            print(f"{load.__name__} is not installed")
    if arguments.all:
        known = best_known(arguments.best or arguments.all / "README.md")
        plan_all(sampled(arguments.all, arguments.sample, arguments.seed), known, arguments)
    elif arguments.file:
        plan_one(arguments.file, arguments)
    else:
        parser.error("name an instance, or a folder with --all")


if __name__ == "__main__":
    main()
