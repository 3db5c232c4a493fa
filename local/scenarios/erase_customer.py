"""A customer asks to be forgotten while the order is under way: the driver sees what is needed, then it is all gone."""

import json
from typing import Any

from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

NAME, DOOR, NOTES = "Robin Forgetmenot", "17 Willow Walk", "ring at the green gate"


def play(scene: Scene) -> None:
    """Play it."""
    (nia,) = scene.open(1, named=("Nia Okoro",))
    nia.go_on_duty()
    body = scene.order_body(requirements={"photo": True})
    contact = {"name": NAME, "address": DOOR, "notes": NOTES, "email": "robin@forgetmenot.example"}
    body["dropoff"]["contact"] |= contact
    delivery = scene.shop.post("/v1/deliveries", body, Idempotency_Key=body["external_id"])
    _see_area(scene, nia, delivery)

    path = f"/v1/staff/deliveries/{delivery['id']}/contacts"
    first, again = scene.staff.delete(path), scene.staff.delete(path)
    assert first == again, f"asked twice, staff hear {first} and {again}"
    assert (first["state"], first["kept"]) == ("pending", None), f"an erasure under way is {first}"
    scene.say(f"Robin asks to be forgotten; staff ask for it twice and hear: {first['waits_for']}")

    nia.fetch(delivery)
    (stop,) = nia.stops()
    shown = stop["contact"]
    assert (shown["name"], shown["address"], shown["notes"]) == (NAME, DOOR, NOTES), f"on board she sees {shown}"
    assert (shown["phone"], "email" in shown) == (None, False), f"on board she sees {shown}"
    assert (stop["point"], stop["is_area"]) == (delivery["dropoff"], False), "she does not see the door"
    nia.bring(delivery)
    nia.upload(delivery, "photo")
    scene.staff.post(f"/v1/staff/deliveries/{delivery['id']}/complete", {"reason": "app_failed"})
    assert nia.stops() == [], "the stop is still on her route"
    scene.say("Nia sees name, door and notes with the goods on board; her app fails, and staff complete it")

    _erase(scene, delivery)
    done = scene.staff.delete(path)
    assert (done["state"], done["asked_at"]) == ("done", first["asked_at"]), f"once more, staff hear {done}"
    scene.say("the task erases Robin: no contact, no picture in any version, an area in place of the door")
    _see_nothing_left(scene, delivery)
    _see_readings(scene, delivery)


def _see_area(scene: Scene, driver: Actor, delivery: dict[str, Any]) -> None:
    """Check that neither the offer nor the route tells more than first name and area before the pickup."""
    offer = scene.offer_to(driver)
    (offered,) = offer["deliveries"]
    assert offered["dropoff"] != delivery["dropoff"], "the offer shows the door"
    driver.accept(offer)
    _, stop = driver.stops()
    assert (stop["is_area"], stop["point"]) == (True, offered["dropoff"]), f"the route shows {stop['point']}"
    hidden = {"company": None, "phone": None, "address": None, "notes": ""}
    assert stop["contact"] == {"name": "Robin", **hidden}, f"the route shows {stop['contact']}"
    scene.say("until the pickup Nia sees Robin's first name and an area, in the offer and on her route")


def _erase(scene: Scene, delivery: dict[str, Any]) -> None:
    """Let the task run that is called every few minutes."""
    called = scene.stack.client("lambda").invoke(FunctionName="crowdship-local-tasks-retention", Payload=b"{}")
    told = json.loads(called["Payload"].read())
    assert "FunctionError" not in called, f"the task failed: {told}"
    assert told["done"] >= 1, f"the task erased nobody: {told}"


def _see_nothing_left(scene: Scene, delivery: dict[str, Any]) -> None:
    status, seen = scene.follow(delivery)
    assert (status, seen["state"], seen["proof"]) == (200, "delivered", []), f"the link shows {status} {seen}"
    versions = scene.stack.client("s3").list_object_versions(
        Bucket=scene.stack.outputs["ProofBucket"], Prefix=f"{delivery['id']}/"
    )
    assert not {"Versions", "DeleteMarkers"} & versions.keys(), f"pictures are left: {versions}"
    proof = scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}/proof")
    assert proof["images"] == [], "staff are shown pictures that are gone"
    staff = scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}")
    for told in (seen, proof, staff, scene.delivery(delivery)):
        assert not any(word in str(told) for word in (NAME, DOOR, NOTES, "forgetmenot")), f"somebody still sees {told}"
    assert scene.delivery(delivery)["dropoff"] != delivery["dropoff"], "the delivery still has the door"


def _see_readings(scene: Scene, delivery: dict[str, Any]) -> None:
    listed = scene.staff.get("/v1/staff/audit", subject=delivery["id"], readings="true")["entries"]
    actions = {entry["action"] for entry in listed}
    looked = "GET /v1/staff/deliveries/{delivery_id}/proof"
    assert looked in actions, f"the trail of readings has {actions}"
    scene.say(f"the audit trail has who looked at what of Robin: {len(listed)} readings")
