"""A merchant on its own shops: how they are read, what they sent in vain, and once more."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.intake import source_account
from crowdship.intake.ignored import IgnoredPage, IgnoredView, SourceView
from crowdship.kernel.clock import clock_from
from crowdship.kernel.http import Api, bearer, serve
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.merchants.shop_settings import ShopSettings

api = Api()
clock = clock_from()


def _merchant() -> str:
    return merchants.authenticate(bearer(api.header("Authorization")), Scope.ACCOUNT).id


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
    """Answer one request."""
    return serve(api, event, context)
