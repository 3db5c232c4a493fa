"""Two dispatchers act on the same orders and routes at once: nobody's act is lost without a word."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.city.api import Caller, RefusedError
from local.city.town import staff_of
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

Told = tuple[int, str, str]
"""The status of an answer, with code and detail of a problem."""


def play(scene: Scene) -> None:
    """Play it."""
    mia, ole = scene.open(2, named=("Mia Sander", "Ole Lund"), limits={"automatic_changes": 0, "position_minutes": 240})
    ana, ben = (staff_of(scene.stack, name=f"dispatcher-{name}") for name in ("ana", "ben"))
    pause = f"/v1/staff/zones/{scene.town.key}/pause"
    ana.put(pause, {"orders": False, "offers": True, "until": None, "reason": "two dispatchers decide by hand"})
    for driver in (mia, ole):
        driver.go_on_duty()
    orders = [scene.order(600 + 100 * number, 50 * number, tip=100) for number in range(4)]
    scene.say("offers are paused; four orders wait, Mia and Ole are on duty, and Ana and Ben are both at the console")

    _assign_at_once(scene, ana, ben, orders, mia, ole)
    _edit_at_once(scene, ana, ben, mia, ole)
    _move_away(scene, ana, ben, orders[0], mia, ole)

    late = scene.order(500, 0)
    ben.delete(pause)
    answers = _at_once(
        lambda: ana.post(f"/v1/staff/zones/{scene.town.key}/dispatch", {"delivery_ids": [late["id"]]}),
        lambda: ben.post(f"/v1/staff/zones/{scene.town.key}/dispatch", {"delivery_ids": [late["id"]]}),
    )
    assert all(status in (200, 409) for status, _, _ in answers), f"the round by hand was answered with {answers}"
    scene.until("the order is offered", lambda: _offers(scene, late) or None)
    assert len(_offers(scene, late)) == 1, f"it was offered {_offers(scene, late)}"
    scene.say("Ben ends the pause, and both carry the round out: the new order is offered once")
    for driver in (mia, ole):
        if offer := next(iter(driver.offers()), None):
            driver.accept(offer)
            break

    _see_audit(scene, orders[0], pause)
    for driver in (mia, ole):
        _deliver_all(driver)
    for order in (*orders, late):
        carrier = mia if _holder(scene, order) == mia.id else ole
        assert scene.earned(carrier, order)["total"]["amount"] > 0, f"{carrier.name} is not paid"
    scene.trial_balance()
    scene.say("everything is delivered, whoever has it is paid, and the trial balance is 0.00")


def _told(act: Callable[[], Any]) -> Told:
    try:
        act()
    except RefusedError as refused:
        return refused.status, refused.code, str(refused)
    return 200, "", ""


def _at_once(*acts: Callable[[], Any]) -> list[Told]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(_told, acts))


def _assign_at_once(
    scene: Scene, ana: Caller, ben: Caller, orders: list[dict[str, Any]], mia: Actor, ole: Actor
) -> None:
    """Let Ana give all orders to Mia while Ben gives them to Ole."""

    def bulk(staff: Caller, driver: Actor) -> list[dict[str, Any]]:
        wish = {"assignments": [{"delivery_id": order["id"], "driver_id": driver.id} for order in orders]}
        rows: list[dict[str, Any]] = staff.post("/v1/staff/deliveries/assign", wish)["rows"]
        return rows

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda pair: bulk(*pair), ((ana, mia), (ben, ole))))
    for order, of_ana, of_ben in zip(orders, *both, strict=True):
        statuses = sorted((of_ana["status"], of_ben["status"]))
        assert statuses == [200, 409], f"both assigned {order['id']}: {of_ana}, {of_ben}"
        lost, winner = (of_ben, mia) if of_ana["status"] == 200 else (of_ana, ole)
        assert lost["problem"]["code"] == "assigned_meanwhile", f"the second was told {lost}"
        assert winner.id in lost["problem"]["detail"], f"the second was told {lost}"
        now = _holder(scene, order)
        assert now == winner.id, f"{order['id']} is with {now}, {winner.id} won"
    scene.say("both assign all four at once: of each order one assignment holds, the other is told who has it, by whom")


def _edit_at_once(scene: Scene, ana: Caller, ben: Caller, mia: Actor, ole: Actor) -> None:
    """Let both change the order of one route at the same revision."""
    driver = max((mia, ole), key=lambda one: len(one.stops()))
    revision = scene.route_of(driver)["revision"]
    ids = [f"{stop['delivery_id']}:{stop['kind']}" for stop in driver.stops()]
    pickups = [one for one in ids if one.endswith(":pickup")]
    drops = [one for one in ids if not one.endswith(":pickup")]
    path = f"/v1/staff/drivers/{driver.id}/route"
    answers = _at_once(
        lambda: ana.put(path, {"revision": revision, "order": [*pickups, *drops[::-1]], "pinned": []}),
        lambda: ben.put(path, {"revision": revision, "order": [*pickups[::-1], *drops], "pinned": []}),
    )
    done = [answer for answer in answers if answer[0] == 200]
    refused = [answer for answer in answers if answer[0] != 200]
    assert done, f"nobody's order holds: {answers}"
    assert all(code == "stale_revision" for _, code, _ in refused), f"the second was told {answers}"
    scene.say(
        f"both reorder {driver.name}'s route at revision {revision}: {len(refused)} of them is told to look again"
    )


def _move_away(scene: Scene, ana: Caller, ben: Caller, order: dict[str, Any], mia: Actor, ole: Actor) -> None:
    """Let Ana move an order on while Ben still sees it with the first driver."""
    holder, other = (mia, ole) if _holder(scene, order) == mia.id else (ole, mia)
    revision = scene.route_of(holder)["revision"]
    path = f"/v1/staff/deliveries/{order['id']}/assign"
    ana.post(path, {"driver_id": other.id, "from_driver_id": holder.id})
    wish = {"revision": revision, "delivery_ids": [order["id"]], "to": [other.id]}
    stale = refusal(ben.post, f"/v1/staff/drivers/{holder.id}/route/transfer", wish)
    assert (stale.status, stale.code) == (409, "stale_revision"), f"the old view was answered with {stale}"
    back = refusal(ben.post, path, {"driver_id": holder.id, "from_driver_id": holder.id})
    assert (back.status, back.code) == (409, "assigned_meanwhile"), f"the old view was answered with {back}"
    scene.say(f"Ana moves an order to {other.name}; Ben, who still sees it with {holder.name}, is told so")


def _holder(scene: Scene, order: dict[str, Any]) -> str | None:
    delivery: dict[str, Any] = scene.staff.get(f"/v1/staff/deliveries/{order['id']}")["delivery"]
    return delivery["driver_id"]


def _offers(scene: Scene, order: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/offers")["offers"]
    return found


def _see_audit(scene: Scene, order: dict[str, Any], pause: str) -> None:
    """Check that the audit trail has the acts of both, the refused ones too."""
    entries = scene.staff.get("/v1/staff/audit", subject=order["id"])["entries"]
    bulk = [one for one in entries if one["action"] == "POST /v1/staff/deliveries/assign"]
    assert {one["by"] for one in bulk} == {"dispatcher-ana", "dispatcher-ben"}, f"the trail has {entries}"
    refused = [one for one in entries if one["by"] == "dispatcher-ben" and one["outcome"] == 409]
    assert refused, f"Ben's refused acts are not in the trail: {entries}"
    zone = scene.staff.get("/v1/staff/audit", subject=scene.town.key)["entries"]
    paused = [(one["by"], one["outcome"]) for one in zone if one["action"].endswith(" /v1/staff/zones/{zone_id}/pause")]
    assert ("dispatcher-ana", 200) in paused, f"{pause}: the trail has {paused}"
    assert ("dispatcher-ben", 200) in paused, f"{pause}: the trail has {paused}"
    assert "two dispatchers decide" not in str(zone), "the trail has what somebody wrote"
    scene.say("the audit trail has the acts of both with their outcomes, and nothing that anybody wrote")


def _deliver_all(driver: Actor) -> None:
    """Let a driver deliver what is on their route."""
    while stops := driver.stops():
        following = stops[0]
        order = {
            "id": following["delivery_id"],
            "pickup": following["point"],
            "dropoff": following["point"],
        }
        if following["kind"] == "pickup":
            driver.fetch(order)
        else:
            driver.bring(order)
            driver.step(order, "deliver")
