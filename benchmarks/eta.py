"""Arrival times, learned day by day in a city with traffic of its own: ``python -m benchmarks.eta [--seeds N ...]``.

Two weeks of deliveries in an invented city (or on the streets of an OpenStreetMap extract, ``--pbf``), whose traffic
only its drivers meet. Before a driver sets out for the shop it is foretold when the customer has their order, and
again as the driver leaves the shop; afterwards their phone's positions are what is learned from. Each method learns of
a trip only when it is over.
"""

import argparse
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.support.area import Place, add_box, box_of, told_in_a_line
from benchmarks.support.hidden_city import BOUNDS, DRIVERS, FIRST_DAY, TIME_ZONE, Drive, HiddenCity, write_streets
from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.kernel.geo import metres_between
from crowdship.travel.engines.roads import OsrmEngine, Roads, open_engine
from crowdship.travel.expectation import COVERAGE, Arrival, Dwell, Errors, interval
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.passages import passages
from crowdship.travel.times import GreatCircle, TravelTimes
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import TravelRules
from local.tools import maps

RULES = TravelRules()
LEARN_EVERY = timedelta(minutes=5)
LEARNED, LEARNED_BLIND = "learned", "learned, no map"
METHODS = ("great circle", "free flow", "last hour", LEARNED_BLIND, LEARNED)
FROM_SHOP, FROM_ORDER = "from the shop", "from the order"
BEST_RATIO, BIAS_S, COVERAGE_OFF = 0.85, 30.0, 0.05


@dataclass(frozen=True)
class Trip:
    """A delivery as it went."""

    start: Place
    shop: int
    there: Place
    door: Place
    to_shop: Drive
    to_door: Drive

    @property
    def stay_s(self) -> float:
        """Seconds at the shop."""
        return (self.to_door.departs - self.to_shop.arrives).total_seconds()


@dataclass(frozen=True)
class Foretold:
    """What somebody expected of a trip, and what came of it, in seconds."""

    day: int
    method: str
    what: str
    expected: float
    actual: float
    held: bool | None = None
    width: float = 0.0


Legs = tuple[float, float]
"""Seconds of driving to the shop and to the door."""


@dataclass
class Learner:
    """What the platform does: learns from positions, errors and stays; foretells with an interval."""

    base: TravelTimes
    traffic: Traffic = field(default_factory=lambda: Traffic(time_zone=TIME_ZONE))
    errors: Errors = field(default_factory=Errors)
    dwell: Dwell = field(default_factory=lambda: Dwell(usual_s=RULES.pickup_dwell_s))
    seconds: float = 0.0

    def learn(self, told: Sequence[tuple[Trip, Legs]], now: datetime) -> None:
        """Learn from trips that are over, with the seconds that had been foretold for their two legs."""
        began = time.process_time()
        seen = [leg.seen for trip, _ in told for leg in (trip.to_shop, trip.to_door)]
        self.traffic = self.traffic.learn([one for trace in seen for one in passages(trace, self.base)], now)
        self.dwell = self.dwell.learn([(f"shop-{trip.shop}", now, trip.stay_s) for trip, _ in told], now)
        took = [(legs, (trip.to_shop.seconds, trip.to_door.seconds)) for trip, legs in told]
        self.errors = self.errors.learn([(now, *both) for pair in took for both in zip(*pair, strict=True)], now)
        self.seconds += time.process_time() - began

    def driving(self, a: Place, b: Place, now: datetime) -> float:
        """Return seconds of driving."""
        return InTraffic(self.base, self.traffic, now).seconds_between(a, b)

    def foretell(self, trip: Trip, now: datetime) -> tuple[Arrival, float]:
        """Return when the customer is expected to be reached, and the seconds of the first leg."""
        stay, first = self.dwell.expected(f"shop-{trip.shop}"), self.driving(trip.start, trip.there, now)
        second = self.driving(trip.there, trip.door, now + timedelta(seconds=first + stay.seconds))
        return interval(now, [self.errors.expected(first), stay, self.errors.expected(second)]), first

    def foretell_last(self, trip: Trip, now: datetime) -> tuple[Arrival, float]:
        """Return the same once the driver leaves the shop, and the seconds of the second leg."""
        driving = self.driving(trip.there, trip.door, now)
        return interval(now, [self.errors.expected(driving)]), driving


@dataclass
class LastHour:
    """Free flow times the mean of the last hour, and the last hour's mean stay."""

    base: TravelTimes
    seen: deque[tuple[datetime, float, float, float]] = field(default_factory=deque)
    ratio: float = 1.0
    stay_s: float = float(RULES.pickup_dwell_s)

    def learn(self, trips: Iterable[Trip], now: datetime) -> None:
        """Take trips that are over into the mean."""
        for trip in trips:
            free = self.base.seconds_between(trip.start, trip.there) + self.base.seconds_between(trip.there, trip.door)
            self.seen.append((trip.to_door.arrives, free, trip.to_shop.seconds + trip.to_door.seconds, trip.stay_s))
        while self.seen and self.seen[0][0] < now - timedelta(hours=1):
            self.seen.popleft()
        if self.seen:  # otherwise the last that was known
            free_s = sum(free for _, free, _, _ in self.seen)
            self.ratio = sum(took for _, _, took, _ in self.seen) / free_s if free_s else self.ratio
            self.stay_s = fmean(stay for *_, stay in self.seen)


