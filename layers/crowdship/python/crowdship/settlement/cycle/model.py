"""Settlement of a period, what it wrote, and the port to the executions of the cycle."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from pydantic import model_validator

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.settlement.payouts.model import Payout
from crowdship.settlement.statements import Statement
from crowdship.settlement.trial_balance import totals


class PeriodTooLarge(Exception):  # noqa: N818
    """A period has more postings or statements than the cycle can hold; nothing was done."""


class PayoutsUndecided(Exception):  # noqa: N818
    """Some payouts are neither sent nor refused; the cycle must be run again."""


class CycleExecutions(Protocol):
    """Port to what runs the steps of the cycle."""

    def start(self, period: date, attempt: int) -> tuple[str, bool]:
        """Return the ARN of an attempt's execution, and whether this call started it."""
        ...

    def has_failed(self, execution_arn: str) -> bool:
        """Return whether an execution ended without success."""
        ...


class SettlementStatus(StrEnum):
    """Stages of a settlement, in their order."""

    OPENED = "opened"
    CLOSED = "closed"
    PAYING = "paying"
    FINISHED = "finished"


class Settlement(Aggregate):
    """The settlement of one period (a UTC day).

    Parameters
    ----------
    opened_at, closed_at, stated_at, finished_at : datetime
        When it was begun, its gates were closed, its statements written, and its books checked; None for what is
        still to come.
    attempt : int
        Number of executions that were started for it: 2 and more after a failure.
    """

    period: Day
    opened_at: Moment
    closed_at: Moment | None = None
    stated_at: Moment | None = None
    finished_at: Moment | None = None
    attempt: int = 0
    execution_arn: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_report(cls, given: Any) -> Any:
        """Return what is read without ``reported_at``, which rows have from the time when the cycle sent a report."""
        return (
            {name: value for name, value in given.items() if name != "reported_at"}
            if isinstance(given, dict)
            else given
        )

    @classmethod
    def of(cls, period: date, now: datetime) -> Self:
        """Return the settlement of a period as it begins."""
        return cls(id=derived_id("stl", period.isoformat()), period=period, opened_at=now)

    @property
    def status(self) -> SettlementStatus:
        """The last stage that it reached."""
        if self.finished_at:
            return SettlementStatus.FINISHED
        if self.stated_at:
            return SettlementStatus.PAYING
        return SettlementStatus.CLOSED if self.closed_at else SettlementStatus.OPENED


class Overview(Value):
    """A settlement with its statements and payouts."""

    settlement: Settlement
    statements: tuple[Statement, ...]
    payouts: tuple[Payout, ...]

    @property
    def totals(self) -> tuple[Money, ...]:
        """Sums of all payouts, per currency."""
        return totals(payout.amount for payout in self.payouts)
