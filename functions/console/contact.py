"""Calls of staff: emergencies of drivers, and messages with drivers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.contact import emergencies, messages
from crowdship.contact.emergency import HandlingInput
from crowdship.contact.message import MessageInput, Party, ReadInput
from crowdship.contact.views import EmergencyLine, MessagePage, MessageView, OpenEmergencies, UnreadDrivers

api = Api()
clock, wall = clock_from(), RunningClock()


@api.get("/v1/staff/emergencies", tags=["staff"])
def read_emergencies() -> OpenEmergencies:
    """List the emergencies of all zones that nobody has handled, the oldest first, with the driver's phone."""
    api.caller(STAFF)
    return OpenEmergencies(emergencies=emergencies.open_everywhere())


@api.post("/v1/staff/emergencies/<emergency_id>/handle", tags=["staff"])
def handle_emergency(emergency_id: str, body: Annotated[HandlingInput, Body()]) -> EmergencyLine:
    """Close an emergency with a note on what was done; 409 `handled_already` if somebody else did."""
    return emergencies.handle(emergency_id, body.note, api.caller(STAFF), clock, wall)


@api.get("/v1/staff/drivers/<driver_id>/messages", tags=["staff"])
def read_messages(driver_id: str, after: Annotated[str | None, Query()] = None) -> MessagePage:
    """List messages with a driver, the oldest first; `after` is the `message_id` of the last one known."""
    api.caller(STAFF)
    return messages.page(messages.with_staff(driver_id), Party.STAFF, after)


@api.post("/v1/staff/drivers/<driver_id>/messages", status_code=201, tags=["staff"])
def write_message(driver_id: str, body: Annotated[MessageInput, Body()]) -> Response[MessageView]:
    """Write to a driver; what the driver wrote before counts as read. The same `message_id` is the same message."""
    api.caller(STAFF)
    return Response(201, JSON, messages.send(messages.with_staff(driver_id), Party.STAFF, body, clock, wall))


@api.post("/v1/staff/drivers/<driver_id>/messages/read", status_code=204, tags=["staff"])
def mark_messages(driver_id: str, body: Annotated[ReadInput, Body()]) -> Response[None]:
    """Mark a driver's messages as read, up to the `at` of one."""
    api.caller(STAFF)
    messages.mark_read(messages.with_staff(driver_id), Party.STAFF, body.until, clock, wall)
    return Response(204)


@api.get("/v1/staff/messages/unread", tags=["staff"])
def read_unread() -> UnreadDrivers:
    """List the drivers whose messages no member of staff has read, the longest waiting first."""
    api.caller(STAFF)
    return messages.unread_from_drivers()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
