"""Time from the click to the first offer on a driver's phone, for urgent and normal orders, by stage.

Orders go out one after the other to a driver who is on duty, at the platform's real time, on warm functions. The
stages are told apart by the times in the events: when the delivery was created, when the tick decided on the offer,
and when the driver's app, which looks every 50 ms, saw it.

    python -m benchmarks.first_offer [--orders N]
"""

import argparse
import time
from datetime import datetime
from statistics import median
from typing import Any

from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from benchmarks.support.stage import cancel, drain, stage
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

ORDERS = 20
GOAL_URGENT_S = 5.0
BATCH_S = 5
"""The zone's setting in this benchmark; the default is 20 s."""

GOAL_OVERHEAD_S = 5.0
LOOK_S = 0.05
LONGEST_S = 60.0
STAGES = ("order taken", "waiting and planning", "offer on the phone")


def one_order(scene: Scene, driver: Actor, priority: str) -> dict[str, float]:
    """Place one order and return the seconds of each stage."""
    began = time.time()
    delivery = scene.order(priority=priority)
    while not any(mine(offer, delivery) for offer in driver.offers()):
        if time.time() - began > LONGEST_S:
            raise RuntimeError(f"no offer within {LONGEST_S:.0f} s")
        time.sleep(LOOK_S)
    seen = time.time()
    created = when(scene, delivery, "delivery.created")
    offered = when(scene, delivery, "delivery.offered")
    cancel(scene, delivery)
    drain(scene.stack)
    stages = (created - began, offered - created, seen - offered)
    return {"total": seen - began, **dict(zip(STAGES, stages, strict=True))}


def mine(offer: dict[str, Any], delivery: dict[str, Any]) -> bool:
    """Tell whether an offer is of a delivery."""
    return any(offered["delivery_id"] == delivery["id"] for offered in offer["deliveries"])


def when(scene: Scene, delivery: dict[str, Any], kind: str) -> float:
    """Return when something happened to a delivery, as its event says; the clock is the wall's."""
    return datetime.fromisoformat(scene.webhook(delivery, kind).timestamp).timestamp()


def draw(taken: dict[str, list[dict[str, float]]]) -> None:
    """Draw every order as a bar of its stages."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6))
    for axes, (priority, orders) in zip(figure.subplots(1, len(taken), sharey=False), taken.items(), strict=True):
        bottom = [0.0] * len(orders)
        for name in STAGES:
            heights = [order[name] for order in orders]
            axes.bar(range(1, len(orders) + 1), heights, bottom=bottom, label=name)
            bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        axes.set_title(f"{priority} orders")
        axes.set_ylabel("s to the first offer")
        axes.legend(fontsize="small", loc="lower right")
    keep_picture("first_offer", figure)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.first_offer", description=str(__doc__).splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDERS, help="of each priority")
    count = parser.parse_args().orders
    taken: dict[str, list[dict[str, float]]] = {"urgent": [], "normal": []}
    with stage("first-offer") as scene:
        # As staff would leave it, but for the wait.
        (driver,) = scene.open(
            1, rounds={"batch_seconds": BATCH_S, "urgent_seconds": 1, "retry_seconds": 45}, offers={"seconds": 120}
        )
        driver.go_on_duty()
        for priority in taken:
            one_order(scene, driver, priority)  # wakes the functions
        for number in range(count):
            for priority, orders in taken.items():
                orders.append(one_order(scene, driver, priority))
            progress(f"{number + 1} of {count}")
    rows = []
    for priority, orders in taken.items():
        for name in ("total", *STAGES):
            seconds = [order[name] for order in orders]
            figures = (median(seconds), quantile(seconds, 0.95), max(seconds))
            rows.append((f"{priority}: {name}", *(f"{figure:.2f}" for figure in figures)))
    note = f"{count} orders of each; normal ones wait {BATCH_S} s for others, urgent ones 1 s"
    show("seconds to the first offer", ("stage", "median", "p95", "longest"), rows, note)
    draw(taken)
    urgent, normal = ([order["total"] for order in taken[priority]] for priority in ("urgent", "normal"))
    over = [seconds - BATCH_S for seconds in normal]
    findings = [
        Finding(
            "urgent order to first offer: median, longest",
            f"{median(urgent):.2f} s, {max(urgent):.2f} s",
            f"{GOAL_URGENT_S:g} s",
            max(urgent) <= GOAL_URGENT_S,
        ),
        Finding(
            "normal order to first offer beyond the batch's wait: median, longest",
            f"{median(over):.2f} s, {max(over):.2f} s",
            f"{GOAL_OVERHEAD_S:g} s",
            max(over) <= GOAL_OVERHEAD_S,
        ),
    ]
    conclude("first_offer", findings, {"batch_seconds": BATCH_S, "orders": taken})


if __name__ == "__main__":
    main()
