"""A zone with 2,000 open orders and 1,000 drivers: what a round costs, by districts and whole.

The production round (``planner.matching.rounds.plan_trips``) plans invented zones of several sizes, within a tick's
seconds and without an end; beside it the same round with the whole zone as one district.

    python -m benchmarks.zone [--seconds S] [--seed N]
"""

import argparse
import os
import time
from collections.abc import Callable
from math import cos, dist, pi, sin
from random import Random
from typing import Any

from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.planner.matching import districts
from crowdship.planner.matching.model import NOBODY, Driver, Order, Round, Xy
from crowdship.planner.matching.rounds import plan_trips

SIZES = ((100, 50), (500, 250), (2000, 1000))
SECONDS = 10.0
"""What a zone's tick allows its search."""

METRES_PER_SECOND = 5.33
WHOLE = 10**9
GOAL_BEYOND_WHOLE = 1.02


def zone(orders: int, drivers: int, seed: int) -> tuple[list[Order], list[Driver]]:
    """Return an invented zone: shops in a disc that grows with the orders, customers one to four kilometres off."""
    random = Random(f"zone {orders} {drivers} {seed}")
    radius = 8000 * (orders / 500) ** 0.5

    def place() -> Xy:
        angle, far = random.uniform(0, 2 * pi), radius * random.random() ** 0.5
        return far * cos(angle), far * sin(angle)

    shops = [place() for _ in range(max(3, orders // 3))]
    open_orders = []
    for number in range(orders):
        shop = random.choice(shops)
        angle, far = random.uniform(0, 2 * pi), random.uniform(800, 4000)
        placed = -random.uniform(0, 900)
        ready = placed + random.uniform(600, 1500)
        dropoff = (shop[0] + far * cos(angle), shop[1] + far * sin(angle))
        open_orders.append(Order(f"o{number}", shop, dropoff, placed, ready, placed + 2400, placed + 5100))
    crew = []
    for number in range(drivers):
        free_at = max(0.0, random.uniform(-900, 1200))
        crew.append(Driver(f"d{number}", place(), free_at, free=free_at <= 0))
    return open_orders, crew


def seconds_between(a: Xy, b: Xy) -> float:
    """Return the travel time as the crow flies."""
    return dist(a, b) / METRES_PER_SECOND


def planned(orders: list[Order], drivers: list[Driver], largest: int, seconds: float | None) -> tuple[Round, float]:
    """Return a round by districts of a size, and the wall seconds it took."""
    usual, districts.LARGEST = districts.LARGEST, largest
    processors = len(os.sched_getaffinity(0))
    began = time.monotonic()
    may_go_on: Callable[[], bool] = lambda: seconds is None or time.monotonic() - began < seconds  # noqa: E731
    try:
        found = plan_trips(orders, drivers, seconds_between, 0.0, may_go_on=may_go_on, processes=processors)
    finally:
        districts.LARGEST = usual
    return found, time.monotonic() - began


def draw(orders: list[Order], drivers: list[Driver], found: Round) -> None:
    """Draw the trips that leave now, and the districts by colour."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 8))
    for number, part in enumerate(districts.cut(orders, drivers)):
        places = [order.pickup for order in part.orders]
        axes.scatter([p[0] for p in places], [p[1] for p in places], s=8, color=f"C{number % 10}")
    by_id, where = {order.id: order for order in orders}, {driver.id: driver.at for driver in drivers}
    for out in found.hand_outs:
        trip = [by_id[order_id] for order_id in out.order_ids]
        way = [where[out.driver_id], trip[0].pickup, *(order.dropoff for order in trip)]
        axes.plot([p[0] for p in way], [p[1] for p in way], color="0.4", linewidth=0.5, zorder=0)
    axes.set_aspect("equal")
    axes.set(
        title=f"{len(orders)} orders, {len(drivers)} drivers: districts, and trips that leave now", xticks=[], yticks=[]
    )
    keep_picture("zone", figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    details: dict[str, Any] = {}
    findings = []
    for orders_count, drivers_count in SIZES:
        orders, drivers = zone(orders_count, drivers_count, chosen.seed)
        name = f"{orders_count:,} orders, {drivers_count:,} drivers"
        progress(name)
        whole, whole_s = planned(orders, drivers, WHOLE, None)
        for way, largest, seconds in (
            ("districts, in a tick", districts.LARGEST, chosen.seconds),
            ("districts, to the end", districts.LARGEST, None),
            ("whole, in a tick", WHOLE, chosen.seconds),
            ("whole, to the end", WHOLE, None),
        ):
            found, took = (
                (whole, whole_s) if (largest, seconds) == (WHOLE, None) else planned(orders, drivers, largest, seconds)
            )
            nobody = sum(reason == NOBODY for reason in found.waiting.values())
            ratio = found.cost / whole.cost
            rows.append((f"{name}: {way}", f"{took:.2f}", found.rounds, f"{ratio:.4f}", len(found.hand_outs), nobody))
            details[f"{name}: {way}"] = {"seconds": took, "steps": found.rounds, "beyond_whole": ratio}
        in_tick = details[f"{name}: districts, in a tick"]
        findings += [
            Finding(
                f"cost by districts within {chosen.seconds:g} s beside the whole without an end, {name}",
                f"{in_tick['beyond_whole']:.3f} times",
                f"{GOAL_BEYOND_WHOLE} times",
                in_tick["beyond_whole"] <= GOAL_BEYOND_WHOLE,
            ),
            Finding(
                f"a round of {name}",
                f"{in_tick['seconds']:.1f} s",
                f"{chosen.seconds + 2:g} s",
                in_tick["seconds"] <= chosen.seconds + 2,
            ),
        ]
    columns = ("zone", "wall s", "steps", "cost beside whole", "trips that leave now", "orders nobody takes")
    show("a round", columns, rows)
    draw(orders, drivers, planned(orders, drivers, districts.LARGEST, chosen.seconds)[0])
    conclude("zone", findings, details)


if __name__ == "__main__":
    main()
