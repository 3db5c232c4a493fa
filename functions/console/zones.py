"""Calls of staff about zones: their settings, pauses and law."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.kernel.clock import Day
from crowdship.zones import service as zones
from crowdship.zones.model import ZoneId, ZoneSettings
from crowdship.zones.pauses import PauseInput
from crowdship.zones.views import LawView, ZoneList, ZoneView

api = Api()
clock = clock_from()


@api.put("/v1/staff/zones/<zone_id>", tags=["staff"])
def put_zone(zone_id: ZoneId, body: Annotated[ZoneSettings, Body()]) -> ZoneView:
    """Create or change a zone; a pause stays. Settings that undercut the law of its place are refused."""
    api.caller(STAFF)
    return ZoneView.of(zones.establish(zone_id, body, clock), clock.now())


@api.get("/v1/staff/zones/<zone_id>", tags=["staff"])
def read_zone(zone_id: str) -> ZoneView:
    """Read a zone."""
    api.caller(STAFF)
    return ZoneView.of(zones.get(zone_id), clock.now())


@api.get("/v1/staff/zones", tags=["staff"])
def list_zones() -> ZoneList:
    """List all zones."""
    api.caller(STAFF)
    return ZoneList(zones=tuple(ZoneView.of(zone, clock.now()) for zone in zones.every()))


@api.get("/v1/staff/law", tags=["staff"])
def read_law(
    zone_id: Annotated[ZoneId, Query()],
    on: Annotated[Day | None, Query(description="A day, also a past one; now if it is left out")] = None,
) -> LawView:
    """List the rules of law in force in a zone on a day, with figure, jurisdiction, status and source of each."""
    api.caller(STAFF)
    return LawView.of(zones.get(zone_id), on, clock.now())


@api.put("/v1/staff/zones/<zone_id>/pause", tags=["staff"])
def pause_zone(zone_id: str, body: Annotated[PauseInput, Body()]) -> ZoneView:
    """Take no orders in a zone, or make no offers, until a moment or until the pause is ended."""
    return ZoneView.of(zones.pause(zone_id, body, api.caller(STAFF), clock), clock.now())


@api.delete("/v1/staff/zones/<zone_id>/pause", tags=["staff"])
def end_pause(zone_id: str) -> ZoneView:
    """End a zone's pause; without one nothing changes."""
    api.caller(STAFF)
    return ZoneView.of(zones.go_on(zone_id), clock.now())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
