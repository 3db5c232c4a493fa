"""Payouts for staff: lists, decisions, pay runs, and files of returns."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, TEXT, Api, serve
from crowdship.adapters.observability import metrics
from crowdship.adapters.settings import settings
from crowdship.kernel.clock import Day
from crowdship.payouts import deciding, queries, service
from crowdship.payouts.bank import returns
from crowdship.payouts.bank.returns import ReturnsTaken
from crowdship.payouts.model import PayoutState
from crowdship.payouts.registry import provider
from crowdship.payouts.runs import schedule
from crowdship.payouts.views import (
    DecisionRequest,
    PayoutDetail,
    PayoutPage,
    PayRunPage,
    PayRunRequest,
    PayRunStarted,
)
from crowdship.settlement.cycle.executions import Executions

api = Api()
clock = clock_from()

STARTED: dict[int, OpenAPIResponse] = {
    200: {"description": "The run is under way or finished", "content": {JSON: {"model": PayRunStarted}}},
    202: {"description": "This call started the run", "content": {JSON: {"model": PayRunStarted}}},
}


@api.get("/v1/staff/payouts", tags=["staff"])
def list_payouts(
    period: Annotated[Day | None, Query(description="Day whose run made them, or of the order")] = None,
    state: Annotated[PayoutState | None, Query()] = None,
    driver_id: Annotated[str | None, Query(min_length=1)] = None,
    cursor: Annotated[str | None, Query(min_length=1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> PayoutPage:
    """List payouts of a driver, of a period, or those of any period that are pending, held or instructed.

    422 `filter_needed` without one of these. The list may lack changes of the last seconds.
    """
    api.caller(STAFF)
    return queries.page(driver_id, period, state, cursor, limit)


@api.get("/v1/staff/payouts/<payout_id>", tags=["staff"])
def read_payout(payout_id: str) -> PayoutDetail:
    """Return a payout with the statements that it settles and all its changes."""
    api.caller(STAFF)
    return PayoutDetail.of(service.find(payout_id))


@api.post("/v1/staff/payouts/<payout_id>/decisions", tags=["staff"])
def decide_payout(payout_id: str, body: Annotated[DecisionRequest, Body()]) -> PayoutDetail:
    """Retry an open payout, hold it, release a held one, or cancel one that was not sent.

    A release above the zone's limit waits for a second person, who decides the same: 409 `second_person_needed` if the
    first one does. 409 `payout_decided`, `payout_instructed`, `payout_not_held`, `payout_held`, `account_needed`.
    """
    return PayoutDetail.of(deciding.decide(payout_id, body, api.caller(STAFF), provider(), clock))


@api.post("/v1/staff/payouts/bank-returns", tags=["staff"])
def take_returns(start: Annotated[int, Query(ge=0, le=1_000_000)] = 0) -> ReturnsTaken:
    """Take in a bank's file of returns and corrections, as text; the same file again changes nothing.

    Each record is answered with what followed from it. A long file is taken in by several calls: send it again with
    `start` as `next_start` was. 422 `no_records`, 422 `too_long`.
    """
    return returns.take_in(api.raw_body, start, api.caller(STAFF), provider(), clock)


@api.get("/v1/staff/pay-runs", tags=["staff"])
def list_runs(
    period: Annotated[Day | None, Query(description="The run of one period, with a link to its bank file")] = None,
    cursor: Annotated[Day | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 31,
) -> PayRunPage:
    """List pay runs, the newest first, or return the one of a period with a link of ten minutes to its bank file."""
    api.caller(STAFF)
    return queries.runs(period, cursor, limit, clock)


@api.post("/v1/staff/pay-runs", responses=STARTED, tags=["staff"])
def start_run(body: Annotated[PayRunRequest, Body()]) -> Response[PayRunStarted]:
    """Start the pay run of a period whose books are closed: 202 if this started it, 200 if it is under way or done.

    The close starts it by itself. 409 `period_not_settled` before that.
    """
    api.caller(STAFF)
    run, started = schedule.start(body.period, Executions(settings().pay_run, "pay"), clock)
    answer = PayRunStarted(run_id=run.id, period=run.period, execution_arn=run.execution_arn)
    return Response(202 if started else 200, JSON, answer)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context, {"POST /v1/staff/payouts/bank-returns": (TEXT,)})
