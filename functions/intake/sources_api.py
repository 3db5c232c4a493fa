"""Systems that send orders by themselves, known by their signatures; and their merchants on what these sent in vain."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import FORM, JSON, Api, serve
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
    """Turn a signed Shopify order into a delivery, change it, call it off, or erase people; once for each message."""
    return _receive(shopify, merchant_id)


@api.post("/v1/sources/woocommerce/<merchant_id>/orders", tags=["shop"])
def receive_woocommerce(merchant_id: str) -> Response[SourceAnswer]:
    """Turn a signed WooCommerce order into a delivery once it is paid, change it, or call it off."""
    return _receive(woocommerce, merchant_id)


@api.post("/v1/sources/webhook/<merchant_id>/orders", tags=["shop"])
def receive_webhook(merchant_id: str) -> Response[SourceAnswer]:
    """Turn an order that is signed as Standard Webhooks say into a delivery; the same message changes nothing."""
    return _receive(webhook, merchant_id)


def _merchant() -> str:
    return api.admit(merchants.authenticate, Scope.ACCOUNT).id


@api.get("/v1/account/sources/<source>", tags=["merchant"])
def read_source(source: str) -> SourceView:
    """Read a connected shop: its settings, and how many of its messages of the last 30 days made nothing, by code."""
    return source_account.read(_merchant(), source)


@api.patch("/v1/account/sources/<source>", tags=["merchant"])
def change_source(source: str, body: Annotated[ShopSettings, Body()]) -> SourceView:
    """Change how a shop's orders are read; what is left out stays."""
    return source_account.change_settings(_merchant(), source, body)


@api.get("/v1/account/sources/<source>/messages", tags=["merchant"])
def list_ignored_messages(
    source: str,
    before: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> IgnoredPage:
    """List what a shop sent in the last 30 days and made nothing, the newest first; `before` is a `next_before`."""
    return source_account.messages(_merchant(), source, before, limit)


@api.post("/v1/account/sources/<source>/messages/<message_id>/retry", tags=["merchant"])
def retry_ignored_message(source: str, message_id: str) -> IgnoredView:
    """Try a shop's message again, as it was sent; refused with the reason if it still can't be done."""
    return source_account.retry(_merchant(), source, message_id, clock, api.lambda_context)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one message or request; WooCommerce asks with a form if anybody is there."""
    return serve(api, event, context, {f"POST {WOOCOMMERCE}": (JSON, FORM)})
