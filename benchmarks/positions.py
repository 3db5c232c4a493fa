"""A hundred drivers send positions: the number of lost positions, their delay, and the cost of a thousand.

Drivers drive towards a stop that they set out for; a position is taken every five seconds. An app sends each at once,
or keeps them for a minute; both are measured. Positions are due however long the ones before took, so what the machine
can't bear shows as lag. Every trail is read back. Then one driver is played over a wire that counts requests, moving
and standing.

    python -m benchmarks.positions [--drivers N] [--seconds N]
"""

import argparse
import json
import math
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.calls import PARTS, figures, price
from benchmarks.support import prices
from benchmarks.support.counting import Platform, Runs, Window, window
from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, console, keep_picture, progress, show
from benchmarks.support.stage import drain, stage
from benchmarks.support.wire import Wire, watching
from local.city.plans.geometry import Point
from local.running import RunningStack
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

DRIVERS, SECONDS = 100, 120
EVERY_S = 5.0
BATCHES = {"each at once": 1, "a minute at a time": 12}
PACE_MPS = 6.5
FROM_M = 1900.0
"""How far from the shop they set out."""

WORKERS = 8
"""Each sends for some drivers, one request after the other: so many functions start on this machine, and no more."""

LOOK_EVERY = 10
"""Of so many requests one is followed until the newest position shows it."""

LAG_GOAL_S, SEEN_WITHIN_S = 2.0, 120.0
ROOMS = {"tracking", "bus", "insight"}
"""Whose functions do anything with positions, or with what follows from them."""

THOUSAND = 1000
TURNS_M = 390.0
"""Whose requests are counted drives to and fro, this far."""


@dataclass(frozen=True)
class Case:
    """How one driver's requests are counted: so many, of so many positions, so far and so long from each other.

    Where somebody moves each request is written down however soon the next one comes, so time may be short.
    """

    name: str
    requests: int
    batch: int
    step_m: float
    apart_s: float


CASES = (
    Case("moving, each at once", 24, 1, PACE_MPS * EVERY_S, 0.5),
    Case("moving, a minute at a time", 6, 12, PACE_MPS * EVERY_S, 0.5),
    Case("standing, each at once", 12, 1, 0.0, EVERY_S),
)


@dataclass
class Sent:
    """What a driver's app sent, and when it was seen.

    Parameters
    ----------
    fixes : dict
        Places by the device's clock.
    answered_s, seen_s : list of float
        Seconds from when a request was due until its answer, and until the newest position showed it.
    """

    fixes: dict[datetime, tuple[float, float]] = field(default_factory=dict)
    answered_s: list[float] = field(default_factory=list)
    seen_s: list[float] = field(default_factory=list)


def lost(sent: dict[datetime, tuple[float, float]], trail: Iterable[dict[str, Any]]) -> int:
    """Return how many positions that were sent are not in a trail as they were sent."""
    kept = {moment(fix["device_at"]): (fix["point"]["lat"], fix["point"]["lon"]) for fix in trail}
    return sum(kept.get(at) != place for at, place in sent.items())


def per_thousand(platform: Platform, counted: Window, durations: dict[str, Runs], positions: int) -> dict[str, float]:
    """Return what a thousand positions cost, part by part, where so many were sent in a counted window."""
    amounts = price(platform, counted, durations)
    parts = {part: sum(amount for (_, one), amount in amounts.items() if one == part) for part in PARTS}
    return {part: amount * counted.times / positions * THOUSAND for part, amount in parts.items() if amount}


def moment(text: str) -> datetime:
    """Return the moment that a text tells."""
    return datetime.fromisoformat(text)


class Table:
    """The tracking table, as it is stored."""

    def __init__(self, stack: RunningStack) -> None:
        self._client = stack.client("dynamodb")
        self._name = stack.outputs["TrackingTable"]

    def newest_at(self, driver_id: str) -> datetime | None:
        """Return the device's time of a driver's newest position."""
        key = {"pk": {"S": driver_id}, "sk": {"S": "NEWEST"}}
        item = self._client.get_item(TableName=self._name, Key=key).get("Item")
        return moment(json.loads(item["body"]["S"])["fix"]["device_at"]) if item else None

    def trail(self, driver_id: str, days: Iterable[str]) -> list[dict[str, Any]]:
        """Return all positions of a driver on some days."""
        found: list[dict[str, Any]] = []
        for day in days:
            asked = {
                "TableName": self._name,
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": f"{driver_id}#{day}"}},
            }
            for page in self._client.get_paginator("query").paginate(**asked):
                for item in page["Items"]:
                    found += json.loads(item["body"]["S"])
        return found


