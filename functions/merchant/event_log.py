"""API of merchants for their event log and for the messages to their customers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.http import Api, serve
from crowdship.deliveries import service as deliveries
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.notify.customers import service as customers
from crowdship.notify.customers.views import Notices, NoticeView
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


@api.get("/v1/deliveries/<delivery_id>/notices", tags=["merchant"])
def notices(delivery_id: str) -> Notices:
    """Read the SMS and e-mails to the customer of a delivery in the last 30 days, sent or not."""
    merchant = api.admit(merchants.authenticate, Scope.READ)
    told = customers.notices_of(deliveries.get_of_merchant(delivery_id, merchant.id))
    return Notices(notices=tuple(NoticeView.of(sending) for sending in told))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
