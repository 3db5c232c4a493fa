"""Payouts, and how far the settlement of a period is."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.settlement.ledger import CASH, PAID_OUT, RETURNED, Kind, Posting, driver_payable, entry, totals
from crowdship.settlement.statements import Line, Statement, Sums


class PayoutState(StrEnum):
    """Where a payout stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Payout(Aggregate):
    """Money on its way to a driver for a period."""

    driver_id: str
    period: Day
    amount: Money
    state: PayoutState = PayoutState.PENDING
    transfer_id: str | None = None
    reason: str | None = None
    decided_at: Moment | None = None

    def reservation(self, now: datetime) -> Posting:
        """Return the posting that takes the money out of the driver's payable before it is sent."""
        entries = (
            *entry(driver_payable(self.driver_id), self.amount, PAID_OUT),
            *entry(CASH, -self.amount, PAID_OUT),
        )
        return Posting.caused_by(self.id, Kind.PAYOUT, now, entries, note=f"payout of {self.period}")

    def reversal(self, now: datetime) -> Posting:
        """Return the posting that gives a refused payout back: due again in the period it is booked in."""
        entries = (
            *entry(CASH, self.amount, RETURNED),
            *entry(driver_payable(self.driver_id), -self.amount, RETURNED),
        )
        cause = self.reservation(now).id
        return Posting.caused_by(cause, Kind.PAYOUT_REVERSAL, now, entries, note=f"payout of {self.period} came back")

    def sent(self, transfer_id: str, now: datetime) -> Self:
        """Return the payout as accepted by the rail."""
        return self._decided(PayoutState.SENT, now, transfer_id=transfer_id)

    def failed(self, reason: str, now: datetime) -> Self:
        """Return the payout as refused by the rail."""
        return self._decided(PayoutState.FAILED, now, reason=reason)

    def _decided(self, state: PayoutState, now: datetime, **changes: str) -> Self:
        if self.state is not PayoutState.PENDING:
            raise Conflict("payout_decided", f"Payout {self.id} is {self.state}; only a pending one can be {state}.")
        changed = self.with_changes(state=state, decided_at=now, **changes)
        data = changed.model_dump(mode="json", include={"driver_id", "period", "amount", "reason"})
        return changed.emitting(f"payout.{state}", now, {"payout_id": self.id, **data})


class PaymentRailUnavailable(Exception):  # noqa: N818 - the state machine retries by this name
    """The rail did not say what became of the payout; ask again with the same key."""


class PayoutRejected(Exception):  # noqa: N818 - the state machine catches this name
    """The rail refuses the payout for good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PaymentRail(Protocol):
    """Where payouts leave for the drivers' accounts."""

    def transfer(self, payout: Payout) -> str:
        """Send a payout, once however often it is asked; return the rail's id of the transfer.

        Raises
        ------
        PayoutRejected
            If the rail refuses it.
        PaymentRailUnavailable
            If there is no answer that says whether it was sent.
        """
        ...


class CycleExecutions(Protocol):
    """What runs the steps of the cycle."""

    def start(self, period: date, attempt: int) -> tuple[str, bool]:
        """Return the ARN of an attempt's execution, and whether this started it."""
        ...

    def has_failed(self, execution_arn: str) -> bool:
        """Return whether an execution ended without success."""
        ...


class BooksDontBalance(Exception):  # noqa: N818
    """What was written does not agree with the log of postings; a person must look."""


class PeriodTooLarge(Exception):  # noqa: N818
    """A period has more than the cycle can hold or pay out; nothing was done."""


class PayoutsUndecided(Exception):  # noqa: N818
    """Some payouts are neither sent nor refused; run the cycle again."""


class Progress(StrEnum):
    """How far the settlement of a period has come."""

    OPENED = "opened"
    CLOSED = "closed"
    PAYING = "paying"
    FINISHED = "finished"


class Settlement(Aggregate):
    """The settlement of one period.

    Parameters
    ----------
    attempt : int
        How many times staff had to start it: 2 and more after a failure.
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
        """Return the settlement of a period that nobody settled yet."""
        return cls(id=derived_id("stl", period.isoformat()), period=period, opened_at=now)

    @property
    def is_done(self) -> bool:
        """True when nothing is left to do: it is finished, and finance was told."""
        return self.finished_at is not None and self.reported_at is not None

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        if self.finished_at:
            return Progress.FINISHED
        if self.stated_at:
            return Progress.PAYING
        return Progress.CLOSED if self.closed_at else Progress.OPENED


class Overview(Value):
    """A settlement with what it wrote."""

    settlement: Settlement
    statements: tuple[Statement, ...]
    payouts: tuple[Payout, ...]

    @property
    def totals(self) -> tuple[Money, ...]:
        """What the payouts add up to, per currency."""
        return totals(payout.amount for payout in self.payouts)


class Earnings(Value):
    """What a driver earned in a period, and the payouts that settle it."""

    lines: tuple[Line, ...]
    payouts: tuple[Payout, ...]

    @property
    def sums(self) -> dict[str, Sums]:
        """The lines added up, by currency."""
        currencies = sorted({line.currency for line in self.lines})
        return {
            currency: Sums.of((line for line in self.lines if line.currency == currency), currency)
            for currency in currencies
        }
