"""A dedicated driver on shift gets the core of the orders, the crowd the overflow, and everybody can read why."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    ada, ben = scene.open(
        2, named=("Ada Lund", "Ben Okoro"), core=("Ada Lund",), fleet={"hold_minutes": 60, "orders_per_driver": 1}
    )
    for line in scene.staff.get(f"/v1/staff/zones/{scene.town.key}/shifts")["shifts"]:
        # An interrupted story left it behind.
        scene.staff.post(f"/v1/staff/drivers/{line['driver_id']}/shifts/remove", {"on_at": line["shift"]["on_at"]})
    ada.go_on_duty()
    ben.go_on_duty()
    _refused(scene, ben.id)

    first = scene.order(east_m=500)
    scene.offer_to(ben)
    scene.say("Ada works for the platform and has no shift yet: Ben of the crowd is asked, and the shop calls it off")
    scene.shop.post(f"/v1/deliveries/{first['id']}/cancel", {"reason": "other"})

    now = scene.now()
    shift = {
        "zone_id": scene.town.key,
        "on_at": (now - timedelta(minutes=5)).isoformat(),
        "off_at": (now + timedelta(hours=13)).isoformat(),
    }
    planned = scene.staff.post(f"/v1/staff/drivers/{ada.id}/shifts", shift)
    assert len(planned["shifts"]) == 1, f"Ada's shifts are {planned['shifts']}"
    second = scene.order(east_m=600)
    scene.until("Ada is given the order", lambda: scene.delivery(second)["state"] == "assigned" or None)
    assert [stop["delivery_id"] for stop in ada.stops()] == [second["id"]] * 2, f"Ada's route is {ada.stops()}"
    assert ben.offers() == [], f"Ben was asked as well: {ben.offers()}"
    scene.say("on shift she is given the next one, without an offer, and Ben is not asked")

    third = scene.order(east_m=-200)
    offer = scene.offer_to(ben)
    assert [one["delivery_id"] for one in offer["deliveries"]] == [third["id"]], f"Ben's offer is {offer}"
    assert ben.accept(offer) == "accepted"
    scene.say("she has as many as the zone's threshold allows: what comes then overflows to Ben at once")
    _explained(scene, second, third, ada.id, ben)

    ben.fetch(third)
    ben.bring(third)
    assert ben.step(third, "deliver") == "delivered"
    scene.shop.post(f"/v1/deliveries/{second['id']}/cancel", {"reason": "other"})
    audit = scene.staff.get("/v1/staff/classification", zone_id=scene.town.key)
    assert audit["holds"], f"the audit says {audit}"
    assert audit["crowd_drivers"] >= 1, f"the audit looked at {audit['crowd_drivers']} crowd drivers"
    scene.say("the audit of the zone proves that nothing is asked of Ben")
    _own_data(scene, ben)
    scene.staff.post(f"/v1/staff/drivers/{ada.id}/shifts/remove", {"on_at": planned["shifts"][0]["on_at"]})


def _refused(scene: Scene, contractor: str) -> None:
    """See that nobody can ask anything of a contractor."""
    now = scene.now()
    shift = {"zone_id": scene.town.key, "on_at": now.isoformat(), "off_at": (now + timedelta(hours=4)).isoformat()}
    refused = refusal(scene.staff.post, f"/v1/staff/drivers/{contractor}/shifts", shift)
    assert (refused.status, refused.code) == (422, "no_required_hours"), f"a shift of a contractor: {refused}"
    zone = scene.staff.get(f"/v1/staff/zones/{scene.town.key}")["settings"]
    quota = {**zone, "dispatch": {**zone["dispatch"], "crowd": {"acceptance_percent": 80}}}
    refused = refusal(scene.staff.put, f"/v1/staff/zones/{scene.town.key}", quota)
    assert (refused.status, refused.code) == (422, "no_required_acceptance"), f"a quota of acceptance: {refused}"
    scene.say("a shift and a quota of acceptance for contractors are refused by the names of the rules")


def _explained(scene: Scene, given: dict[str, Any], offered: dict[str, Any], core: str, crowd: Any) -> None:
    """See that staff and drivers can read why."""
    told = scene.staff.get(f"/v1/staff/deliveries/{given['id']}/dispatch")["rounds"][0]
    assert (told["kind"], told["asked"], told["kept_for_dedicated"]) == ("given", [core], True), f"it was {told}"
    told = scene.staff.get(f"/v1/staff/deliveries/{offered['id']}/dispatch")["rounds"][-1]
    assert (told["kind"], told["asked"]) == ("offered", [crowd.id]), f"it was {told}"
    outcomes = [one["outcome"] for one in crowd.app.get("/v1/driver/decisions")["decisions"]]
    assert outcomes.count("asked") >= 2, f"Ben reads {outcomes}"
    scene.say("staff read who was considered, and Ben reads his part in the app")


def _own_data(scene: Scene, driver: Any) -> None:
    """See that a driver gets everything that is held on them, and a name corrected."""
    driver.app.post("/v1/driver/data-export")

    def ready() -> str | None:
        link: str | None = driver.app.get("/v1/driver/data-export")["export"]["link"]
        return link

    answer = requests.get(scene.until("the export is ready", ready), timeout=30)
    assert answer.status_code == 200, f"the link answers {answer.status_code} {answer.text[:300]}"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        parts = set(archive.namelist())
    assert {"person.json", "deliveries.json", "decisions.json", "earnings.json"} <= parts, f"the file has {parts}"
    wanted = {"request_id": str(uuid4()), "field": "name", "wanted": "Ben Okoro-Lee", "reason": "I married."}
    asked = driver.app.post("/v1/driver/corrections", wanted)
    decision = {"granted": True, "words": "As your certificate shows."}
    scene.staff.post(f"/v1/staff/corrections/{asked['correction_id']}/decide", decision)
    (told,) = (
        one
        for one in driver.app.get("/v1/driver/corrections")["corrections"]
        if one["correction_id"] == asked["correction_id"]
    )
    assert (told["state"], told["words"]) == ("granted", decision["words"]), f"the request is {told}"
    scene.say("he fetches everything that is held on him, and staff correct his name with words")
