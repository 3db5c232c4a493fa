"""An order is ready early, then changed, then cancelled on board: the goods go back, for the fee that was shown."""

from typing import Any

from local.city.plans.geometry import Point, distance_m
from local.city.results.amounts import amount
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

AREA_M = 700
"""Metres from a door to the middle of its area, and a little more."""


def play(scene: Scene) -> None:
    """Play it."""
    (noor,) = scene.open(1, named=("Noor Haddad",))
    noor.go_on_duty()
    delivery = scene.order(tip=300, undeliverable="return")
    noor.accept(scene.offer_to(noor))
    scene.say(f"Noor takes an order that costs {amount(delivery['charge']['amount'])} USD")
    _get_ready(scene, delivery)
    farther = scene.centre.moved(900, 0)
    _move_the_door(scene, noor, delivery, farther)
    _call_off_on_board(scene, noor, delivery, farther)
    _try_again(scene, noor, delivery, farther)


def _path(delivery: dict[str, Any]) -> str:
    return f"/v1/deliveries/{delivery['id']}"


def _get_ready(scene: Scene, delivery: dict[str, Any]) -> None:
    path = f"{_path(delivery)}/ready"
    ready = scene.shop.post(path, {})
    assert ready["ready_at"] == ready["pickup_window"]["opens_at"], "the pickup window does not open when it is ready"
    assert scene.shop.post(path, {})["ready_at"] == ready["ready_at"], (
        "announcing readiness twice is not the same as once"
    )
    scene.webhook(delivery, "delivery.ready")
    scene.say("the kitchen is ready early, and her route shows it at once")


def _move_the_door(scene: Scene, noor: Actor, delivery: dict[str, Any], farther: Point) -> None:
    change = {"dropoff": {"point": farther.json(), "notes": "the green door"}, "parcel": {"weight_g": 3000}}
    changed = scene.shop.patch(_path(delivery), change)
    assert changed["charge"]["amount"] > delivery["charge"]["amount"], "a farther door costs no more"
    stop = next(stop for stop in noor.stops() if stop["kind"] == "dropoff")
    assert distance_m(Point.of(stop["point"]), farther) < AREA_M, "her route still leads to the old area"
    assert (stop["is_area"], stop["contact"]["notes"]) == (True, ""), "she sees the door before the goods are on board"
    hook = scene.webhook(delivery, "delivery.updated")
    assert hook.data["changed"] == ["notes", "parcel", "point"], f"the webhook says {hook.data['changed']}"
    assert "green door" not in str(hook.data), "a note left the vault"
    difference = hook.data["charge_after"]["amount"] - hook.data["charge_before"]["amount"]
    assert difference == changed["charge"]["amount"] - delivery["charge"]["amount"], f"the webhook says {difference}"
    scene.say(f"the customer is at a farther door: {amount(difference)} USD more, and her route leads to its area")
    refused = refusal(scene.shop.patch, _path(delivery), {"parcel": {"weight_g": 400_000}})
    assert refused.code == "driver_cannot_take_it", f"a parcel of 400 kg was answered with {refused.code}"
    scene.say("a parcel of 400 kg is refused: her vehicle can't carry it")


def _call_off_on_board(scene: Scene, noor: Actor, delivery: dict[str, Any], farther: Point) -> None:
    noor.fetch(delivery)
    (stop,) = noor.stops()
    assert Point.of(stop["point"]) == farther, "with the goods on board her route leads to the old door"
    assert stop["contact"]["notes"] == "the green door", "she does not read the new note"
    refused = refusal(scene.shop.patch, _path(delivery), {"parcel": {"weight_g": 1000}})
    assert (refused.status, refused.code) == (409, "too_late_to_change"), f"on board it was answered with {refused}"
    now = scene.delivery(delivery)
    fee = now["cancellation_fee"]["by_reason"]["customer_changed_mind"]["amount"]
    assert fee == now["charge"]["amount"] + now["return_charge"]["amount"], "the fee is not the way and the way back"
    owed = scene.owed_by_shop()
    turned = scene.shop.post(f"{_path(delivery)}/cancel", {"reason": "customer_changed_mind"})
    assert (turned["state"], turned["cancellation"]["fee"]["amount"]) == ("returning", fee), f"it is {turned['state']}"
    assert [stop["kind"] for stop in noor.stops()] == ["return"], "her route does not lead back"
    scene.say(f"cancelled on board: the goods go back, for the {amount(fee)} USD that were shown")
    noor.stand_at(Point.of(delivery["pickup"]))
    assert noor.step(delivery, "return") == "returned"
    line = scene.earned(noor, delivery)
    parts = {part["code"] for part in line["parts"]}
    assert {"base", "return_base"} <= parts, f"she was paid for {sorted(parts)}"
    due = scene.owed_by_shop() - owed
    assert due == fee, f"the shop is charged {due}, not the {fee} it was told"


def _try_again(scene: Scene, noor: Actor, delivery: dict[str, Any], door: Point) -> None:
    body = {"external_id": f"{delivery['external_id']}-again"}
    again = scene.shop.post(f"{_path(delivery)}/redeliver", body, Idempotency_Key=body["external_id"])
    assert again["redelivery_of"] == delivery["id"], "the new delivery does not know the old"
    assert scene.delivery(delivery)["redelivered_as"] == again["id"], "the old delivery does not know the new"
    assert Point.of(again["dropoff"]) == door, "it goes to another door"
    noor.accept(scene.offer_to(noor))
    noor.fetch(again)
    noor.bring(again)
    assert noor.step(again, "deliver") == "delivered"
    scene.earned(noor, again)
    scene.trial_balance()
    scene.say(
        "the order is delivered again, as a new delivery: this time the customer is there; the trial balance is 0.00"
    )
