"""A wrong PIN is counted and noted, five lock it, and then only staff can complete the order."""

from typing import Any

from local.city.api import RefusedError
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (mira,) = scene.open(1, named=("Mira Anand",))
    mira.go_on_duty()
    first = _at_the_door(scene, mira)
    right = _pin_of(scene, first)
    assert _tried(mira, first, _other(right, 1)).code == "wrong_pin"
    scene.say("Mira mistypes the PIN: she is told so, and may try again")
    assert mira.step(first, "deliver", pin=right, position=mira.at.json()) == "delivered"
    assert _steps(scene, first) == ["picked_up", "wrong_pin", "delivered"]

    second = _at_the_door(scene, mira)
    right = _pin_of(scene, second)
    for number in range(1, 6):
        assert _tried(mira, second, _other(right, number)).code == "wrong_pin"
    locked = _tried(mira, second, right)
    assert locked.code == "pin_locked", f"the right PIN after five wrong ones was answered with {locked.code}"
    hook = scene.webhook(second, "delivery.pin_locked")
    assert hook.data["state"] == "arrived_at_dropoff", f"the webhook says {hook.data['state']}"
    (line,) = (one for one in _map(scene) if one["delivery_id"] == second["id"])
    assert "pin_locked" in line["reasons"], f"the console's queue says {line['reasons']}"
    scene.say("after five wrong PINs the right one is refused too; shop and dispatchers are told at once")
    proof = scene.staff.get(f"/v1/staff/deliveries/{second['id']}/proof")
    assert (proof["pin_failures"], proof["pin_matched"]) == (5, False), f"the proof says {proof['pin_failures']}"
    path = f"/v1/staff/deliveries/{second['id']}/complete"
    assert scene.staff.post(path, {"reason": "pin_locked"})["state"] == "delivered"
    told = scene.shop.get(f"/v1/deliveries/{second['id']}/proof/verify")
    assert told["intact"], f"the chain has faults: {told['faults']}"
    assert [entry["step"] for entry in told["entries"]] == ["picked_up", *["wrong_pin"] * 5, "delivered"]
    assert told["entries"][-1]["actor"] == "staff", "the shop reads who of the staff it was"
    scene.earned(mira, second)
    scene.trial_balance()
    scene.say("they ask the customer, vouch for it, and each wrong PIN stays in the chain of custody")


def _at_the_door(scene: Scene, driver: Actor) -> dict[str, Any]:
    order = scene.order(requirements={"pin": True})
    driver.accept(scene.offer_to(driver))
    driver.fetch(order)
    driver.bring(order)
    return order


def _map(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/map")["deliveries"]
    return found


def _pin_of(scene: Scene, order: dict[str, Any]) -> str:
    status, page = scene.follow(order)
    assert (status, len(page["pin"])) == (200, 4), f"the customer's page has no PIN: {page}"
    return str(page["pin"])


def _other(pin: str, away: int) -> str:
    return f"{(int(pin) + away) % 10_000:04d}"


def _tried(driver: Actor, order: dict[str, Any], pin: str) -> RefusedError:
    return refusal(driver.step, order, "deliver", pin=pin, position=driver.at.json())


def _steps(scene: Scene, order: dict[str, Any]) -> list[str]:
    told = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/proof/verify")
    assert told["intact"], f"the chain has faults: {told['faults']}"
    return [entry["step"] for entry in told["entries"]]
