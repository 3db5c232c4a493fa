"""Nobody opens the door: the goods go back to the shop, and the way back is paid too."""

from local.city.plans.geometry import Point
from local.city.results.amounts import amount
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (omar,) = scene.open(1, named=("Omar Egger",))
    omar.go_on_duty()
    delivery = scene.order(tip=400)
    offer = scene.offer_to(omar)
    omar.accept(offer)
    omar.fetch(delivery)
    omar.bring(delivery)
    scene.say("Omar stands at the door, and nobody opens")
    refused = refusal(
        omar.step, delivery, "fail", reason="customer_absent", position=scene.centre.moved(2000, 0).json()
    )
    assert refused.code == "not_at_stop", f"giving up from elsewhere was answered with {refused.code}"
    assert omar.step(delivery, "fail", reason="customer_absent", position=omar.at.json()) == "returning"
    stops = omar.stops()
    assert [stop["kind"] for stop in stops] == ["return"], f"his route holds {[stop['kind'] for stop in stops]}"
    assert Point.of(stops[0]["point"]) == Point.of(delivery["pickup"]), "the return leads elsewhere than the shop"
    refused = refusal(omar.go_home)
    assert refused.code == "stops_open", f"going off duty was answered with {refused.code}"
    scene.say("he fails the delivery with a reason; the goods have to go back before he can go off duty")
    status, seen = scene.follow(delivery)
    assert seen.get("position") is None, f"the customer still sees where he is ({status})"
    scene.stack.sleep_sim(6)
    omar.stand_at(Point.of(delivery["pickup"]))
    assert omar.step(delivery, "return") == "returned"
    assert omar.stops() == []
    hook = scene.webhook(delivery, "delivery.returned")
    failed = scene.webhook(delivery, "delivery.failed")
    assert failed.data["reason"] == "customer_absent", f"the webhook says {failed.data['reason']}"
    assert int(failed.data["sequence"]) < int(hook.data["sequence"])
    line = scene.earned(omar, delivery)
    pay = sum(part["amount"]["amount"] for part in offer["pay_parts"])
    assert line["outcome"] == "returned", f"the ledger says {line['outcome']}"
    assert line["total"]["amount"] > pay, f"the way back brought nothing: {line['total']['amount']} for {pay}"
    assert line["tip"]["amount"] == 0, "a tip was paid for a delivery that never reached its customer"
    scene.trial_balance()
    paid = line["total"]["amount"]
    scene.say(f"the shop has its goods back; Omar earns {amount(paid)} USD instead of {amount(pay)}, without the tip")
