"""Webhooks of Shopify shops: new orders, and what privacy law has Shopify ask for."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from crowdship.intake import service as intake
from crowdship.intake.model import ShopifyAnswer
from crowdship.kernel.clock import clock_from
from crowdship.kernel.http import JSON, Api, serve

api = Api()
clock = clock_from()


@api.post("/v1/sources/shopify/<merchant_id>/orders", tags=["shop"])
def receive_order(merchant_id: str) -> Response[ShopifyAnswer]:
    """Turn a signed Shopify order into a delivery, or erase people; the same webhook again changes nothing."""
    headers = {name: api.header(name) or "" for name in intake.SHOPIFY_HEADERS}
    answer = intake.receive_shopify(merchant_id, headers, api.raw_body, clock, api.lambda_context)
    return Response(200, JSON, answer)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one webhook."""
    return serve(api, event, context)
