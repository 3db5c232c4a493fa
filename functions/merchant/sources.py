"""Signed messages of systems that send orders by themselves; merchants' calls about messages without an effect."""

from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.intake.shops import account as source_account
from crowdship.intake.shops import receiving
from crowdship.intake.shops.ignored import IgnoredPage, IgnoredView, SourceView
from crowdship.intake.sources.model import Message, OrderSource, SourceAnswer
from crowdship.intake.sources.registry import SOURCES
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.merchants.shop_settings import ShopSettings

ORDERS = "/v1/sources/{source}/{{merchant_id}}/orders"

api = Api()
clock = clock_from()


def _receiver(source: OrderSource) -> Callable[[str], Response[SourceAnswer]]:
    """Return the handler of one kind of source, by the name that the API's document gives it."""

    def receive(merchant_id: str) -> Response[SourceAnswer]:
        message = Message({name.lower(): api.header(name) or "" for name in source.HEADERS}, api.raw_body)
        context, caller = api.lambda_context, api.source_ip
        return Response(200, JSON, receiving.receive(source, merchant_id, message, clock, context, caller=caller))

    receive.__name__ = f"receive_{source.NAME}"
    return receive


for _source in SOURCES.values():
    _path = ORDERS.format(source=_source.NAME).replace("{", "<").replace("}", ">")
    api.post(_path, tags=["shop"], description=_source.SUMMARY)(_receiver(_source))


def _merchant() -> str:
    return api.admit(merchants.authenticate, Scope.ACCOUNT).id


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
    """Answer one message or request; a source says itself which content types its messages have."""
    kinds = {f"POST {ORDERS.format(source=source.NAME)}": source.CONTENT_TYPES for source in SOURCES.values()}
    return serve(api, event, context, kinds)
