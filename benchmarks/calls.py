"""The AWS calls of a delivered order, and their list price, room by room.

Orders are played from the click to the settled ledger, one at a time, so that orders share nothing: that is the cost in
a quiet network, and more than in a busy one. The driver's phone is rung by a push. The same order is also counted with
a driver whose browser takes none and who looks for offers every 15 s, as all did before there were pushes.

Each step of an order's life is measured twice: once as usual, for the durations; once through a proxy that counts the
requests. The cost of a delivery is the sum of its steps, as often as ``LIFE`` or ``LOOKING`` says.

    python -m benchmarks.calls [--orders N]
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from benchmarks.support import prices
from benchmarks.support.counting import TASK_STATES, Platform, Runs, Window, window
from benchmarks.support.report import Finding, conclude, console, keep_picture, progress, show
from benchmarks.support.stage import drain, stage
from benchmarks.support.wire import Wire, watching
from local.city.results import books
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

GOAL = 0.002
ORDERS = 20
ORDER, UNPUSHED = "order, with a push", "order, without a push"
POSITIONS, LOOK, ROUTE, TRACK = "positions", "look for offers", "read the route", "tracking page"
LIFE = {ORDER: 1, POSITIONS: 30, LOOK: 10, ROUTE: 10, TRACK: 20}
"""The number of each step in a 30-minute delivery: its order with every step and a photo; the driver's positions, a
batch of four a minute; ten minutes of looking for offers every 60 s before a push comes; the route read after every
step; the customer's page open for five minutes, asking every 15 s.
"""

LOOKING = {UNPUSHED: 1, POSITIONS: 30, LOOK: 40, ROUTE: 10, TRACK: 20}
"""The same with a driver whose browser takes no pushes, and who looks every 15 s."""

SETTLEMENT = "settlement"
OFFER_S = 10
ACCESS_LOG_BYTES = 376
"""A line of the API's access log and what CloudWatch adds to it; the emulator writes none."""

PARTS = ("API", "Lambda", "DynamoDB", "bus", "queues", "S3", "secrets", "states", "logs", "traces")


# -- what is done ------------------------------------------------------------------------------------------------


class Life:
    """The deeds of an order's life on a stage."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        (self.driver,) = scene.open(
            1, rounds={"batch_seconds": 1, "urgent_seconds": 0, "retry_seconds": 45}, offers={"seconds": OFFER_S}
        )
        self.driver.go_on_duty()
        self.underway: dict[str, Any] = {}

    def begin(self, **changes: Any) -> dict[str, Any]:
        """Order, offer, accept, and go for it; the driver looks once, when the phone rings or the offer is there."""
        delivery = self.scene.order(requirements={"photo": True}, tip=100, **changes)
        self.scene.webhook(delivery, "delivery.offered")
        if self.driver.phone.subscribed and not self.driver.phone.rings(OFFER_S):
            raise RuntimeError("no push came for an offer")
        (offer,) = self.driver.offers()
        self.driver.accept(offer)
        self.driver.step(delivery, "depart", stop="pickup")
        return delivery

    def end(self, delivery: dict[str, Any]) -> None:
        """Deliver it."""
        here: Actor = self.driver
        here.step(delivery, "arrive", stop="pickup")
        here.step(delivery, "pick-up")
        here.step(delivery, "depart", stop="dropoff")
        here.step(delivery, "arrive", stop="dropoff")
        here.upload(delivery, "photo")
        here.step(delivery, "deliver", position=here.at.json())

    def whole_order(self) -> None:
        """Play an order to its end, and the tick that then finds nothing left to do."""
        began = time.monotonic()
        self.end(self.begin())
        drain(self.scene.stack)
        time.sleep(max(0.0, OFFER_S + 3 - (time.monotonic() - began)))

    def positions(self) -> None:
        """Send four positions."""
        now = self.scene.now()
        fixes = [
            {
                "point": self.driver.at.json(),
                "device_at": (now - timedelta(microseconds=n)).isoformat(),
                "accuracy_m": 8,
            }
            for n in range(4)
        ]
        told = self.driver.app.post("/v1/driver/positions", {"fixes": fixes})
        if told["accepted"] != len(fixes):
            raise RuntimeError(f"positions were dropped: {told}")

    def look(self) -> None:
        """Look for offers."""
        self.driver.offers()

    def route(self) -> None:
        """Read the route."""
        self.driver.stops()

    def track(self) -> None:
        """Open the customer's page."""
        requests.get(self.scene.stack.behind_link(self.underway["tracking_url"]), timeout=30).raise_for_status()


