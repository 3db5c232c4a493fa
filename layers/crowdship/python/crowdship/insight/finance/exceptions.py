"""Exceptions: what somebody has to look at, from events as they come and from the state of the books. Pure."""

from collections.abc import Callable, Mapping

from crowdship.claims.values import Award
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money


class FinanceException(Value):
    """One thing that somebody has to look at.

    Parameters
    ----------
    id : str
        The event's id, or a name that stays while the state lasts.
    kind : str
        A key of the texts' ``exceptions``.
    subject : str
        Id of the driver, merchant, payout or account that it is about.
    reason : str
        A code of the provider or of the platform; empty if the kind says all.
    """

    id: str
    kind: str
    subject: str
    amount: Money | None = None
    reason: str = ""
    at: Moment | None = None


def _payout(kind: str) -> Callable[[DomainEvent], FinanceException]:
    def read(event: DomainEvent) -> FinanceException:
        data = event.data
        return FinanceException(
            id=event.id,
            kind=kind,
            subject=data["driver_id"],
            amount=Money.model_validate(data["amount"]),
            reason=data.get("code") or data.get("reason") or "",
            at=event.time,
        )

    return read


def _lapsed(event: DomainEvent) -> FinanceException | None:
    """Return a claim that nobody decided in time, so that the matrix did; None for any other decision."""
    if not event.data["lapsed"]:
        return None
    return FinanceException(
        id=event.id,
        kind="claim_lapsed",
        subject=event.data["claim_id"],
        amount=Award.model_validate(event.data["award"]).total,
        reason=event.data["outcome"],
        at=event.time,
    )


EXCEPTION_OF: Mapping[str, Callable[[DomainEvent], FinanceException | None]] = {
    "payout.failed": _payout("payout_failed"),
    "payout.returned": _payout("payout_returned"),
    "claim.decided": _lapsed,
}
"""The reader of each event that is an exception, or may be one."""


def exception_of(event: DomainEvent) -> FinanceException | None:
    """Return the exception that an event is; None for any other event, and for one of a sandbox."""
    reader = EXCEPTION_OF.get(event.type) if event.livemode else None
    return reader(event) if reader else None
