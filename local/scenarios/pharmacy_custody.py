"""A prescription: scanned and measured wherever it changes hands, kept by its driver, signed for by a relative."""

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

TRAINED = ("pharmacy_training",)
CODES = ["RX-7001", "RX-7002"]
COLD = {"temperature": {"least_c": 2, "most_c": 8}}


def play(scene: Scene) -> None:
    """Play it."""
    names = ("Ruth Amsel", "Sami Holt")
    ruth, sami = scene.open(2, named=names, goods=("prescription",), credentials=dict.fromkeys(names, TRAINED))
    without = refusal(scene.order, goods="prescription")
    assert without.code == "parcel_codes_missing", f"an order without codes was answered with {without.code}"
    ruth.go_on_duty()
    order = scene.order(goods="prescription", requirements=COLD, parcel_codes=CODES)
    ruth.accept(scene.offer_to(ruth))
    ruth.step(order, "depart", stop="pickup")
    ruth.stand_at(scene.centre)
    ruth.step(order, "arrive", stop="pickup")
    assert refusal(ruth.step, order, "pick-up", scanned=CODES[:1], temperature_c=4).code == "proof_missing"
    warm = refusal(ruth.step, order, "pick-up", scanned=CODES, temperature_c=12.5)
    assert warm.code == "temperature_out_of_range", f"12.5 degrees were answered with {warm.code}"
    assert ruth.step(order, "pick-up", scanned=CODES, temperature_c=4) == "picked_up"
    scene.say("Ruth scans both parcels and measures 4 degrees; one parcel, or 12 degrees, was not enough")

    sami.go_on_duty()
    revision = scene.route_of(ruth)["revision"]
    wish = {"revision": revision, "delivery_ids": [order["id"]], "to": [sami.id], "transfer_point": ruth.at.json()}
    swap = refusal(scene.staff.post, f"/v1/staff/drivers/{ruth.id}/route/transfer", wish)
    assert swap.code == "custody_forbids_swap", f"the swap was answered with {swap.code}"
    assert refusal(scene.assign, order, sami).code == "goods_on_board"
    scene.say("on the way it can't go to Sami: custody stays with the driver who fetched it")

    ruth.bring(order)
    ruth.upload(order, "signature")
    given = {"scanned": CODES, "temperature_c": 6.5, "position": ruth.at.json()}
    assert refusal(ruth.step, order, "deliver", **given).code == "proof_missing"
    assert ruth.step(order, "deliver", relation="family", **given) == "delivered"
    proof = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/proof")
    assert [(scan["stop"], scan["driver_id"], scan["codes"]) for scan in proof["scans"]] == [
        ("pickup", ruth.id, CODES),
        ("dropoff", ruth.id, CODES),
    ]
    assert [one["celsius"] for one in proof["temperatures"]] == [4, 6.5]
    assert proof["relation"] == "family"
    chain = scene.shop.get(f"/v1/deliveries/{order['id']}/proof/verify")
    assert chain["intact"], f"the chain has faults: {chain['faults']}"
    assert [entry["step"] for entry in chain["entries"]] == ["picked_up", "delivered"]
    scene.earned(ruth, order)
    scene.trial_balance()
    scene.say("a relative signs; scans, temperatures, relation and signature are in the chain of custody")
