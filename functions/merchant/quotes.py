"""The merchants' API of quotes: price and expected times of a delivery."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.adapters.idempotency import IdempotencyKey
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.model import QuoteRequest
from crowdship.intake.orders.views import QuoteView
from crowdship.intake.quotes import service as quoting
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope

api = Api()
clock = clock_from()


@api.post("/v1/quotes", status_code=201, tags=["merchant"])
def quote(
    body: Annotated[QuoteRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[QuoteView]:
    """Quote a delivery.

    A promise: `POST /v1/deliveries` with this quote's id, as long as it stands, is neither priced again nor refused for
    anything that was quoted, whatever becomes of the zone meanwhile. The same checks make a quote and a delivery
    without one. Codes of what can't be served: `outside_service_area`, `zone_closed`, `zone_paused`, `too_far` (the
    zone's longest trip), `too_big` (no vehicle in the zone carries it), `restricted_goods` (the zone does not carry the
    category), `no_eligible_driver` (what carries it does not go that far, or only a merchant's own drivers may carry
    it and it has none), `off_road`, `no_way`, `unknown_skill`, `no_pickup`, `window_over`, `window_too_far`,
    `window_too_long`, `windows_crossed`, `dropoff_too_soon` (says when the drop-off may close at the earliest). The
    estimated times are from the drivers and deliveries of the moment, and no promise.
    """
    merchant = api.admit(merchants.authenticate, Scope.WRITE)
    told = quoting.quote_once(merchant, body, idempotency_key, clock, api.lambda_context)
    return Response(201, JSON, QuoteView.model_validate(told.body), headers=told.headers)


@api.get("/v1/quotes/<quote_id>", tags=["merchant"])
def read_quote(quote_id: str) -> QuoteView:
    """Read a quote; what was not taken up is forgotten a month after it expired."""
    merchant = api.admit(merchants.authenticate, Scope.READ)
    return QuoteView.of(intake.quote_of_merchant(quote_id, merchant.id), clock.now())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
