"""Changes in the middle of routes, beside solving afresh: ``python -m benchmarks.rerouting [options]``.

Zones of a merchant's own drivers under way: some goods on board, stops begun or pinned. Something happens in each: a
delivery is called off, an urgent one comes in, a driver is late, a driver is out, a window moves. The routes are
repaired by the functions that the platform calls, first the route in question, then by exchanges; every answer is
checked. Beside it stands what the planner's strong search, with VROOM where it is installed, makes of the whole zone
with only that fixed which is fixed: once with everything else in the same hands, once with all of it free.
"""

import argparse
import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from benchmarks.support.zone_under_way import (
    NOON,
    TRAVEL,
    WEIGHT,
    ZONE,
    Routes,
    Zone,
    delivery,
    point,
    shared,
    zone_of,
)
from crowdship.deliveries.states import State
from crowdship.dispatch.exchange.rules import plan_exchanges
from crowdship.dispatch.places import Places
from crowdship.dispatch.resequence.rules import better_order
from crowdship.dispatch.transfer.rules import Moving
from crowdship.planner import routes as planner
from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import Running
from crowdship.planner.polish import polish
from crowdship.planner.polish.fleet import Bounds
from crowdship.routes.stops import fixed_head, stops_of
from crowdship.routes.timetable import WAITING_WEIGHT, fits, in_order
from crowdship.shipment.options import Priority
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window

KINDS = ("cancellation", "urgent order", "delay", "driver out", "window change")
STEPS = 1500
"""Of the search afresh, five times what the platform takes."""

CLOSE = 3.0
"""A repair costs this much more than solving afresh at most, in per cent."""

FIXED, FREE = "same hands", "all free"
WEIGHTS = planner.Weights(WAITING_WEIGHT, WEIGHT)


@dataclass
class Event:
    """Something that happened, and how it is mended.

    Attributes
    ----------
    zone
        As it is right after: nothing is mended yet.
    mend
        Returns the routes as the platform then has them.
    new
        Stops of deliveries that nobody has yet.
    out
        The driver who drops out.
    """

    zone: Zone
    mend: Callable[[], Routes]
    new: tuple[Moving, ...] = ()
    out: str = ""


def ordered(zone: Zone, name: str) -> Routes:
    """Return the routes with a driver's in a better order, if that is worth it."""
    entry = zone.drivers[name]
    order = better_order(entry.route, zone.start(name), entry.capacity, TRAVEL, ZONE.dispatch)
    return {**zone.routes(), name: order or entry.route.stops}


def happen(kind: str, zone: Zone, rng: random.Random) -> Event | None:
    """Let something happen; None if it can't in this zone."""
    busy = [name for name, entry in zone.drivers.items() if len(entry.route.stops) > 1]
    if not busy:
        return None
    name = rng.choice(busy)
    stops = zone.drivers[name].route.stops
    free = [s.delivery_id for s in stops[fixed_head(stops) :] if s.kind is StopKind.PICKUP]
    if kind == "delay":
        # Who was to be near the next stop by now is somewhere else, as after a detour around a closed street.
        late = replace(zone, drivers={**zone.drivers, name: replace(zone.drivers[name], at=point(rng))})
        return Event(late, lambda: ordered(late, name))
    if kind == "urgent order":
        windows = {"dropoff_window": Window(opens_at=NOON, closes_at=NOON + timedelta(minutes=rng.randint(30, 45)))}
        asked = delivery("urgent", rng.choice(list(zone.known.values())).pickup, rng, **windows)
        new = (Moving(asked.with_changes(priority=Priority.URGENT), stops_of(asked, ZONE.travel)),)
        zone = replace(zone, known={**zone.known, "urgent": asked.assign("drv_0", NOON, "ana", None)})

        def taken() -> Routes:
            found = shared(zone, new, ())
            changed = zone.with_routes(found.routes)
            return ordered(changed, found.given["urgent"])

        return Event(zone, taken, new)
    if kind == "driver out":
        mine = dict.fromkeys(stop.delivery_id for stop in stops)
        where = zone.drivers[name].at
        handed = []
        for delivery_id in mine:
            before = zone.known[delivery_id]
            there = where if before.state in (State.PICKED_UP, State.EN_ROUTE_TO_DROPOFF) else None
            handed.append(before.with_changes(state=State.ASSIGNED, transfer_point=there))
        new = tuple(Moving(d, stops_of(d, ZONE.travel)) for d in handed)
        left = zone.with_routes({name: ()})
        return Event(left, lambda: {**left.routes(), **shared(left, new, (name,)).routes}, new, name)
    if not free:
        return None
    job = rng.choice(free)
    if kind == "cancellation":
        rest = zone.with_routes({name: [stop for stop in stops if stop.delivery_id != job]})
        return Event(rest, lambda: ordered(rest, name))
    closes_at = NOON + timedelta(minutes=rng.randint(25, 120))
    changed = zone.known[job].with_changes(dropoff_window=Window(opens_at=NOON, closes_at=closes_at))
    amended = {stop.stop_id: stop for stop in stops_of(changed, ZONE.travel)}
    moved = replace(zone, known={**zone.known, job: changed}).with_routes(
        {name: [amended.get(stop.stop_id, stop) for stop in stops]}
    )
    return Event(moved, lambda: ordered(moved, name))


