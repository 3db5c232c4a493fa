"""Calls of staff about merchants: sign-up, keys and shops."""

from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.intake import accounts
from crowdship.intake.sources.model import OrderSource
from crowdship.intake.sources.registry import SOURCES
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import Connection
from crowdship.merchants.model import MerchantInput
from crowdship.merchants.views import (
    KeyInput,
    MerchantPage,
    MerchantView,
    NewKey,
    NewSource,
    TermsInput,
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


def _connect(source: OrderSource, merchant_id: str, connection: Connection) -> Any:
    api.caller(STAFF)
    secret = sources.connect_as(merchant_id, source.NAME, connection, clock, wall)
    told = MerchantView.of(merchants.get(merchant_id)) if source.CHOOSES_SECRET else None
    return told or NewSource.of(merchant_id, source.NAME, secret)


def _connector(source: OrderSource) -> Callable[..., Any]:
    """Return the handler that connects one kind of source, with the fields that this kind asks for."""
    fields, told = source.CONNECTION, MerchantView if source.CHOOSES_SECRET else NewSource

    def connect(merchant_id: str, body: Annotated[fields, Body()]) -> told:  # type: ignore[valid-type]
        return _connect(source, merchant_id, body)

    def connect_without_fields(merchant_id: str) -> told:  # type: ignore[valid-type]
        return _connect(source, merchant_id, Connection())

    return connect if fields else connect_without_fields


def _disconnector(source: OrderSource) -> Callable[[str], MerchantView]:
    """Return the handler that disconnects one kind of source."""

    def disconnect(merchant_id: str) -> MerchantView:
        api.caller(STAFF)
        sources.disconnect(merchant_id, source.NAME)
        return MerchantView.of(merchants.get(merchant_id))

    return disconnect


def _serve_source(source: OrderSource) -> None:
    """Add the routes by which staff connect and disconnect one kind of source."""
    path, name = f"/v1/staff/merchants/<merchant_id>/{source.STAFF_PATH}", source.STAFF_PATH.replace("-", "_")
    connect, disconnect = _connector(source), _disconnector(source)
    connect.__name__, disconnect.__name__ = f"connect_{name}", f"disconnect_{name}"
    shown = "" if source.CHOOSES_SECRET else ", which is shown this once"
    words = f"Connect a {source.TITLE}, or change its secret{shown}; the former one is good for a day."
    api.put(path, tags=["staff"], description=words)(connect)
    api.delete(path, tags=["staff"], description=f"Take no more orders of a {source.TITLE}.")(disconnect)


for _source in SOURCES.values():
    _serve_source(_source)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
