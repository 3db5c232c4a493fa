"""Calls for dispatchers: day plans of scheduled deliveries, before any of these is offered."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.dispatch.dayplan import service as daily
from crowdship.dispatch.dayplan.rules import DayPlanRequest
from crowdship.dispatch.dayplan.views import DayPlanView

api = Api()
clock = clock_from()


@api.post("/v1/staff/zones/<zone_id>/day-plans", tags=["staff"])
def plan_day(zone_id: str, body: Annotated[DayPlanRequest, Body()]) -> DayPlanView:
    """Plan the zone's open deliveries of a span of time for some drivers; nothing is written and no driver is asked."""
    api.caller(STAFF)
    return daily.plan_zone(zone_id, body, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
