"""Instant pay and pay schedule, for the driver whose pay it is."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, JSON, Api, serve
from crowdship.adapters.idempotency import IdempotencyKey
from crowdship.adapters.observability import metrics
from crowdship.payouts import queries
from crowdship.payouts.instant import service as instant
from crowdship.payouts.instant.views import InstantOrder
from crowdship.payouts.model import PayoutState
from crowdship.payouts.registry import provider
from crowdship.payouts.views import PayoutView, PayQuote, ScheduleRequest, ScheduleView

api = Api()
clock = clock_from()

ORDERED: dict[int, OpenAPIResponse] = {
    201: {"description": "The provider has answered: read `state`", "content": {JSON: {"model": PayoutView}}},
    202: {"description": "It is reserved, and the provider has not answered", "content": {JSON: {"model": PayoutView}}},
}


@api.get("/v1/driver/instant-pay", tags=["driver"])
def quote() -> PayQuote:
    """Return what the calling driver could be paid at once, its fee, what is in the way, and the pay schedule."""
    driver_id = api.caller(DRIVERS)
    return PayQuote.with_schedule(instant.quote(driver_id, provider(), clock), queries.schedule_of(driver_id, clock))


@api.post("/v1/driver/instant-pay", status_code=201, responses=ORDERED, tags=["driver"])
def order(
    body: Annotated[InstantOrder, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[PayoutView]:
    """Pay an amount at once, once per key: 201 with the provider's answer, 202 while there is none; ask again then.

    409 `instant_pay_refused` with the obstacle, 409 `more_than_available`, 409 `same_amount_again` unless `again` is
    true, 409 `key_reused`, 422 `too_little`.
    """
    payout = instant.order(api.caller(DRIVERS), idempotency_key, body, provider(), clock)
    status = 202 if payout.state is PayoutState.INSTRUCTED else 201
    return Response(status, JSON, PayoutView.of(payout))


@api.put("/v1/driver/pay-schedule", tags=["driver"])
def choose_schedule(body: Annotated[ScheduleRequest, Body()]) -> ScheduleView:
    """Choose to be paid daily or weekly; it counts from the next statement on."""
    return queries.choose_schedule(api.caller(DRIVERS), body.cadence, clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
