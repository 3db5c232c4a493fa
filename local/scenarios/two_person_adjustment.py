"""A large adjustment of a driver's pay is asked for by one person, and booked once another one approves it."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.city.api import Caller, RefusedError
from local.city.town import staff_of
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

PATH = "/v1/staff/ledger/adjustments"
LARGE = 12_000


def play(scene: Scene) -> None:
    """Play it."""
    (mia,) = scene.open(1, named=("Mia Sander",))
    fay, gus, dora = (
        staff_of(scene.stack, name=f"two-person-{name}", role=role)
        for name, role in (("fay", "finance"), ("gus", "finance"), ("dora", "dispatcher"))
    )
    due = _due(mia.app)

    small = fay.post(PATH, _adjustment(mia.id, "small", 900))
    assert small["state"] == "booked", small
    assert _due(mia.app) - due == 900
    scene.say("Fay adjusts Mia's pay by 9.00, which is booked at once")

    asked = fay.post(PATH, _adjustment(mia.id, "large", LARGE))
    assert (asked["state"], asked["posting_id"]) == ("pending", None), asked
    assert asked["adjustment_id"] in _waiting(gus)
    assert _due(mia.app) - due == 900, "nothing may be booked yet"
    scene.say("Fay asks for another 120.00, which is above the zone's limit and waits")

    approve = f"{PATH}/{asked['adjustment_id']}/approve"
    assert refusal(fay.post, approve).code == "second_person_needed"
    assert refusal(dora.post, approve).code == "wrong_role"
    part = fay.post(PATH, _adjustment(mia.id, "part", 4_900))
    assert part["state"] == "pending", "small parts of a large amount must wait, too"
    gus.post(f"{PATH}/{part['adjustment_id']}/refuse")
    scene.say("Fay can't approve it herself, nor can Dora, a dispatcher; nor can Fay cut the amount into small parts")

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: gus.post(approve), range(4)))
    assert {one["state"] for one in told} == {"booked"}
    assert len({one["posting_id"] for one in told}) == 1
    assert _due(mia.app) - due == 900 + LARGE
    assert asked["adjustment_id"] not in _waiting(gus)
    assert refusal(gus.post, f"{PATH}/{asked['adjustment_id']}/refuse").code == "adjustment_decided"
    scene.trial_balance()
    scene.say("Gus approves it, four times at once: Mia is paid 120.00 more, once, and the books balance")


def _adjustment(driver_id: str, name: str, amount: int) -> dict[str, Any]:
    money = {"amount": amount, "currency": "USD"}
    return {
        "reference": f"{name}-{secrets.token_hex(6)}",
        "driver_id": driver_id,
        "amount": money,
        "note": f"agreed with finance: {name}",
    }


def _waiting(staff: Caller) -> set[str]:
    return {one["adjustment_id"] for one in staff.get(PATH)["adjustments"]}


def _due(app: Caller) -> int:
    """Return the minor units that a driver has earned today."""
    try:
        return sum(one["total"]["amount"] for one in app.get("/v1/driver/earnings")["totals"])
    except RefusedError:
        return 0