def exchanged(zone: Zone, routes: Routes) -> Routes:
    """Return the routes after the exchanges that the platform then makes between the merchant's own drivers."""
    there = zone.with_routes(routes)
    found = plan_exchanges(list(there.drivers.values()), there.known, ZONE, TRAVEL, NOON)
    return {**routes, **{name: tuple(stops) for each in found for name, stops in each.routes.items()}}


def afresh(event: Event, mended: Routes, hands: str) -> Routes:
    """Return what a strong search makes of it, from the mended routes, with only that fixed which is fixed."""
    zone = event.zone
    names = [name for name in zone.drivers if name != event.out]
    stops = {(s.delivery_id, s.kind is StopKind.PICKUP): s for its in mended.values() for s in its}
    places = Places((*(zone.drivers[name].at for name in names), *(stop.point for stop in stops.values())), TRAVEL)
    matrix = places.matrix
    runs = []
    for name in names:
        now = zone.start(name).at
        its = tuple(places.planned(stop, now) for stop in mended[name])
        runs.append(Running(places.vehicle(zone.drivers[name], now), its, fixed_head(mended[name])))
    jobs = {stop.delivery_id for its in mended.values() for stop in its}
    new = {each.delivery.id for each in event.new}
    bounds = Bounds(most_moved=0 if hands == FIXED else len(jobs), worth_s=0.0, free=new if hands == FIXED else jobs)
    found = polish(runs, matrix, WEIGHTS, bounds, steps=STEPS).routes
    best = [
        min((one, other), key=lambda running: Line(running, matrix, WEIGHTS).cost)
        for one, other in zip(found, found, strict=True)
    ]
    told = {run.vehicle.id: tuple(stops[stop.job, stop.pickup] for stop in run.stops) for run in best}
    return {**dict.fromkeys(mended, ()), **told}


