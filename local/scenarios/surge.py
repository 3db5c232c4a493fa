"""A table with surge is approved by a second person; a lack of drivers raises later prices, and staff stop it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from local.city.results.amounts import amount
from local.city.town import staff_of
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

ROW = {"charge_base": "6.00", "charge_per_km": "1.00", "pay_base": "4.00", "pay_per_km": "0.50"}
SURGE = {
    "curve": [{"pressure": 0.5, "percent": 100}, {"pressure": 1.5, "percent": 150}],
    "notice_seconds": 0,
    "every_seconds": 30,
    "pay_share_percent": 80,
}


def play(scene: Scene) -> None:
    """Play it."""
    (ana,) = scene.open(1, named=("Ana Diaz",), offers={"policy": "directed"})
    table = _table(scene)
    _forget_override(scene)
    calm = _ordered(scene, surged=False)
    scene.say(f"a table prices the zone: {amount(calm['charge']['amount'])} USD, without surge")
    ana.go_on_duty()
    first = scene.offer_to(ana)
    for number in range(3):
        scene.order(200, 50 * number)
    seen = scene.until("the zone is short of drivers", lambda: _surge(scene))
    scene.say(f"four orders and one driver: orders cost {seen['percent']} % from now on")
    query: dict[str, Any] = {"types": "surge.changed"}
    scene.until("the merchant is told of it", lambda: seen["newest"]["id"] in _told(scene, query))
    scene.say("the shop finds that in its log of events, and hears it by webhook if it asks for surge.*")
    short = _ordered(scene, surged=True)
    extra = _parts(short)["surge"]
    told = scene.staff.get(f"/v1/staff/deliveries/{short['id']}")["delivery"]["price"]
    paid = {part["code"]: part["amount"]["amount"] for part in told["pay"]}
    assert paid["surge"] >= extra * 0.8, f"of a surge of {extra} the driver gets {paid}"
    assert (told["versions"]["table_id"], told["versions"]["surge_percent"] > 100) == (table, True), told["versions"]
    assert "surge" not in _parts(scene.delivery(calm)), "an order that was promised without surge has it now"
    scene.say(f"a new order has {amount(extra)} USD of surge, {amount(paid['surge'])} of it for the driver")
    until = (scene.now() + timedelta(hours=2)).isoformat()
    stopped = scene.staff.put(
        f"/v1/staff/zones/{scene.town.key}/surge", {"percent": 100, "until": until, "reason": "emergency"}
    )
    assert stopped["newest"]["percent"] == 100, f"stopping was answered with {stopped}"
    scene.until("a quote has no surge any more", lambda: "surge" not in _parts(_quote(scene)), 60.0)
    scene.say("staff stop the surge for an emergency; what was promised stays, new orders have none")
    ana.accept(first)
    _tried(scene, table)
    scene.trial_balance()


def _told(scene: Scene, query: dict[str, Any]) -> list[str]:
    """Return the announcements of the next page of the shop's log of events."""
    page = scene.shop.get("/v1/events", **query)
    query["cursor"] = page["cursor"]
    return [event["payload"]["data"]["surge_id"] for event in page["events"]]


def _table(scene: Scene) -> str:
    asked = {
        "request_id": str(uuid.uuid4()),
        "name": "Moving prices",
        "currency": "USD",
        "zone_ids": [scene.town.key],
        "starts_on": str(scene.today()),
        "rows": [ROW],
        "surge": SURGE,
    }
    wrong = refusal(scene.staff.post, "/v1/staff/price-tables", {**asked, "rows": [{**ROW, "to": "12:00"}]})
    assert wrong.code == "wrong_table", f"a table with a gap was answered with {wrong}"
    for line in scene.staff.get("/v1/staff/price-tables", limit="100")["tables"]:
        # What an earlier play left here gives way.
        if scene.town.key in line["zone_ids"] and line["state"] == "approved":
            _decide(scene.staff, line["table_id"], "withdraw")
    made: str = scene.staff.post("/v1/staff/price-tables", asked)["table"]["table_id"]
    alone = refusal(_decide, scene.staff, made, "approve")
    assert alone.code == "second_person_needed", f"one person alone was answered with {alone}"
    _decide(staff_of(scene.stack, name="surge-gus", role="finance"), made, "approve")
    scene.say("a table with a gap is refused with its row; the right one is approved by a second person")
    return made


def _decide(by: Any, table: str, verdict: str) -> dict[str, Any]:
    told: dict[str, Any] = by.post(
        f"/v1/staff/price-tables/{table}/decisions", {"verdict": verdict, "reason": "as agreed"}
    )
    return told


def _surge(scene: Scene) -> dict[str, Any] | None:
    seen: dict[str, Any] = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/surge")
    return seen if seen["percent"] > 100 else None


def _forget_override(scene: Scene) -> None:
    """Let a person's multiplier end that an earlier play left behind."""
    path = f"/v1/staff/zones/{scene.town.key}/surge"
    seen = scene.staff.get(path)
    if seen["override"] or seen["percent"] > 100:
        until = (scene.now() + timedelta(seconds=20)).isoformat()
        scene.staff.put(path, {"percent": 100, "until": until, "reason": "an earlier play"})
        scene.until("the earlier multiplier has ended", lambda: not scene.staff.get(path)["override"], 60.0)


def _ordered(scene: Scene, *, surged: bool) -> dict[str, Any]:
    """Place an order by a quote, once quotes have the surge or have it no more; the order keeps what was quoted."""

    def look() -> dict[str, Any] | None:
        found = _quote(scene)
        return found if ("surge" in _parts(found)) is surged else None

    quote = scene.until(f"quotes are {'with' if surged else 'without'} surge", look, 60.0)
    made = scene.order(300, 0, quote_id=quote["id"])
    assert _parts(made) == _parts(quote), f"{_parts(quote)} was quoted, and {_parts(made)} is charged"
    return made


def _quote(scene: Scene) -> dict[str, Any]:
    asked = {"dropoff": {"point": scene.centre.moved(300, 0).json()}}
    told: dict[str, Any] = scene.shop.post("/v1/quotes", asked, Idempotency_Key=str(uuid.uuid4()))
    return told


def _parts(delivery: dict[str, Any]) -> dict[str, int]:
    return {part["code"]: part["amount"]["amount"] for part in delivery["charge_parts"]}


def _tried(scene: Scene, table: str) -> None:
    scene.staff.post(f"/v1/staff/price-tables/{table}/simulations", None)

    def look() -> dict[str, Any] | None:
        found = scene.staff.get(f"/v1/staff/price-tables/{table}")["simulation"]
        return dict(found) if found["state"] == "done" else None

    done = scene.until("the simulation is done", look, 60.0)
    scene.say(f"the table was tried on {done['total']['deliveries']} deliveries of the last 30 days")
