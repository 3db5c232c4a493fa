"""Four drop-offs are one job: all are made or none, at a lower price than four orders, and one driver gets them."""

from local.city.results.amounts import amount
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",), limits={"bundle_size": 3})
    dropoffs = [scene.order_body(east_m=300 + 150 * number) for number in range(4)]
    pole = {"weight_g": 9000, "size": {"length_cm": 900, "width_cm": 5, "height_cm": 5}}
    bad = [*dropoffs[:3], {**dropoffs[3], "parcel": pole}]
    refused = refusal(scene.shop.post, "/v1/jobs", {"dropoffs": bad}, Idempotency_Key=f"{scene.run}-job")
    assert refused.code == "too_big", f"a job with a parcel of nine metres was refused with {refused.code}"
    job = scene.shop.post("/v1/jobs", {"dropoffs": dropoffs}, Idempotency_Key=f"{scene.run}-job")
    charges = [delivery["charge"]["amount"] for delivery in job["deliveries"]]
    assert max(charges[1:]) < charges[0], f"the drop-offs cost {charges}"
    scene.say(
        f"a job with one parcel that is too long creates nothing; without it the job costs {amount(sum(charges))} USD"
    )

    ada.go_on_duty()
    offer = scene.offer_to(ada)
    offered = {line["delivery_id"] for line in offer["deliveries"]}
    assert offered == {delivery["id"] for delivery in job["deliveries"]}, f"Ada was offered {offered}"
    assert ada.accept(offer) == "accepted"
    read = scene.shop.get(f"/v1/jobs/{job['id']}")
    assert {delivery["state"] for delivery in read["deliveries"]} == {"assigned"}, f"the job stands at {read}"
    scene.say("Ada is offered the whole job, although bundles here have at most three deliveries, and accepts")
    for delivery in job["deliveries"]:
        scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