def trips(city: HiddenCity, orders: int) -> Iterator[tuple[int, Trip]]:
    """Yield days and deliveries in the order in which drivers, the nearest that are free, set out."""
    free_at = [FIRST_DAY.astimezone(UTC)] * DRIVERS
    stands = [city.place() for _ in range(DRIVERS)]
    for day in range(city.days):
        for moment in city.orders(day, orders):
            shop = city.random.randrange(len(city.shops))
            there = city.shops[shop]
            free = [driver for driver in range(DRIVERS) if free_at[driver] <= moment]
            if not free:
                continue  # nobody takes it: who foretells has nothing to say
            driver = min(free, key=lambda one: metres_between(*stands[one], *there))
            start, door = stands[driver], city.place()
            to_shop = city.drive(driver, start, there, moment)
            leaves = to_shop and to_shop.arrives + timedelta(seconds=city.stay(shop, to_shop.arrives))
            to_door = leaves and city.drive(driver, there, door, leaves)
            if not to_shop or not to_door:
                continue  # on real maps there are corners that can't be left
            free_at[driver] = to_door.arrives + timedelta(seconds=RULES.dropoff_dwell_s)
            stands[driver] = door
            yield day, Trip(start, shop, there, door, to_shop, to_door)


@dataclass
class Replay:
    """What happens in order of time: a trip is foretold as it begins, again at the shop, and is known when it is over.

    Parameters
    ----------
    roads : Roads
        Free flow, as the platform knows it.
    """

    roads: Roads
    found: list[Foretold] = field(default_factory=list)
    _waiting: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _over: list[tuple[Trip, dict[str, Legs]]] = field(default_factory=list)
    _learned_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        """Have those who foretell."""
        self.circle, self.last_hour = GreatCircle(RULES), LastHour(self.roads)
        self.learners = {LEARNED: Learner(self.roads), LEARNED_BLIND: Learner(GreatCircle(RULES))}

    def run(self, city: HiddenCity, orders: int, told: Callable[[str], None]) -> None:
        """Play all days of a city."""
        shown = -1
        for day, trip in trips(city, orders):
            if day != shown:
                shown = day
                told(f"day {day + 1} of {city.days}")
            self._until(trip.to_shop.departs)
            self._begin(day, trip)
        self._until(None)

    def _until(self, moment: datetime | None) -> None:
        while self._waiting and (moment is None or self._waiting[0][0] <= moment):
            at, _, act = heappop(self._waiting)
            self._learn(at)
            act()
        if moment is not None:
            self._learn(moment)

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heappush(self._waiting, (moment, len(self.found), act))

    def _learn(self, now: datetime) -> None:
        if not self._over or now - self._learned_at < LEARN_EVERY:
            return
        for method, learner in self.learners.items():
            learner.learn([(trip, legs[method]) for trip, legs in self._over], now)
        self.last_hour.learn([trip for trip, _ in self._over], now)
        self._over.clear()
        self._learned_at = now

    def _begin(self, day: int, trip: Trip) -> None:
        now = trip.to_shop.departs
        actual = (trip.to_door.arrives - now).total_seconds()
        ways = ((trip.start, trip.there), (trip.there, trip.door))
        circle, free = (sum(port.seconds_between(*way) for way in ways) for port in (self.circle, self.roads))
        plain = {
            "great circle": circle + RULES.pickup_dwell_s,
            "free flow": free + RULES.pickup_dwell_s,
            "last hour": free * self.last_hour.ratio + self.last_hour.stay_s,
        }
        for method, expected in plain.items():
            self.found.append(Foretold(day, method, FROM_ORDER, expected, actual))
        first = {}
        for method, learner in self.learners.items():
            arrival, first[method] = learner.foretell(trip, now)
            self._note(day, method, FROM_ORDER, arrival, now, actual)
        self._at(trip.to_door.departs, lambda: self._leave(day, trip, first))

    def _leave(self, day: int, trip: Trip, first: dict[str, float]) -> None:
        now, actual, way = trip.to_door.departs, trip.to_door.seconds, (trip.there, trip.door)
        circle, free = (port.seconds_between(*way) for port in (self.circle, self.roads))
        plain = {"great circle": circle, "free flow": free, "last hour": free * self.last_hour.ratio}
        for method, expected in plain.items():
            self.found.append(Foretold(day, method, FROM_SHOP, expected, actual))
        legs = {}
        for method, learner in self.learners.items():
            arrival, second = learner.foretell_last(trip, now)
            legs[method] = first[method], second
            self._note(day, method, FROM_SHOP, arrival, now, actual)
        self._at(trip.to_door.arrives, lambda: self._over.append((trip, legs)))

    def _note(self, day: int, method: str, what: str, arrival: Arrival, now: datetime, actual: float) -> None:
        at, first, last = ((end - now).total_seconds() for end in (arrival.at, arrival.earliest, arrival.latest))
        self.found.append(Foretold(day, method, what, at, actual, first <= actual <= last, last - first))


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
