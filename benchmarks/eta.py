"""Arrival times, learned day by day in a city with traffic of its own: ``python -m benchmarks.eta [--seeds N ...]``.

Two weeks of deliveries in an invented city (or on the streets of an OpenStreetMap extract, ``--pbf``), whose traffic
only its drivers meet. Before a driver sets out for the shop it is foretold when the customer has their order, and
again as the driver leaves the shop; afterwards their phone's positions are what is learned from. Each method learns of
a trip only when it is over.
"""

import argparse
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.support.area import Place, add_box, box_of, told_in_a_line
from benchmarks.support.foretold import FROM_ORDER, FROM_SHOP, LEARNED, METHODS, RULES, Foretold, Replay
from benchmarks.support.hidden_city import BOUNDS, FIRST_DAY, HiddenCity, write_streets
from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.travel.engines.roads import OsrmEngine, Roads, open_engine
from crowdship.travel.expectation import COVERAGE
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.times import TravelTimes
from crowdship.travel.traffic import Traffic
from local.tools import maps

BEST_RATIO, BIAS_S, COVERAGE_OFF = 0.85, 30.0, 0.05


def overhead(roads: Roads, traffic: Traffic, places: Sequence[Place], rounds: int = 9) -> tuple[float, float, float]:
    """Return milliseconds for all ways between places: looked up on the map, asked again, and asked in traffic."""
    looked, again, slowed = [], [], []
    for _ in range(rounds):
        fresh = Roads(roads.engine, RULES)
        for took, act in (
            (looked, lambda fresh=fresh: fresh.know(places)),
            (again, lambda fresh=fresh: _ask_all(fresh, places)),
            (slowed, lambda fresh=fresh: _ask_all(InTraffic(fresh, traffic, traffic.as_of), places)),
        ):
            began = time.perf_counter()
            act()
            took.append(1000 * (time.perf_counter() - began))
    return quantile(looked, 0.5), quantile(again, 0.5), quantile(slowed, 0.5)


def _ask_all(port: TravelTimes, places: Sequence[Place]) -> None:
    for a, b in product(places, repeat=2):
        port.seconds_between(a, b)


def errors_of(found: Iterable[Foretold]) -> tuple[float, float]:
    """Return mean absolute error and bias (foretold too late is positive), in seconds."""
    off = [one.expected - one.actual for one in found]
    return fmean(map(abs, off)), fmean(off)


def summary(found: Sequence[Foretold], what: str, method: str, days: Iterable[int]) -> dict[str, float]:
    """Return the figures of one method on some days."""
    wanted = set(days)
    some = [one for one in found if one.what == what and one.method == method and one.day in wanted]
    error, bias = errors_of(some)
    told = {"mae_s": error, "bias_s": bias, "p90_s": quantile([abs(one.expected - one.actual) for one in some], 0.9)}
    if some[0].held is not None:
        told |= {"coverage": fmean(one.held is True for one in some), "width_s": fmean(one.width for one in some)}
    return told


