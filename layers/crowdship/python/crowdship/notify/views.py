"""Webhooks as staff are told of them."""

from collections.abc import Sequence
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.notify.model import Attempt, Result, Sending


class WebhookView(Value):
    """One event to one endpoint; ``result`` is null while it is tried again."""

    event_id: str
    type: str | None
    endpoint_id: str
    result: Result | None
    attempts: tuple[Attempt, ...]

    @classmethod
    def of(cls, sending: Sending) -> Self:
        """Return the view of a sending."""
        return cls(
            event_id=sending.event_id,
            type=sending.event_type,
            endpoint_id=sending.recipient,
            result=sending.result,
            attempts=sending.attempts,
        )


class Webhooks(Value):
    """What merchants' endpoints were sent of a delivery, in the order of its events; it is kept for 30 days."""

    delivery_id: str
    webhooks: tuple[WebhookView, ...]

    @classmethod
    def of(cls, delivery_id: str, sendings: Sequence[Sending]) -> Self:
        """Return the view of a delivery's sendings."""
        return cls(delivery_id=delivery_id, webhooks=tuple(WebhookView.of(sending) for sending in sendings))


class ResumedEndpoint(Value):
    """An endpoint that is served again; ``was_stopped_at`` is null if it was served all the time."""

    endpoint_id: str
    url: str
    was_stopped_at: Moment | None
