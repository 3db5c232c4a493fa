"""Calls of drivers about extra pay and blocks."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.blocks import service as blocks
from crowdship.blocks.views import Demand, OwnBlock, OwnBlocks
from crowdship.incentives import service as incentives
from crowdship.incentives.views import ExtraPay, OwnIncentive

api = Api()
clock = clock_from()


@api.get("/v1/driver/incentives", tags=["driver"])
def list_incentives() -> ExtraPay:
    """List what the calling driver can earn beside the pay of deliveries, with the progress of what they joined."""
    return incentives.of_driver(api.caller(DRIVERS), clock)


@api.post("/v1/driver/incentives/<incentive_id>/join", tags=["driver"])
def join_incentive(incentive_id: str) -> OwnIncentive:
    """Join a quest or a guarantee; what it can earn is then reserved. Who does not join loses nothing.

    409 `budget_used` if the budget does not cover one more driver, 409 `guarantees_overlap` beside another guarantee,
    403 to who may not drive, such as an applicant.
    """
    return incentives.join(api.caller(DRIVERS), incentive_id, clock)


@api.get("/v1/driver/blocks", tags=["driver"])
def list_blocks() -> OwnBlocks:
    """List the blocks that the calling driver has booked or waits for, and those that they may book."""
    return blocks.of_driver(api.caller(DRIVERS), clock)


@api.post("/v1/driver/blocks/<block_id>/booking", tags=["driver"])
def book_block(block_id: str) -> OwnBlock:
    """Book a place of a block, or one on its waitlist if all are taken.

    409 `block_full` if that is full too, 403 to who may not drive, such as an applicant.
    """
    return blocks.book(api.caller(DRIVERS), block_id, clock)


@api.delete("/v1/driver/blocks/<block_id>/booking", tags=["driver"])
def cancel_booking(block_id: str) -> OwnBlock:
    """Give up a place, or one on the waitlist; the first who waits moves up."""
    return blocks.cancel(api.caller(DRIVERS), block_id, clock)


@api.get("/v1/driver/demand", tags=["driver"])
def read_demand(
    zone_id: Annotated[str | None, Query(min_length=1, description="The home zone if left out")] = None,
    hours: Annotated[int, Query(ge=1, le=168)] = 24,
) -> Demand:
    """Return the orders that each of the next hours is expected to bring, with the weeks that were measured."""
    return blocks.demand(api.caller(DRIVERS), zone_id, hours, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
