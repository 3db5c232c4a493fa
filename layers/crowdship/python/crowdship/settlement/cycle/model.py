"""Settlement of a period, what it wrote, and the port to the executions of the cycle."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from pydantic import model_validator

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id


class PartsMissing(Exception):  # noqa: N818
    """A shard or a part of a period was left out; the steps before must be done again."""


class Piece(Value):
    """Items that a Map of the state machine goes through: numbers of shards or parts, so many in one call."""

    period: Day
    items: tuple[int, ...]
    at_once: int


class CycleExecutions(Protocol):
    """Port to what runs the steps of the cycle."""

    def start(self, period: date, attempt: int) -> tuple[str, bool]:
        """Return the ARN of an attempt's execution, and whether this call started it."""
        ...

    def compare(self, period: date, on: date) -> bool:
        """Start to compare a finished period with its postings, once a day; return whether this call started it."""
        ...

    def has_failed(self, execution_arn: str) -> bool:
        """Return whether an execution ended without success."""
        ...


class SettlementStatus(StrEnum):
    """Stages of a settlement, in their order."""

    OPENED = "opened"
    CLOSED = "closed"
    STATED = "stated"
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
            return SettlementStatus.STATED
        return SettlementStatus.CLOSED if self.closed_at else SettlementStatus.OPENED
