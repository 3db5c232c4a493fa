"""The event log of a merchant: the events of its webhooks, for those who missed some."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.http import Api, bearer, serve
from crowdship.deliveries import service as deliveries
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.notify import service as notify
from crowdship.notify.views import EventPage, Notices, NoticeView
from crowdship.notify.webhooks import event_log as catchup

api = Api()
wall = RunningClock()


@api.get("/v1/events", tags=["merchant"])
def events(
    cursor: Annotated[str | None, Query(min_length=1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    types: Annotated[str | None, Query(examples=["delivery.delivered,delivery.failed"])] = None,
    delivery_id: Annotated[str | None, Query()] = None,
) -> EventPage:
    """Read events in the order they arrived, of the last 30 days; the cursor leads on and never skips one."""
    merchant = merchants.authenticate(bearer(api.header("Authorization")), Scope.READ)
    filters = catchup.known_types(types)
    span = catchup.read(merchant.id, wall, cursor=cursor, limit=limit, types=filters, delivery_id=delivery_id)
    return EventPage.of(span)


@api.get("/v1/deliveries/<delivery_id>/notices", tags=["merchant"])
def notices(delivery_id: str) -> Notices:
    """List the SMS and e-mails to the customer of the last 30 days, with those that did not reach them."""
    merchant = merchants.authenticate(bearer(api.header("Authorization")), Scope.READ)
    told = notify.notices_of(deliveries.get_of_merchant(delivery_id, merchant.id))
    return Notices(notices=tuple(NoticeView.of(sending) for sending in told))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
