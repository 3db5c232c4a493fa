"""Causes of postings as typed values, each read once from what the bus or staff told.

``CAUSE_OF`` has an entry for each event that can cause a posting. A new one is a value, a reader and an entry here, and
a rule in ``postings``.
"""

from collections.abc import Callable, Mapping
from typing import Self

from pydantic import ConfigDict

from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.model import outcome
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price
from crowdship.pricing.terms import Shares
from crowdship.shipment.options import Undeliverable


class _EventData(Value):
    """Fields of an event's data that are read here; the others are for somebody else."""

    model_config = ConfigDict(extra="ignore")


class _Cancellation(_EventData):
    shares: Shares


class _Decision(_EventData):
    verdict: Verdict


class _Hold(_EventData):
    decision: _Decision | None


class _DeliveryData(_EventData):
    """What a ``delivery.*`` event tells of a delivery."""

    delivery_id: str
    external_id: str
    merchant_id: str
    driver_id: str | None
    state: State
    previous_state: State | None
    reason: str | None
    undeliverable: Undeliverable
    price: Price
    cancellation: _Cancellation | None
    hold: _Hold | None = None

    @property
    def is_held(self) -> bool:
        """Whether pay is held that no person has released."""
        if self.hold is None:
            return False
        return self.hold.decision is None or self.hold.decision.verdict is not Verdict.RELEASED

    @property
    def outcome(self) -> Outcome | None:
        """How the delivery ended; None while it is under way."""
        if self.previous_state is None:
            return None
        return outcome(self.previous_state, self.state, self.reason, self.undeliverable)


class _TipData(_EventData):
    """What ``delivery.tipped`` tells of a late tip."""

    delivery_id: str
    external_id: str
    merchant_id: str
    driver_id: str | None
    tipped: Money


class ClosedDelivery(Value):
    """A delivery with a driver that ended, with nothing held.

    Parameters
    ----------
    event_id : str
        Of the event that told it.
    price : Price
        As it was pinned when the delivery was created.
    shares : Shares or None
        What was told when it was called off; None if nobody called it off.
    """

    event_id: str
    time: Moment
    delivery_id: str
    external_id: str
    merchant_id: str
    driver_id: str
    outcome: Outcome
    price: Price
    shares: Shares | None

    @classmethod
    def told_by(cls, event: DomainEvent) -> Self | None:
        """Return what an event told; None if the delivery has no driver, is under way or held."""
        told = _DeliveryData.model_validate(event.data)
        if told.driver_id is None or told.outcome is None or told.is_held:
            return None
        return cls(
            event_id=event.id,
            time=event.time,
            delivery_id=told.delivery_id,
            external_id=told.external_id,
            merchant_id=told.merchant_id,
            driver_id=told.driver_id,
            outcome=told.outcome,
            price=told.price,
            shares=told.cancellation and told.cancellation.shares,
        )


class LateTip(Value):
    """A tip that was given after the delivery."""

    event_id: str
    time: Moment
    delivery_id: str
    external_id: str
    merchant_id: str
    driver_id: str
    amount: Money

    @classmethod
    def told_by(cls, event: DomainEvent) -> Self | None:
        """Return what an event told; None if the delivery has no driver."""
        told = _TipData.model_validate(event.data)
        if told.driver_id is None:
            return None
        return cls(
            event_id=event.id,
            time=event.time,
            delivery_id=told.delivery_id,
            external_id=told.external_id,
            merchant_id=told.merchant_id,
            driver_id=told.driver_id,
            amount=told.tipped,
        )


class Adjustment(Value):
    """Change by staff of what a driver is due.

    Parameters
    ----------
    reference : str
        Name of the adjustment; one name is booked once.
    amount : Money
        Above zero is more for the driver, below zero less.
    note : str
        The driver reads it.
    booked_by : str
        Sign-in name of the person who asked for it.
    """

    reference: str
    driver_id: str
    amount: Money
    note: str
    time: Moment
    booked_by: str


Cause = ClosedDelivery | LateTip
"""Causes that are told by events."""

CAUSE_OF: Mapping[str, Callable[[DomainEvent], Cause | None]] = {
    "delivery.delivered": ClosedDelivery.told_by,
    "delivery.returned": ClosedDelivery.told_by,
    "delivery.failed": ClosedDelivery.told_by,
    "delivery.cancelled": ClosedDelivery.told_by,
    "delivery.pay_released": ClosedDelivery.told_by,
    "delivery.tipped": LateTip.told_by,
}
"""The reader of each type of event that can cause a posting."""


def cause_of(event: DomainEvent) -> Cause | None:
    """Return what an event causes in the ledger; None while nothing is due.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    told_by = CAUSE_OF.get(event.type)
    return told_by(event) if told_by else None
