"""An urgent order comes in while a driver is under way: a dispatcher sees the cost and inserts it into the route."""

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (lea,) = scene.open(1, named=("Lea Roth",), limits={"automatic_changes": 0, "position_minutes": 240})
    lea.go_on_duty()
    orders = [scene.order(1500, 0), scene.order(1900, 300)]
    for order in orders:
        scene.assign(order, lea)
    lea.fetch(orders[0])
    lea.step(orders[0], "depart", stop="dropoff")
    board = scene.board()
    assert board["unconfirmed"] == [], f"setting out did not confirm the plan: {board['unconfirmed']}"
    scene.say("Lea is on her way to the first of two customers, and knows her plan")

    route = scene.route_of(lea)
    urgent = scene.order(700, 100, priority="urgent")
    path = f"/v1/staff/deliveries/{urgent['id']}/assign"
    there = {"driver_id": lea.id, "revision": route["revision"], "position": {"pickup": 1, "dropoff": 2}}
    told = scene.staff.post(path, {**there, "dry_run": True})
    (change,) = told["routes"]
    dearer = change["after"]["cost"]["total_s"] - change["before"]["cost"]["total_s"]
    assert dearer > 0, f"the urgent order costs {dearer} s"
    assert scene.route_of(lea)["revision"] == route["revision"], "the preview has changed the route"
    assert scene.delivery(urgent)["state"] != "assigned", "the preview has assigned the order"
    scene.say(f"an urgent order comes in: right after that customer it would cost {dearer} s and make nobody late")
    first = {**there, "position": {"pickup": 0, "dropoff": 1}}
    refused = refusal(scene.staff.post, path, first)
    assert refused.status == 422, f"a place before the stop in progress was answered with {refused}"
    scene.say("it can't be inserted before the stop to which Lea is on her way")

    scene.staff.post(path, there)
    stops = [(stop["delivery_id"], stop["kind"]) for stop in lea.stops()]
    assert stops[0] == (orders[0]["id"], "dropoff"), f"the stop in progress moved: {stops}"
    assert (urgent["id"], "pickup") in stops, f"the urgent order is not on the route: {stops}"
    stale = refusal(scene.staff.post, f"/v1/staff/drivers/{lea.id}/route/transfer", {"revision": route["revision"]})
    assert (stale.status, stale.code) == (409, "stale_revision"), f"an old view was answered with {stale}"
    (line,) = scene.board()["unconfirmed"]
    assert line["driver_id"] == lea.id
    scene.say(f"it is on her route; since {line['unconfirmed_since']} the board says that she has not confirmed it")
    view = lea.app.get("/v1/driver/route")
    assert any(f"{urgent['id']}:pickup" in change["added"] for change in view["pending"]), f"Lea sees {view['pending']}"
    confirmed = lea.app.post("/v1/driver/route/confirm", {"revision": view["revision"]})
    assert confirmed["pending"] == [], f"after her confirmation there is still {confirmed['pending']}"
    assert scene.board()["unconfirmed"] == []
    scene.say("her app shows what is new; she confirms, and the board is clear")

    lea.stand_at(lea.at.moved(1, 0))
    lea.step(orders[0], "arrive", stop="dropoff")
    assert lea.step(orders[0], "deliver") == "delivered"
    for order in (urgent, orders[1]):
        lea.fetch(order)
        lea.bring(order)
        assert lea.step(order, "deliver") == "delivered"
    scene.say("all three are delivered")
