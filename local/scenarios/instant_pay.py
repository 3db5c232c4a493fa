"""A driver is paid at once for a fee, and the day's statement and the later payout are the less for it."""

from __future__ import annotations

import uuid
from typing import Any

from local.city.results import books
from local.city.results.amounts import amount
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

PATH = "/v1/driver/instant-pay"

CLOSES_BOOKS = True


def play(scene: Scene) -> None:
    """Play it."""
    (ria,) = scene.open(1, named=("Ria Solberg",), offers={"policy": "directed"}, certified=True)
    ria.go_on_duty()
    delivery = scene.order()
    ria.accept(scene.offer_to(ria))
    ria.fetch(delivery)
    ria.bring(delivery)
    ria.step(delivery, "deliver")
    scene.earned(ria, delivery)
    ria.go_home()
    scene.actors = []

    quote = ria.app.get(PATH)
    available = quote["available"]["amount"]
    assert available >= 200, f"the quote is {quote}"
    scene.say(f"Ria could have {amount(available)} USD at once; the fee of all is {amount(quote['fee']['amount'])}")
    half = available // 2
    key = str(uuid.uuid4())
    paid = _order(ria, half, key)
    assert (paid["state"], paid["speed"]) == ("paid", "instant"), f"the order was answered with {paid}"
    assert _order(ria, half, key)["payout_id"] == paid["payout_id"], "the same key ordered twice"
    again = refusal(_order, ria, half, str(uuid.uuid4()))
    assert again.code == "same_amount_again", f"the same amount again was answered with {again}"
    (sent,) = scene.receivers.bank.paid_to({ria.id})
    assert sent["amount"] == paid["net"]["amount"], "the bank was asked for another amount"
    left = ria.app.get(PATH)["at_hand"]["amount"]
    assert left == quote["at_hand"]["amount"] - half, "what is at hand is not the less by the order"
    scene.say(f"she orders {amount(half)} USD, gets {amount(sent['amount'])} at once, and has {amount(left)} left")

    day = scene.today()
    known = books.status_of(scene.staff, day)
    if known and known["finished_at"]:
        scene.say(f"{day} was settled before, so the rest is paid with the next day")
    else:
        books.settle(scene.staff, day)
        mine = [one for one in ria.app.get("/v1/driver/earnings", period=str(day))["payouts"] if one["state"] == "paid"]
        total = sum(one["amount"]["amount"] for one in mine)
        assert total == available, f"the payouts {mine} are not what was earned"
        scene.say(f"the day is settled: both payouts together are the {amount(total)} USD that she earned")
    scene.trial_balance()


def _order(driver: Actor, cents: int, key: str) -> Any:
    body = {"amount": {"amount": cents, "currency": "USD"}}
    return driver.app.post(PATH, body, Idempotency_Key=key)
