"""A street is closed between the shop and the customer: who waits is told, and told again when it opens."""

from datetime import datetime, timedelta
from typing import Any

from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

STEP_M = 40.0


def play(scene: Scene) -> None:
    """Play it."""
    (noor,) = scene.open(1, named=("Noor Haddad",))
    noor.go_on_duty()
    delivery = scene.order(2300, 0)
    noor.accept(scene.offer_to(noor))
    noor.fetch(delivery)
    noor.step(delivery, "depart", stop="dropoff")
    before = _arrival(scene, delivery)
    assert before["earliest"] < before["eta"] < before["latest"], f"the customer sees {before}"
    scene.say(f"Noor is on her way; the customer sees {_between(before)}")

    incidents = f"/v1/staff/zones/{scene.town.key}/incidents"
    middle = scene.centre.moved(1150, 0).json()
    jam: dict[str, Any] = {"centre": middle, "radius_m": 1000, "slowdown": 8, "note": "water main burst"}
    over = refusal(scene.staff.post, incidents, {**jam, "ends_at": _text(scene.now() - timedelta(hours=1))})
    assert over.status == 422, f"an incident of the past was answered with {over}"
    reported = scene.staff.post(incidents, {**jam, "ends_at": _text(scene.now() + timedelta(hours=8))})
    scene.say("a dispatcher reports a burst water main between them: traffic takes eight times as long there")

    told = _told(scene, noor, delivery, known=0)
    assert told["eta"] > told["previous_eta"], f"the shop hears {told}"
    slow = _arrival(scene, delivery)
    assert slow["eta"] - before["eta"] > timedelta(minutes=10), f"the customer sees {slow}, and saw {before}"
    scene.say(f"the shop hears delivery.eta_changed; the customer now sees {_between(slow)}")

    left = scene.staff.delete(f"{incidents}/{reported['id']}")
    assert left["incidents"] == [], f"there are still {left['incidents']}"
    told = _told(scene, noor, delivery, known=1)
    assert told["eta"] < told["previous_eta"], f"the shop hears {told}"
    scene.say("the water main is mended: a minute later the shop hears that Noor comes earlier after all")

    noor.bring(delivery)
    assert noor.step(delivery, "deliver") == "delivered"
    status, _ = scene.follow(delivery)
    assert status == 410, "the link still shows where Noor is"
    known = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/traffic")
    assert len(known["factor_by_hour"]) == 24
    scene.say("it is delivered, and the link shows nothing any more")


def _told(scene: Scene, driver: Actor, delivery: dict[str, Any], known: int) -> dict[str, Any]:
    """Return what the shop hears of another arrival, after so many such webhooks, while the driver moves on."""

    def look() -> dict[str, Any] | None:
        driver.stand_at(driver.at.moved(STEP_M if driver.at.lon < middle.lon else -STEP_M, 0))
        hooks = [
            hook.data
            for hook in scene.receivers.endpoints.of_delivery(delivery["id"])
            if hook.type == "delivery.eta_changed"
        ]
        hooks.sort(key=lambda data: data["sequence"])
        return hooks[-1] if len(hooks) > known else None

    middle = scene.centre.moved(200, 0)
    return scene.until("the shop hears that it comes at another time", look)


def _arrival(scene: Scene, delivery: dict[str, Any]) -> dict[str, datetime]:
    status, seen = scene.follow(delivery)
    assert status == 200, f"the customer's link answers {status} {seen}"
    names = {"eta": "eta", "earliest": "eta_earliest", "latest": "eta_latest"}
    return {name: datetime.fromisoformat(seen[key]) for name, key in names.items()}


def _between(seen: dict[str, datetime]) -> str:
    return f"{seen['eta']:%H:%M}, most likely between {seen['earliest']:%H:%M} and {seen['latest']:%H:%M}"


def _text(moment: datetime) -> str:
    return moment.isoformat()