def measure(life: Life, platform: Platform, orders: int, wire: Wire | None = None) -> dict[str, Window]:
    """Do every deed some times and return what happened."""
    found: dict[str, Window] = {}

    def repeat(name: str, deed: Callable[[], None], times: int) -> None:
        with window(platform, life.scene, times, wire) as found[name]:
            for number in range(times):
                progress(f"{name} {number + 1} of {times}")
                deed()

    life.driver.phone.subscribe()
    life.whole_order()  # wakes the functions
    for deed in (life.positions, life.look, life.route):
        deed()
    repeat(ORDER, life.whole_order, orders)
    life.driver.phone.unsubscribe()
    repeat(UNPUSHED, life.whole_order, orders)
    life.underway = life.begin()
    life.track()
    for name, deed in ((POSITIONS, life.positions), (LOOK, life.look), (ROUTE, life.route), (TRACK, life.track)):
        repeat(name, deed, 20)
    life.end(life.underway)
    return found


def measure_settlement(life: Life, platform: Platform, orders: int, wire: Wire) -> tuple[Window, int] | None:
    """Settle the day; return what happened and its state transitions, or None if it was settled before."""
    scene, day = life.scene, life.scene.today()
    if books.status_of(scene.staff, day):
        return None
    with window(platform, scene, orders, wire) as found:
        arn = scene.staff.post("/v1/staff/settlements", {"period": str(day)})["execution_arn"]
        books.settle(scene.staff, day)
    states = scene.stack.client("stepfunctions")
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    entered = sum(event["type"] in TASK_STATES for page in pages for event in page["events"])
    return found, entered + 1


# -- what it costs -----------------------------------------------------------------------------------------------


def price(
    platform: Platform, counted: Window, durations: dict[str, Runs], transitions: int = 0
) -> dict[tuple[str, str], float]:
    """Return the price of a deed, done once, by room and part."""
    total: defaultdict[tuple[str, str], float] = defaultdict(float)
    for function, runs in counted.runs.items():
        room = platform.room_of(function)
        mean_ms = durations[function].mean_ms if function in durations else runs.mean_ms
        total[room, "Lambda"] += prices.compute(runs.invocations, runs.invocations * mean_ms, runs.memory_mb)
        total[room, "logs"] += runs.log_bytes / 1e9 * prices.LOG_GB
        total[room, "traces"] += runs.invocations * prices.TRACE
        if function in platform.apis:
            total[room, "API"] += runs.invocations * prices.API_REQUEST
            total[room, "logs"] += runs.invocations * ACCESS_LOG_BYTES / 1e9 * prices.LOG_GB
        if function in platform.consumers:  # each batch is received and deleted
            total[room, "queues"] += 2 * runs.invocations * prices.QUEUE_REQUEST
    for function, units in counted.tally.write_units.items():
        total[platform.room_of(function), "DynamoDB"] += units * prices.WRITE_UNIT
    for function, units in counted.tally.read_units.items():
        total[platform.room_of(function), "DynamoDB"] += units * prices.READ_UNIT
    for (function, service, operation), count in counted.tally.calls.items():
        part, each = price_of_call(service, operation)
        total[platform.room_of(function), part] += count * each
    for (function, _), count in counted.tally.events.items():
        total[platform.room_of(function), "bus"] += count * prices.BUS_EVENT
    for kind, data in counted.tally.details:
        for consumer, patterns in platform.rules.items():
            if any(pattern.takes(kind, data) for pattern in patterns):
                total[platform.room_of(consumer), "queues"] += prices.QUEUE_REQUEST
    total[SETTLEMENT, "states"] += transitions * prices.STATE_TRANSITION
    return {key: amount / counted.times for key, amount in total.items() if amount}


def price_of_call(service: str, operation: str) -> tuple[str, float]:
    """Return the part and price of a request that is priced as such."""
    match service, operation:
        case "sqs", _:
            return "queues", prices.QUEUE_REQUEST
        case "s3", "PUT" | "POST":
            return "S3", prices.BUCKET_WRITE
        case "s3", _:
            return "S3", prices.BUCKET_READ
        case "secretsmanager", _:
            return "secrets", prices.SECRET_REQUEST
        case _:  # units and events are counted by themselves, messages to people are not the platform's price
            return "secrets", 0.0


