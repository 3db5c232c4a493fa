"""API of staff for the messages to customers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.deliveries import service as deliveries
from crowdship.notify.customers.views import Notices
from crowdship.notify.reach import service as reach
from crowdship.notify.reach.model import LiftInput

api = Api()
wall = RunningClock()


@api.get("/v1/staff/deliveries/<delivery_id>/notices", tags=["staff"])
def read_notices(delivery_id: str) -> Notices:
    """Read the SMS and e-mails to the customer of a delivery in the last 30 days, sent or not."""
    api.caller(STAFF)
    return reach.told(deliveries.get(delivery_id))


@api.post("/v1/staff/deliveries/<delivery_id>/notices/lift", tags=["staff"])
def lift_suppression(delivery_id: str, body: Annotated[LiftInput, Body()]) -> Notices:
    """Write to the customer's address again that bounced or was complained about; not to one that replied STOP."""
    return reach.lift(deliveries.get(delivery_id), body, api.caller(STAFF), wall)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
