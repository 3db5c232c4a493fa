"""A phone is offline on the way, then sends all positions at once: out of order, twice, and some of them wrong."""

import random
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from local.city.plans.geometry import Point, distance_m
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

WAY_M = 1500.0
SHORTEST_WALL_S = 20
SENT = 24
ARRIVES_AFTER = 0.5
"""Share of the offline time after which the driver arrives."""

AT_THE_DOOR_M = 80.0
"""The default arrival radius of a zone."""


def play(scene: Scene) -> None:
    """Play it."""
    minutes = max(1, ceil(SHORTEST_WALL_S * scene.stack.clock.speed / 60))
    (mira,) = scene.open(1, named=("Mira Sol",), limits={"position_minutes": minutes})
    # She starts beside the shop, as the platform leaves out positions that she could not have reached in time.
    mira.at = scene.centre
    mira.go_on_duty()
    delivery = scene.order(WAY_M, 0)
    mira.accept(scene.offer_to(mira))
    mira.fetch(delivery)
    mira.step(delivery, "depart", stop="dropoff")
    left_at, shop = scene.now(), mira.at
    scene.say("Mira leaves for the customer; then her phone loses the network")

    patience = scene.stack.wall_seconds(60 * minutes) + 20
    silent = scene.until("the board says that Mira is silent", lambda: _alert(scene, "silent"), patience)
    assert silent["driver_id"] == mira.id, f"the board says {silent}"
    assert silent["delivery_id"] == delivery["id"], f"the board says {silent}"
    status, seen = scene.follow(delivery)
    assert (status, seen["position"]) == (200, shop.json()), f"the customer sees {status} {seen}"
    scene.say(f"the dispatcher sees that she is silent for {silent['seconds']} s; the customer sees where she was last")

    way = _way(scene, left_at, scene.now())
    mixed = [*way, *way[3:6], *_nonsense(scene, way)]
    random.Random(1).shuffle(mixed)
    told = _send(mira, mixed)
    wrong = {"late_or_duplicate": 3, "impossible_jump": 1, "too_vague": 1, "in_the_future": 1}
    assert told == {"accepted": len(way), "dropped": wrong}, f"of {len(mixed)} positions: {told}"
    again = _send(mira, mixed)
    assert again["accepted"] == 0, f"sent again, the same positions counted again: {again}"
    scene.say(f"online again it sends {len(mixed)} positions out of order: {len(way)} count, each once")
    scene.say(f"the others are left out: {', '.join(f'{count} {reason}' for reason, count in sorted(wrong.items()))}")

    status, seen = scene.follow(delivery)
    assert seen["position"] == way[-1]["point"], f"the customer sees {seen['position']}"
    assert datetime.fromisoformat(seen["position_at"]) == datetime.fromisoformat(way[-1]["device_at"])
    scene.sms(delivery, "almost there")
    assert _alert(scene, "silent") is None, "she still counts as silent"
    assert _alert(scene, "off_route") is None, "a place where she never was counts as her position"
    scene.say("the customer sees her at the door and reads that she is almost there; the board has no alert left")

    mira.at = scene.centre.moved(WAY_M, 0)
    mira.step(delivery, "arrive", stop="dropoff")
    times = scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}")["stops"]
    door = next(stop for stop in times if stop["kind"] == "dropoff")
    assert door["seen_arriving_at"], f"nobody saw her arrive: {door}"
    first = next(fix for fix in way if _away_m(scene, fix) <= AT_THE_DOOR_M)
    came = datetime.fromisoformat(door["seen_arriving_at"])
    assert came == datetime.fromisoformat(first["device_at"]), f"she came at {first['device_at']}, not at {came}"
    scene.say(f"she reports her arrival only now; staff see by her positions that she arrived at {came:%H:%M:%S}")

    assert mira.step(delivery, "deliver") == "delivered"
    scene.see_outcome(delivery)
    mira.stand_at(scene.centre.moved(WAY_M + 10, 0))
    board = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")
    assert (board["alerts"], board["under_way"]) == ([], []), f"the board still has {board}"
    scene.say("it is delivered: the link shows the outcome, and neither link nor board shows her any more")


def _way(scene: Scene, left_at: datetime, until: datetime) -> list[dict[str, Any]]:
    """Return the positions that the phone buffered on the way and then at the door."""
    span = (until - left_at) * 0.98
    fixes = []
    for number in range(1, SENT + 1):
        share = number / SENT
        east_m = WAY_M * min(1.0, share / ARRIVES_AFTER)
        fixes.append(_fix(scene.centre.moved(east_m, 0), left_at + share * span))
    return fixes


def _nonsense(scene: Scene, way: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return three wrong positions: a jump of 200 km, a very inaccurate one, and one of tomorrow."""
    between = datetime.fromisoformat(way[8]["device_at"]) + timedelta(milliseconds=10)
    vague = datetime.fromisoformat(way[9]["device_at"]) + timedelta(milliseconds=10)
    return [
        _fix(scene.centre.moved(200_000, 0), between),
        {**_fix(scene.centre, vague), "accuracy_m": 3000},
        _fix(scene.centre, scene.now() + timedelta(days=1)),
    ]


def _fix(point: Point, at: datetime) -> dict[str, Any]:
    return {"point": point.json(), "device_at": at.isoformat(), "accuracy_m": 8}


def _send(mira: Actor, fixes: list[dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = mira.app.post("/v1/driver/positions", {"fixes": fixes})
    return told


def _away_m(scene: Scene, fix: dict[str, Any]) -> float:
    return distance_m(scene.centre.moved(WAY_M, 0), Point.of(fix["point"]))


def _alert(scene: Scene, kind: str) -> dict[str, Any] | None:
    """Return the alert of a kind on the zone's board, if there is one."""
    alerts = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")["alerts"]
    return next((dict(alert) for alert in alerts if alert["kind"] == kind), None)
