"""The AWS calls of a delivered order, and what they cost at list price, room by room.

Orders are played from the click to the settled ledger, one at a time, so that nothing is shared between orders: what
a quiet network pays, and more than a busy one does. Each deed of an order's life is measured by itself, twice: once
as the functions always run, for their durations; once with their requests led over a wire that counts them. A
delivery is then put together out of its deeds, as ``LIFE`` says.

    python -m benchmarks.calls [--orders N]
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from benchmarks import prices
from benchmarks.report import Finding, conclude, console, keep_picture, progress, show
from benchmarks.stage import drain, stage
from benchmarks.wire import PHONE, Tally, Wire, watching
from local.city import books
from local.running import RunningStack
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

GOAL = 0.002
ORDERS = 20
ORDER, POSITIONS, LOOK, ROUTE, TRACK = "order", "positions", "look for offers", "read the route", "tracking page"
LIFE = {ORDER: 1, POSITIONS: 30, LOOK: 40, ROUTE: 10, TRACK: 20}
"""What a delivery of 30 minutes is made of: its order with every step and a photo; the driver's positions, a batch
of four a minute; ten minutes of looking for offers every 15 s before one comes; the route read after every step; the
customer's page open for five minutes, asking every 15 s."""

SETTLEMENT = "settlement"
OFFER_S = 10
ACCESS_LOG_BYTES = 376
"""A line of the API's access log and what CloudWatch adds to it; the emulator writes none."""

LINE_OVERHEAD = 26
TASK_STATES = ("TaskStateEntered", "ChoiceStateEntered", "MapStateEntered", "MapIterationStarted")
PARTS = ("API", "Lambda", "DynamoDB", "bus", "queues", "S3", "secrets", "states", "logs", "traces")


@dataclass
class Runs:
    """How often a function ran, how long, and how much it logged."""

    invocations: int = 0
    milliseconds: float = 0.0
    log_bytes: int = 0
    memory_mb: int = 0

    @property
    def mean_ms(self) -> float:
        """How long it took on average."""
        return self.milliseconds / self.invocations if self.invocations else 0.0


@dataclass
class Window:
    """What happened while a deed was done some times."""

    times: int
    runs: dict[str, Runs]
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Platform:
    """What has to be known of the platform to price what it did."""

    functions: dict[str, str]
    """Log group by function."""

    consumers: frozenset[str]
    """Functions that work a queue off."""

    apis: frozenset[str]
    rules: dict[str, list[Any]]
    """What each queue on the bus listens to, by the function that works it off."""

    @classmethod
    def of(cls, stack: RunningStack) -> "Platform":
        """Return what a running stack is."""
        lambda_, bus = stack.client("lambda"), stack.client("events")
        found = [f for page in lambda_.get_paginator("list_functions").paginate() for f in page["Functions"]]
        functions = {
            one["FunctionName"]: one["LoggingConfig"]["LogGroup"]
            for one in found
            if one.get("LoggingConfig", {}).get("LogGroup", "").startswith("/crowdship/")
        }
        mappings = lambda_.list_event_source_mappings()["EventSourceMappings"]
        queues = {
            one["EventSourceArn"]: one["FunctionArn"].split(":")[6]
            for one in mappings
            if ":sqs:" in one["EventSourceArn"]
        }
        rules = {}
        name = stack.outputs["BusName"]
        for rule in bus.list_rules(EventBusName=name)["Rules"]:
            for target in bus.list_targets_by_rule(Rule=rule["Name"], EventBusName=name)["Targets"]:
                if target["Arn"] in queues:
                    rules[queues[target["Arn"]]] = json.loads(rule["EventPattern"])["detail-type"]
        apis = frozenset(one for one in functions if one.endswith("-api"))
        return cls(functions, frozenset(queues.values()), apis, rules)


def listens(matchers: list[Any], kind: str) -> bool:
    """Tell whether a rule's ``detail-type`` takes events of a type."""
    return any(
        kind.startswith(matcher["prefix"]) if isinstance(matcher, dict) else kind == matcher for matcher in matchers
    )


def room_of(function: str) -> str:
    """Return the room of ``crowdship-<stage>-<room>-<verb>``; phones upload proofs."""
    return "proof" if function == PHONE else function.split("-")[2]


# -- what is done ------------------------------------------------------------------------------------------------


