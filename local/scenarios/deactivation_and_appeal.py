"""A driver in Seattle is deactivated by a person with 14 days' notice, appeals, and another person takes it back."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from local.city.town import staff_of
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

JUMPS_AHEAD = True

NOTICE = timedelta(days=14)
BEFORE = timedelta(minutes=20)


def play(scene: Scene) -> None:
    """Play it."""
    (uma,) = scene.open(1, named=("Uma Reyes",))
    _move_to_seattle(scene)
    sam, ruth = (staff_of(scene.stack, name=f"conduct-{name}", role="support") for name in ("sam", "ruth"))
    text = f"Theft ends the work with us; a person decides, and another one answers an appeal. {secrets.token_hex(4)}"
    policy = sam.post("/v1/staff/policies", {"text": text, "grounds": ["theft", "impairment"]})

    uma.go_on_duty()
    order = _delivered(scene, uma)
    case = _case(sam, uma, order)
    served = scene.now()
    told = sam.post(f"/v1/staff/cases/{case}/decide", {"level": "deactivation", "reasons": "A bag never arrived."})
    first = datetime.fromisoformat(told["case"]["decision"]["effective_on"]).replace(tzinfo=UTC)
    assert first >= served + NOTICE, f"{first} is before the notice has run from {served}"
    shown = _own(uma)
    assert shown["notice"]["jurisdiction"] == "US-WA-seattle", shown["notice"]
    assert (shown["policy_id"], shown["words"]["reasons"]) == (policy["id"], "A bag never arrived.")
    assert [one["id"] for one in shown["evidence"]] == [order["id"], "report-31"]
    scene.say(f"Sam deactivates Uma for theft; she reads reasons, evidence and policy, and works until {first:%d %B}")

    scene.stack.clock.jump(first - scene.now() - BEFORE)
    assert not uma.app.get("/v1/driver/standing")["barred"]
    uma.stand_at(scene.centre)
    last = scene.order()
    uma.accept(scene.offer_to(uma))
    uma.fetch(last)
    scene.say("14 days later she still works, and has an order on board when the notice ends")

    scene.stack.clock.jump(max(timedelta(), first - scene.now()) + timedelta(seconds=1))
    assert uma.app.get("/v1/driver/standing")["barred"]
    _sweep(scene)
    made = sam.get(f"/v1/staff/cases/{case}")["case"]["decision"]
    assert made["effective_at"] is not None, "the sweep did not see that the notice has run"
    uma.bring(last)
    assert uma.step(last, "deliver", position=uma.at.json()) == "delivered"
    uma.app.delete("/v1/driver/duty")
    assert refusal(uma.go_on_duty).code == "deactivated"
    scene.say("she finishes what is on board, and can't go on duty again")

    uma.app.post(f"/v1/driver/cases/{case}/appeal", {"words": "The shop found the bag behind the counter."})
    answer = {"outcome": "overturned", "words": "The shop confirms it."}
    assert refusal(sam.post, f"/v1/staff/cases/{case}/answer", answer).code == "same_person"
    waiting = ruth.get("/v1/staff/cases", waits_for="appeal")["cases"]
    assert case in [one["case"]["id"] for one in waiting], "the appeal is on nobody's list"
    assert all(one["intact"] for one in waiting if one["case"]["id"] == case), "the evidence was changed"
    ruth.post(f"/v1/staff/cases/{case}/answer", answer)
    assert _own(uma)["appeal"]["outcome"] == "overturned"
    uma.go_on_duty()
    again = _delivered(scene, uma)
    _see_the_measures(scene, uma, {one["id"] for one in (order, last, again)})
    scene.trial_balance()
    scene.say("Uma appeals, Sam can't answer her, Ruth takes the decision back, and Uma works again")


def _move_to_seattle(scene: Scene) -> None:
    path = f"/v1/staff/zones/{scene.town.key}"
    settings = scene.staff.get(path)["settings"]
    scene.staff.put(path, {**settings, "jurisdictions": ["US-WA-seattle"]})


def _delivered(scene: Scene, driver: Actor) -> dict[str, Any]:
    order = scene.order()
    driver.accept(scene.offer_to(driver))
    driver.fetch(order)
    driver.bring(order)
    assert driver.step(order, "deliver", position=driver.at.json()) == "delivered"
    return order


def _case(staff: Any, driver: Actor, order: dict[str, Any]) -> str:
    evidence = [{"kind": "delivery", "id": order["id"]}, {"kind": "report", "id": "report-31"}]
    asked = {"request_id": str(uuid4()), "ground": "theft", "note": "The shop misses a bag.", "evidence": evidence}
    path = f"/v1/staff/drivers/{driver.id}/cases"
    made = {staff.post(path, asked)["case"]["id"] for _ in range(2)}
    assert len(made) == 1, "the same request made two cases"
    return made.pop()


def _own(driver: Actor) -> dict[str, Any]:
    found: dict[str, Any] = driver.app.get("/v1/driver/standing")["cases"][0]
    return found


def _sweep(scene: Scene) -> None:
    """Let the task run that is called every few minutes."""
    called = scene.stack.client("lambda").invoke(FunctionName="crowdship-local-tasks-standing", Payload=b"{}")
    told = json.loads(called["Payload"].read())
    assert "FunctionError" not in called, f"the sweep failed: {told}"


def _see_the_measures(scene: Scene, driver: Actor, carried: set[str]) -> None:
    def look() -> list[dict[str, Any]] | None:
        facts = driver.app.get("/v1/driver/performance")["deliveries"]
        found = [one for one in facts if one["delivery_id"] in carried]
        return found if len(found) == len(carried) else None

    found = scene.until("her deliveries to be counted", look)
    assert {one["outcome"] for one in found} == {"delivered"}, found
    assert all(one["lateness"]["driver"] == 0 for one in found), f"Uma was charged with a lateness: {found}"
    told = driver.app.get("/v1/driver/disclosure")
    assert "acceptance_rate" in told["never_counted"], told["never_counted"]
