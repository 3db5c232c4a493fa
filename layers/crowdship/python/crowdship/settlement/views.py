"""Views of the books, as the API answers them to staff and drivers."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money, digits_of
from crowdship.pricing.model import Outcome
from crowdship.settlement.causes.reversals import is_reversible
from crowdship.settlement.ledger import Entry, Phase, Posting, PostingKind
from crowdship.settlement.proposals import Proposal, ProposalState
from crowdship.settlement.statements import LINES_PER_PAGE, Statement, StatementLine, Sums

MOST = 10_000_000
"""The most minor units of one adjustment, up or down: a guard against typing errors."""


def _reasonable(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 < abs(amount.amount) <= MOST:
        raise ValueError(f"an adjustment is of 1 to {MOST} minor units, up or down, not of {amount.amount}")
    return amount


Reference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    Field(
        description="Name of what is proposed; the same name is booked once, however often it is sent",
        examples=["ticket-4711"],
    ),
]
Note = Annotated[str, StringConstraints(min_length=1, max_length=200), Field(description="The driver reads it")]


class AdjustmentRequest(Value):
    """An adjustment of what a driver is due, at the platform's cost."""

    reference: Reference
    driver_id: str
    amount: Annotated[Money, AfterValidator(_reasonable)] = Field(description="Above zero is more for the driver")
    note: Note


class ReversalRequest(Value):
    """The reversal of a posting as a whole."""

    reference: Reference
    note: Note


class AdjustmentView(Value):
    """An adjustment or a reversal, who asked for it and decided on it, and its booking once there is one.

    It is booked on the day of the last of these, or on a later one if that day was closed. ``reverses`` names the
    posting that is reversed; ``driver_id`` is null if that is not about exactly one driver.
    """

    reference: str
    driver_id: str | None
    amount: Money
    note: str
    reverses: str | None
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
    """Adjustments and reversals above the limit that wait for a second person."""

    adjustments: tuple[AdjustmentView, ...]


class PostingView(Value):
    """A posting with its entries; ids are null of postings that are not there."""

    posting_id: str
    cause: str
    kind: PostingKind
    phase: Phase
    period: Day
    time: Moment
    entries: tuple[Entry, ...]
    releases: tuple[Entry, ...]
    resolves: str | None
    resolved_by: str | None
    reversed_by: str | None
    reversible: bool = Field(description="Whether staff may reverse it")
    delivery_id: str | None
    external_id: str | None
    outcome: Outcome | None
    note: str | None
    booked_by: str | None

    @classmethod
    def of(cls, posting: Posting, resolved_by: str | None, reversed_by: str | None) -> Self:
        """Return the view of a posting, with the ids of those that resolve and reverse it."""
        shown = {name: getattr(posting, name) for name in cls.model_fields if name in Posting.model_fields}
        reversible = reversed_by is None and is_reversible(posting)
        found = {"resolved_by": resolved_by, "reversed_by": reversed_by, "reversible": reversible}
        return cls(posting_id=posting.id, **shown, **found)


class SettlementRequest(Value):
    """The day to settle."""

    period: Day


class SettlementStarted(Value):
    """The cycle of a period; ``execution_arn`` is null if the daily schedule ran it."""

    period: Day
    execution_arn: str | None


class StatementView(Value):
    """One statement; ``lines`` is null unless one owner's statements were asked for."""

    statement_id: str
    owner: str
    currency: str
    line_count: int
    sums: Sums
    total: Money
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
            next_cursor=cursor_of(page[-1].cursor, f"statements/{period}") if len(page) == limit else None,
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


PLACE = re.compile(r"(driver|merchant):[^#]+#[A-Z]{3}")
"""Place of a statement in the list of its period."""


def place_of(period: date, cursor: str | None) -> str | None:
    """Return the place in the list of a period's statements that a cursor names; None if there is no cursor.

    Raises
    ------
    Unprocessable
        ``bad_cursor``.
    """
    return position_of(cursor, PLACE, f"statements/{period}") if cursor else None


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
