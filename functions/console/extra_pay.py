"""Calls of staff about incentives and blocks."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.blocks import service as blocks
from crowdship.blocks.model import BlockInput
from crowdship.blocks.views import BlockList, BlockView
from crowdship.incentives import service as incentives
from crowdship.incentives.model import IncentiveInput
from crowdship.incentives.views import IncentiveList, IncentiveView

api = Api()
clock = clock_from()


@api.get("/v1/staff/zones/<zone_id>/incentives", tags=["staff"])
def list_incentives(zone_id: str) -> IncentiveList:
    """List a zone's incentives with the use of their budgets; those that ended a week ago are there still."""
    api.caller(STAFF)
    return incentives.of_zone(zone_id, clock)


@api.post("/v1/staff/incentives", status_code=201, tags=["staff"])
def make_incentive(body: Annotated[IncentiveInput, Body()]) -> Response[IncentiveView]:
    """Make a quest, a bonus or a guarantee in a zone, with a budget that is never exceeded."""
    return Response(201, JSON, incentives.make(body, api.caller(STAFF), clock))


@api.post("/v1/staff/incentives/<incentive_id>/stop", tags=["staff"])
def stop_incentive(incentive_id: str) -> IncentiveView:
    """Promise nothing more by an incentive; what was promised is kept."""
    return incentives.stop(incentive_id, api.caller(STAFF), clock)


@api.get("/v1/staff/zones/<zone_id>/blocks", tags=["staff"])
def list_blocks(zone_id: str) -> BlockList:
    """List a zone's blocks with their bookings; those that ended two days ago are there still."""
    api.caller(STAFF)
    return blocks.of_zone(zone_id, clock)


@api.post("/v1/staff/blocks", status_code=201, tags=["staff"])
def make_blocks(body: Annotated[BlockInput, Body()]) -> Response[BlockList]:
    """Make a block, or one in each of several weeks. 422 `law_forbids` if the zone's law forbids its `pause_days`."""
    return Response(201, JSON, blocks.make(body, api.caller(STAFF), clock))


@api.post("/v1/staff/blocks/<block_id>/stop", tags=["staff"])
def stop_block(block_id: str) -> BlockView:
    """Take no more bookings of a block; those that were made stand."""
    api.caller(STAFF)
    return blocks.stop(block_id, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
