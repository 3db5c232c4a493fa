"""Calls of drivers: emergencies, and messages with the dispatchers and with customers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import DRIVERS, JSON, Api, serve
from crowdship.contact import calls, emergencies, messages
from crowdship.contact.emergency import EmergencyInput
from crowdship.contact.message import MessageInput, Party, ReadInput
from crowdship.contact.relay.model import RelayNumber
from crowdship.contact.views import Emergencies, EmergencyView, MessagePage, MessageView

api = Api()
clock, wall = clock_from(), RunningClock()


@api.post("/v1/driver/emergencies", status_code=201, tags=["driver"])
def raise_emergency(body: Annotated[EmergencyInput, Body()]) -> Response[EmergencyView]:
    """Raise an emergency: staff are told at once. It works off duty and for suspended drivers too.

    The same `emergency_id` again is the same emergency. A note is cut to 1,000 characters.
    """
    return Response(201, JSON, emergencies.raise_emergency(api.caller(DRIVERS), body, clock))


@api.get("/v1/driver/emergencies", tags=["driver"])
def read_emergencies() -> Emergencies:
    """List the own emergencies that staff have not handled yet."""
    return Emergencies(emergencies=emergencies.own(api.caller(DRIVERS)))


@api.get("/v1/driver/messages", tags=["driver"])
def read_messages(after: Annotated[str | None, Query()] = None) -> MessagePage:
    """List messages with the dispatchers, the oldest first; `after` is the `message_id` of the last one known."""
    return messages.page(messages.with_staff(api.caller(DRIVERS)), Party.DRIVER, after)


@api.post("/v1/driver/messages", status_code=201, tags=["driver"])
def write_message(body: Annotated[MessageInput, Body()]) -> Response[MessageView]:
    """Write to the dispatchers. The same `message_id` again is the same message."""
    thread = messages.with_staff(api.caller(DRIVERS))
    return Response(201, JSON, messages.send(thread, Party.DRIVER, body, clock, wall))


@api.post("/v1/driver/messages/read", status_code=204, tags=["driver"])
def mark_messages(body: Annotated[ReadInput, Body()]) -> Response[None]:
    """Mark the dispatchers' messages as read, up to the `at` of one."""
    messages.mark_read(messages.with_staff(api.caller(DRIVERS)), Party.DRIVER, body.until, clock, wall)
    return Response(204)


@api.get("/v1/driver/deliveries/<delivery_id>/messages", tags=["driver"])
def read_customer_messages(delivery_id: str, after: Annotated[str | None, Query()] = None) -> MessagePage:
    """List messages with the customer; empty before the pickup and from an hour after the stop."""
    thread = messages.of_driver(delivery_id, api.caller(DRIVERS), clock)
    return messages.page(thread, Party.DRIVER, after)


@api.post("/v1/driver/deliveries/<delivery_id>/messages", status_code=201, tags=["driver"])
def write_to_customer(delivery_id: str, body: Annotated[MessageInput, Body()]) -> Response[MessageView]:
    """Write to the customer, from the pickup until an hour after the stop: 409 `no_contact_now`."""
    thread = messages.of_driver(delivery_id, api.caller(DRIVERS), clock, writes=True)
    return Response(201, JSON, messages.send(thread, Party.DRIVER, body, clock, wall))


@api.post("/v1/driver/deliveries/<delivery_id>/messages/read", status_code=204, tags=["driver"])
def mark_customer_messages(delivery_id: str, body: Annotated[ReadInput, Body()]) -> Response[None]:
    """Mark the customer's messages as read, up to the `at` of one."""
    thread = messages.of_driver(delivery_id, api.caller(DRIVERS), clock)
    messages.mark_read(thread, Party.DRIVER, body.until, clock, wall)
    return Response(204)


@api.post("/v1/driver/deliveries/<delivery_id>/call", status_code=201, tags=["driver"])
def call_customer(delivery_id: str) -> Response[RelayNumber]:
    """Get the number that connects with the customer; neither side sees the other's.

    409 `no_contact_now` before the pickup and from an hour after the stop, 409 `no_calls_here`. It ends after 15
    minutes; asking again moves its end.
    """
    return Response(201, JSON, calls.of_driver(delivery_id, api.caller(DRIVERS), clock, wall))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