def place(scene: Scene, number: int, count: int, metres: float) -> Point:
    """Return the place so far from the shop on a driver's own way to it."""
    angle = 2 * math.pi * number / count
    return scene.centre.moved(metres * math.cos(angle), metres * math.sin(angle))


def set_out(scene: Scene, actors: Sequence[Actor]) -> None:
    """Give each driver an order, and let them set out for the shop, each from another side."""
    for number, actor in enumerate(actors):
        progress(f"driver {number + 1} of {len(actors)} sets out")
        actor.at = place(scene, number, len(actors), FROM_M)
        actor.go_on_duty()
        delivery = scene.order()
        scene.staff.post(f"/v1/staff/deliveries/{delivery['id']}/assign", {"driver_id": actor.id})
        actor.step(delivery, "depart", stop="pickup")


def fix_of(there: Point, at: datetime) -> dict[str, Any]:
    """Return a position as an app sends it."""
    return {"point": there.json(), "device_at": at.isoformat(), "accuracy_m": 8, "speed_mps": PACE_MPS}


def play(scene: Scene, actors: Sequence[Actor], seconds: int, batch: int, begin_m: float) -> dict[str, Sent]:
    """Let all drivers send for so long; return what each sent."""
    table, sent = Table(scene.stack), {actor.id: Sent() for actor in actors}
    started, began = scene.now() + timedelta(seconds=1), time.monotonic() + 1
    period = EVERY_S * batch
    # Spread over the period, as phones are.
    schedule = sorted(
        (period * (number / len(actors) + turn + 1), number, turn)
        for number in range(len(actors))
        for turn in range(max(1, round(seconds / period)))
    )

    def send(due_s: float, number: int, turn: int) -> None:
        actor, told = actors[number], sent[actors[number].id]
        fixes = []
        for one in range(batch):
            at = started + timedelta(seconds=due_s - EVERY_S * (batch - 1 - one))
            there = place(scene, number, len(actors), begin_m - PACE_MPS * EVERY_S * (turn * batch + one))
            told.fixes[at] = (there.lat, there.lon)
            fixes.append(fix_of(there, at))
        answer = actor.app.post("/v1/driver/positions", {"fixes": fixes})
        if answer["accepted"] != batch:
            raise RuntimeError(f"{actor.id}: {answer}")
        told.answered_s.append(time.monotonic() - began - due_s)
        if (number + turn) % LOOK_EVERY == 0:
            while (table.newest_at(actor.id) or started) < at:
                if time.monotonic() - began - due_s > SEEN_WITHIN_S:
                    raise RuntimeError(f"{actor.id}: the position of {at} was not seen in {SEEN_WITHIN_S:.0f} s")
                time.sleep(0.01)
            told.seen_s.append(time.monotonic() - began - due_s)

    def work(worker: int) -> None:
        for due_s, number, turn in schedule:
            if number % WORKERS == worker:
                time.sleep(max(0.0, began + due_s - time.monotonic()))
                send(due_s, number, turn)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    return sent


def count(scene: Scene, actor: Actor, platform: Platform, case: Case, from_m: float, wire: Wire | None) -> Window:
    """Let one driver send some times, and return what happened."""
    with window(platform, scene, case.requests, wire) as found:
        for turn in range(case.requests):
            time.sleep(case.apart_s * case.batch)
            now = scene.now()
            fixes = []
            for one in range(case.batch):
                gone_m = (turn * case.batch + one) * case.step_m
                there = place(scene, 0, 1, from_m + TURNS_M - abs(gone_m % (2 * TURNS_M) - TURNS_M))
                fixes.append(fix_of(there, now - timedelta(seconds=case.apart_s * (case.batch - 1 - one))))
            answer = actor.app.post("/v1/driver/positions", {"fixes": fixes})
            if answer["accepted"] != case.batch:
                raise RuntimeError(f"positions were dropped: {answer}")
    return found


