"""Views of the books, as the API answers them to staff and drivers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money, digits_of
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.cycle.model import Overview, SettlementStatus
from crowdship.settlement.ledger import Posting, PostingKind
from crowdship.settlement.payouts.model import Payout, PayoutState
from crowdship.settlement.proposals import Proposal, ProposalState
from crowdship.settlement.statements import LINES_PER_PAGE, DriverEarnings, Statement, StatementLine, Sums

MOST = 10_000_000
"""The most minor units of one adjustment, up or down: a guard against typing errors."""


def _reasonable(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 < abs(amount.amount) <= MOST:
        raise ValueError(f"an adjustment is of 1 to {MOST} minor units, up or down, not of {amount.amount}")
    return amount


class AdjustmentRequest(Value):
    """An adjustment of what a driver is due, at the platform's cost."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="Name of the adjustment; the same name is booked once, however often it is sent",
        examples=["ticket-4711"],
    )
    driver_id: str
    amount: Annotated[Money, AfterValidator(_reasonable)] = Field(description="Above zero is more for the driver")
    note: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="The driver reads it")


class AdjustmentView(AdjustmentRequest):
    """An adjustment, who asked for it and decided on it, and its booking once there is one.

    It is booked on the day of the last of these, or on a later one if that day was closed.
    """

    adjustment_id: str
    state: ProposalState
    asked_by: str
    asked_at: Moment
    expires_at: Moment | None
    decided_by: str | None
    decided_at: Moment | None
    posting_id: str | None
    period: Day | None
    time: Moment | None

    @classmethod
    def of(cls, proposal: Proposal, now: datetime, posting: Posting | None) -> Self:
        """Return the view of a proposal at a moment, with the posting that it caused."""
        told = proposal.model_dump(exclude={"id", "sequence", "state"})
        booked = posting and {"posting_id": posting.id, "period": posting.period, "time": posting.time}
        return cls(
            adjustment_id=proposal.id,
            state=proposal.state_at(now),
            **told,
            **(booked or {"posting_id": None, "period": None, "time": None}),
        )


class AdjustmentsWaiting(Value):
    """Adjustments above the limit that wait for a second person."""

    adjustments: tuple[AdjustmentView, ...]


class SettlementRequest(Value):
    """The day to settle."""

    period: Day


class SettlementStarted(Value):
    """The cycle of a period; ``execution_arn`` is null if the daily schedule ran it."""

    period: Day
    execution_arn: str | None


class PayoutView(Value):
    """Payout of one driver."""

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
    """Settlement of a period: its status, its moments, and a page of its payouts."""

    period: Day
    status: SettlementStatus
    opened_at: Moment
    closed_at: Moment | None
    finished_at: Moment | None
    execution_arn: str | None
    statements: int
    payouts: tuple[PayoutView, ...]
    next_cursor: int | None = Field(default=None, description="Where the next page of payouts begins")
    totals: tuple[Money, ...] = Field(description="Sums of all payouts, per currency")

    @classmethod
    def of(cls, overview: Overview, start: int, limit: int) -> Self:
        """Return the view of a settlement with at most ``limit`` payouts, from the one with index ``start`` on."""
        settlement, end = overview.settlement, start + limit
        return cls(
            period=settlement.period,
            status=settlement.status,
            opened_at=settlement.opened_at,
            closed_at=settlement.closed_at,
            finished_at=settlement.finished_at,
            execution_arn=settlement.execution_arn,
            statements=len(overview.statements),
            payouts=tuple(PayoutView.of(payout) for payout in overview.payouts[start:end]),
            next_cursor=end if end < len(overview.payouts) else None,
            totals=overview.totals,
        )


class StatementView(Value):
    """One statement; ``lines`` is null unless one owner's statements were asked for."""

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
        """Return a page of statements; a full page has a cursor of the next one."""
        return cls(
            period=period,
            statements=tuple(StatementView.of(statement) for statement in page),
            next_cursor=page[-1].cursor if len(page) == limit else None,
        )

    @classmethod
    def of_owner(cls, period: date, found: Sequence[tuple[Statement, list[StatementLine]]], page: int) -> Self:
        """Return one owner's statements with a page of their lines, and a cursor if one of them has more lines."""
        has_more = any(statement.line_count > (page + 1) * LINES_PER_PAGE for statement, _ in found)
        return cls(
            period=period,
            statements=tuple(StatementView.of(*statement) for statement in found),
            next_cursor=str(page + 1) if has_more else None,
        )


def page_of(cursor: str | None) -> int:
    """Return the number of the page of lines that a cursor names, counted from 0; the first if there is no cursor.

    Raises
    ------
    Unprocessable
        If it is not a number of at most six digits.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 6):
        raise Unprocessable(
            "wrong_cursor", "Give the next_cursor of the page before, or leave it out.", "/query/cursor"
        )
    return int(cursor)


class EarningsLine(Value):
    """Earnings by one delivery, tip, extra pay, adjustment or payout that came back."""

    delivery_id: str | None
    kind: PostingKind
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
    """Sums of a period's lines of one currency."""

    currency: str
    sums: Sums
    total: Money


class Earnings(Value):
    """A driver's earnings on a day, and the payouts that settle them."""

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
