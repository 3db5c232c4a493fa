"""Causes of postings as typed values, each read once from an event or a request of staff.

``CAUSE_OF`` has an entry for each event that can cause a posting. A new one is a value, a reader and an entry here, and
a rule in ``postings``.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Self

from pydantic import ConfigDict

from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price
from crowdship.pricing.terms import Shares
from crowdship.shipment.options import Undeliverable


class _EventData(Value):
    """Fields of an event's data that are read here; others are ignored."""

    model_config = ConfigDict(extra="ignore")


class _Cancellation(_EventData):
    shares: Shares


class _Decision(_EventData):
    verdict: Verdict


class _Hold(_EventData):
    decision: _Decision | None


class _DeliveryData(_EventData):
    """Fields of all ``delivery.*`` events."""

    delivery_id: str
    external_id: str
    merchant_id: str
    driver_id: str | None


class _ClosingData(_DeliveryData):
    """Fields from which the end of a delivery follows."""

    state: State
    previous_state: State | None
    reason: str | None
    undeliverable: Undeliverable
    price: Price
    cancellation: _Cancellation | None
    hold: _Hold | None = None

    @property
    def is_held(self) -> bool:
        """True while pay is held that no person has released."""
        if self.hold is None:
            return False
        return self.hold.decision is None or self.hold.decision.verdict is not Verdict.RELEASED

    @property
    def outcome(self) -> Outcome | None:
        """Outcome of the delivery; None while it is under way."""
        if self.previous_state is None:
            return None
        return outcome(self.previous_state, self.state, self.reason, self.undeliverable)


class _CorrectionData(_DeliveryData):
    """Fields of ``delivery.corrected``."""

    price: Price
    reverses: Outcome | None


class _TipData(_DeliveryData):
    """Fields of ``delivery.tipped``."""

    tipped: Money


class ExtraPayKind(StrEnum):
    """Kinds of extra pay; each is a kind of posting and the code of its entries."""

    QUEST = "quest"
    BATCH_BONUS = "batch_bonus"
    PEAK_BONUS = "peak_bonus"
    GUARANTEE = "guarantee"


class _ExtraPayData(_EventData):
    """Fields of the events by which extra pay is due or taken back."""

    driver_id: str
    kind: ExtraPayKind
    amount: Money
    title: str
    delivery_id: str | None = None


class DeliveryCause(Value):
    """Fields of all causes that are read from events of a delivery.

    Parameters
    ----------
    event_id : str
        Id of the event; the posting's id is made from it.
    time : datetime
        Business time of the event.
    """

    event_id: str
    time: Moment
    delivery_id: str
    external_id: str
    merchant_id: str
    driver_id: str


class ClosedDelivery(DeliveryCause):
    """A delivery with a driver that ended, with nothing held.

    Parameters
    ----------
    price : Price
        Pinned when the delivery was created.
    shares : Shares or None
        Shares of its cancellation; None if nobody called it off.
    """

    outcome: Outcome
    price: Price
    shares: Shares | None

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self | None:
        """Return the cause that an event tells; None if the delivery has no driver, is under way or held."""
        data = _ClosingData.model_validate(event.data)
        if data.driver_id is None or data.outcome is None or data.is_held:
            return None
        return cls(
            event_id=event.id,
            time=event.time,
            delivery_id=data.delivery_id,
            external_id=data.external_id,
            merchant_id=data.merchant_id,
            driver_id=data.driver_id,
            outcome=data.outcome,
            price=data.price,
            shares=data.cancellation and data.cancellation.shares,
        )


class CorrectedDelivery(ClosedDelivery):
    """An ending that its driver took back: what is due for it is reversed, whether or not it is booked yet."""

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self | None:
        """Return the cause that an event tells; None if nothing was due for the ending."""
        data = _CorrectionData.model_validate(event.data)
        if data.driver_id is None or data.reverses is None:
            return None
        return cls(
            event_id=event.id,
            time=event.time,
            delivery_id=data.delivery_id,
            external_id=data.external_id,
            merchant_id=data.merchant_id,
            driver_id=data.driver_id,
            outcome=data.reverses,
            price=data.price,
            shares=None,
        )


class LateTip(DeliveryCause):
    """A tip that was given after the delivery ended."""

    amount: Money

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self | None:
        """Return the cause that an event tells; None if the delivery has no driver."""
        data = _TipData.model_validate(event.data)
        if data.driver_id is None:
            return None
        return cls(
            event_id=event.id,
            time=event.time,
            delivery_id=data.delivery_id,
            external_id=data.external_id,
            merchant_id=data.merchant_id,
            driver_id=data.driver_id,
            amount=data.tipped,
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


class ExtraPay(Value):
    """Extra pay of a driver: a quest, a bonus, or the difference to a guarantee.

    Parameters
    ----------
    event_id : str
        Id of the event; the posting's id is made from it.
    amount : Money
        Above zero is earned, below zero is taken back, as deliveries that it was earned by no longer count.
    title : str
        The driver reads it.
    """

    event_id: str
    time: Moment
    driver_id: str
    kind: ExtraPayKind
    amount: Money
    title: str
    delivery_id: str | None

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self:
        """Return the cause that an event tells, which is one of money that is due."""
        data = _ExtraPayData.model_validate(event.data)
        return cls(event_id=event.id, time=event.time, **dict(data))

    @classmethod
    def taken_back(cls, event: DomainEvent) -> Self:
        """Return the cause that an event tells, which is one of money that is no longer due."""
        due = cls.from_event(event)
        return due.model_copy(update={"amount": -due.amount})


Cause = ClosedDelivery | CorrectedDelivery | LateTip | ExtraPay
"""Causes that are read from events."""

CAUSE_OF: Mapping[str, Callable[[DomainEvent], Cause | None]] = {
    "delivery.delivered": ClosedDelivery.from_event,
    "delivery.returned": ClosedDelivery.from_event,
    "delivery.failed": ClosedDelivery.from_event,
    "delivery.cancelled": ClosedDelivery.from_event,
    "delivery.pay_released": ClosedDelivery.from_event,
    "delivery.corrected": CorrectedDelivery.from_event,
    "delivery.tipped": LateTip.from_event,
    "incentive.earned": ExtraPay.from_event,
    "incentive.reversed": ExtraPay.taken_back,
    "block.guaranteed": ExtraPay.from_event,
}
"""The reader of each type of event that can cause a posting."""


def cause_of(event: DomainEvent) -> Cause | None:
    """Return what an event causes in the ledger; None while nothing is due.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    reader = CAUSE_OF.get(event.type)
    return reader(event) if reader else None
