"""Break-even of a zone for staff: from which volume dedicated drivers cost less than the crowd."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.insight.break_even import service as break_even
from crowdship.insight.break_even.views import BreakEvenView
from crowdship.zones.model import ZoneId

api = Api()
clock = clock_from()


@api.get("/v1/staff/break-even", tags=["staff"])
def read_break_even(zone_id: Annotated[ZoneId, Query()]) -> BreakEvenView:
    """Return what a zone's last 28 days recommend: the crowd, dedicated drivers, or both, with the tipping point.

    `not_enough_days` and `no_cost` recommend nothing. Nothing is changed by itself: `fleet` is the hybrid policy that
    would follow, for `PUT /v1/staff/zones/{zone_id}`.
    """
    api.caller(STAFF)
    return break_even.of_zone(zone_id, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
