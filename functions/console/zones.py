"""Calls of staff about zones and their settings."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.http import STAFF, Api, serve
from crowdship.zones import service as zones
from crowdship.zones.model import ZoneId, ZoneSettings
from crowdship.zones.views import ZoneList, ZoneView

api = Api()


@api.put("/v1/staff/zones/<zone_id>", tags=["staff"])
def put_zone(zone_id: ZoneId, body: Annotated[ZoneSettings, Body()]) -> ZoneView:
    """Create or change a zone."""
    api.caller(STAFF)
    return ZoneView.of(zones.put(zone_id, body))


@api.get("/v1/staff/zones/<zone_id>", tags=["staff"])
def read_zone(zone_id: str) -> ZoneView:
    """Read a zone."""
    api.caller(STAFF)
    return ZoneView.of(zones.get(zone_id))


@api.get("/v1/staff/zones", tags=["staff"])
def list_zones() -> ZoneList:
    """List all zones."""
    api.caller(STAFF)
    return ZoneList(zones=tuple(ZoneView.of(zone) for zone in zones.every()))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
