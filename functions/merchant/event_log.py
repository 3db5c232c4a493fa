"""API of merchants for their event log."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.http import Api, serve
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.notify.webhooks.event_log import service as event_log
from crowdship.notify.webhooks.views import EventPage

api = Api()
wall = RunningClock()


@api.get("/v1/events", tags=["merchant"])
def events(
    cursor: Annotated[str | None, Query(min_length=1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    types: Annotated[str | None, Query(examples=["delivery.delivered,delivery.failed"])] = None,
    delivery_id: Annotated[str | None, Query()] = None,
) -> EventPage:
    """Read events of the last 30 days in the order of arrival; the cursor leads on and skips none."""
    merchant = api.admit(merchants.authenticate, Scope.READ)
    filters = event_log.known_types(types)
    span = event_log.read(merchant.id, wall, cursor=cursor, limit=limit, types=filters, delivery_id=delivery_id)
    return EventPage.of(span)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