def draw(by_room: defaultdict[tuple[str, str], float]) -> None:
    """Draw what an order costs, by room."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8))
    axes = figure.subplots()
    rooms = sorted({room for room, _ in by_room}, key=lambda room: sum(by_room[room, part] for part in PARTS))
    left = [0.0] * len(rooms)
    for number, part in enumerate(PARTS):
        widths = [1e6 * by_room[room, part] for room in rooms]
        axes.barh(rooms, widths, left=left, label=part, color=f"C{number}")
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_xlabel("US dollars per million delivered orders, list price")
    axes.legend(fontsize="small", ncols=2, loc="lower right")
    keep_picture("calls", figure)


def dollars(amount: float) -> str:
    """Return an amount in millionths of a dollar, which is dollars per million."""
    return f"{amount * 1e6:.1f}" if amount else "-"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.calls", description=str(__doc__).splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDERS)
    orders = parser.parse_args().orders
    with stage("calls") as scene:
        platform = Platform.of(scene.stack)
        life = Life(scene)
        timed = measure(life, platform, max(3, orders // 4))
        with watching(scene.stack, list(platform.functions)) as wire:
            counted = measure(life, platform, orders, wire)
            settled = measure_settlement(life, platform, orders, wire)
        drain(scene.stack)

    deeds = {name: price(platform, counted[name], timed[name].runs) for name in {**LIFE, **LOOKING}}
    if settled:
        counted[SETTLEMENT] = settled[0]
        deeds[SETTLEMENT] = price(platform, settled[0], settled[0].runs, settled[1])
    by_room, looking = by_rooms(deeds, LIFE), by_rooms(deeds, LOOKING)
    total, before = sum(by_room.values()), sum(looking.values())

    in_order, calls = calls_of({ORDER: counted[ORDER]}), calls_of({name: counted[name] for name in LIFE})
    show(
        "AWS calls of a delivered order",
        ("call", "in the order itself", "with positions, looks and pages"),
        [(name, f"{in_order.get(name, 0):.1f}", f"{count:.1f}") for name, count in calls.items()],
    )
    rooms = sorted({room for room, _ in by_room}, key=lambda room: -sum(by_room[room, part] for part in PARTS))
    show(
        "price of a delivered order, millionths of a dollar, by room",
        ("room", *PARTS, "all"),
        [
            *((r, *(dollars(by_room[r, p]) for p in PARTS), dollars(sum(by_room[r, p] for p in PARTS))) for r in rooms),
            ("all", *(dollars(sum(by_room[r, p] for r in rooms)) for p in PARTS), dollars(total)),
        ],
        f"{prices.REGION} list price, on demand, no free tier; Lambda's time is the emulator's; every call traced",
    )
    show(
        "price by deed, millionths of a dollar",
        ("deed", "once", "with pushes", "by looking", "invocations", "write units", "read units"),
        [
            (
                name,
                dollars(sum(amounts.values())),
                *(dollars(sum(amounts.values()) * times_in(life, name)) for life in (LIFE, LOOKING)),
                *(f"{figure / counted[name].times:.1f}" for figure in figures(counted[name])),
            )
            for name, amounts in deeds.items()
        ],
    )
    draw(by_room)
    traces = sum(by_room[room, "traces"] for room in rooms)
    findings = [
        Finding("AWS list price of a delivered order, without SMS", f"${total:.5f}", f"${GOAL}", total <= GOAL),
        Finding(
            "... with a driver who looks every 15 s in place of pushes",
            f"${before:.5f}",
            f"> ${total:.5f}",
            before > total,
        ),
        Finding("... if 5 % of the calls are traced, as on a busy network", f"${total - 0.95 * traces:.5f}"),
        Finding("... the order alone, without positions, looks and pages", f"${sum(deeds[ORDER].values()):.5f}"),
    ]
    if not settled:
        console.print("  the day was settled before: the settlement is not in here; `make down`, `make up`")
    details = {
        "prices_written_down": prices.WRITTEN_DOWN,
        "measured_on": datetime.now(UTC).date().isoformat(),
        "life": LIFE,
        "looking": LOOKING,
        "by_room_looking": {f"{room} {part}": amount for (room, part), amount in sorted(looking.items())},
        "by_room": {f"{room} {part}": amount for (room, part), amount in sorted(by_room.items())},
        "by_deed": {name: sum(amounts.values()) for name, amounts in deeds.items()},
        "calls": calls,
        "mean_ms": {name: {f: round(r.mean_ms, 1) for f, r in timed[name].runs.items()} for name in timed},
    }
    conclude("calls", findings, details)
    console.print()


def times_in(life: dict[str, int], deed: str) -> int:
    """Return how often a deed is done in a delivery; each has its share of a settlement."""
    return 1 if deed == SETTLEMENT else life.get(deed, 0)


def by_rooms(
    deeds: dict[str, dict[tuple[str, str], float]], life: dict[str, int]
) -> defaultdict[tuple[str, str], float]:
    """Return the price of a delivery made of some deeds, by room and part."""
    total: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, amounts in deeds.items():
        for key, amount in amounts.items():
            total[key] += amount * times_in(life, name)
    return total


def calls_of(counted: dict[str, Window]) -> dict[str, float]:
    """Return how often each call is made for a delivery made of these deeds."""
    total: defaultdict[str, float] = defaultdict(float)
    for name, deed in counted.items():
        for (_, service, operation), count in deed.tally.calls.items():
            total[f"{service} {operation}"] += count / deed.times * LIFE[name]
    return dict(sorted(total.items(), key=lambda call: -call[1]))


def figures(counted: Window) -> tuple[float, float, float]:
    """Return the invocations, write units and read units of a window."""
    invocations = sum(runs.invocations for runs in counted.runs.values())
    return invocations, sum(counted.tally.write_units.values()), sum(counted.tally.read_units.values())


if __name__ == "__main__":
    main()
