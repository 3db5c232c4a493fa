"""A delivery takes an hour and pays little: after the week the driver gets what is short of the law's floor, once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from local.city.results.amounts import amount
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

JUMPS_AHEAD = True

CALIFORNIA = "US-CA"
FINDING = "crowdship-local-tasks-pay-floors"
HOUR = timedelta(hours=1)
CLOSED_AFTER = timedelta(days=9)
"""Every week that holds a moment is over and reckoned so long after it."""


def play(scene: Scene) -> None:
    """Play it."""
    (noa,) = scene.open(1, named=("Noa Castillo",), law=(CALIFORNIA,), offers={"policy": "directed"})
    noa.go_on_duty()
    order = scene.order(1500, 0, tip=500)
    noa.accept(scene.offer_to(noa))
    noa.fetch(order)
    scene.stack.clock.jump(HOUR)
    noa.bring(order)
    assert noa.step(order, "deliver") == "delivered"
    line = scene.earned(noa, order)
    pay = line["total"]["amount"] - line["tip"]["amount"]
    scene.say(f"Noa is an hour under way with one order and earns {amount(pay)} USD, and a tip")
    noa.go_home()
    scene.stack.clock.jump(CLOSED_AFTER)
    floor = scene.until("her week is reckoned", lambda: _floor(scene, noa, order))
    short = floor["least"]["amount"] - pay
    assert floor["earned"]["amount"] == pay, f"the tip counts in {floor}"
    assert floor["least"]["amount"] > 1690 * 1.2, f"an hour at 120 percent of the minimum wage is {floor['least']}"
    assert floor["paid"]["amount"] == floor["short"]["amount"] == short > 0, f"what is short is {floor}"
    assert all(step["rules"] for step in floor["steps"]), f"a step without its law in {floor['steps']}"
    scene.say(f"after the week she is short of {amount(floor['least']['amount'])} USD by {amount(short)} USD")
    shown = scene.staff.get("/v1/staff/pay-floors", jurisdiction=CALIFORNIA, period=floor["first"], limit=100)
    assert floor["calculation_id"] in {one["calculation_id"] for one in shown["pay_floors"]}, f"staff see {shown}"
    (paid,) = scene.until("the true-up is booked", lambda: _true_ups(scene, noa))
    assert paid["total"]["amount"] == short, f"booked is {paid}"
    _look(scene)
    again = _floor(scene, noa, order)
    assert again is not None, "her week is gone"
    assert again["true_ups"] == floor["true_ups"], f"looking again paid again: {again}"
    assert len(_true_ups(scene, noa)) == 1
    scene.trial_balance()
    scene.say("the difference is on her statement with each step of its calculation; looking again pays nothing")


def _look(scene: Scene) -> None:
    """Call the task that finds weeks which are due, every quarter of an hour."""
    called = scene.stack.client("lambda").invoke(FunctionName=FINDING, Payload=b"{}")
    told = json.loads(called["Payload"].read())
    assert "errorType" not in told, f"the task failed: {told}"


def _floor(scene: Scene, noa: Actor, order: dict[str, Any]) -> dict[str, Any] | None:
    """Return the driver's calculation that counts an order, once it is there."""
    _look(scene)
    found = noa.app.get("/v1/driver/pay-floors")["pay_floors"]
    return next((dict(one) for one in found if order["id"] in {work["delivery_id"] for work in one["works"]}), None)


def _true_ups(scene: Scene, noa: Actor) -> list[dict[str, Any]]:
    lines = noa.app.get("/v1/driver/earnings", period=str(scene.today()))["lines"]
    return [one for one in lines if one["kind"] == "pay_floor"]
