"""The merchants' API: create deliveries, one, many or several as a job; read and cancel them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import CSV, JSON, Api, serve
from crowdship.adapters.idempotency import IdempotencyKey
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.dispatch import cancellation
from crowdship.intake.imports import service as importing
from crowdship.intake.imports.service import ImportReport
from crowdship.intake.orders import many
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.answers import page_of, view_of
from crowdship.intake.orders.model import BulkRequest, CancelRequest, DeliveryRequest, JobRequest
from crowdship.intake.orders.views import BulkAnswer, DeliveryPage, JobView
from crowdship.kernel.clock import Day
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant, Scope

REPORTED: dict[int, OpenAPIResponse] = {
    200: {"description": "The result of a dry run", "content": {"application/json": {"model": ImportReport}}},
    201: {"description": "All deliveries are created", "content": {"application/json": {"model": ImportReport}}},
}

api = Api()
clock = clock_from()


def _merchant(scope: Scope) -> Merchant:
    return api.admit(merchants.authenticate, scope)


def _view(delivery: Delivery) -> DeliveryView:
    return view_of(delivery, clock)


@api.post("/v1/deliveries", status_code=201, tags=["merchant"])
def create_delivery(
    body: Annotated[DeliveryRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[DeliveryView]:
    """Create a delivery.

    With a `quote_id` the delivery has the quote's price and windows, and is checked against the quote only: 404
    `no_such_quote`, 409 `quote_used` (names the delivery), 422 `quote_expired`, 422 `quote_mismatch` with a pointer for
    each field that differs from the quote. Without a quote it is refused with the codes of `POST /v1/quotes`. 422
    `wrong_currency`, 409 `external_id_used`. The Idempotency-Key: the first answer comes again, with
    `Idempotent-Replayed: true`; 422 `key_reused` with another body, 409 `still_running` while the first request runs; a
    refusal, a 5xx or a crash frees the key.
    """
    merchant = _merchant(Scope.WRITE)

    def told(delivery: Delivery) -> dict[str, Any]:
        return _view(delivery).model_dump(mode="json")

    answer = intake.create_once(merchant, body, idempotency_key, told, clock, api.lambda_context)
    return Response(201, JSON, DeliveryView.model_validate(answer.body), headers=answer.headers)


@api.post("/v1/deliveries/bulk", tags=["merchant"])
def create_deliveries(
    body: Annotated[BulkRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[BulkAnswer]:
    """Create up to 100 deliveries, each by itself.

    Every row has the status that `POST /v1/deliveries` would have answered, and the delivery or the problem. A row with
    a status of 500 or more is not finished (`not_reached`: time was over): send the same body under the same key, which
    finishes it and answers the same for the rows that are done. Otherwise the answer is kept under the key.
    """
    merchant = _merchant(Scope.WRITE)
    answer = many.create_bulk_once(merchant, body, idempotency_key, _view, clock, api.lambda_context)
    return Response(200, JSON, BulkAnswer.model_validate(answer.body), headers=answer.headers)


@api.post("/v1/jobs", status_code=201, tags=["merchant"])
def create_job(
    body: Annotated[JobRequest, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[JobView]:
    """Create a job: several drop-offs from one pickup, all of them or none.

    Each drop-off is a delivery of its own, refused for the reasons of `POST /v1/quotes` with a pointer to it, or with
    `external_id_twice`, and followed, changed and cancelled by itself. The first is priced as any delivery. Each
    further one has the rate card's smaller base (`charge_further`), and counts the way from the drop-off before it, or
    from the pickup if that is nearer; so it never costs more than alone. One driver is asked for the whole job if a
    vehicle on duty holds it; otherwise its deliveries are offered one by one.
    """
    merchant = _merchant(Scope.WRITE)
    answer = many.create_job_once(merchant, body, idempotency_key, _view, clock, api.lambda_context)
    return Response(201, JSON, JobView.model_validate(answer.body), headers=answer.headers)


@api.get("/v1/jobs/<job_id>", tags=["merchant"])
def read_job(job_id: str) -> JobView:
    """Read a job with its deliveries as they stand."""
    return many.job_view(many.job_of_merchant(job_id, _merchant(Scope.READ).id), _view)


@api.post("/v1/deliveries/import", status_code=201, tags=["merchant"], responses=REPORTED)
def import_deliveries(
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
    dry_run: Annotated[bool, Query()] = False,
) -> Response[ImportReport]:
    """Create the deliveries of a CSV file, all or none; with dry_run only list the errors by row."""
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


@api.get("/v1/days/<day>/deliveries", tags=["merchant"])
def list_deliveries(
    day: Day,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    cursor: Annotated[str | None, Query(min_length=1)] = None,
) -> DeliveryPage:
    """List the deliveries that were created on a day (UTC), the first created first; `cursor` leads to the next page.

    The list may lack deliveries of the last seconds. `eta` is the one that was told last; reading a single delivery
    follows its driver.
    """
    return page_of(_merchant(Scope.READ).id, day, cursor, limit)


@api.post("/v1/deliveries/<delivery_id>/cancel", tags=["merchant"])
def cancel_delivery(delivery_id: str, body: Annotated[CancelRequest, Body()]) -> DeliveryView:
    """Cancel a delivery for the fee that reading it shows; goods that are on board are brought back."""
    merchant = _merchant(Scope.WRITE)
    deliveries.get_of_merchant(delivery_id, merchant.id)
    return _view(cancellation.cancel(delivery_id, merchant.id, body.by_merchant(), clock))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context, {"POST /v1/deliveries/import": (CSV,)})
