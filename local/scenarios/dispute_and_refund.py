"""A shop disputes two deliveries: one refund is granted at once, the other by two persons after the driver's answer."""

import json
import secrets
from datetime import timedelta
from typing import Any

from local.city.town import staff_of
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

JUMPS_AHEAD = True
LARGE = 8_000


def play(scene: Scene) -> None:
    """Play it."""
    (noa,) = scene.open(1, named=("Noa Lind",))
    fay, gus = (staff_of(scene.stack, name=f"claims-{name}", role="finance") for name in ("fay", "gus"))
    noa.go_on_duty()
    kept, wrong = (_delivered(scene, noa, condition) for condition in ("intact", "wrong"))
    for order in (kept, wrong):
        scene.earned(noa, order)
    owed = scene.owed_by_shop()

    refused = _opened(scene, kept, "late", 0)
    assert refused["state"] == "refused", refused
    scene.say("the shop claims that an order came late; it was on time, and the matrix refuses the claim at once")

    claim = _opened(scene, wrong, "wrong_item", LARGE)
    assert claim == _opened(scene, wrong, "wrong_item", LARGE, reference=claim["reference"]), "once per reference"
    (shown,) = (one for one in noa.app.get("/v1/driver/claims")["claims"] if one["claim_id"] == claim["claim_id"])
    assert shown["may_answer"], shown
    assert shown["held"]["amount"] > 0
    scene.say("it claims that another one was the wrong item, as the driver had remarked; a quarter of the pay is held")

    award = _award(goods=LARGE, from_driver=10)
    assert refusal(fay.post, "/v1/staff/claims", _decision(claim, "grant", award)).code == "answer_awaited"
    noa.app.post(f"/v1/driver/claims/{claim['claim_id']}/answer", {"words": "The bag was closed when I got it."})
    waits = fay.post("/v1/staff/claims", _decision(claim, "grant", _award(goods=LARGE)))
    assert waits["state"] == "to_confirm", waits
    assert refusal(fay.post, "/v1/staff/claims", _decision(claim, "confirm")).code == "second_person_needed"
    done = gus.post("/v1/staff/claims", _decision(claim, "confirm"))
    assert (done["state"], done["award"]["from_driver"]["amount"]) == ("granted", 0), done
    scene.until("the shop owes less", lambda: owed - scene.owed_by_shop() == LARGE or None)
    scene.until("nothing is held of Noa's pay", lambda: scene.balance_of(f"driver:{noa.id}:held") == 0 or None)
    scene.say("Noa answers; Fay grants the goods' worth, Gus confirms, Noa bears nothing, and the shop owes less")

    lapsing = _opened(scene, wrong, "damaged", 700)
    scene.stack.clock.jump(timedelta(days=11))
    called = scene.stack.client("lambda").invoke(FunctionName="crowdship-local-tasks-claims", Payload=b"{}")
    assert "FunctionError" not in called, json.loads(called["Payload"].read())
    assert gus.get("/v1/staff/claims", claim_id=lapsing["claim_id"])["claims"][0]["state"] == "refused"
    scene.trial_balance()
    scene.say("a third claim that nobody decides is refused by its deadline; nothing is on hold, and the books balance")


def _delivered(scene: Scene, driver: Actor, condition: str) -> dict[str, Any]:
    order = scene.order()
    driver.accept(scene.offer_to(driver))
    driver.fetch(order)
    driver.bring(order)
    told = {"position": driver.at.json(), "condition": {"state": condition}}
    assert driver.step(order, "deliver", **told) == "delivered"
    return order


def _opened(
    scene: Scene, order: dict[str, Any], kind: str, amount: int, reference: str | None = None
) -> dict[str, Any]:
    opening = {
        "reference": reference or f"ticket-{secrets.token_hex(6)}",
        "delivery_id": order["id"],
        "kind": kind,
        "amount": {"amount": amount, "currency": "USD"},
        "words": "Our customer complains.",
    }
    found: dict[str, Any] = scene.shop.post("/v1/claims", {"opening": opening})
    return found


def _award(**amounts: int) -> dict[str, Any]:
    names = ("goods", "charge", "tip", "from_driver", "to_driver")
    return {name: {"amount": amounts.get(name, 0), "currency": "USD"} for name in names}


def _decision(claim: dict[str, Any], verdict: str, award: dict[str, Any] | None = None) -> dict[str, Any]:
    granted = {"award": award} if award else {}
    said = {"claim_id": claim["claim_id"], "verdict": verdict, "reasons": "We looked at the positions."}
    return {"decision": {**said, **granted}}
