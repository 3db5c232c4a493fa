"""Settlement of a period, what it wrote, and the port to the executions of the cycle."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id


class PeriodTooLarge(Exception):  # noqa: N818
    """A period has more postings or statements than the cycle can hold; nothing was done."""


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
    opened_at, closed_at, stated_at, finished_at, reported_at : datetime
        When it was begun, its gates were closed, its statements written, its books checked, and finance had the
        report; None for what is still to come.
    attempt : int
        Number of executions that were started for it: 2 and more after a failure.
    """

    period: Day
    opened_at: Moment
    closed_at: Moment | None = None
    stated_at: Moment | None = None
    finished_at: Moment | None = None
    reported_at: Moment | None = None
    attempt: int = 0
    execution_arn: str | None = None

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
