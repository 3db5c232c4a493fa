"""Systems that send orders by themselves: shops and points of sale, known by their signatures."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from crowdship.intake import receiving
from crowdship.intake.sources import shopify, webhook, woocommerce
from crowdship.intake.sources.model import Message, OrderSource, SourceAnswer
from crowdship.kernel.clock import clock_from
from crowdship.kernel.http import FORM, JSON, Api, serve

WOOCOMMERCE = "/v1/sources/woocommerce/{merchant_id}/orders"

api = Api()
clock = clock_from()


def _receive(source: OrderSource, merchant_id: str) -> Response[SourceAnswer]:
    message = Message({name.lower(): api.header(name) or "" for name in source.HEADERS}, api.raw_body)
    context, caller = api.lambda_context, api.source_ip
    return Response(200, JSON, receiving.receive(source, merchant_id, message, clock, context, caller=caller))


@api.post("/v1/sources/shopify/<merchant_id>/orders", tags=["shop"])
def receive_shopify(merchant_id: str) -> Response[SourceAnswer]:
    """Turn a signed Shopify order into a delivery, or erase people; the same webhook again changes nothing."""
    return _receive(shopify, merchant_id)


@api.post("/v1/sources/woocommerce/<merchant_id>/orders", tags=["shop"])
def receive_woocommerce(merchant_id: str) -> Response[SourceAnswer]:
    """Turn a signed WooCommerce order into a delivery once it is paid, or call it off."""
    return _receive(woocommerce, merchant_id)


@api.post("/v1/sources/webhook/<merchant_id>/orders", tags=["shop"])
def receive_webhook(merchant_id: str) -> Response[SourceAnswer]:
    """Turn an order that is signed as Standard Webhooks say into a delivery; the same message changes nothing."""
    return _receive(webhook, merchant_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one message; WooCommerce asks with a form if anybody is there."""
    return serve(api, event, context, {f"POST {WOOCOMMERCE}": (JSON, FORM)})
