"""Calls of drivers about their documents."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, JSON, Api, serve
from crowdship.documents import service as documents
from crowdship.documents.bucket import DocumentBucket
from crowdship.documents.kinds import PaperKind
from crowdship.documents.views import CONTENT_TYPES, AnnouncedDocument, AnnounceInput, DocumentView, Folder

Sha256 = Annotated[str, Query(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes, in hexadecimal")]
PICTURES = {"PUT /v1/driver/documents/{kind}": CONTENT_TYPES}

api = Api()
clock = clock_from()


@api.get("/v1/driver/documents", tags=["driver"])
def read_documents() -> Folder:
    """Read the documents of the calling driver: what counts, what waits, what was refused and why, what is missing."""
    return documents.folder(api.caller(DRIVERS), clock)


@api.post("/v1/driver/documents", status_code=201, tags=["driver"])
def announce_document(body: Annotated[AnnounceInput, Body()]) -> Response[AnnouncedDocument]:
    """Get a form to upload a document with: at most 8 MB, valid for 10 minutes; then check the document."""
    document, form = documents.announce(api.caller(DRIVERS), body, DocumentBucket.configured(), clock)
    announced = AnnouncedDocument(document_id=document.id, kind=body.kind, url=form["url"], fields=form["fields"])
    return Response(201, JSON, announced)


@api.post("/v1/driver/documents/<document_id>/check", tags=["driver"])
def check_document(document_id: str) -> DocumentView:
    """Check the picture that was uploaded: `checked` waits for staff, `refused` has a reason; again changes nothing."""
    return documents.check(api.caller(DRIVERS), document_id, DocumentBucket.configured(), clock)


@api.put("/v1/driver/documents/<kind>", status_code=201, tags=["driver"])
def send_document(kind: PaperKind, sha256: Sha256) -> Response[DocumentView]:
    """Send a document as a picture of at most 3 MB, checked on arrival; the same one again changes nothing."""
    driver_id, sent = api.caller(DRIVERS), (kind, api.header("Content-Type") or "", sha256, api.raw_body)
    return Response(201, JSON, documents.take(driver_id, *sent, DocumentBucket.configured(), clock))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context, PICTURES)
