"""An urgent order goes into a route at once; then a colleague takes over an order that no longer fits the route."""

from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

COLD = "cold_box"


def play(scene: Scene) -> None:
    """Play it."""
    ada, ben = scene.open(
        2,
        named=("Ada Own", "Ben Own"),
        own=True,
        skills={"Ada Own": (COLD,)},
        # A detour may cost as much as a round trip of its own, and nobody becomes silent during the story.
        limits={"detour_share": 1.0, "position_minutes": 240},
    )
    ada.go_on_duty()
    cake = scene.order(2000, 0)
    scene.until("Ada is given the cake", lambda: _carries(ada) == {cake["id"]})
    scene.say("Ada is the shop's own driver, so a cake for the east is assigned to her without an offer")
    ben.go_on_duty()
    ice = scene.order(-1200, 1600, priority="urgent", requirements={"skills": [COLD]})
    given = scene.webhook(ice, "delivery.assigned").data
    assert given["driver_id"] == ada.id, f"the ice went to {given['driver_id']}"
    scene.say("urgent ice for the north-west needs a cold box, which only Ada has: it goes into her route at once")

    scene.until("Ben takes over the cake", lambda: _carries(ben) == {cake["id"]})
    assert _carries(ada) == {ice["id"]}, f"Ada carries {_carries(ada)}"
    moved = scene.webhook(cake, "delivery.reassigned").data
    assert (moved["previous_driver_id"], moved["driver_id"]) == (ada.id, ben.id), f"the shop hears {moved}"
    assert moved["reason"] == "polished"
    scene.say("a moment later the cake, which she has not fetched, moves to Ben: that saves a drive across the city")
    assert all(stop["contact"] for stop in ben.stops()), "Ben does not see whom to meet"
    refused = refusal(ada.step, cake, "depart", stop="pickup")
    assert refused.status == 404, f"Ada's step with the cake was answered with {refused}"
    scene.say("Ben sees the contacts; Ada's app no longer shows the cake, and the shop was told by webhook")

    for driver, delivery in ((ada, ice), (ben, cake)):
        driver.fetch(delivery)
        driver.bring(delivery)
        assert driver.step(delivery, "deliver") == "delivered"
    timeline = scene.staff.get(f"/v1/staff/deliveries/{cake['id']}")["delivery"]["timeline"]
    assert [step["reason"] for step in timeline if step["reason"]] == ["polished"], f"the timeline is {timeline}"
    scene.say("both are delivered, and the cake changed hands once")


def _carries(driver: Actor) -> set[str]:
    return {stop["delivery_id"] for stop in driver.stops()}
