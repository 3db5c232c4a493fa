"""The best driver declines, the next one gets the offer, and the first is not asked again."""

from local.city.results.amounts import amount
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    near, far = scene.open(2, named=("Nora Near", "Finn Far"), offers={"policy": "directed"})
    far.at = scene.centre.moved(1500, 0)
    for driver in (near, far):
        driver.go_on_duty()
    delivery = scene.order(tip=100)
    offer = scene.offer_to(near)
    assert not far.offers(), "the farther driver was asked although the nearer one had not answered"
    scene.say("Nora stands nearest and is asked first; Finn is not asked yet")
    assert near.decline(offer, "pay_too_low") == "declined"
    scene.say("Nora declines: the pay is too low for her")
    second = scene.offer_to(far)
    assert second["deliveries"][0]["delivery_id"] == delivery["id"], "Finn was offered another delivery"
    assert not near.offers(), "Nora was asked again for what she declined"
    told = scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}")
    assert told["delivery"]["declined_by"] == [near.id], f"declined_by is {told['delivery']['declined_by']}"
    asked = [candidate["driver_id"] for candidate in told["last_offer"]["asked"]]
    assert asked == [far.id], f"staff are told that {asked} were asked"
    scene.say("Finn is asked next, and Nora is not asked again; staff can read why")
    far.accept(second)
    far.fetch(delivery)
    far.bring(delivery)
    assert far.step(delivery, "deliver") == "delivered"
    line = scene.earned(far, delivery)
    assert line["total"]["amount"] == second["pay_total"]["amount"], "Finn was not paid what the offer said"
    scene.say(f"Finn delivers and earns {amount(line['total']['amount'])} USD")
