"""Nobody opens, and the order may be left at the door: with a photo it counts as delivered."""

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (yara,) = scene.open(1, named=("Yara Costa",))
    yara.go_on_duty()
    body = scene.order_body(undeliverable="leave_at_door", requirements={"pin": True})
    refused = refusal(scene.shop.post, "/v1/deliveries", body, Idempotency_Key=body["external_id"])
    assert refused.code == "cannot_be_left", f"leaving what needs a PIN was answered with {refused.code}"
    scene.say("an order that needs a PIN can't be left at the door, so it is refused at once")

    delivery = scene.order(undeliverable="leave_at_door", tip=200)
    yara.accept(scene.offer_to(yara))
    yara.fetch(delivery)
    yara.bring(delivery)
    assert [stop["undeliverable"] for stop in yara.stops()] == ["leave_at_door"], "her app does not say what to do"
    gone = {"reason": "customer_absent", "position": yara.at.json()}
    refused = refusal(yara.step, delivery, "fail", **gone)
    assert refused.code == "proof_missing", f"leaving it without a photo was answered with {refused.code}"
    yara.upload(delivery, "photo")
    assert yara.step(delivery, "fail", **gone) == "delivered"
    assert yara.stops() == []
    scene.say("nobody opens: Yara leaves it at the door, takes a photo, and is done")
    hook = scene.webhook(delivery, "delivery.delivered")
    assert hook.data["reason"] == "left_at_door", f"the webhook says {hook.data['reason']}"
    proof = scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}/proof")
    assert [image["kind"] for image in proof["images"]] == ["photo"], f"the proof is {proof['images']}"
    line = scene.earned(yara, delivery)
    assert (line["outcome"], line["tip"]["amount"]) == ("delivered", 200), f"the ledger says {line['outcome']}"
    scene.trial_balance()
    scene.say("the photo is the proof, the shop pays as for any delivery, the tip is hers")
