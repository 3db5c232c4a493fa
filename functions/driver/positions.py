"""Positions from the drivers' app, in batches."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.tracking import service as tracking
from crowdship.tracking.service import Recorded
from crowdship.tracking.views import PositionBatch

api = Api()
clock = clock_from()


@api.post("/v1/driver/positions", tags=["driver"])
def record_positions(body: Annotated[PositionBatch, Body()]) -> Recorded:
    """Record a batch of positions; late, duplicate, impossible and off-duty ones are counted and left out."""
    return tracking.record(api.caller(DRIVERS), body.fixes, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
