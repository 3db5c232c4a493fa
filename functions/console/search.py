"""Calls of staff that look for deliveries and drivers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import StringConstraints

from crowdship.adapters.http import STAFF, Api, serve
from crowdship.dispatch.overview import search as searching
from crowdship.dispatch.overview.views import DriverNames, Found

api = Api()


@api.get("/v1/staff/search", tags=["staff"])
def search(q: Annotated[str, Query(min_length=3, max_length=100)]) -> Found:
    """Find deliveries by id, external id or order number, and drivers by id or the beginning of a name or plate."""
    api.caller(STAFF)
    return searching.search(q)


@api.get("/v1/staff/driver-names", tags=["staff"])
def name_drivers(
    driver_id: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Query(max_length=100)],
) -> DriverNames:
    """Read the names of up to 100 drivers; ids that no driver has are left out."""
    api.caller(STAFF)
    return searching.names(driver_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
