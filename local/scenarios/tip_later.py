"""A tip comes after the hand-over: all of it goes to the driver, and a repeated request gives it only once."""

from local.city.results.amounts import amount
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (mila,) = scene.open(1, named=("Mila Novak",))
    mila.go_on_duty()
    delivery = scene.order()
    path = f"/v1/deliveries/{delivery['id']}/tip"
    key = f"{delivery['external_id']}-thanks"
    mila.accept(scene.offer_to(mila))
    refused = refusal(scene.shop.post, path, {"amount": 500}, Idempotency_Key=key)
    assert refused.code == "wrong_state", f"a tip before the hand-over was answered with {refused.code}"
    mila.fetch(delivery)
    mila.bring(delivery)
    mila.step(delivery, "deliver")
    earned = scene.earned(mila, delivery)["total"]["amount"]
    scene.say(f"Mila delivers and earns {amount(earned)} USD, without a tip")

    owed = scene.owed_by_shop()
    first = scene.shop.post(path, {"amount": 500}, Idempotency_Key=key)
    second = scene.shop.post(path, {"amount": 500}, Idempotency_Key=key)
    assert first["late_tips"] == second["late_tips"] == {"amount": 500, "currency": "USD"}, "it was tipped twice"
    refused = refusal(scene.shop.post, path, {"amount": 900}, Idempotency_Key=key)
    assert refused.code == "key_reused", f"another tip under the same key was answered with {refused.code}"
    scene.say("the customer tips 5.00 USD afterwards: requested twice, booked once")
    hook = scene.webhook(delivery, "delivery.tipped")
    assert hook.data["tipped"]["amount"] == 500, f"the webhook says {hook.data['tipped']}"

    line = scene.earned(mila, delivery, kind="tip")
    assert line["total"]["amount"] == line["tip"]["amount"] == 500, f"Mila gets {line['total']['amount']} of it"
    due = scene.owed_by_shop() - owed
    assert due == 500, f"the shop is charged {due} for it"
    scene.trial_balance()
    scene.say("Mila gets all of it; the trial balance is 0.00")
