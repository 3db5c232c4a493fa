"""A quest is joined, earned step by step, and paid through the ledger once; its budget refuses who comes too late."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

from local.city.results.amounts import amount
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

JUMPS_AHEAD = True

QUEST = {"kind": "quest", "steps": [{"deliveries": 1, "amount": 500}, {"deliveries": 2, "amount": 1500}]}
BONUS = {"kind": "peak_bonus", "amount": 250}
SPAN = timedelta(hours=8)
LEAD = timedelta(minutes=5)
CLOSING = "crowdship-local-tasks-close-extra-pay"


def play(scene: Scene) -> None:
    """Play it."""
    ana, ben = scene.open(2, named=("Ana Diaz", "Ben Okoro"))
    # What an earlier play left here is over then.
    scene.stack.clock.jump(SPAN + LEAD)
    scene.to_open_day()
    quest, bonus = _make(scene, "Evening quest", QUEST, 2000), _make(scene, "Rain", BONUS, 250)
    joined = ana.app.post(f"/v1/driver/incentives/{quest}/join")
    assert joined["progress"]["reserved"]["amount"] == 1500, f"joining was answered with {joined}"
    late = refusal(ben.app.post, f"/v1/driver/incentives/{quest}/join")
    assert late.code == "budget_used", f"a second driver was answered with {late}"
    scene.say("Ana joins a quest, and 15.00 USD are reserved for her; the budget does not cover a second driver")
    scene.stack.clock.jump(LEAD + timedelta(minutes=1))
    ana.go_on_duty()
    before = _extra(scene, ana)
    _first(scene, ana, before)
    _second(scene, ana, quest, before)
    _close(scene, quest)
    stopped = scene.staff.post(f"/v1/staff/incentives/{bonus}/stop")
    assert stopped["state"] == "stopped", f"stopping was answered with {stopped}"
    scene.trial_balance()


def _make(scene: Scene, title: str, terms: dict[str, Any], budget: int) -> str:
    start = scene.now() + LEAD
    asked = {
        "request_id": str(uuid.uuid4()),
        "zone_id": scene.town.key,
        "title": title,
        "terms": terms,
        "starts_at": start.isoformat(),
        "ends_at": (start + SPAN).isoformat(),
        "budget": {"amount": budget, "currency": "USD"},
    }
    made = scene.staff.post("/v1/staff/incentives", asked)
    again = scene.staff.post("/v1/staff/incentives", asked)
    assert again["incentive_id"] == made["incentive_id"], "the same request made two incentives"
    return str(made["incentive_id"])


def _first(scene: Scene, ana: Actor, before: Counter[str]) -> None:
    order = scene.order(300, 0)
    offer = scene.offer_to(ana)
    shown = {part["code"]: part["amount"]["amount"] for part in offer["extra_parts"]}
    assert shown == {"peak_bonus": 250}, f"the offer shows {shown}"
    scene.say(f"an offer comes with {amount(offer['extra_parts'][0]['amount']['amount'])} USD of peak bonus")
    ana.accept(offer)
    ana.fetch(order)
    ana.bring(order)
    assert ana.step(order, "deliver") == "delivered"
    scene.until(
        "the first step and the bonus are booked",
        lambda: _extra(scene, ana) - before == {"quest": 500, "peak_bonus": 250},
    )
    scene.say("her first delivery reaches the first step of the quest, and earns the bonus")


def _second(scene: Scene, ana: Actor, quest: str, before: Counter[str]) -> None:
    order = scene.order(200, 100)
    scene.assign(order, ana)
    ana.fetch(order)
    ana.bring(order)
    assert ana.step(order, "deliver") == "delivered"
    scene.until("the quest is earned", lambda: _extra(scene, ana) - before == {"quest": 1500, "peak_bonus": 250})
    (mine,) = [one for one in ana.app.get("/v1/driver/incentives")["incentives"] if one["incentive_id"] == quest]
    assert (mine["progress"]["deliveries"], mine["progress"]["earned"]["amount"]) == (2, 1500), f"her app shows {mine}"
    scene.say("the second reaches the last step: 15.00 USD in all, and her app shows it")


def _extra(scene: Scene, actor: Actor) -> Counter[str]:
    """Return what the earnings of these two days have of each kind of extra pay, as the sums say it too."""
    found, summed = Counter[str](), 0
    for day in (scene.today() - timedelta(days=1), scene.today()):
        told = actor.app.get("/v1/driver/earnings", period=str(day))
        summed += sum(one["sums"]["extra"]["amount"] for one in told["totals"])
        for line in told["lines"]:
            if line["kind"] in ("quest", "peak_bonus"):
                found[line["kind"]] += line["total"]["amount"]
    assert summed == found.total(), f"the sums of extra pay are {summed}, its lines {found}"
    return found


def _close(scene: Scene, quest: str) -> None:
    scene.stack.clock.jump(SPAN + timedelta(hours=2))
    for _ in range(2):
        called = scene.stack.client("lambda").invoke(FunctionName=CLOSING, Payload=b"{}")
        told = json.loads(called["Payload"].read())
        assert "errorType" not in told, f"the task failed: {told}"
    (seen,) = [
        one
        for one in scene.staff.get(f"/v1/staff/zones/{scene.town.key}/incentives")["incentives"]
        if one["incentive_id"] == quest
    ]
    assert (seen["committed"]["amount"], seen["paid"]["amount"]) == (1500, 1500), f"staff see {seen}"
    scene.say("hours later it is settled: 15.00 of 20.00 USD were promised, and as much was paid, once")
