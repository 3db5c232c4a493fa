"""Views of the books, as the API answers them to staff and drivers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money, digits_of
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.cycle.model import Overview, SettlementStatus
from crowdship.settlement.ledger import Kind, Posting
from crowdship.settlement.payouts.model import Payout, PayoutState
from crowdship.settlement.statements import LINES_PER_PAGE, DriverEarnings, Statement, StatementLine, Sums

MOST = 10_000_000
"""Minor units that one correction may add or take; a typing error should not exceed it."""


def _reasonable(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 < abs(amount.amount) <= MOST:
        raise ValueError(f"a correction is of 1 to {MOST} minor units, up or down, not of {amount.amount}")
    return amount


class AdjustmentRequest(Value):
    """A correction of what a driver is due, at our own cost."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="Names the correction; asked for again under the same name, it is booked once",
        examples=["ticket-4711"],
    )
    driver_id: str
    amount: Annotated[Money, AfterValidator(_reasonable)] = Field(description="Above zero is more for the driver")
    note: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="The driver reads it")


class AdjustmentView(AdjustmentRequest):
    """A correction as it was booked; on a later day if its own was closed."""

    posting_id: str
    period: Day
    time: Moment
    booked_by: str | None

    @classmethod
    def of(cls, request: AdjustmentRequest, posting: Posting) -> Self:
        """Return the view of what a request led to."""
        booked = posting.model_dump(include={"period", "time", "booked_by"})
        return cls(**dict(request), posting_id=posting.id, **booked)


class SettlementRequest(Value):
    """Which day to settle."""

    period: Day


class SettlementStarted(Value):
    """The cycle of a period; ``execution_arn`` is null if the daily schedule ran it."""

    period: Day
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

    @classmethod
    def of(cls, payout: Payout) -> Self:
        """Return the view of a payout."""
        return cls(
            payout_id=payout.id,
            driver_id=payout.driver_id,
            amount=payout.amount,
            state=payout.state,
            transfer_id=payout.transfer_id,
            reason=payout.reason,
            decided_at=payout.decided_at,
        )


class SettlementView(Value):
    """How far the settlement of a period is."""

    period: Day
    status: SettlementStatus
    opened_at: Moment
    closed_at: Moment | None
    finished_at: Moment | None
    reported_at: Moment | None
    execution_arn: str | None
    statements: int
    payouts: tuple[PayoutView, ...]
    next_cursor: int | None = Field(default=None, description="Where the next page of payouts begins")
    totals: tuple[Money, ...] = Field(description="What all payouts add up to, per currency")

    @classmethod
    def of(cls, overview: Overview, start: int, limit: int) -> Self:
        """Return the view of a settlement with its payouts from the ``start``-th on."""
        settlement, end = overview.settlement, start + limit
        return cls(
            period=settlement.period,
            status=settlement.status,
            opened_at=settlement.opened_at,
            closed_at=settlement.closed_at,
            finished_at=settlement.finished_at,
            reported_at=settlement.reported_at,
            execution_arn=settlement.execution_arn,
            statements=len(overview.statements),
            payouts=tuple(PayoutView.of(payout) for payout in overview.payouts[start:end]),
            next_cursor=end if end < len(overview.payouts) else None,
            totals=overview.totals,
        )


class StatementView(Value):
    """One statement; its lines only when it is asked for alone."""

    statement_id: str
    owner: str
    currency: str
    line_count: int
    sums: Sums
    total: Money
    payout_id: str | None
    lines: tuple[StatementLine, ...] | None = None

    @classmethod
    def of(cls, statement: Statement, lines: list[StatementLine] | None = None) -> Self:
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

    period: Day
    statements: tuple[StatementView, ...]
    next_cursor: str | None = None

    @classmethod
    def page(cls, period: date, page: Sequence[Statement], limit: int) -> Self:
        """Return a page; it has a successor if it is full."""
        return cls(
            period=period,
            statements=tuple(StatementView.of(statement) for statement in page),
            next_cursor=page[-1].cursor if len(page) == limit else None,
        )

    @classmethod
    def of_owner(cls, period: date, found: Sequence[tuple[Statement, list[StatementLine]]], page: int) -> Self:
        """Return one owner's statements with a page of their lines; it has a successor while a statement has one."""
        has_more = any(statement.line_count > (page + 1) * LINES_PER_PAGE for statement, _ in found)
        return cls(
            period=period,
            statements=tuple(StatementView.of(*statement) for statement in found),
            next_cursor=str(page + 1) if has_more else None,
        )


def page_of(cursor: str | None) -> int:
    """Return which page of one owner's lines a cursor names.

    Raises
    ------
    Unprocessable
        If it names none.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 6):
        raise Unprocessable(
            "wrong_cursor", "Give the next_cursor of the page before, or leave it out.", "/query/cursor"
        )
    return int(cursor)


class EarningsLine(Value):
    """What one delivery, or one correction, brought."""

    delivery_id: str | None
    kind: Kind
    outcome: Outcome | None
    time: Moment
    parts: tuple[PricePart, ...]
    tip: Money
    total: Money
    note: str | None

    @classmethod
    def of(cls, line: StatementLine) -> Self:
        """Return the view of a line."""
        return cls(
            delivery_id=line.delivery_id,
            kind=line.kind,
            outcome=line.outcome,
            time=line.time,
            parts=line.parts,
            tip=line.tip,
            total=line.total,
            note=line.note,
        )


class EarningsSum(Value):
    """A period's lines added up: pay for trips, tips apart."""

    currency: str
    sums: Sums
    total: Money


class Earnings(Value):
    """A driver's day."""

    period: Day
    driver_id: str
    lines: tuple[EarningsLine, ...]
    totals: tuple[EarningsSum, ...]
    payouts: tuple[PayoutView, ...]

    @classmethod
    def on(cls, period: date, driver_id: str, found: DriverEarnings) -> Self:
        """Return the view of what a driver earned on a day."""
        return cls(
            period=period,
            driver_id=driver_id,
            lines=tuple(EarningsLine.of(line) for line in found.lines),
            totals=tuple(
                EarningsSum(currency=currency, sums=sums, total=sums.total) for currency, sums in found.sums.items()
            ),
            payouts=tuple(PayoutView.of(payout) for payout in found.payouts),
        )
