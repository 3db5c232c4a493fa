"""A burst water main slows traffic down: shop and customer get the later arrival, and the earlier one once it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

STEP_M = 40.0
MUCH = timedelta(minutes=10)


def play(scene: Scene) -> None:
    """Play it."""
    (noor,) = scene.open(1, named=("Noor Haddad",))
    incidents = f"/v1/staff/zones/{scene.town.key}/incidents"
    for left in scene.staff.get(incidents)["incidents"]:  # of a story that was interrupted
        scene.staff.delete(f"{incidents}/{left['id']}")
    noor.go_on_duty()
    delivery = scene.order(2300, 0)
    noor.accept(scene.offer_to(noor))
    noor.fetch(delivery)
    noor.step(delivery, "depart", stop="dropoff")
    before = scene.until("Noor is expected within half an hour", lambda: _soon(scene, delivery))
    assert before["earliest"] < before["eta"] < before["latest"], f"the customer sees {before}"
    scene.say(f"Noor is on her way; the customer sees {_between(before)}")

    middle = scene.centre.moved(1150, 0).json()
    jam: dict[str, Any] = {"centre": middle, "radius_m": 1000, "slowdown": 8, "note": "water main burst"}
    over = refusal(scene.staff.post, incidents, {**jam, "ends_at": _text(scene.now() - timedelta(hours=1))})
    assert over.status == 422, f"an incident of the past was answered with {over}"
    reported = scene.staff.post(incidents, {**jam, "ends_at": _text(scene.now() + timedelta(hours=8))})
    scene.say("a dispatcher reports a burst water main between them: traffic takes eight times as long there")

    assert _told(scene, noor, delivery, lambda by: by > MUCH)
    slow = scene.until("the customer sees it", lambda: _later(_arrival(scene, delivery), before["eta"] + MUCH))
    scene.say(f"the shop gets delivery.eta_changed; the customer now sees {_between(slow)}")

    ended = scene.staff.delete(f"{incidents}/{reported['id']}")
    assert ended["incidents"] == [], f"there are still {ended['incidents']}"
    assert _told(scene, noor, delivery, lambda by: by < -MUCH)
    scene.say("the water main is repaired: a minute later the shop is told that Noor will come earlier")

    noor.bring(delivery)
    assert noor.step(delivery, "deliver") == "delivered"
    scene.see_outcome(delivery)
    known = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/traffic")
    assert len(known["factor_by_hour"]) == 24
    scene.say("it is delivered, and the link shows the outcome and no driver any more")


def _told(scene: Scene, driver: Actor, delivery: dict[str, Any], wanted: Callable[[timedelta], bool]) -> bool:
    """Move the driver on until the shop hears of an arrival that moved by the wanted time; return True then."""

    def look() -> bool:
        driver.stand_at(driver.at.moved(STEP_M if driver.at.lon < middle.lon else -STEP_M, 0))
        hooks = scene.receivers.endpoints.of_delivery(delivery["id"])
        told = (hook.data for hook in hooks if hook.type == "delivery.eta_changed")
        return any(wanted(_moment(data["eta"]) - _moment(data["previous_eta"])) for data in told)

    middle = scene.centre.moved(200, 0)
    return scene.until("the shop is told of another arrival", look)


def _arrival(scene: Scene, delivery: dict[str, Any]) -> dict[str, datetime]:
    status, seen = scene.follow(delivery)
    assert status == 200, f"the customer's link answers {status} {seen}"
    names = {"eta": "eta", "earliest": "eta_earliest", "latest": "eta_latest"}
    return {name: _moment(seen[key]) for name, key in names.items()}


def _soon(scene: Scene, delivery: dict[str, Any]) -> dict[str, datetime] | None:
    seen = _arrival(scene, delivery)
    return seen if seen["eta"] < scene.now() + timedelta(minutes=30) else None


def _later(seen: dict[str, datetime], than: datetime) -> dict[str, datetime] | None:
    return seen if seen["eta"] > than else None


def _between(seen: dict[str, datetime]) -> str:
    return f"{seen['eta']:%H:%M}, most likely between {seen['earliest']:%H:%M} and {seen['latest']:%H:%M}"


def _text(moment: datetime) -> str:
    return moment.isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
