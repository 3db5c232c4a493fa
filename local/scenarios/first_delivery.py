"""One order from click to door, with photo and PIN: the link, the messages, the webhooks, the ledger."""

from local.city.results.amounts import amount
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

EXPECTED_HOOKS = [
    "delivery.created",
    "delivery.offered",
    "delivery.assigned",
    "delivery.en_route_to_pickup",
    "delivery.approaching_pickup",
    "delivery.arrived_at_pickup",
    "delivery.picked_up",
    "delivery.en_route_to_dropoff",
    "delivery.approaching",
    "delivery.arrived_at_dropoff",
    "delivery.delivered",
]


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",))
    body = scene.order_body(east_m=400, requirements={"photo": True, "pin": True}, tip=250)
    delivery = scene.shop.post("/v1/deliveries", body, Idempotency_Key=body["external_id"])
    again = scene.shop.post("/v1/deliveries", body, Idempotency_Key=body["external_id"])
    assert again["id"] == delivery["id"], "the same order sent twice became two deliveries"
    scene.say(f"the shop orders {delivery['external_id']}, twice by mistake: it is one delivery")
    status, seen = scene.follow(delivery)
    assert (status, seen["driver_name"]) == (200, None), f"the link shows {status} {seen} before anybody drives"
    scene.say("the customer opens the link: the order is known, and no driver is under way yet")

    ada.go_on_duty()
    offer = scene.offer_to(ada)
    pay = offer["pay_total"]["amount"]
    assert ada.accept(offer) == "accepted"
    scene.say(f"Ada comes on duty, is offered {amount(pay)} USD with the tip, and accepts")
    status, seen = scene.follow(delivery)
    assert (seen["driver_name"], seen["state"]) == ("Ada", "assigned"), f"the link shows {seen}"

    ada.fetch(delivery)
    ada.step(delivery, "depart", stop="dropoff")
    sms = scene.sms(delivery, "on its way")
    scene.say(f"the customer reads: {sms}")
    scene.stack.sleep_sim(5)
    ada.stand_at(scene.centre.moved(250, 0))
    _, seen = scene.follow(delivery)
    assert seen["position"] == ada.at.json(), f"the link shows {seen['position']}, Ada is at {ada.at.json()}"
    scene.say("the customer sees her on the map, 150 m away")
    scene.sms(delivery, "almost there")

    scene.stack.sleep_sim(3)
    ada.stand_at(scene.centre.moved(400, 0))
    ada.step(delivery, "arrive", stop="dropoff")
    refused = refusal(ada.step, delivery, "deliver")
    assert refused.code == "pin_required", f"without a PIN it was refused with {refused.code}"
    pin = sms.partition("PIN ")[2][:4]
    wrong = "0000" if pin != "0000" else "1111"
    refused = refusal(ada.step, delivery, "deliver", pin=wrong)
    assert refused.code == "wrong_pin", f"a wrong PIN was refused with {refused.code}"
    refused = refusal(ada.step, delivery, "deliver", pin=pin)
    assert refused.code == "proof_missing", f"without a photo it was refused with {refused.code}"
    scene.say("at the door: no PIN, a wrong PIN, no photo; each is refused with its reason")
    ada.upload(delivery, "photo")
    assert ada.step(delivery, "deliver", pin=pin, position=ada.at.json()) == "delivered"
    scene.say("with the photo and the customer's PIN it is delivered")

    scene.see_outcome(delivery)
    scene.sms(delivery, "was delivered")
    scene.webhook(delivery, "delivery.delivered")
    hooks = scene.until(
        "all webhooks come in",
        lambda: h if len(h := scene.receivers.endpoints.of_delivery(delivery["id"])) >= len(EXPECTED_HOOKS) else None,
    )
    told = [hook.type for hook in hooks]
    assert told == EXPECTED_HOOKS, f"the shop was told {told}"
    scene.say(f"the link shows the outcome; the shop got {len(told)} webhooks, all with valid signatures")

    stored = scene.stack.client("s3").list_objects_v2(
        Bucket=scene.stack.outputs["ProofBucket"], Prefix=f"{delivery['id']}/"
    )
    assert stored["KeyCount"] == 2, f"the bucket holds {stored['KeyCount']} objects, not the photo and what is shown"
    line = scene.earned(ada, delivery)
    assert line["total"]["amount"] == pay, f"the ledger says {line['total']}, the offer said {pay}"
    scene.trial_balance()
    scene.say(f"the ledger owes Ada {amount(pay)} USD, including the tip; the trial balance is 0.00")
