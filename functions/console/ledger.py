"""Ledger for staff: trial balance, adjustments, settlements and statements."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.adapters.settings import settings
from crowdship.kernel.clock import Day
from crowdship.payouts import queries as payouts
from crowdship.payouts.views import SettlementView
from crowdship.settlement import adjusting, queries
from crowdship.settlement.balances import service as balances
from crowdship.settlement.cycle import schedule
from crowdship.settlement.cycle.executions import Executions
from crowdship.settlement.proposals import ProposalState
from crowdship.settlement.trial_balance import TrialBalance
from crowdship.settlement.views import (
    AdjustmentRequest,
    AdjustmentsWaiting,
    AdjustmentView,
    SettlementRequest,
    SettlementStarted,
    Statements,
    page_of,
    place_of,
)

api = Api()
clock = clock_from()

STARTED: dict[int, OpenAPIResponse] = {
    200: {"description": "The settlement runs or has run already", "content": {JSON: {"model": SettlementStarted}}},
    202: {"description": "This call started the settlement", "content": {JSON: {"model": SettlementStarted}}},
}
PROPOSED: dict[int, OpenAPIResponse] = {
    201: {"description": "The adjustment is booked", "content": {JSON: {"model": AdjustmentView}}},
    202: {"description": "The adjustment is not booked", "content": {JSON: {"model": AdjustmentView}}},
}


@api.get("/v1/staff/ledger/trial-balance", tags=["staff"])
def trial_balance(
    period: Annotated[Day, Query()],
    to: Annotated[Day | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> TrialBalance:
    """Return a page of the accounts over one period, or from one to another."""
    api.caller(STAFF)
    return balances.trial_balance(period, to or period, cursor, limit)


@api.post("/v1/staff/ledger/adjustments", status_code=201, responses=PROPOSED, tags=["staff"])
def adjust(body: Annotated[AdjustmentRequest, Body()]) -> Response[AdjustmentView]:
    """Adjust what a driver is due: 201 if it is booked, 202 if it waits for a second person or was not booked.

    The same reference again changes nothing. An adjustment waits if more than the zone's limit would be booked for the
    driver on this day without a second person; it expires after seven days.
    """
    told = adjusting.propose(body, api.caller(STAFF), clock)
    return Response(201 if told.state is ProposalState.BOOKED else 202, JSON, told)


@api.get("/v1/staff/ledger/adjustments", tags=["staff"])
def list_adjustments() -> AdjustmentsWaiting:
    """List the adjustments and reversals that wait for a second person, those that expire first before the others."""
    api.caller(STAFF)
    return adjusting.waiting(clock)


@api.post("/v1/staff/ledger/adjustments/<adjustment_id>/<verdict>", tags=["staff"])
def decide(adjustment_id: str, verdict: Literal["approve", "refuse"]) -> AdjustmentView:
    """Book an adjustment or a reversal that somebody else asked for, or drop it for good.

    Whoever asked for it may withdraw it by `refuse`. 409 `second_person_needed` if the same person would approve it,
    409 `adjustment_decided` if it was decided otherwise or expired.
    """
    act = adjusting.approve if verdict == "approve" else adjusting.refuse
    return act(adjustment_id, api.caller(STAFF), clock)


@api.post("/v1/staff/settlements", responses=STARTED, tags=["staff"])
def start(body: Annotated[SettlementRequest, Body()]) -> Response[SettlementStarted]:
    """Start the settlement of a period: 202 if this started it, 200 if it runs or has run."""
    api.caller(STAFF)
    settlement, started = schedule.start(body.period, Executions(settings().settlement_cycle), clock)
    answer = SettlementStarted(period=settlement.period, execution_arn=settlement.execution_arn)
    return Response(202 if started else 200, JSON, answer)


@api.get("/v1/staff/settlements/<period>", tags=["staff"])
def read(
    period: Day,
    cursor: Annotated[str | None, Query(min_length=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> SettlementView:
    """Return how far a settlement is, and a page of the payouts that its pay run made."""
    api.caller(STAFF)
    return SettlementView.of(payouts.overview(period, cursor, limit))


@api.get("/v1/staff/settlements/<period>/statements", tags=["staff"])
def statements(
    period: Day,
    owner: Annotated[str | None, Query(description="driver:<id> or merchant:<id>, to see its lines")] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Statements:
    """Return the statements of a period, or one owner's with a page of their lines."""
    api.caller(STAFF)
    if owner:
        page = page_of(cursor)
        return Statements.of_owner(period, queries.statements_of(period, owner, page), page)
    return Statements.page(period, queries.statements(period, place_of(period, cursor), limit), limit)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