def report(found: Sequence[Foretold], days: Sequence[int], ended: dict[str, Any]) -> None:
    """Print by day and for the second half, draw, and judge."""
    for what in (FROM_ORDER, FROM_SHOP):
        rows = []
        for day in days:
            told = {method: summary(found, what, method, [day]) for method in METHODS}
            ours = told[LEARNED]
            errors = (f"{told[method]['mae_s']:.0f}" for method in METHODS)
            name = f"{day + 1}, {FIRST_DAY + timedelta(days=day):%A}"
            rows.append((name, *errors, f"{ours['bias_s']:+.0f}", f"{100 * ours['coverage']:.0f} %"))
        show(f"mean absolute error {what}, seconds", ("day", *METHODS, "its bias", "in its interval"), rows)
    late = days[len(days) // 2 :]
    figures = {what: {m: summary(found, what, m, late) for m in METHODS} for what in (FROM_ORDER, FROM_SHOP)}
    for what, told in figures.items():
        rows = [
            (
                method,
                *(f"{told[method][name]:.0f}" for name in ("mae_s", "p90_s")),
                f"{told[method]['bias_s']:+.0f}",
                *(
                    (f"{100 * told[method]['coverage']:.1f} %", f"{told[method]['width_s']:.0f}")
                    if "coverage" in told[method]
                    else ("-", "-")
                ),
            )
            for method in METHODS
        ]
        columns = (
            "second half",
            "mean absolute s",
            "p90 s",
            "bias s",
            f"in the {COVERAGE:.0%} interval",
            "its width s",
        )
        show(what, columns, rows)
    draw(found, days)
    findings = []
    for what, told in figures.items():
        best = min(told[method]["mae_s"] for method in METHODS[:3])
        ratio, ours = told[LEARNED]["mae_s"] / best, told[LEARNED]
        findings += [
            Finding(
                f"Mean absolute error {what} beside the best of the others, second half",
                f"{ratio:.2f} times",
                f"{BEST_RATIO} times",
                ratio <= BEST_RATIO,
            ),
            Finding(f"Bias {what}", f"{ours['bias_s']:+.0f} s", f"{BIAS_S:.0f} s", abs(ours["bias_s"]) <= BIAS_S),
            Finding(
                f"Arrivals {what} in their {COVERAGE:.0%} interval",
                f"{100 * ours['coverage']:.1f} %",
                f"{COVERAGE:.0%}, 5 points more or less",
                abs(ours["coverage"] - COVERAGE) <= COVERAGE_OFF,
            ),
        ]
    findings.append(Finding("What is known of the zone, as JSON", f"{ended['bytes'] / 1000:.0f} kB"))
    took = ended["matrix_ms"]
    findings.append(
        Finding(
            "100 x 100 ways: looked up, asked again, asked in traffic",
            ", ".join(f"{took[name]:.0f}" for name in ("looked up", "asked again", "in traffic")) + " ms",
        )
    )
    by_day = {
        what: {method: [summary(found, what, method, [day]) for day in days] for method in METHODS}
        for what in (FROM_ORDER, FROM_SHOP)
    }
    conclude("eta", findings, {"second_half": figures, "by_day": by_day, **ended})


def draw(found: Sequence[Foretold], days: Sequence[int]) -> None:
    """Draw errors and coverage by day."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True)
    numbers = [day + 1 for day in days]
    for column, what in enumerate((FROM_ORDER, FROM_SHOP)):
        errors, held = grid[0][column], grid[1][column]
        for number, method in enumerate(METHODS):
            told = [summary(found, what, method, [day]) for day in days]
            style: dict[str, Any] = {"color": f"C{number}", "lw": 2.5 if method == LEARNED else 1.2}
            errors.plot(numbers, [one["mae_s"] / 60 for one in told], label=method, **style)
            if "coverage" in told[0]:
                held.plot(numbers, [100 * one["coverage"] for one in told], **style)
        errors.set(title=what, ylabel="mean absolute error, min", ylim=(0, None))
        held.axhline(100 * COVERAGE, color="0.7", lw=1, zorder=0)
        held.set(ylabel="in the interval, %", xlabel="day", ylim=(0, 100))
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=len(METHODS))
    keep_picture("eta", figure)


def main() -> None:
    """Read the command line, replay, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--orders", type=int, default=150, help="orders a day")
    parser.add_argument("--pbf", type=Path, help="an OpenStreetMap extract; an invented grid of streets if left out")
    add_box(parser)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        extract = asked.pbf or write_streets(Path(work) / "grid.osm")
        progress("making the map")
        maps.prepare(extract, "car", Path(work) / "car")
        bounds = box_of(asked.box, Path(work) / "car") if asked.pbf else BOUNDS
        engine: OsrmEngine = open_engine(str(Path(work) / "car" / "map.osrm"))
        found: list[Foretold] = []
        began, learning = time.process_time(), 0.0
        for seed in asked.seeds:
            city = HiddenCity(engine, bounds, asked.days, seed)
            replay = Replay(Roads(engine, RULES))
            replay.run(city, asked.orders, lambda text, seed=seed: progress(f"seed {seed}: {text}"))
            found += replay.found
            learner = replay.learners[LEARNED]
            learning += learner.seconds
        if not found:
            raise maps.MapError("nothing could be brought anywhere on these streets")
        looked, again, slowed = overhead(replay.roads, learner.traffic, [city.place() for _ in range(100)])
        ended = {
            "matrix_ms": {"looked up": looked, "asked again": again, "in traffic": slowed},
            "seeds": asked.seeds,
            "trips": len(found) // 2 // len(METHODS),
            "bytes": len(learner.traffic.model_dump_json()),
            "cells": len(learner.traffic.cells),
            "processor_s": time.process_time() - began,
            "learning_s": learning,
        }
    report(found, sorted({one.day for one in found}), ended)


if __name__ == "__main__":
    with told_in_a_line("eta"):
        main()
