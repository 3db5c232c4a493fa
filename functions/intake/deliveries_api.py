"""The merchants' API: create, read and cancel deliveries."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.dispatch import service as dispatch
from crowdship.intake import importing
from crowdship.intake import service as intake
from crowdship.intake.answers import view_of
from crowdship.intake.importing import ImportReport
from crowdship.intake.model import CancelRequest, DeliveryRequest
from crowdship.kernel.clock import clock_from
from crowdship.kernel.http import CSV, JSON, Api, bearer, serve
from crowdship.kernel.idempotency import IdempotencyKey
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant, Scope

api = Api()
clock = clock_from()


def _merchant(scope: Scope) -> Merchant:
    return merchants.authenticate(bearer(api.header("Authorization")), scope)


def _view(delivery: Delivery) -> DeliveryView:
    return view_of(delivery, clock)


@api.post("/v1/deliveries", status_code=201, tags=["merchant"])
def create_delivery(
    body: Annotated[DeliveryRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[DeliveryView]:
    """Create a delivery."""
    merchant = _merchant(Scope.WRITE)

    def told(delivery: Delivery) -> dict[str, Any]:
        return _view(delivery).model_dump(mode="json")

    answer = intake.create_once(merchant, body, idempotency_key, told, clock, api.lambda_context)
    return Response(201, JSON, DeliveryView.model_validate(answer))


@api.post("/v1/deliveries/import", status_code=201, tags=["merchant"])
def import_deliveries(
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
    dry_run: Annotated[bool, Query()] = False,
) -> Response[ImportReport]:
    """Create the deliveries of a CSV file, all or none; with dry_run only tell what is wrong with which row."""
    merchant = _merchant(Scope.WRITE)
    if dry_run:
        return Response(200, JSON, importing.try_file(merchant, api.raw_body, clock))
    report = importing.import_once(merchant, api.raw_body, idempotency_key, clock, api.lambda_context)
    return Response(201, JSON, report)


@api.get("/v1/deliveries/<delivery_id>", tags=["merchant"])
def read_delivery(delivery_id: str) -> DeliveryView:
    """Read a delivery."""
    return _view(deliveries.get_of_merchant(delivery_id, _merchant(Scope.READ).id))


@api.get("/v1/deliveries", tags=["merchant"])
def find_delivery(external_id: Annotated[str, Query()]) -> DeliveryView:
    """Find a delivery by the merchant's own id."""
    return _view(deliveries.find_external(_merchant(Scope.READ).id, external_id))


@api.post("/v1/deliveries/<delivery_id>/cancel", tags=["merchant"])
def cancel_delivery(delivery_id: str, body: Annotated[CancelRequest, Body()]) -> DeliveryView:
    """Cancel a delivery for the fee that reading it shows; goods that are on board are brought back."""
    merchant = _merchant(Scope.WRITE)
    deliveries.get_of_merchant(delivery_id, merchant.id)
    return _view(dispatch.cancel(delivery_id, merchant.id, body.by_merchant(), clock))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context, {"POST /v1/deliveries/import": (CSV,)})
