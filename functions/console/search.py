"""Calls of staff that look for deliveries and drivers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.http import STAFF, Api, serve
from crowdship.dispatch.overview import search as searching
from crowdship.dispatch.overview.views import Found

api = Api()


@api.get("/v1/staff/search", tags=["staff"])
def search(q: Annotated[str, Query(min_length=3, max_length=100)]) -> Found:
    """Find deliveries by id, external id or order number, and drivers by id or the beginning of a name or plate."""
    api.caller(STAFF)
    return searching.search(q)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
