"""Books for staff: accounts line by line, postings and their reversal, open items, closed months, exports."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.kernel.clock import Day
from crowdship.settlement import queries, reversing
from crowdship.settlement.balances import service as balances
from crowdship.settlement.balances.model import AccountStatement
from crowdship.settlement.clearing import service as clearing
from crowdship.settlement.clearing.service import OpenItems
from crowdship.settlement.exports import service as exports
from crowdship.settlement.exports.files import ExportFiles
from crowdship.settlement.exports.views import ExportRequest, JournalExportView
from crowdship.settlement.months import service as months
from crowdship.settlement.months.model import Month
from crowdship.settlement.months.views import Months, MonthView
from crowdship.settlement.proposals import ProposalState
from crowdship.settlement.views import AdjustmentView, PostingView, ReversalRequest

api = Api()
clock, wall = clock_from(), RunningClock()

PROPOSED: dict[int, OpenAPIResponse] = {
    201: {"description": "The reversal is booked", "content": {JSON: {"model": AdjustmentView}}},
    202: {"description": "The reversal is not booked", "content": {JSON: {"model": AdjustmentView}}},
}


@api.get("/v1/staff/ledger/accounts/<account>/statement", tags=["staff"])
def statement(
    account: Annotated[str, Path(description="For example `driver:drv_1:payable`")],
    first: Annotated[Day, Query()],
    last: Annotated[Day, Query()],
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> AccountStatement:
    """Return an account's balance before a day and after another, and a page of what was booked between them."""
    api.caller(STAFF)
    return balances.statement_of(account, first, last, cursor, limit, clock)


@api.get("/v1/staff/ledger/open-items", tags=["staff"])
def open_items(
    account: Annotated[str | None, Query(description="All clearing accounts if left out")] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> OpenItems:
    """Return a page of what has not cleared on in-between accounts, the oldest first."""
    api.caller(STAFF)
    return clearing.listed(account, cursor, limit, clock)


@api.get("/v1/staff/ledger/postings/<posting_id>", tags=["staff"])
def posting(posting_id: str) -> PostingView:
    """Return a posting with its entries, and the ids of those that reverse or resolve it."""
    api.caller(STAFF)
    return queries.posting_view(posting_id)


@api.post("/v1/staff/ledger/postings/<posting_id>/reversal", status_code=201, responses=PROPOSED, tags=["staff"])
def reverse(posting_id: str, body: Annotated[ReversalRequest, Body()]) -> Response[AdjustmentView]:
    """Reverse a posting as a whole: 201 if that is booked, 202 if it waits for a second person or was not booked.

    409 `not_reversible` if its kind is taken back in another way, 409 `already_reversed`. What waits is among the
    adjustments that wait, and is decided on as they are.
    """
    told = reversing.reverse(posting_id, body, api.caller(STAFF), clock)
    return Response(201 if told.state is ProposalState.BOOKED else 202, JSON, told)


@api.post("/v1/staff/ledger/exports", status_code=202, tags=["staff"])
def export(body: Annotated[ExportRequest, Body()]) -> JournalExportView:
    """Ask for the journal of some days as a file; it is made within minutes."""
    return exports.request(body, api.caller(STAFF), clock)


@api.get("/v1/staff/ledger/exports/<export_id>", tags=["staff"])
def read_export(export_id: str) -> JournalExportView:
    """Return an export; once it is ready, with a link to its file."""
    api.caller(STAFF)
    return exports.find(export_id, ExportFiles.configured(), wall)


@api.post("/v1/staff/ledger/months/<month>/close", tags=["staff"])
def close_month(month: Month) -> MonthView:
    """Close a month for good, once all its days are settled; one that is closed stays as it is.

    409 `month_not_over`, 409 `days_not_finished`, 409 `balances_changed`.
    """
    return MonthView.of(months.close(month, api.caller(STAFF), clock))


@api.get("/v1/staff/ledger/months", tags=["staff"])
def closed_months() -> Months:
    """Return the months that are closed, the newest first."""
    api.caller(STAFF)
    return months.listed()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
