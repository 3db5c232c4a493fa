"""A checkout gets a quote; then rates rise and the zone closes, but the order is created as quoted."""

import time
from datetime import timedelta

from local.city.results.amounts import amount
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

KNOWN_EVERYWHERE_S = 21.0
"""Wall seconds after which every function knows a changed zone; each caches zones for twenty seconds."""


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",))
    path = f"/v1/staff/zones/{scene.town.key}"
    settings = scene.staff.get(path)["settings"]
    body = scene.order_body(east_m=600, parcel={"weight_g": 3000}, requirements={"photo": True})
    asked = {
        **{name: body[name] for name in ("parcel", "requirements")},
        "dropoff": {"point": body["dropoff"]["point"]},
    }

    nobody = scene.shop.post("/v1/quotes", asked, Idempotency_Key=f"{scene.run}-1")
    assert nobody["pickup_eta"] is None, f"nobody is on duty, but {nobody['pickup_eta']} is expected"
    ada.go_on_duty()
    quote = scene.shop.post("/v1/quotes", asked, Idempotency_Key=f"{scene.run}-2")
    assert quote["id"].startswith("qot_")
    assert quote["charge"] == nobody["charge"]
    assert quote["pickup_eta"] < quote["dropoff_eta"], f"it is to arrive {quote['dropoff_eta']}, before the pickup"
    again = scene.shop.post("/v1/quotes", asked, Idempotency_Key=f"{scene.run}-2")
    assert again == quote, "the same key was answered with another quote"
    total = quote["charge"]["amount"]
    scene.say(f"the checkout is quoted {amount(total)} USD, with Ada there by {quote['dropoff_eta'][11:16]}")

    dearer = {**settings["rates"], "charge_base": 9 * settings["rates"]["charge_base"]}
    in_three_days = f"{scene.now() + timedelta(days=3):%A}".lower()
    closed = {"time_zone": "UTC", "week": [{"day": in_three_days, "opens": "10:00", "closes": "18:00"}]}
    scene.staff.put(path, {**settings, "rates": dearer, "hours": closed, "longest_trip_m": 100})
    try:
        _take_up(scene, body, quote)
    finally:
        scene.staff.put(path, settings)

    offer = scene.offer_to(ada)
    assert ada.accept(offer) == "accepted"
    made = scene.shop.get(f"/v1/quotes/{quote['id']}")
    delivery = scene.shop.get(f"/v1/deliveries/{made['delivery_id']}")
    ada.fetch(delivery)
    ada.bring(delivery)
    ada.upload(delivery, "photo")
    assert ada.step(delivery, "deliver", position=ada.at.json()) == "delivered"
    line = scene.earned(ada, delivery)
    assert line["total"] == offer["pay_total"], f"the ledger says {line['total']}, the offer {offer['pay_total']}"
    scene.trial_balance()
    scene.say("Ada brings it and earns what she was offered; the trial balance is 0.00")


def _take_up(scene: Scene, body: dict[str, object], quote: dict[str, object]) -> None:
    time.sleep(KNOWN_EVERYWHERE_S)
    asked = {"dropoff": {"point": quote["dropoff"]}}
    refused = refusal(scene.shop.post, "/v1/quotes", asked, Idempotency_Key=f"{scene.run}-3")
    assert refused.code in ("too_far", "zone_closed"), f"a new quote was refused with {refused.code}"
    refused = refusal(_create, scene, {**body, "external_id": f"{body['external_id']}-x"})
    assert refused.code in ("too_far", "zone_closed"), f"without the quote it was refused with {refused.code}"
    scene.say(f"rates rise ninefold, the zone closes: without the quote an order is refused ({refused.code})")

    other = {**body, "quote_id": quote["id"], "parcel": {"weight_g": 9000}}
    refused = refusal(_create, scene, other)
    assert refused.code == "quote_mismatch", f"another parcel was refused with {refused.code}"
    delivery = _create(scene, {**body, "quote_id": quote["id"]})
    for name in ("pickup_window", "dropoff_window", "charge", "charge_parts"):
        assert delivery[name] == quote[name], f"{name} was quoted {quote[name]} and made {delivery[name]}"
    scene.say("another parcel than the quoted one is refused; the quoted one is created at the quoted price")
    refused = refusal(_create, scene, {**body, "external_id": f"{body['external_id']}-y", "quote_id": quote["id"]})
    assert refused.code == "quote_used", f"the quote was refused the second time with {refused.code}"
    assert str(delivery["id"]) in refused.detail
    scene.say("a second order with the same quote is refused, with the delivery that used it")


def _create(scene: Scene, body: dict[str, object]) -> dict[str, object]:
    made: dict[str, object] = scene.shop.post("/v1/deliveries", body, Idempotency_Key=str(body["external_id"]))
    return made
