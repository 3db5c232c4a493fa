"""The merchants' API for placed orders: ready times, changes, tips, and redelivery."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.adapters.idempotency import IdempotencyKey
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.intake.orders import changes
from crowdship.intake.orders.answers import view_of
from crowdship.intake.orders.model import DeliveryChange, ReadySignal, RedeliveryRequest, TipRequest
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant, Scope

api = Api()
clock = clock_from()


def _merchant() -> Merchant:
    return api.admit(merchants.authenticate, Scope.WRITE)


@api.patch("/v1/deliveries/<delivery_id>", tags=["merchant"])
def change_delivery(delivery_id: str, body: Annotated[DeliveryChange, Body()]) -> DeliveryView:
    """Change a delivery: place, parcel, window, requirements until the pickup, contact and tip until the hand-over."""
    return view_of(changes.change(delivery_id, _merchant().id, body, clock), clock)


@api.post("/v1/deliveries/<delivery_id>/ready", tags=["merchant"])
def announce_ready(delivery_id: str, body: Annotated[ReadySignal, Body()]) -> DeliveryView:
    """State that the goods are ready, or when they will be; possible until they are picked up."""
    return view_of(changes.announce_ready(delivery_id, _merchant().id, body.ready_at, clock), clock)


@api.post("/v1/deliveries/<delivery_id>/tip", tags=["merchant"])
def tip_delivery(
    delivery_id: str,
    body: Annotated[TipRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> DeliveryView:
    """Tip the driver of a delivery within 14 days after the hand-over; the tip is theirs whole."""
    return view_of(changes.tip(delivery_id, _merchant().id, body, idempotency_key, clock), clock)


@api.post("/v1/deliveries/<delivery_id>/redeliver", status_code=201, tags=["merchant"])
def redeliver(
    delivery_id: str,
    body: Annotated[RedeliveryRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[DeliveryView]:
    """Create a new delivery of the goods of a returned or failed one, at a price of its own."""

    def told(delivery: Delivery) -> dict[str, Any]:
        return view_of(delivery, clock).model_dump(mode="json")

    context = api.lambda_context
    answer = changes.redeliver_once(delivery_id, _merchant(), body, idempotency_key, told, clock, context)
    return Response(201, JSON, DeliveryView.model_validate(answer.body), headers=answer.headers)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
