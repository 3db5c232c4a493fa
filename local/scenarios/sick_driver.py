"""A driver falls sick with goods on board: another driver takes over the route, and fetches the goods from them."""

from local.city.plans.geometry import Point, distance_m
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    mia, ole = scene.open(2, named=("Mia Sander", "Ole Lund"), limits={"position_minutes": 240})
    mia.go_on_duty()
    carried, waiting = scene.order(1600, 0, tip=200), scene.order(900, 400)
    for order in (carried, waiting):
        scene.assign(order, mia)
    mia.fetch(carried)
    mia.step(carried, "depart", stop="dropoff")
    half_way = scene.centre.moved(800, 0)
    scene.until("Mia is seen on her way", lambda: mia.stand_at(half_way)["accepted"])
    scene.say("Mia has one order on board and another still at the shop; half way she falls sick")

    ole.go_on_duty()
    relieve = f"/v1/staff/drivers/{mia.id}/duty"
    refused = refusal(scene.staff.delete, relieve)
    assert refused.code == "goods_on_board", f"taking her off duty was answered with {refused}"
    path = f"/v1/staff/drivers/{mia.id}/route/transfer"
    wish = {"revision": scene.route_of(mia)["revision"]}
    seen = scene.staff.post(path, {**wish, "dry_run": True})
    assert set(seen["moved"].values()) == {ole.id}, f"it would go to {seen['moved']}"
    assert scene.delivery(carried)["state"] == "en_route_to_dropoff", "the preview has changed it"
    done = scene.staff.post(path, wish)
    assert done["moved"] == seen["moved"], f"{done['moved']} were moved, the preview said {seen['moved']}"
    assert done["fetched_there"] == [carried["id"]], f"fetched from her would be {done['fetched_there']}"
    assert (done["reopened"], done["stays"], mia.stops()) == ([], [], [])
    scene.say("after a preview the dispatcher transfers both to Ole, who fetches the goods on board from Mia")
    scene.staff.delete(relieve)
    scene.say("now Mia can be taken off duty")

    hook = scene.webhook(carried, "delivery.reassigned").data
    assert (hook["reason"], hook["previous_driver_id"], hook["driver_id"]) == ("transferred", mia.id, ole.id)
    late = refusal(scene.shop.post, f"/v1/deliveries/{carried['id']}/cancel", {"reason": "customer_changed_mind"})
    assert late.code == "goods_change_hands", f"cancelling it meanwhile was answered with {late}"
    assert scene.delivery(carried)["cancellation_fee"] is None
    pickup = next(s for s in ole.stops() if (s["delivery_id"], s["kind"]) == (carried["id"], "pickup"))
    assert pickup["is_transfer"], f"Ole's stop is {pickup}"
    assert pickup["contact"] is None, "Ole is sent to the shop"
    away = distance_m(Point.of(pickup["point"]), half_way)
    assert away < 50, f"Ole is sent {away:.0f} m away from Mia"
    scene.say(
        "the shop was told; until Ole has the goods the delivery can't be cancelled, and he sees that Mia has them"
    )

    ole.step(carried, "depart", stop="pickup")
    ole.stand_at(Point.of(pickup["point"]))
    ole.step(carried, "arrive", stop="pickup")
    assert ole.step(carried, "pick-up") == "picked_up"
    ole.bring(carried)
    assert ole.step(carried, "deliver") == "delivered"
    ole.fetch(waiting)
    ole.bring(waiting)
    assert ole.step(waiting, "deliver") == "delivered"
    for order in (carried, waiting):
        assert scene.earned(ole, order)["total"]["amount"] > 0, "Ole is not paid"
    share, whole = scene.earned(mia, carried, "hand_over"), scene.earned(ole, carried)
    assert 0 < share["total"]["amount"] < whole["total"]["amount"], f"Mia's line is {share}, Ole's {whole}"
    scene.trial_balance()
    scene.say("Ole delivered both and is paid for both, Mia for the part that she did, and the trial balance is 0.00")
