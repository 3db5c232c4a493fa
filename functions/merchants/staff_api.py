"""Calls of staff about merchants: sign-up, keys and shops."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.intake import accounts
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.model import MerchantInput, SourceName
from crowdship.merchants.views import (
    KeyInput,
    MerchantPage,
    MerchantView,
    NewKey,
    NewSource,
    ShopifyInput,
    TermsInput,
    WooCommerceInput,
)

api = Api()
clock = clock_from()
wall = RunningClock()


@api.post("/v1/staff/merchants", status_code=201, tags=["staff"])
def sign_up(body: Annotated[MerchantInput, Body()]) -> Response[MerchantView]:
    """Sign up a merchant."""
    api.caller(STAFF)
    return Response(201, JSON, MerchantView.of(merchants.sign_up(body, clock)))


@api.get("/v1/staff/merchants", tags=["staff"])
def list_merchants(
    after: Annotated[str | None, Query()] = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> MerchantPage:
    """List merchants, page by page."""
    api.caller(STAFF)
    return MerchantPage.of(merchants.page(after, limit), limit)


@api.get("/v1/staff/merchants/<merchant_id>", tags=["staff"])
def read_merchant(merchant_id: str) -> MerchantView:
    """Read a merchant."""
    api.caller(STAFF)
    return MerchantView.of(merchants.get(merchant_id))


@api.patch("/v1/staff/merchants/<merchant_id>", tags=["staff"])
def change_terms(merchant_id: str, body: Annotated[TermsInput, Body()]) -> MerchantView:
    """Change a merchant's rate limit, its zones, or whether it is active."""
    api.caller(STAFF)
    return MerchantView.of(accounts.change_terms(merchant_id, body))


@api.post("/v1/staff/merchants/<merchant_id>/keys", status_code=201, tags=["staff"])
def issue_key(merchant_id: str, body: Annotated[KeyInput, Body()]) -> Response[NewKey]:
    """Issue an API key; it is shown this once."""
    api.caller(STAFF)
    return Response(201, JSON, NewKey.of(accounts.issue_key(merchant_id, body, clock)))


@api.delete("/v1/staff/merchants/<merchant_id>/keys/<key_id>", tags=["staff"])
def revoke_key(merchant_id: str, key_id: str) -> MerchantView:
    """Revoke an API key."""
    api.caller(STAFF)
    merchants.revoke_key(merchant_id, key_id, clock)
    return MerchantView.of(merchants.get(merchant_id))


@api.put("/v1/staff/merchants/<merchant_id>/shopify", tags=["staff"])
def connect_shopify(merchant_id: str, body: Annotated[ShopifyInput, Body()]) -> MerchantView:
    """Connect a Shopify shop; connecting again with another secret, the former one is good for another day."""
    api.caller(STAFF)
    sources.connect(merchant_id, SourceName.SHOPIFY, body.shop_domain, clock, wall, body.shared_secret)
    return MerchantView.of(merchants.get(merchant_id))


@api.put("/v1/staff/merchants/<merchant_id>/woocommerce", tags=["staff"])
def connect_woocommerce(merchant_id: str, body: Annotated[WooCommerceInput, Body()]) -> NewSource:
    """Connect a WooCommerce shop, or change its secret; it is shown this once, the former one is good for a day."""
    api.caller(STAFF)
    shop = body.shop_url.rstrip("/").lower()
    secret = sources.connect(merchant_id, SourceName.WOOCOMMERCE, shop, clock, wall)
    return NewSource.of(merchant_id, SourceName.WOOCOMMERCE, secret)


@api.put("/v1/staff/merchants/<merchant_id>/webhook-source", tags=["staff"])
def connect_webhook_source(merchant_id: str) -> NewSource:
    """Connect a system that signs its orders, or change its secret, shown this once; the former is good for a day."""
    api.caller(STAFF)
    secret = sources.connect(merchant_id, SourceName.WEBHOOK, None, clock, wall)
    return NewSource.of(merchant_id, SourceName.WEBHOOK, secret)


@api.delete("/v1/staff/merchants/<merchant_id>/shopify", tags=["staff"])
def disconnect_shopify(merchant_id: str) -> MerchantView:
    """Take no more orders of a Shopify shop."""
    api.caller(STAFF)
    sources.disconnect(merchant_id, SourceName.SHOPIFY)
    return MerchantView.of(merchants.get(merchant_id))


@api.delete("/v1/staff/merchants/<merchant_id>/woocommerce", tags=["staff"])
def disconnect_woocommerce(merchant_id: str) -> MerchantView:
    """Take no more orders of a WooCommerce shop."""
    api.caller(STAFF)
    sources.disconnect(merchant_id, SourceName.WOOCOMMERCE)
    return MerchantView.of(merchants.get(merchant_id))


@api.delete("/v1/staff/merchants/<merchant_id>/webhook-source", tags=["staff"])
def disconnect_webhook_source(merchant_id: str) -> MerchantView:
    """Take no more orders of a system that signs them."""
    api.caller(STAFF)
    sources.disconnect(merchant_id, SourceName.WEBHOOK)
    return MerchantView.of(merchants.get(merchant_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
