"""Calls of staff about invoices and merchants' payments."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.invoicing import service as invoicing
from crowdship.invoicing.files import InvoiceFiles
from crowdship.invoicing.inputs import PaymentInput
from crowdship.invoicing.views import StaffInvoice, StaffInvoices

api = Api()
clock = clock_from()


@api.get("/v1/staff/invoices", tags=["staff"])
def list_staff_invoices(
    merchant_id: Annotated[str | None, Query()] = None,
    invoice_id: Annotated[str | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
) -> StaffInvoices:
    """List a merchant's invoices with its account, read one with links, or list the open ones, overdue first."""
    api.caller(STAFF)
    return invoicing.shown_to_staff(merchant_id, invoice_id, cursor, limit, InvoiceFiles.configured)


@api.post("/v1/staff/invoices/<invoice_id>/payments", status_code=200, tags=["staff"])
def record_payment(invoice_id: str, body: Annotated[PaymentInput, Body()]) -> StaffInvoice:
    """Record a payment, what became of it, or a write-off.

    The same reference is booked once. A write-off counts when another person asks for it, too: 409
    `second_person_needed` for the same one.
    """
    return invoicing.record_payment(invoice_id, body, api.caller(STAFF), clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
