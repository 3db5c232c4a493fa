"""One of three orders on a route is cancelled: its stops go, the pinned stop stays, the driver is told."""

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (tom,) = scene.open(1, named=("Tom Berg",), limits={"automatic_changes": 0, "position_minutes": 240})
    tom.go_on_duty()
    orders = [scene.order(east, 200) for east in (600, 1200, 1800)]
    for order in orders:
        scene.assign(order, tom)
    first, second, third = (order["id"] for order in orders)
    path = f"/v1/staff/drivers/{tom.id}/route"
    route = scene.route_of(tom)
    wanted = [f"{name}:{kind}" for name in (third, first, second) for kind in ("pickup", "dropoff")]
    wrong = {"revision": route["revision"], "order": [wanted[1], wanted[0], *wanted[2:]]}
    refused = refusal(scene.staff.put, path, wrong)
    assert (refused.status, refused.code) == (422, "dropoff_first"), f"a drop-off first was answered with {refused}"
    wish = {"revision": route["revision"], "order": wanted, "pinned": [f"{third}:dropoff"]}
    told = scene.staff.put(path, {**wish, "dry_run": True})["route"]
    before, after = (told[side]["cost"]["total_s"] for side in ("before", "after"))
    assert after > before, f"the far customer first costs {after} s, not more than {before} s"
    revision = scene.staff.put(path, wish)["revision"]
    assert revision == route["revision"] + 1, f"the plan is at revision {revision}"
    assert [stop["stop_id"] for stop in tom.stops()] == wanted
    scene.say(
        f"the dispatcher puts the farthest customer first and pins it: {after - before} s more, as the preview said"
    )

    scene.shop.post(f"/v1/deliveries/{first}/cancel", {"reason": "customer_changed_mind"})
    left = [stop["stop_id"] for stop in tom.stops()]
    assert left == [name for name in wanted if not name.startswith(first)], f"what is left is {left}"
    view = tom.app.get("/v1/driver/route")
    gone = [change for change in view["pending"] if change["reason"] == "delivery_cancelled"]
    assert gone, f"Tom is not told: {view['pending']}"
    assert set(gone[-1]["removed"]) == {f"{first}:pickup", f"{first}:dropoff"}, f"Tom is told {gone[-1]}"
    scene.webhook(orders[0], "delivery.cancelled")
    scene.say("the second customer changes their mind: both stops leave the route, and Tom's app says which and why")

    held = [stop["stop_id"] for stop in tom.stops()][:2]
    assert held == wanted[:2], f"the pinned stop moved: {held}"
    for order in (orders[2], orders[1]):
        tom.fetch(order)
        tom.bring(order)
        assert tom.step(order, "deliver") == "delivered"
    assert scene.board()["unconfirmed"] == []
    scene.say("the pinned customer is served first; setting out confirmed the plan, and both are delivered")
