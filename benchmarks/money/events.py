"""Events that move money, as the rooms emit them; their contracts are in ``events/``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money

Told = Mapping[str, Any]


def told(amount: Money) -> dict[str, Any]:
    """Return an amount as an event tells it."""
    return amount.model_dump(mode="json")


def event(type_: str, subject: str, number: int, time: datetime, data: Told) -> DomainEvent:
    """Return an event; its id follows from its subject, type and number."""
    return DomainEvent(
        id=derived_id("evt", subject, type_, number), type=type_, time=time, subject=subject, sequence=number, data=data
    )


def price(currency: str, base: int, distance: int, pay: int, time: int, tip: int) -> dict[str, Any]:
    """Return a pinned price of two parts on each side, in minor units."""

    def part(code: str, amount: int) -> dict[str, Any]:
        return {"code": code, "amount": {"amount": amount, "currency": currency}}

    return {
        "charge": [part("base", base), part("distance", distance)],
        "pay": [part("base", pay), part("time", time)],
        "tip": {"amount": tip, "currency": currency},
    }


ENDINGS = {
    "delivered": ("arrived_at_dropoff", None),
    "returned": ("returning", None),
    "failed": ("arrived_at_dropoff", "customer_refused"),
    "cancelled": ("arrived_at_pickup", None),
}
"""The state before each ending, and its reason."""


def ended(state: str, about: Told, priced: Told, time: datetime, number: int = 9) -> DomainEvent:
    """Return the event of a delivery that ended.

    Parameters
    ----------
    about : mapping
        ``delivery_id``, ``external_id``, ``merchant_id`` and ``driver_id``.
    priced : mapping
        Its pinned price.
    """
    previous, reason = ENDINGS[state]
    data = {
        **about,
        "state": state,
        "previous_state": previous,
        "price": priced,
        "reason": reason,
        "undeliverable": "dispose" if state == "failed" else "return",
        "cancellation": {"shares": {"charge": 50, "pay": 50}} if state == "cancelled" else None,
    }
    return event(f"delivery.{state}", about["delivery_id"], number, time, data)
