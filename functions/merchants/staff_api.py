"""Staff on merchants: sign up, keys, webhook endpoints, shops."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.kernel.clock import clock_from
from crowdship.kernel.http import JSON, STAFF, Api, serve
from crowdship.kernel.settings import private_urls_allowed
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput
from crowdship.merchants.views import (
    EndpointInput,
    KeyInput,
    MerchantPage,
    MerchantView,
    NewEndpoint,
    NewKey,
    ShopifyInput,
)

api = Api()
clock = clock_from()


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


@api.post("/v1/staff/merchants/<merchant_id>/keys", status_code=201, tags=["staff"])
def issue_key(merchant_id: str, body: Annotated[KeyInput, Body()]) -> Response[NewKey]:
    """Issue an API key; it is shown this once."""
    api.caller(STAFF)
    return Response(201, JSON, NewKey(api_key=merchants.issue_key(merchant_id, body.scopes, clock)))


@api.delete("/v1/staff/merchants/<merchant_id>/keys/<key_id>", tags=["staff"])
def revoke_key(merchant_id: str, key_id: str) -> MerchantView:
    """Revoke an API key."""
    api.caller(STAFF)
    merchants.revoke_key(merchant_id, key_id, clock)
    return MerchantView.of(merchants.get(merchant_id))


@api.post("/v1/staff/merchants/<merchant_id>/endpoints", status_code=201, tags=["staff"])
def add_endpoint(merchant_id: str, body: Annotated[EndpointInput, Body()]) -> Response[NewEndpoint]:
    """Add a webhook endpoint; its signing secret is shown this once."""
    api.caller(STAFF)
    endpoint, secret = merchants.add_endpoint(merchant_id, body.url, clock, private_allowed=private_urls_allowed())
    return Response(201, JSON, NewEndpoint(endpoint_id=endpoint.endpoint_id, url=endpoint.url, signing_secret=secret))


@api.put("/v1/staff/merchants/<merchant_id>/shopify", tags=["staff"])
def connect_shopify(merchant_id: str, body: Annotated[ShopifyInput, Body()]) -> MerchantView:
    """Connect a Shopify shop."""
    api.caller(STAFF)
    merchants.connect_shopify(merchant_id, body.shop_domain, body.shared_secret)
    return MerchantView.of(merchants.get(merchant_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
