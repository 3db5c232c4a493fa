"""The customer's view of a delivery, behind a signed link."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import Api, serve
from crowdship.tracking.page.link import delivery_behind
from crowdship.tracking.page.service import TrackingView, customer_view

api = Api()
clock = clock_from()


@api.get("/v1/track/<token>", tags=["customer"])
def track(token: str) -> TrackingView:
    """Read the customer's view of a delivery; once it is closed, its outcome. `may` says which acts are allowed now."""
    return customer_view(delivery_behind(token, clock), clock, token)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
