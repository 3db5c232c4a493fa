"""A shop sends forty orders in one call and four as a job; what is wrong is told row by row, nothing is made twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

ORDERS = 40


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",), max_bundle=3)
    rows = [scene.order_body(east_m=100 + 30 * number) for number in range(ORDERS)]
    for row in rows:  # for later, so that the story of the job is not theirs
        row["pickup_window"] = {"opens_at": _later(scene, 20), "closes_at": _later(scene, 22)}
    rows[7] = {**rows[7], "dropoff": {**rows[7]["dropoff"], "point": {"lat": 0, "lon": 0}}}
    rows[9] = {"external_id": rows[9]["external_id"], "dropoff": "5 Green Lane"}
    body, key = {"deliveries": rows}, f"{scene.run}-bulk"

    def send(_number: int) -> object:
        try:
            return scene.shop.post("/v1/deliveries/bulk", body, Idempotency_Key=key)
        except Exception as refused:
            return getattr(refused, "code", refused)

    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(send, range(3)))
    answers = [answer for answer in told if isinstance(answer, dict)]
    assert answers, f"the bulk was answered {told}"
    assert all(answer == "still_running" for answer in told if not isinstance(answer, dict)), f"it was answered {told}"
    again = scene.shop.post("/v1/deliveries/bulk", body, Idempotency_Key=key)
    assert all(answer == again for answer in answers), "the same bulk was answered in two ways"
    codes = {row["row"]: row["problem"]["code"] for row in again["rows"] if row["problem"]}
    assert codes == {7: "outside_service_area", 9: "invalid_request"}, f"refused were {codes}"
    ids = {row["delivery"]["id"] for row in again["rows"] if row["delivery"]}
    assert len(ids) == again["created"] == ORDERS - 2
    scene.say(f"{ORDERS} orders in one call, three times at once: {len(ids)} deliveries, two rows say what is wrong")

    waiting = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")["open"]
    assert not ids & {line["delivery_id"] for line in waiting}, "what is for the evening is on the board already"
    for delivery_id in sorted(ids):
        scene.shop.post(f"/v1/deliveries/{delivery_id}/cancel", {"reason": "other"})

    dropoffs = [scene.order_body(east_m=300 + 150 * number) for number in range(4)]
    pole = {"weight_g": 9000, "size": {"length_cm": 900, "width_cm": 5, "height_cm": 5}}
    bad = [*dropoffs[:3], {**dropoffs[3], "parcel": pole}]
    refused = refusal(scene.shop.post, "/v1/jobs", {"dropoffs": bad}, Idempotency_Key=f"{scene.run}-job")
    assert refused.code == "too_big", f"a job with a parcel of nine metres was refused with {refused.code}"
    job = scene.shop.post("/v1/jobs", {"dropoffs": dropoffs}, Idempotency_Key=f"{scene.run}-job")
    charges = [delivery["charge"]["amount"] for delivery in job["deliveries"]]
    assert max(charges[1:]) < charges[0], f"the drop-offs cost {charges}"
    scene.say(f"a job with one parcel too long makes nothing; else it costs {sum(charges) / 100:.2f} USD")

    ada.go_on_duty()
    offer = scene.offer_to(ada)
    offered = {line["delivery_id"] for line in offer["deliveries"]}
    assert offered == {delivery["id"] for delivery in job["deliveries"]}, f"Ada was offered {offered}"
    assert ada.accept(offer) == "accepted"
    read = scene.shop.get(f"/v1/jobs/{job['id']}")
    assert {delivery["state"] for delivery in read["deliveries"]} == {"assigned"}, f"the job stands at {read}"
    scene.say("Ada is offered the whole job at once, though bundles have three at most here, and takes it")
    for delivery in job["deliveries"]:
        scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})


def _later(scene: Scene, hours: float) -> str:
    return (scene.now() + timedelta(hours=hours)).isoformat()
