"""A block is booked and given up, others move up in line, and who earned little gets the guarantee's difference."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from local.city.results.amounts import amount
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

JUMPS_AHEAD = True

GUARANTEE = 6000
CLOSING = "crowdship-local-tasks-close-extra-pay"


def play(scene: Scene) -> None:
    """Play it."""
    ana, ben, cleo = scene.open(3, named=("Ana Diaz", "Ben Okoro", "Cleo Marsh"))
    block = _make(scene)
    path = f"/v1/driver/blocks/{block['block_id']}/booking"
    states = [actor.app.post(path)["state"] for actor in (ana, ben, cleo)]
    assert states == ["booked", "waiting", "waiting"], f"the bookings are {states}"
    overlapping = _make(scene, hour=13)
    refused = refusal(ana.app.post, f"/v1/driver/blocks/{overlapping['block_id']}/booking")
    assert refused.code == "guarantees_overlap", f"a second block at that time was answered with {refused}"
    scene.say("Ana books the one place of a block; Ben and Cleo wait in line; an overlapping block is refused")
    assert ana.app.delete(path)["state"] == "cancelled"
    assert _mine(ben, block)["state"] == "booked"
    scene.say("Ana gives it up, and Ben moves up at once")
    _begin(scene, block)
    _look(scene)
    assert (_mine(ben, block)["state"], _mine(cleo, block)["state"]) == ("missed", "booked")
    scene.say("Ben does not come: his place goes to Cleo, and nothing is held against him")
    cleo.go_on_duty()
    order = scene.order(300, 0)
    scene.assign(order, cleo)
    cleo.fetch(order)
    cleo.bring(order)
    assert cleo.step(order, "deliver") == "delivered"
    line = scene.earned(cleo, order)
    _settle(scene, cleo, block, line)
    scene.trial_balance()


def _make(scene: Scene, hour: int = 12) -> dict[str, Any]:
    asked = {
        "request_id": str(uuid.uuid4()),
        "zone_id": scene.town.key,
        "title": "Lunch",
        "day": str(scene.today() + timedelta(days=1)),
        "opens": f"{hour:02d}:00",
        "closes": f"{hour + 3:02d}:00",
        "capacity": 1,
        "guarantee": {"amount": GUARANTEE, "currency": "USD"},
        "duty_percent": 60,
    }
    (made,) = scene.staff.post("/v1/staff/blocks", asked)["blocks"]
    return dict(made)


def _mine(actor: Actor, block: dict[str, Any]) -> dict[str, Any]:
    blocks = actor.app.get("/v1/driver/blocks")["blocks"]
    return next(dict(one) for one in blocks if one["block_id"] == block["block_id"])


def _look(scene: Scene) -> None:
    """Call the task that looks at blocks every few minutes."""
    called = scene.stack.client("lambda").invoke(FunctionName=CLOSING, Payload=b"{}")
    told = json.loads(called["Payload"].read())
    assert "errorType" not in told, f"the task failed: {told}"


def _begin(scene: Scene, block: dict[str, Any]) -> None:
    begins = datetime.fromisoformat(block["starts_at"])
    scene.stack.clock.jump(begins + timedelta(minutes=31) - scene.now())


def _settle(scene: Scene, cleo: Actor, block: dict[str, Any], line: dict[str, Any]) -> None:
    scene.stack.clock.jump(datetime.fromisoformat(block["ends_at"]) + timedelta(hours=1, minutes=1) - scene.now())
    _look(scene)
    _look(scene)
    shown = _mine(cleo, block)
    due = shown["least"]["amount"] - line["total"]["amount"] + line["tip"]["amount"]
    assert shown["paid"] == {"amount": due, "currency": "USD"}, f"her block is {shown}, the delivery earned {line}"

    def lines() -> list[dict[str, Any]]:
        found = cleo.app.get("/v1/driver/earnings", period=str(scene.today()))["lines"]
        return [one for one in found if one["kind"] == "guarantee"]

    scene.until("the difference is booked", lines)
    (booked,) = lines()
    assert booked["total"]["amount"] == due, f"booked is {booked}"
    paid = amount(booked["total"]["amount"])
    scene.say(f"Cleo was guaranteed her part of the block: she gets the difference of {paid} USD, once")
