"""Calls for drivers: the browsers on which they want push messages."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.notify.push import service as subscriptions
from crowdship.notify.push.model import SubscriptionInput
from crowdship.notify.push.views import PushView, SubscriptionKept

api = Api()
clock = clock_from()


@api.get("/v1/driver/push", tags=["driver"])
def read_push() -> PushView:
    """Read the public key to subscribe with, and the calling driver's subscriptions."""
    return subscriptions.view_of(api.caller(DRIVERS))


@api.put("/v1/driver/push/subscriptions", tags=["driver"])
def subscribe(body: Annotated[SubscriptionInput, Body()]) -> SubscriptionKept:
    """Have push messages sent to a browser; the same subscription again changes nothing."""
    return SubscriptionKept(subscription_id=subscriptions.subscribe(api.caller(DRIVERS), body, clock).id)


@api.delete("/v1/driver/push/subscriptions/<subscription_id>", status_code=204, tags=["driver"])
def unsubscribe(subscription_id: str) -> Response[str]:
    """Send no more push messages to a browser; one that is not known stays unknown."""
    subscriptions.unsubscribe(api.caller(DRIVERS), subscription_id)
    return Response(204, body="")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
