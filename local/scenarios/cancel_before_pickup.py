"""A delivery is cancelled while the driver is on the way to the shop: its stops and link end, a quarter is charged."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from local.city.results.amounts import amount
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

SHARE = Decimal("0.25")
"""Share of each part of the price that is due if the driver was on the way to the pickup."""


def share_of(parts: list[dict[str, dict[str, int]]], rounding: str) -> int:
    """Return the share of a price in minor units, rounded part by part as in the books."""
    return sum(int((part["amount"]["amount"] * SHARE).quantize(Decimal(1), rounding)) for part in parts)


def play(scene: Scene) -> None:
    """Play it."""
    (ines,) = scene.open(1, named=("Ines Silva",))
    ines.go_on_duty()
    delivery = scene.order(tip=300)
    offer = scene.offer_to(ines)
    ines.accept(offer)
    ines.step(delivery, "depart", stop="pickup")
    assert len(ines.stops()) == 2
    scene.say("Ines accepted and is on her way to the shop")
    owed = scene.owed_by_shop()
    fee = scene.delivery(delivery)["cancellation_fee"]["by_reason"]["customer_changed_mind"]["amount"]

    cancelled = scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "customer_changed_mind"})
    assert cancelled["state"] == "cancelled", f"the delivery is {cancelled['state']}"
    assert ines.stops() == [], f"Ines still has {ines.stops()} on her route"
    scene.say("the customer changes their mind: both stops leave her route at once")
    scene.see_outcome(delivery)
    refused = refusal(ines.step, delivery, "arrive", stop="pickup")
    assert refused.status in (404, 409), f"a step at a cancelled delivery was answered with {refused}"
    hook = scene.webhook(delivery, "delivery.cancelled")
    assert hook.data["reason"] == "customer_changed_mind", f"the webhook says {hook.data['reason']}"

    line = scene.earned(ines, delivery)
    pay = share_of(offer["pay_parts"], ROUND_CEILING)
    assert line["total"]["amount"] == pay, f"Ines gets {line['total']['amount']} for her way, not {pay}"
    charge = share_of(delivery["charge_parts"], ROUND_HALF_EVEN)
    told = cancelled["cancellation"]["fee"]["amount"]
    assert fee == told == charge, f"the fee was shown as {fee}, told as {told} and should be {charge}"
    due = scene.owed_by_shop() - owed
    assert due == charge, f"the shop is charged {due}, not {charge}"
    scene.say(f"the shop pays {amount(charge)} USD, Ines gets {amount(pay)} for her way, no tip is due")
