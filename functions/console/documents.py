"""Calls of staff about drivers' documents."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JPEG, PICTURE, STAFF, Api, serve
from crowdship.documents import service as documents
from crowdship.documents.bucket import DocumentBucket
from crowdship.documents.views import ApproveInput, DriverFolder, RefuseInput, ReviewedDocument, WaitingDocuments

api = Api()
clock = clock_from()
KEPT_S = 60


@api.get("/v1/staff/documents", tags=["staff"])
def list_documents(
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> WaitingDocuments:
    """List the documents that wait for a decision, the longest waiting first, page by page."""
    api.caller(STAFF)
    return documents.waiting(after, limit)


@api.get("/v1/staff/drivers/<driver_id>/documents", tags=["staff"])
def read_driver_documents(driver_id: str) -> DriverFolder:
    """Read all documents of a driver, with the name and plate to compare."""
    api.caller(STAFF)
    return documents.folder_for_staff(driver_id, clock)


@api.get("/v1/staff/drivers/<driver_id>/documents/<document_id>/picture", responses=PICTURE, tags=["staff"])
def read_document_picture(driver_id: str, document_id: str) -> Response[str | None]:
    """Look at the picture of a document, upright and without what the phone wrote into it."""
    api.caller(STAFF)
    shown = documents.shown(driver_id, document_id)
    return api.kept(JPEG, shown.sha256, lambda: DocumentBucket.configured().body(shown), KEPT_S)


@api.post("/v1/staff/drivers/<driver_id>/documents/<document_id>/approve", tags=["staff"])
def approve_document(driver_id: str, document_id: str, body: Annotated[ApproveInput, Body()]) -> ReviewedDocument:
    """Approve a document with its last day; 409 `decided_already` names who decided otherwise before."""
    return documents.approve(driver_id, document_id, body, api.caller(STAFF), clock)


@api.post("/v1/staff/drivers/<driver_id>/documents/<document_id>/refuse", tags=["staff"])
def refuse_document(driver_id: str, document_id: str, body: Annotated[RefuseInput, Body()]) -> ReviewedDocument:
    """Refuse a document with a reason that its driver reads; 409 `decided_already` names who decided before."""
    return documents.refuse(driver_id, document_id, body, api.caller(STAFF), clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
