"""Calls of a customer with a tracking link: rate, tip, instruct the driver."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import Api, serve
from crowdship.tracking.page import changes
from crowdship.tracking.page.actions import CustomerActions, CustomerTipInput, InstructionsInput, RatingInput
from crowdship.tracking.page.link import delivery_behind

api = Api()
clock, wall = clock_from(), RunningClock()


@api.post("/v1/track/<token>/rating", tags=["customer"])
def rate(token: str, body: Annotated[RatingInput, Body()]) -> CustomerActions:
    """Rate a delivery within 7 days after the hand-over; another rating, with its comment, replaces the first.

    409 `wrong_state` before the hand-over, 409 `too_late_to_rate`. 410 `erased` for a comment of a customer whose data
    was erased. The same rating again changes nothing.
    """
    return changes.rate(delivery_behind(token, clock), body, clock, wall)


@api.post("/v1/track/<token>/tip", tags=["customer"])
def tip(token: str, body: Annotated[CustomerTipInput, Body()]) -> CustomerActions:
    """Tip the driver of a delivery once, within 7 days after the hand-over; the tip is theirs whole.

    The merchant is charged, if its account has `customer_tips`: 409 `tips_not_taken`. 409 `wrong_state` before the
    hand-over, 409 `too_late_to_tip`. The same amount again is the same tip; another amount is refused with 409
    `tipped_already`.
    """
    return changes.tip(delivery_behind(token, clock), body, clock)


@api.put("/v1/track/<token>/instructions", tags=["customer"])
def instruct(token: str, body: Annotated[InstructionsInput, Body()]) -> CustomerActions:
    """Replace the notes that the driver sees at the drop-off, until the pickup: 409 `too_late_to_change`."""
    return changes.instruct(delivery_behind(token, clock), body, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
