"""Use cases with several deliveries at once: a job is created whole or not at all, a bulk row by row."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from crowdship.adapters.http import pointer_of
from crowdship.adapters.idempotency import Answered, answered_once
from crowdship.adapters.observability import logger
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.intake.orders.agreement import requested
from crowdship.intake.orders.jobs import Job, refuse_twins
from crowdship.intake.orders.model import BulkRequest, DeliveryRequest, JobRequest
from crowdship.intake.orders.service import agreed, create, draft_as, payload_of, pickup_of
from crowdship.intake.orders.views import BulkAnswer, BulkRow, JobView, RowError, RowProblem
from crowdship.intake.store import JobRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, Refusal, StaleWrite, Unprocessable, counted, said
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import derived_id
from crowdship.merchants.model import Merchant

ROW_MS = 3000
"""Another row is begun only if the function has at least this many milliseconds left."""

SHARED = ("/pickup", "/priority")
"""Pointers to fields that all drop-offs of a job share; in the request they stand beside the drop-offs."""

View = Callable[[Delivery], DeliveryView]


def create_job_once(
    merchant: Merchant, request: JobRequest, key: str, view: View, clock: Clock, context: Any = None
) -> Answered:
    """Create a job once per Idempotency-Key; a repeated request gets the job that the first one created."""
    job_id = derived_id("job", merchant.id, key, *(dropoff.external_id for dropoff in request.dropoffs))

    def told(job: Job) -> dict[str, Any]:
        return job_view(job, view).model_dump(mode="json")

    def act() -> dict[str, Any]:
        return told(create_job(merchant, request, job_id, clock))

    try:
        return answered_once(f"{merchant.id}#jobs", key, payload_of(request), act, context)
    except Conflict:
        made = JobRow.load(job_id)
        if made is None:
            raise
        return Answered(told(made), replayed=True)


def create_job(merchant: Merchant, request: JobRequest, job_id: str, clock: Clock) -> Job:
    """Create all deliveries of a job, or none; each is checked, and priced from the drop-off before it.

    Raises
    ------
    Unprocessable
        As ``service.agreed``, with a pointer to the drop-off.
    Conflict
        If the merchant used an external id before.
    """
    now = clock.now()
    refuse_twins(request.dropoffs)
    pickup, work, made = pickup_of(merchant, request), UnitOfWork(), []
    after = None
    for number, asked in enumerate(request.requests()):
        try:
            deliveries.refuse_known(merchant.id, asked.external_id)
            agreement = agreed(merchant, requested(asked, pickup.point), now, after)
            delivery_id = derived_id("dlv", job_id, asked.external_id)
            new = draft_as(agreement, merchant, asked, pickup, merchant.id, now, delivery_id, job_id)
            new.keep(work)
            made.append(new.delivery)
        except Refusal as refusal:
            raise refusal.within(f"/dropoffs/{number}", SHARED) from refusal
        after = asked.dropoff.point
    job = Job(id=job_id, merchant_id=merchant.id, delivery_ids=tuple(d.id for d in made), created_at=now)
    work.store(JobRow.of(job))
    try:
        work.commit()
    except StaleWrite:
        for dropoff in request.dropoffs:
            deliveries.refuse_known(merchant.id, dropoff.external_id)
        raise
    return job


def job_of_merchant(job_id: str, merchant_id: str) -> Job:
    """Return a job of a merchant; those of others don't exist for it.

    Raises
    ------
    NotFound
        If there is none.
    """
    job = JobRow.load(job_id)
    if job is None or job.merchant_id != merchant_id:
        raise NotFound("no_such_job", f"There is no job {job_id}.")
    return job


def drop_off_before(delivery: Delivery) -> Point | None:
    """Return the drop-off from which a delivery of a job was priced: the one listed before it; None for the first."""
    job = JobRow.load(delivery.job_id) if delivery.job_id else None
    number = job.delivery_ids.index(delivery.id) if job else 0
    return deliveries.get(job.delivery_ids[number - 1]).dropoff if job and number else None


def job_view(job: Job, view: View) -> JobView:
    """Return a job with its deliveries as they stand."""
    found = deliveries.get_many(job.delivery_ids)
    return JobView.of(job.id, job.created_at, [view(found[delivery_id]) for delivery_id in job.delivery_ids])


class _UnfinishedError(Exception):
    """Some rows may still succeed, so the answer is returned but not stored, and the key can be used again."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("some rows are not finished")
        self.answer = answer


