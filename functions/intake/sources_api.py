"""Signed messages of systems that send orders by themselves; merchants' calls about messages without an effect."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import FORM, JSON, Api, bearer, serve
from crowdship.intake.shops import account as source_account
from crowdship.intake.shops import receiving
from crowdship.intake.shops.ignored import IgnoredPage, IgnoredView, SourceView
from crowdship.intake.sources import shopify, webhook, woocommerce
from crowdship.intake.sources.model import Message, OrderSource, SourceAnswer
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.merchants.shop_settings import ShopSettings

WOOCOMMERCE = "/v1/sources/woocommerce/{merchant_id}/orders"

api = Api()
clock = clock_from()


def _receive(source: OrderSource, merchant_id: str) -> Response[SourceAnswer]:
    message = Message({name.lower(): api.header(name) or "" for name in source.HEADERS}, api.raw_body)
    context, caller = api.lambda_context, api.source_ip
    return Response(200, JSON, receiving.receive(source, merchant_id, message, clock, context, caller=caller))


@api.post("/v1/sources/shopify/<merchant_id>/orders", tags=["shop"])
def receive_shopify(merchant_id: str) -> Response[SourceAnswer]:
    """Create, change or cancel a delivery by a signed Shopify message, or erase people; once for each message."""
    return _receive(shopify, merchant_id)


@api.post("/v1/sources/woocommerce/<merchant_id>/orders", tags=["shop"])
def receive_woocommerce(merchant_id: str) -> Response[SourceAnswer]:
    """Create a delivery of a signed WooCommerce order once it is paid, change it, or cancel it."""
    return _receive(woocommerce, merchant_id)


@api.post("/v1/sources/webhook/<merchant_id>/orders", tags=["shop"])
def receive_webhook(merchant_id: str) -> Response[SourceAnswer]:
    """Create a delivery of an order that is signed by Standard Webhooks; a repeated message changes nothing."""
    return _receive(webhook, merchant_id)


def _merchant() -> str:
    return merchants.authenticate(bearer(api.header("Authorization")), Scope.ACCOUNT).id


@api.get("/v1/account/sources/<source>", tags=["merchant"])
def read_source(source: str) -> SourceView:
    """Read a connected shop: its settings, and its messages of the last 30 days without an effect, counted by code."""
    return source_account.read(_merchant(), source)


@api.patch("/v1/account/sources/<source>", tags=["merchant"])
def change_source(source: str, body: Annotated[ShopSettings, Body()]) -> SourceView:
    """Change how a shop's orders are read; settings that are left out stay."""
    return source_account.change_settings(_merchant(), source, body)


@api.get("/v1/account/sources/<source>/messages", tags=["merchant"])
def list_ignored_messages(
    source: str,
    before: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> IgnoredPage:
    """List a shop's messages of the last 30 days without an effect, the newest first; `before` is a `next_before`."""
    return source_account.messages(_merchant(), source, before, limit)


@api.post("/v1/account/sources/<source>/messages/<message_id>/retry", tags=["merchant"])
def retry_ignored_message(source: str, message_id: str) -> IgnoredView:
    """Try a shop's message again, as it was sent; refused with the reason if it still can't be done."""
    return source_account.retry(_merchant(), source, message_id, clock, api.lambda_context)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one message or request; WooCommerce tests the endpoint with a form."""
    return serve(api, event, context, {f"POST {WOOCOMMERCE}": (JSON, FORM)})
