"""Payout of a driver's earnings, and the port of providers that send it."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate
from crowdship.kernel.money import Money


class PayoutState(StrEnum):
    """States of a payout; the last two are final."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Payout(Aggregate):
    """Money on its way to a driver for a period.

    Parameters
    ----------
    held : bool
        True if the driver changed the bank account: the payout is reversed, and the money comes with the next period.
        That is decided once, when the payout is made, so that a repeated run decides alike.
    """

    driver_id: str
    period: Day
    amount: Money
    held: bool = False
    state: PayoutState = PayoutState.PENDING
    transfer_id: str | None = None
    reason: str | None = None
    decided_at: Moment | None = None

    def sent(self, transfer_id: str, now: datetime) -> Self:
        """Return the payout after the provider accepted it, with its event.

        Raises
        ------
        Conflict
            If it is not pending.
        """
        return self._decided(PayoutState.SENT, now, transfer_id=transfer_id)

    def failed(self, reason: str, now: datetime) -> Self:
        """Return the payout after the provider refused it, with its event.

        Raises
        ------
        Conflict
            If it is not pending.
        """
        return self._decided(PayoutState.FAILED, now, reason=reason)

    def _decided(self, state: PayoutState, now: datetime, **changes: str) -> Self:
        if self.state is not PayoutState.PENDING:
            raise Conflict("payout_decided", f"Payout {self.id} is {self.state}; only a pending one can be {state}.")
        changed = self.with_changes(state=state, decided_at=now, **changes)
        data = changed.model_dump(mode="json", include={"driver_id", "period", "amount", "reason"})
        return changed.emitting(f"payout.{state}", now, {"payout_id": self.id, **data})


class PaymentRailUnavailable(Exception):  # noqa: N818 - the state machine retries by this name
    """The provider did not say whether it sent the payout; the same request must be sent again."""


class PayoutRejected(Exception):  # noqa: N818 - the state machine catches this name
    """The provider refuses the payout for good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PayoutProvider(Protocol):
    """Port to the company that moves money to drivers' bank accounts."""

    def transfer(self, payout: Payout) -> str:
        """Send a payout and return the provider's id of the transfer.

        Repeated calls with the same payout move its money once.

        Raises
        ------
        PayoutRejected
            If the provider refuses it.
        PaymentRailUnavailable
            If no answer says whether it was sent.
        """
        ...
