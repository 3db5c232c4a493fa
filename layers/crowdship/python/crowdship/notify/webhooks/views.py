"""Webhooks, endpoints, replays and the event log as merchants and staff read them."""

import json
from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.cursors import cursor_of
from crowdship.kernel.events import Value
from crowdship.merchants.model import Mode
from crowdship.notify.sendings import Attempt, Result, Sending
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.delivery.attempts import AttemptLine
from crowdship.notify.webhooks.endpoints.model import DisabledBecause, Endpoint
from crowdship.notify.webhooks.endpoints.signing import Signing
from crowdship.notify.webhooks.event_log.model import EventSpan
from crowdship.notify.webhooks.replay.model import Replay, ReplayState


class WebhookView(Value):
    """One event to one endpoint; ``result`` is null while it is retried."""

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
    """Webhooks of a delivery, in the order of its events; kept for 30 days."""

    delivery_id: str
    webhooks: tuple[WebhookView, ...]

    @classmethod
    def of(cls, delivery_id: str, sendings: Sequence[Sending]) -> Self:
        """Return the view of a delivery's sendings."""
        return cls(delivery_id=delivery_id, webhooks=tuple(WebhookView.of(sending) for sending in sendings))


class EndpointView(Value):
    """A webhook endpoint and its health."""

    endpoint_id: str
    url: str
    mode: Mode
    description: str | None
    events: tuple[str, ...] = Field(description="Event types, `delivery.*` for all of a kind, or `*` for all")
    active: bool
    disabled_because: DisabledBecause | None
    disabled_at: Moment | None
    failing_since: Moment | None = Field(description="The first failure since the last success; null while all is well")
    not_before: Moment | None = Field(description="The end of a pause, as it asked us to slow down, or hung")
    missed_since: Moment | None = Field(description="It may have missed events since: replay from here")
    created_at: Moment

    @classmethod
    def fields(cls, endpoint: Endpoint) -> dict[str, Any]:
        """Return the fields of an endpoint's view."""
        same = EndpointView.model_fields.keys() - {"endpoint_id", "events"}
        fields = {name: getattr(endpoint, name) for name in same}
        return {"endpoint_id": endpoint.id, "events": endpoint.events_wanted, **fields}

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """Return the view of an endpoint."""
        return cls(**cls.fields(endpoint))


class Endpoints(Value):
    """All endpoints of a merchant, the oldest first."""

    endpoints: tuple[EndpointView, ...]

    @classmethod
    def of(cls, endpoints: Sequence[Endpoint]) -> Self:
        """Return the view of a merchant's endpoints."""
        return cls(endpoints=tuple(EndpointView.of(endpoint) for endpoint in endpoints))


class NewEndpoint(EndpointView):
    """A new endpoint with its signing secret, shown once."""

    signing_secret: str

    @classmethod
    def with_secret(cls, endpoint: Endpoint, secret: str) -> Self:
        """Return the view of a new endpoint."""
        return cls(signing_secret=secret, **cls.fields(endpoint))


class NewSecret(Value):
    """A new signing secret, shown once."""

    endpoint_id: str
    signing_secret: str
    others_until: Moment | None = Field(description="Until then the old secret signs as well; null if none does")

    @classmethod
    def of(cls, endpoint: Endpoint, secret: str, signing: Signing) -> Self:
        """Return the view of a rotation."""
        ends = [held.until for held in signing.signing if held.until]
        return cls(endpoint_id=endpoint.id, signing_secret=secret, others_until=max(ends, default=None))


class TestSent(Value):
    """A test event that was enqueued; the answer will be in the delivery log under its id."""

    event_id: str
    type: str

    @classmethod
    def of(cls, message: WebhookMessage) -> Self:
        """Return the view of a test."""
        return cls(event_id=message.id, type=message.type)


class Attempts(Value):
    """Attempts to send webhooks to an endpoint, the newest first; ``cursor`` leads to older ones, null without any."""

    attempts: tuple[AttemptLine, ...]
    cursor: str | None

    @classmethod
    def of(cls, page: tuple[Sequence[AttemptLine], str | None]) -> Self:
        """Return the view of a page."""
        return cls(attempts=tuple(page[0]), cursor=page[1])


class ReplayView(Value):
    """A replay and its progress."""

    replay_id: str
    endpoint_id: str
    state: ReplayState
    event_id: str | None
    since: Moment | None
    until: Moment | None
    include_delivered: bool
    read: int = Field(description="Events of the log that were looked at")
    queued: int = Field(description="Events that are sent again")
    created_at: Moment

    @classmethod
    def of(cls, replay: Replay) -> Self:
        """Return the view of a replay."""
        same = cls.model_fields.keys() - {"replay_id"}
        return cls(replay_id=replay.id, **{name: getattr(replay, name) for name in same})


class LoggedEvent(Value):
    """An event of the log: its id (``webhook-id``) and the body of its webhook."""

    id: str
    arrived_at: Moment
    payload: dict[str, Any] = Field(description="Type, timestamp and data, as in the webhook of the same id")


class EventPage(Value):
    """Events in the order of arrival. Ask again with the cursor, at once if there are more."""

    events: tuple[LoggedEvent, ...]
    cursor: str
    more: bool

    @classmethod
    def of(cls, span: EventSpan) -> Self:
        """Return the view of a span."""
        told = (
            LoggedEvent(id=e.message.id, arrived_at=e.arrived_at, payload=json.loads(e.message.body))
            for e in span.events
        )
        return cls(events=tuple(told), cursor=cursor_of(span.position), more=span.more)
