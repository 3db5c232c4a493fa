"""Calls of drivers about their own data and their duty."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.views import DriverView, DutyInput

api = Api()
clock = clock_from()


@api.get("/v1/driver/me", tags=["driver"])
def read_me() -> DriverView:
    """Read the data of the calling driver."""
    return DriverView.of(drivers.get(api.caller(DRIVERS)))


@api.post("/v1/driver/duty", tags=["driver"])
def go_on_duty(body: Annotated[DutyInput, Body()]) -> DriverView:
    """Start to take work; the position is ignored if the driver is on duty already."""
    return DriverView.of(duty.begin(api.caller(DRIVERS), body.zone_id, body.position, clock))


@api.delete("/v1/driver/duty", tags=["driver"])
def go_off_duty() -> DriverView:
    """Stop taking work; refused while stops are open."""
    return DriverView.of(duty.end(api.caller(DRIVERS), clock))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