class Life:
    """The deeds of an order's life on a stage."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        (self.driver,) = scene.open(1, batch_seconds=1, urgent_seconds=0, retry_seconds=45, offer_seconds=OFFER_S)
        self.driver.go_on_duty()
        self.underway: dict[str, Any] = {}

    def begin(self, **changes: Any) -> dict[str, Any]:
        """Order, offer, accept, and go for it; the driver looks once, when the offer is there."""
        delivery = self.scene.order(requirements={"photo": True}, tip=100, **changes)
        self.scene.webhook(delivery, "delivery.offered")
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


@contextmanager
def window(platform: Platform, scene: Scene, times: int, wire: Wire | None = None) -> Iterator[Window]:
    """Yield what is filled with all that happens until everything has come to rest."""
    drain(scene.stack)
    if wire:
        wire.fresh()
    began = int(time.time() * 1000)
    found = Window(times, {})
    yield found
    drain(scene.stack)
    time.sleep(0.3)
    found.runs = read_logs(platform, scene.stack, began)
    if wire:
        found.tally = wire.fresh()


def read_logs(platform: Platform, stack: RunningStack, since_ms: int) -> dict[str, Runs]:
    """Return what the functions' logs tell about their runs."""
    logs = stack.client("logs")
    found: dict[str, Runs] = defaultdict(Runs)
    for function, group in platform.functions.items():
        token: dict[str, str] = {}
        while True:
            try:
                page = logs.filter_log_events(logGroupName=group, startTime=since_ms, limit=10_000, **token)
            except logs.exceptions.ResourceNotFoundException:
                break
            for event in page["events"]:
                count_line(found[function], event["message"])
            if not page.get("nextToken") or token.get("nextToken") == page["nextToken"]:
                break
            token = {"nextToken": page["nextToken"]}
    return {function: runs for function, runs in found.items() if runs.invocations}


def count_line(runs: Runs, line: str) -> None:
    """Count one line of a function's log."""
    runs.log_bytes += len(line.encode()) + LINE_OVERHEAD
    if line.startswith("REPORT "):
        told = dict(part.split(": ", 1) for part in line.split("\t") if ": " in part)
        runs.invocations += 1
        runs.milliseconds += float(told["Billed Duration"].split()[0])
        runs.memory_mb = int(told["Memory Size"].split()[0])


def measure(life: Life, platform: Platform, orders: int, wire: Wire | None = None) -> dict[str, Window]:
    """Do every deed some times and return what happened."""
    found: dict[str, Window] = {}

    def repeat(name: str, deed: Callable[[], None], times: int) -> None:
        with window(platform, life.scene, times, wire) as found[name]:
            for number in range(times):
                progress(f"{name} {number + 1} of {times}")
                deed()

    life.whole_order()  # wakes the functions
    for deed in (life.positions, life.look, life.route):
        deed()
    repeat(ORDER, life.whole_order, orders)
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
        room = room_of(function)
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
        total[room_of(function), "DynamoDB"] += units * prices.WRITE_UNIT
    for function, units in counted.tally.read_units.items():
        total[room_of(function), "DynamoDB"] += units * prices.READ_UNIT
    for (function, service, operation), count in counted.tally.calls.items():
        part, each = price_of_call(service, operation)
        total[room_of(function), part] += count * each
    for (function, kind), count in counted.tally.events.items():
        total[room_of(function), "bus"] += count * prices.BUS_EVENT
        for consumer, matchers in platform.rules.items():
            if listens(matchers, kind):
                total[room_of(consumer), "queues"] += count * prices.QUEUE_REQUEST
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

    deeds = {name: price(platform, counted[name], timed[name].runs) for name in LIFE}
    if settled:
        counted[SETTLEMENT] = settled[0]
        deeds[SETTLEMENT] = price(platform, settled[0], settled[0].runs, settled[1])
    life_of = {**LIFE, SETTLEMENT: 1}
    by_room: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, amounts in deeds.items():
        for key, amount in amounts.items():
            by_room[key] += amount * life_of[name]
    total = sum(by_room.values())

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
        ("deed", "once", "in a delivery", "invocations", "write units", "read units"),
        [
            (
                name,
                dollars(sum(amounts.values())),
                dollars(sum(amounts.values()) * life_of[name]),
                *(f"{figure / counted[name].times:.1f}" for figure in figures(counted[name])),
            )
            for name, amounts in deeds.items()
        ],
    )
    draw(by_room)
    traces = sum(by_room[room, "traces"] for room in rooms)
    findings = [
        Finding("AWS list price of a delivered order, without SMS", f"${total:.5f}", f"${GOAL}", total <= GOAL),
        Finding("... if 5 % of the calls are traced, as on a busy network", f"${total - 0.95 * traces:.5f}"),
        Finding("... the order alone, without positions, looks and pages", f"${sum(deeds[ORDER].values()):.5f}"),
    ]
    if not settled:
        console.print("  the day was settled before: the settlement is not in here; `make down`, `make up`")
    details = {
        "prices_written_down": prices.WRITTEN_DOWN,
        "measured_on": datetime.now(UTC).date().isoformat(),
        "life": life_of,
        "by_room": {f"{room} {part}": amount for (room, part), amount in sorted(by_room.items())},
        "by_deed": {name: sum(amounts.values()) for name, amounts in deeds.items()},
        "calls": calls,
        "mean_ms": {name: {f: round(r.mean_ms, 1) for f, r in timed[name].runs.items()} for name in timed},
    }
    conclude("calls", findings, details)
    console.print()


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
