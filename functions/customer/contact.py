"""Calls of a customer with a tracking link: messages with the driver, and calls."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.contact import calls, messages
from crowdship.contact.message import MessageInput, Party, ReadInput
from crowdship.contact.relay.model import RelayNumber
from crowdship.contact.views import MessagePage, MessageView
from crowdship.tracking.page.link import delivery_behind

api = Api()
clock, wall = clock_from(), RunningClock()


@api.get("/v1/track/<token>/messages", tags=["customer"])
def read_messages(token: str, after: Annotated[str | None, Query()] = None) -> MessagePage:
    """List messages with the driver, the oldest first; `after` is the `message_id` of the last one known."""
    return messages.page(messages.of_customer(delivery_behind(token, clock), clock), Party.CUSTOMER, after)


@api.post("/v1/track/<token>/messages", status_code=201, tags=["customer"])
def write_message(token: str, body: Annotated[MessageInput, Body()]) -> Response[MessageView]:
    """Write to the driver, from the pickup until an hour after the stop: 409 `no_contact_now`.

    The same `message_id` again is the same message. 410 `erased` for a customer whose data was erased.
    """
    thread = messages.of_customer(delivery_behind(token, clock), clock, writes=True)
    return Response(201, JSON, messages.send(thread, Party.CUSTOMER, body, clock, wall))


@api.post("/v1/track/<token>/messages/read", status_code=204, tags=["customer"])
def mark_messages(token: str, body: Annotated[ReadInput, Body()]) -> Response[None]:
    """Mark the driver's messages as read, up to the `at` of one."""
    thread = messages.of_customer(delivery_behind(token, clock), clock)
    messages.mark_read(thread, Party.CUSTOMER, body.until, clock, wall)
    return Response(204)


@api.post("/v1/track/<token>/call", status_code=201, tags=["customer"])
def call_driver(token: str) -> Response[RelayNumber]:
    """Get the number that connects with the driver; neither side sees the other's.

    409 `no_contact_now` before the pickup and from an hour after the stop, 409 `no_calls_here`. It ends after 15
    minutes; asking again moves its end.
    """
    return Response(201, JSON, calls.of_customer(delivery_behind(token, clock), clock, wall))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
