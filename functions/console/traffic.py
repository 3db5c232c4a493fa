"""Calls of staff about a zone's traffic and the incidents on its streets."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, Response, serve
from crowdship.travel import current
from crowdship.travel.conditions import KnownIncident
from crowdship.travel.reports import IncidentInput, IncidentList, TrafficView
from crowdship.zones import service as zones

api = Api()
clock = clock_from()


@api.get("/v1/staff/zones/<zone_id>/incidents", tags=["staff"])
def list_incidents(zone_id: str) -> IncidentList:
    """List a zone's incidents that are not over."""
    api.caller(STAFF)
    return IncidentList(zone_id=zone_id, incidents=current.standing(zone_id, clock))


@api.post("/v1/staff/zones/<zone_id>/incidents", status_code=201, tags=["staff"])
def report_incident(zone_id: str, body: Annotated[IncidentInput, Body()]) -> Response[KnownIncident]:
    """Report an incident that slows traffic or closes an area; planning and arrival times use it within seconds."""
    actor = api.caller(STAFF)
    return Response(201, JSON, current.report(zone_id, body.incident(clock.now()), body.note, actor, clock))


@api.delete("/v1/staff/zones/<zone_id>/incidents/<incident_id>", tags=["staff"])
def end_incident(zone_id: str, incident_id: str) -> IncidentList:
    """End an incident before its time; return the incidents that are left."""
    api.caller(STAFF)
    current.end(zone_id, incident_id, clock)
    return IncidentList(zone_id=zone_id, incidents=current.standing(zone_id, clock))


@api.get("/v1/staff/zones/<zone_id>/traffic", tags=["staff"])
def read_traffic(zone_id: str) -> TrafficView:
    """Read how slow a zone's streets are now and in the coming hours, as learned from its drivers."""
    api.caller(STAFF)
    return TrafficView.of(current.learned_in(zones.get(zone_id)), clock.now())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
