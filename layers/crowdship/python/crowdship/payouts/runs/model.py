"""Pay run of a period: how far it is and what it came to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.payouts.provider import FileHeading

FILES_OF_A_DAY = 36
"""Bank files that a day may have: Nacha's file id modifiers are A to Z and 0 to 9."""


class PayoutsUndecided(Exception):  # noqa: N818 - the state machine retries by this name
    """Some payouts of a run are neither sent nor refused; the run must be started again."""


class RunStatus(StrEnum):
    """Stages of a pay run, in their order."""

    OPENED = "opened"
    PAYING = "paying"
    FILED = "filed"
    FINISHED = "finished"


class BankFile(Value):
    """A bank file of a run, with what names it in its bucket."""

    key: str
    manifest_key: str
    sha256: str
    count: int
    total: Money


class StateTotal(Value):
    """Number and sum of a run's payouts in one state and currency."""

    state: str
    count: int
    total: Money


def run_id_for(period: date) -> str:
    """Return the id of the one run of a period."""
    return derived_id("run", period.isoformat())


class PayRun(Aggregate):
    """The pay run of one period.

    Parameters
    ----------
    opened_at : datetime
        The moment that bank files bear: every repeated step has the same.
    effective_on : date
        Banking day on which its payouts are to arrive.
    batches : int or None
        Number of batches of drivers, which are frozen then; None until they are made.
    file : BankFile or None
        Its bank file, if the provider takes one.
    filed_at : datetime or None
        When all payouts of the file were noted as sent.
    totals : tuple of StateTotal
        As it finished; payouts may change since.
    attempt : int
        Number of executions that were started for it.
    """

    period: Day
    opened_at: Moment
    effective_on: Day
    batches: int | None = None
    file: BankFile | None = None
    filed_at: Moment | None = None
    finished_at: Moment | None = None
    totals: tuple[StateTotal, ...] = ()
    attempt: int = 0
    execution_arn: str | None = None

    @classmethod
    def of(cls, period: date, effective_on: date, now: datetime) -> Self:
        """Return the run of a period as it begins."""
        return cls(id=run_id_for(period), period=period, opened_at=now, effective_on=effective_on)

    @property
    def status(self) -> RunStatus:
        """The last stage that it reached."""
        if self.finished_at:
            return RunStatus.FINISHED
        if self.filed_at or self.file:
            return RunStatus.FILED
        return RunStatus.PAYING if self.batches is not None else RunStatus.OPENED

    @property
    def heading(self) -> FileHeading:
        """The run as its bank file names it.

        Runs of a day are told apart by how late they are. Two of the same day have the same number only if their
        periods are ``FILES_OF_A_DAY`` days apart.
        """
        late = max((self.opened_at.date() - self.period).days - 1, 0) % FILES_OF_A_DAY
        return FileHeading(run_id=self.id, made_at=self.opened_at, effective_on=self.effective_on, number=late)
