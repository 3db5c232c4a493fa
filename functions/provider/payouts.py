"""News of the payout provider."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import Api, serve
from crowdship.adapters.observability import metrics
from crowdship.payouts import news
from crowdship.payouts.registry import provider

api = Api()
clock = clock_from()


@api.post("/v1/providers/stripe/events", status_code=204, tags=["provider"])
def take_event() -> Response[None]:
    """Take in a signed event of Stripe; late, repeated and unknown ones are no fault.

    401 `bad_signature`, 404 `no_such_provider` on a stage that pays by another one, 422 `unreadable_event`.
    """
    news.take_in(api.raw_body, api.header("stripe-signature") or "", provider(), clock)
    return Response(HTTPStatus.NO_CONTENT)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
