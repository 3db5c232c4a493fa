"""The ledger for staff: trial balance, settlements, statements."""

import os
from datetime import date
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import Field

from crowdship.kernel.clock import Moment, clock_from
from crowdship.kernel.events import Value
from crowdship.kernel.http import JSON, STAFF, Api, serve
from crowdship.kernel.money import Money
from crowdship.settlement import service
from crowdship.settlement.executions import Executions
from crowdship.settlement.model import Line, PayoutState, Progress, Statement, Sums, TrialBalance

api = Api()
clock = clock_from()


class SettlementRequest(Value):
    """Which day to settle."""

    period: date


class SettlementStarted(Value):
    """The cycle of a period; ``execution_arn`` is null if the daily schedule ran it."""

    period: date
    execution_arn: str | None


class PayoutView(Value):
    """One driver's payout."""

    payout_id: str
    driver_id: str
    amount: Money
    state: PayoutState
    transfer_id: str | None
    reason: str | None
    decided_at: Moment | None


class SettlementView(Value):
    """How far the settlement of a period is."""

    period: date
    status: Progress
    opened_at: Moment
    closed_at: Moment | None
    finished_at: Moment | None
    reported_at: Moment | None
    execution_arn: str | None
    statements: int
    payouts: tuple[PayoutView, ...]
    totals: tuple[Money, ...] = Field(description="What the payouts add up to, per currency")


class StatementView(Value):
    """One statement; its lines only when it is asked for alone."""

    statement_id: str
    owner: str
    currency: str
    line_count: int
    sums: Sums
    total: Money
    payout_id: str | None
    lines: tuple[Line, ...] | None = None

    @classmethod
    def of(cls, statement: Statement, lines: list[Line] | None = None) -> "StatementView":
        """Return the view of a statement."""
        return cls(
            statement_id=statement.id,
            owner=statement.owner,
            currency=statement.currency,
            line_count=statement.line_count,
            sums=statement.sums,
            total=statement.sums.total,
            payout_id=statement.payout_id,
            lines=None if lines is None else tuple(lines),
        )


class Statements(Value):
    """A page of statements; ``next_cursor`` is null on the last."""

    period: date
    statements: tuple[StatementView, ...]
    next_cursor: str | None = None


@api.get("/v1/staff/ledger/trial-balance", tags=["staff"])
def trial_balance(
    period: Annotated[date, Query()], to: Annotated[date | None, Query()] = None
) -> TrialBalance:
    """Return all accounts over one period, or from one to another."""
    api.caller(STAFF)
    return service.balance(period, to or period)


@api.post("/v1/staff/settlements", tags=["staff"])
def start(body: Annotated[SettlementRequest, Body()]) -> Response[SettlementStarted]:
    """Start the settlement of a period: 202 if this started it, 200 if it runs or has run."""
    api.caller(STAFF)
    settlement, started = service.start(body.period, Executions(os.environ["SETTLEMENT_CYCLE_ARN"]), clock)
    answer = SettlementStarted(period=settlement.period, execution_arn=settlement.execution_arn)
    return Response(202 if started else 200, JSON, answer)


@api.get("/v1/staff/settlements/<period>", tags=["staff"])
def read(period: date) -> SettlementView:
    """Return how far a settlement is, and its payouts."""
    api.caller(STAFF)
    overview = service.overview(period)
    return SettlementView(
        period=period,
        status=overview.settlement.progress,
        opened_at=overview.settlement.opened_at,
        closed_at=overview.settlement.closed_at,
        finished_at=overview.settlement.finished_at,
        reported_at=overview.settlement.reported_at,
        execution_arn=overview.settlement.execution_arn,
        statements=len(overview.statements),
        payouts=tuple(
            PayoutView(
                payout_id=payout.id,
                driver_id=payout.driver_id,
                amount=payout.amount,
                state=payout.state,
                transfer_id=payout.transfer_id,
                reason=payout.reason,
                decided_at=payout.decided_at,
            )
            for payout in overview.payouts
        ),
        totals=overview.totals,
    )


@api.get("/v1/staff/settlements/<period>/statements", tags=["staff"])
def statements(
    period: date,
    owner: Annotated[str | None, Query(description="driver:<id> or merchant:<id>, to see its lines")] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Statements:
    """Return the statements of a period, or one owner's with their lines."""
    api.caller(STAFF)
    if owner:
        found = service.statements_of(period, owner)
        return Statements(
            period=period, statements=tuple(StatementView.of(*statement) for statement in found)
        )
    page = service.statements(period, cursor, limit)
    return Statements(
        period=period,
        statements=tuple(StatementView.of(statement) for statement in page),
        next_cursor=page[-1].cursor if len(page) == limit else None,
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
