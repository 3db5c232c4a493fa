"""The merchants' API for invoices."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.http import Api, serve
from crowdship.invoicing import service as invoicing
from crowdship.invoicing.files import InvoiceFiles
from crowdship.invoicing.views import Invoices
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope

api = Api()


@api.get("/v1/invoices", tags=["merchant"])
def list_invoices(
    id: Annotated[str | None, Query(description="One document, with its days and links to its files")] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
) -> Invoices:
    """List your invoices and credit notes, the newest first, with what is open; links to files are good for 10 minutes.

    A key of mode `test` sees none: nothing of a sandbox is billed.
    """
    merchant = api.admit(merchants.authenticate, Scope.READ)
    return invoicing.shown_to_merchant(merchant.id, id, cursor, limit, InvoiceFiles.configured)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