def wrong(event: Event, routes: Routes) -> list[str]:
    """Return what an answer breaks of what is never to be touched."""
    zone, found = event.zone, []
    asked = sorted(s.stop_id for its in zone.routes().values() for s in its)
    asked = sorted([*asked, *(s.stop_id for each in event.new for s in each.stops)])
    if asked != sorted(s.stop_id for its in routes.values() for s in its):
        found.append("other stops than before")
    for name, before in zone.routes().items():
        after, head = routes[name], fixed_head(before)
        if [s.stop_id for s in after[:head]] != [s.stop_id for s in before[:head]]:
            found.append("a stop that has begun or is pinned moved")
        aboard = {s.delivery_id for s in before} - {s.delivery_id for s in before if s.kind is StopKind.PICKUP}
        if not aboard <= {s.delivery_id for s in after}:
            found.append("goods left their vehicle")
        if not in_order(after) or not fits(after, zone.drivers[name].capacity):
            found.append("can't be driven")
    return found


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--zones", type=int, default=60, help="zones, with an event of each kind")
    parser.add_argument("--seed", type=int, default=1000, help="the first zone's seed")
    asked = parser.parse_args()
    results: dict[str, dict[str, list[Any]]] = {
        kind: {"ms": [], FIXED: [], FREE: [], "cost": [], "late": [], "faults": []} for kind in KINDS
    }
    for seed in range(asked.seed, asked.seed + asked.zones):
        progress(f"zone {seed}")
        zone = zone_of(seed)
        for kind in KINDS:
            event = happen(kind, zone, random.Random(f"{kind} {seed}"))
            if event:
                measure(event, results[kind])
    rows, findings = [], []
    for kind, its in results.items():
        gaps = {hands: [100 * gap for gap in its[hands]] for hands in (FIXED, FREE)}
        rows.append(
            (
                kind,
                len(its["ms"]),
                f"{quantile(its['ms'], 0.5):.1f}",
                f"{quantile(its['ms'], 0.99):.1f}",
                *(f"{sum(gaps[h]) / max(1, len(gaps[h])):.2f}" for h in (FIXED, FREE)),
                *(f"{max(gaps[h], default=0):.1f}" for h in (FIXED, FREE)),
                sum(its["late"]) or "-",
                len(its["faults"]) or "-",
            )
        )
        for hands in (FIXED, FREE):
            mean = sum(gaps[hands]) / max(1, len(gaps[hands]))
            goal = (f"{CLOSE:g} %", mean <= CLOSE) if hands == FIXED else ()
            findings.append(Finding(f"{kind}, beside afresh, {hands}", f"{mean:.2f} %", *goal))
    faults = [fault for its in results.values() for fault in its["faults"]]
    late = sum(sum(its["late"]) for its in results.values())
    findings.append(Finding("what is fixed was touched", f"{len(faults)} times", "never", not faults))
    findings.append(Finding("a window was broken that afresh is kept", f"{late} times", "never", not late))
    columns = ("event", "events", "p50 ms", "p99 ms", f"mean gap %, {FIXED}", FREE, "largest %", FREE, "late", "faults")
    show("repaired beside afresh", columns, rows, "late: windows broken that afresh, in the same hands, are all kept")
    draw(results)
    conclude("rerouting", findings, {"zones": asked.zones, "seed": asked.seed, "results": results})


def measure(event: Event, its: dict[str, list[Any]]) -> None:
    """Mend what happened, check it, and compare."""
    gc.collect()
    began = time.process_time()
    mended = event.mend()
    its["ms"].append(1000 * (time.process_time() - began))
    its["faults"] += wrong(event, mended)
    best = afresh(event, mended, FIXED)
    cost, least = event.zone.cost(mended), event.zone.cost(best)
    its["cost"].append(cost)
    its[FIXED].append(max(0.0, cost / least - 1) if least else 0.0)
    its["late"].append(event.zone.lateness(best) < 1 <= event.zone.lateness(mended))
    then = exchanged(event.zone, mended)
    free = event.zone.cost(afresh(event, then, FREE))
    its[FREE].append(max(0.0, event.zone.cost(then) / free - 1) if free else 0.0)


def draw(results: dict[str, dict[str, list[Any]]]) -> None:
    """Draw latency and gaps by kind."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 3.6), layout="tight")
    panels = figure.subplots(1, 3)
    kinds = [kind for kind in KINDS if results[kind]["ms"]]
    for panel, what, scale in zip(panels, ("ms", FIXED, FREE), (1, 100, 100), strict=True):
        panel.boxplot([[scale * value for value in results[kind][what]] for kind in kinds], showfliers=True)
        panel.set_xticks(range(1, len(kinds) + 1), kinds, rotation=20, fontsize="small")
    panels[0].set(title="repair, ms of processor", yscale="log")
    panels[1].set(title="beside afresh in the same hands, %")
    panels[2].set(title="after exchanges, beside all free, %")
    keep_picture("rerouting", figure)


if __name__ == "__main__":
    main()
