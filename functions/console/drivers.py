"""Calls of staff about drivers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.identity import SignIns
from crowdship.drivers.model import DriverChange, DriverInput
from crowdship.drivers.shifts import PlannedShift
from crowdship.drivers.views import CancelShift, DriverPage, DriverView, ShiftList
from crowdship.merchants import service as merchants
from crowdship.zones import service as zones

api = Api()
clock = clock_from()


@api.post("/v1/staff/drivers", status_code=201, tags=["staff"])
def register_driver(body: Annotated[DriverInput, Body()]) -> Response[DriverView]:
    """Register a driver, who is then invited by e-mail to choose a password."""
    api.caller(STAFF)
    zones.get(body.home_zone_id)
    if body.merchant_id is not None:
        merchants.get(body.merchant_id)
    return Response(201, JSON, DriverView.of(drivers.register(body, clock, SignIns.configured().invite)))


@api.get("/v1/staff/drivers", tags=["staff"])
def list_drivers(
    zone_id: Annotated[str | None, Query(min_length=1)] = None,
    on_duty: Annotated[bool, Query()] = False,
    after: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> DriverPage:
    """List all drivers, or with zone_id and on_duty=true those on duty in a zone, page by page."""
    api.caller(STAFF)
    return DriverPage.of(drivers.page(after, limit, zone_id, on_duty=on_duty))


@api.get("/v1/staff/drivers/<driver_id>", tags=["staff"])
def read_driver(driver_id: str) -> DriverView:
    """Read a driver."""
    api.caller(STAFF)
    return DriverView.of(drivers.get(driver_id))


@api.patch("/v1/staff/drivers/<driver_id>", tags=["staff"])
def change_driver(driver_id: str, body: Annotated[DriverChange, Body()]) -> DriverView:
    """Change a driver's vehicle, documents or zone."""
    api.caller(STAFF)
    if body.home_zone_id is not None:
        zones.get(body.home_zone_id)
    return DriverView.of(drivers.change(driver_id, body, clock))


@api.delete("/v1/staff/drivers/<driver_id>/duty", tags=["staff"])
def end_duty(driver_id: str) -> DriverView:
    """Take a driver off duty; deliveries not fetched yet are offered to others; refused while goods are on board."""
    return DriverView.of(duty.relieve(driver_id, api.caller(STAFF), clock))


@api.get("/v1/staff/zones/<zone_id>/shifts", tags=["staff"])
def list_shifts(zone_id: str) -> ShiftList:
    """List the platform's dedicated drivers of a zone, and the shifts planned there that have not ended."""
    api.caller(STAFF)
    zones.get(zone_id)
    return ShiftList.of(drivers.fleet(), zone_id, clock.now())


@api.post("/v1/staff/drivers/<driver_id>/shifts", tags=["staff"])
def plan_shift(driver_id: str, body: Annotated[PlannedShift, Body()]) -> DriverView:
    """Plan a shift of a dedicated driver; refused for crowd drivers, as contractors choose their own hours."""
    api.caller(STAFF)
    zones.get(body.zone_id)
    return DriverView.of(drivers.plan_shift(driver_id, body, clock))


@api.post("/v1/staff/drivers/<driver_id>/shifts/remove", tags=["staff"])
def cancel_shift(driver_id: str, body: Annotated[CancelShift, Body()]) -> DriverView:
    """Cancel the shift that begins at a moment; what is on board is finished."""
    api.caller(STAFF)
    return DriverView.of(drivers.cancel_shift(driver_id, body.on_at))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