def create_bulk_once(
    merchant: Merchant, request: BulkRequest, key: str, view: View, clock: Clock, context: Any = None
) -> Answered:
    """Create each delivery of a bulk, or return why it was refused, once per Idempotency-Key.

    Each delivery's id is derived from the key and its row. If the function dies half way, or a row fails by an error of
    the platform, the same request with the same key keeps the rows that are done and creates the others.
    """

    def act() -> dict[str, Any]:
        rows = [_row(merchant, request, number, key, view, clock, context) for number in range(len(request.deliveries))]
        created = sum(row.delivery is not None for row in rows)
        data = BulkAnswer(created=created, refused=len(rows) - created, rows=tuple(rows)).model_dump(mode="json")
        if any(row.status >= HTTPStatus.INTERNAL_SERVER_ERROR for row in rows):
            raise _UnfinishedError(data)
        return data

    try:
        return answered_once(f"{merchant.id}#bulk", key, payload_of(request), act, context)
    except _UnfinishedError as unfinished:
        return Answered(unfinished.answer, replayed=False)


def _row(
    merchant: Merchant, bulk: BulkRequest, number: int, key: str, view: View, clock: Clock, context: Any
) -> BulkRow:
    """Return the result of one row; it never raises, so that a failing row does not stop the others."""
    given = bulk.deliveries[number]
    external_id = given.get("external_id") if isinstance(given, dict) else given.external_id
    named = external_id if isinstance(external_id, str) else None

    def refused(status: int, code: str, detail: str, faults: tuple[tuple[str, str], ...] = ()) -> BulkRow:
        errors = tuple(RowError(pointer=pointer, detail=told) for pointer, told in faults)
        problem = RowProblem(code=code, detail=detail, errors=errors)
        return BulkRow(row=number, status=status, external_id=named, problem=problem)

    if context is not None and context.get_remaining_time_in_millis() < ROW_MS:
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, "not_reached", "Time ran out; send the same request again.")
    try:
        request = _read(given)
        delivery_id = derived_id("dlv", merchant.id, "bulk", key, number, request.external_id)
        made = _made(merchant, request, delivery_id, clock)
        return BulkRow(row=number, status=HTTPStatus.CREATED, external_id=named, delivery=view(made))
    except Refusal as refusal:
        inside = refusal.within(f"/deliveries/{number}")
        return refused(refusal.status, refusal.code, refusal.detail, inside.errors)
    except Exception:
        logger.exception("row failed", row=number)
        return refused(
            HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "An error on our side; send the same request again."
        )


def _read(given: DeliveryRequest | dict[str, Any]) -> DeliveryRequest:
    """Return the request in a row.

    Raises
    ------
    Unprocessable
        If the row is no delivery request; with a pointer to every wrong field.
    """
    if isinstance(given, DeliveryRequest):
        return given
    try:
        return DeliveryRequest.model_validate(given)
    except ValidationError as error:
        faults = [(pointer_of(e["loc"]), said(e["msg"])) for e in error.errors(include_url=False, include_input=False)]
        wrong = counted(len(faults), "field is", "fields are")
        detail = f"{wrong} wrong; {faults[0][0] or 'the row'}: {faults[0][1]}"
        raise Unprocessable("invalid_request", detail, errors=faults) from error


def _made(merchant: Merchant, request: DeliveryRequest, delivery_id: str, clock: Clock) -> Delivery:
    """Return the delivery of a row, created now or by an earlier run."""
    try:
        return create(merchant, request, merchant.id, clock, delivery_id)
    except Conflict:
        made = deliveries.get_many([delivery_id]).get(delivery_id)
        if made is None:
            raise
        return made
