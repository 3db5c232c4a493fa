"""Wine in Texas: who is drunk gets none and it goes back with a record; who shows a good document gets theirs."""

from typing import Any

from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

LAW = ("US-TX",)
CERTIFIED = ("age_21", "alcohol_certificate")
AFFIRMED = ["not_intoxicated", "of_age", "valid_id_seen"]
CARD = {"document": "driving_licence", "read_by": "scan", "birth_date": "1990-05-31", "expires_on": "2090-01-01"}


def play(scene: Scene) -> None:
    """Play it."""
    names = ("Olga Brandt", "Nils Ekberg")
    certified, other = scene.open(2, named=names, goods=("alcohol",), law=LAW, credentials={names[0]: CERTIFIED})
    other.go_on_duty()
    first = scene.order(goods="alcohol")
    assert first["requirements"]["minimum_age"] == 21, f"the order asks for {first['requirements']}"
    assert first["requirements"]["id_check"], "no document has to be read"
    why = refusal(scene.assign, first, other)
    assert why.code == "driver_cannot_take_it", f"a driver without the certificate was answered with {why.code}"
    other.go_home()
    certified.go_on_duty()
    _take(scene, certified, first)
    assert other.offers() == [], "a driver without the certificate was offered alcohol"
    scene.say("wine is offered to Olga alone, who is 21 and has the seller's certificate; no hand gives it to Nils")

    stop = next(one for one in certified.stops() if one["kind"] == "dropoff")
    assert "intoxicated" in stop["reasons"], f"her app offers the reasons {stop['reasons']}"
    assert "goods" not in stop, "her app is told which goods they are"
    told = certified.step(first, "fail", reason="intoxicated", position=certified.at.json())
    assert told == "returning", f"after the refusal it is {told}"
    scene.say("the customer is drunk: she refuses the hand-over by its code")
    certified.stand_at(scene.centre)
    missing = refusal(certified.step, first, "return")
    assert missing.code == "disposition_missing", f"a return without a word was answered with {missing.code}"
    disposition = {"kind": "returned_to_store", "person": "Jo Park"}
    assert certified.step(first, "return", disposition=disposition) == "returned"
    hook = scene.webhook(first, "delivery.returned")
    assert hook.data["reason"] == "returned_to_store", f"the shop reads {hook.data['reason']}"
    proof = _proof(scene, first)
    assert proof["disposition"]["person"] == "Jo Park", f"staff read {proof['disposition']}"
    scene.say("the bottle is back at the shop, with a record of who took it")

    second = scene.order(goods="alcohol")
    _take(scene, certified, second)
    young = refusal(_hand_over, certified, second, {**CARD, "birth_date": "2015-01-01"})
    assert young.code == "underage", f"a document of a child was answered with {young.code}"
    assert _hand_over(certified, second, CARD) == "delivered"
    proof = _proof(scene, second)
    checked = proof["id_checked"]
    assert (checked["document"], checked["read_by"], checked["age_proven"]) == ("driving_licence", "scan", 21)
    assert "1990" not in str(proof), "the birth date is kept"
    assert sorted(proof["affirmed"]) == AFFIRMED
    scene.earned(certified, second)
    scene.trial_balance()
    scene.say("the next customer's document proves the age; it is kept that it did, and no date of it")


def _take(scene: Scene, driver: Actor, order: dict[str, Any]) -> None:
    driver.accept(scene.offer_to(driver))
    driver.fetch(order)
    driver.bring(order)


def _hand_over(driver: Actor, order: dict[str, Any], card: dict[str, str]) -> str:
    return driver.step(order, "deliver", id_check=card, affirmed=AFFIRMED, position=driver.at.json())


def _proof(scene: Scene, order: dict[str, Any]) -> dict[str, Any]:
    verified = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/proof/verify")
    assert verified["intact"], f"the chain has faults: {verified['faults']}"
    found: dict[str, Any] = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/proof")
    return found