def draw(found: dict[str, dict[str, Sent]]) -> None:
    """Draw how late positions are seen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.5))
    axes = figure.subplots()
    for name, sent in found.items():
        lags = sorted(lag for one in sent.values() for lag in one.answered_s)
        axes.plot([1000 * lag for lag in lags], [(number + 1) / len(lags) for number in range(len(lags))], label=name)
    axes.set_xscale("log")
    axes.set_xlabel("ms from when a request was due to its answer, on the local stack")
    axes.set_ylabel("share of requests")
    axes.legend(fontsize="small")
    keep_picture("positions", figure)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.positions", description=str(__doc__).splitlines()[0])
    parser.add_argument("--drivers", type=int, default=DRIVERS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    chosen = parser.parse_args()
    played: dict[str, dict[str, Sent]] = {}
    with stage("positions") as scene:
        actors = scene.open(chosen.drivers, rounds={"batch_seconds": 900})
        set_out(scene, actors)
        for number, (name, batch) in enumerate(BATCHES.items()):
            progress(f"{len(actors)} drivers send, {name}")
            played[name] = play(scene, actors, chosen.seconds, batch, FROM_M - number * chosen.seconds * PACE_MPS)
        table = Table(scene.stack)
        missing = {
            name: sum(
                lost(one.fixes, table.trail(driver_id, sorted({f"{at.date()}" for at in one.fixes})))
                for driver_id, one in sent.items()
            )
            for name, sent in played.items()
        }
        platform, here_m = Platform.of(scene.stack), FROM_M - len(BATCHES) * chosen.seconds * PACE_MPS
        durations = {case.batch: count(scene, actors[0], platform, case, here_m, None).runs for case in CASES[:2]}
        with watching(scene.stack, [one for one in platform.functions if platform.room_of(one) in ROOMS]) as wire:
            counted = {case: count(scene, actors[0], platform, case, here_m, wire) for case in CASES}
        drain(scene.stack)
    conclude_all(played, missing, platform, durations, counted)


def conclude_all(
    played: dict[str, dict[str, Sent]],
    missing: dict[str, int],
    platform: Platform,
    durations: dict[int, dict[str, Runs]],
    counted: dict[Case, Window],
) -> None:
    """Show it, and what it means."""
    rows, findings, details = [], list[Finding](), dict[str, Any]()
    for name, sent in played.items():
        answered = [lag for one in sent.values() for lag in one.answered_s]
        seen = [lag for one in sent.values() for lag in one.seen_s]
        positions = sum(len(one.fixes) for one in sent.values())
        p50, p99 = (1000 * quantile(seen, share) for share in (0.5, 0.99))
        figures_ = [
            positions,
            len(answered),
            missing[name],
            *(f"{1000 * quantile(answered, s):.0f}" for s in (0.5, 0.99)),
        ]
        rows.append((name, *figures_, f"{p50:.0f}", f"{p99:.0f}"))
        findings.append(Finding(f"positions lost, {name}", f"{missing[name]} of {positions}", "0", missing[name] == 0))
        goal = f"p99 within {LAG_GOAL_S:g} s"
        found = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        findings.append(Finding(f"from taken to seen, {name}", found, goal, p99 <= 1000 * LAG_GOAL_S))
        details[name] = {"positions": positions, "answered_s": answered, "seen_s": seen}
    show(
        f"{len(next(iter(played.values())))} drivers, a position every {EVERY_S:g} s",
        ("sent", "positions", "requests", "lost", "answer p50 ms", "p99", "seen p50 ms", "p99"),
        rows,
        "from when the last position of a request was taken",
    )
    costs = {
        case: per_thousand(platform, window_, durations[case.batch], case.requests * case.batch)
        for case, window_ in counted.items()
    }
    parts = [part for part in PARTS if any(part in cost for cost in costs.values())]
    show(
        "a thousand positions, millionths of a dollar",
        ("case", *parts, "all", "write units", "read units", "DynamoDB calls"),
        [
            (
                case.name,
                *(f"{1e6 * cost.get(part, 0):.0f}" for part in parts),
                f"{1e6 * sum(cost.values()):.0f}",
                *(f"{units * THOUSAND / (case.requests * case.batch):.0f}" for units in figures(counted[case])[1:]),
                f"{calls_to_tables(counted[case]) * THOUSAND / (case.requests * case.batch):.0f}",
            )
            for case, cost in costs.items()
        ],
        f"{prices.REGION} list price, on demand, no free tier; Lambda's time is the emulator's; every call traced",
    )
    draw(played)
    findings += [
        Finding(f"a thousand positions, {case.name}", f"${sum(cost.values()):.5f}") for case, cost in costs.items()
    ]
    details["cost"] = {case.name: cost for case, cost in costs.items()}
    details["calls"] = {
        case.name: {" ".join(call): times for call, times in window_.tally.calls.items()}
        for case, window_ in counted.items()
    }
    details["measured_on"] = datetime.now(UTC).date().isoformat()
    conclude("positions", findings, details)
    console.print()


def calls_to_tables(counted: Window) -> int:
    """Return the requests to DynamoDB in a window."""
    return sum(times for (_, service, _), times in counted.tally.calls.items() if service == "dynamodb")


if __name__ == "__main__":
    main()
