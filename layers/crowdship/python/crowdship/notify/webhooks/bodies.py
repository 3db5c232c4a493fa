"""Bodies and headers of webhooks."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from crowdship.deliveries.views import outward_actor
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.signatures import sign

WITHHELD = frozenset(
    {
        "delivery.reopened",
        "delivery.handed_over",
        "delivery.pay_released",
        "delivery.pay_refused",
        "claim.answered",
        "claim.held",
        "claim.released",
        "invoice.payment_settled",
        "invoice.written_off",
    }
)
"""Events that merchants don't get: how often a driver was searched for, doubts about a driver, a driver's pay, and what
finance does by itself."""

OF_THE_DRIVER = frozenset({"asks_driver", "answer_by", "bears"})
"""Fields of a claim that are between the platform and the driver."""


OF_A_ZONE = frozenset({"surge.changed"})
"""Events of a zone, which name no merchant: all that may order there get them."""


def concerns_merchant(event: DomainEvent) -> bool:
    """Return whether the endpoints of the merchant that an event names get it."""
    return (
        event.type.startswith(("delivery.", "source.", "claim.", "refund.", "invoice.")) and event.type not in WITHHELD
    )


def concerns_zone(event: DomainEvent) -> bool:
    """Return whether the endpoints of all merchants that may order in an event's zone get it."""
    return event.type in OF_A_ZONE


def addressed_to(event: DomainEvent, merchant_id: str) -> DomainEvent:
    """Return a zone's event as one of its merchants gets it: with the merchant's id, and an id of its own.

    The id follows from event and merchant, so it is the same whenever the event comes again, and no two merchants get
    different bodies under one id.
    """
    told = {"id": derived_id("evt", event.id, merchant_id), "data": {**event.data, "merchant_id": merchant_id}}
    return event.model_copy(update=told)


class WebhookMessage(Value):
    """An event as merchants get it, by webhook and in the event log. The body is the text that is signed and sent."""

    id: str
    type: str
    subject: str
    body: str

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        """Return what merchants get of an event."""
        return cls(id=event.id, type=event.type, subject=event.subject, body=webhook_body(event).decode())


def message_of_test(event_id: str, type: str, merchant_id: str, endpoint_id: str, now: datetime) -> WebhookMessage:
    """Return the message of a test, which is about the endpoint itself."""
    data = {"merchant_id": merchant_id, "endpoint_id": endpoint_id, "subject": endpoint_id, "sequence": 1}
    body = {"type": type, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": data}
    return WebhookMessage(id=event_id, type=type, subject=endpoint_id, body=json.dumps(body, separators=(",", ":")))


def webhook_body(event: DomainEvent) -> bytes:
    """Return the body of a webhook, as the bytes that are signed and sent.

    The driver's pay, what a driver bears of a claim, and the names of our staff are left out.
    """
    content: dict[str, Any] = {"subject": event.subject, "sequence": event.sequence}
    if price := event.data.get("price"):
        content["price"] = {name: part for name, part in price.items() if name != "pay"}
    if actor := event.data.get("actor"):
        content["actor"] = outward_actor(actor)
    if called_off := event.data.get("cancellation"):
        content["cancellation"] = {name: value for name, value in called_off.items() if name != "shares"}
    if award := event.data.get("award"):
        content["award"] = {name: amount for name, amount in award.items() if not name.endswith("_driver")}
    left_out = {"hold", *OF_THE_DRIVER}
    data = {name: value for name, value in {**event.data, **content}.items() if name not in left_out}
    body = {"type": event.type, "timestamp": event.model_dump(mode="json")["time"], "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def webhook_headers(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a webhook, with one signature for each secret: two during a rotation."""
    return {
        "content-type": "application/json",
        "user-agent": "crowdship-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in secrets),
    }
