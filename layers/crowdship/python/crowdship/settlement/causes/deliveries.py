"""Deliveries that ended, endings that were taken back, hand-overs to other drivers, and late tips."""

from typing import Self

from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price, PricePart, settle_price
from crowdship.pricing.terms import Shares
from crowdship.settlement.accounts import DRIVER_PAYABLE, FEES, MERCHANT_RECEIVABLE
from crowdship.settlement.causes.reading import EventData
from crowdship.settlement.ledger import FEE, TIP, Entry, Posting, PostingKind, entry, reversed_entry
from crowdship.shipment.options import Undeliverable


class _Cancellation(EventData):
    shares: Shares


class _Decision(EventData):
    verdict: Verdict


class _Hold(EventData):
    decision: _Decision | None


class _DeliveryData(EventData):
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


class _Work(EventData):
    driver_id: str
    pay: tuple[PricePart, ...]


class _HandOverData(_DeliveryData):
    """Fields of ``delivery.handed_over``."""

    handed_over: _Work


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


class HandedOver(DeliveryCause):
    """Work of a driver from whom the platform took a delivery for another one."""

    pay: tuple[PricePart, ...]

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self:
        """Return the cause that an event tells."""
        data = _HandOverData.model_validate(event.data)
        return cls(
            event_id=event.id,
            time=event.time,
            delivery_id=data.delivery_id,
            external_id=data.external_id,
            merchant_id=data.merchant_id,
            driver_id=data.handed_over.driver_id,
            pay=data.handed_over.pay,
        )


def delivery_posting(closed: ClosedDelivery) -> Posting | None:
    """Return the posting of a delivery that ended; None if nothing is charged and nothing paid.

    The merchant is charged and the driver paid part by part; the platform's fee is the difference of the two.
    """
    return _posting(closed, PostingKind.DELIVERY, _entries(closed))


def correction_posting(corrected: CorrectedDelivery) -> Posting | None:
    """Return the posting that takes back the one of an ending, entry by entry; None if that has none.

    It follows from the correction alone, so that the two may be booked in either order.
    """
    entries = [reversed_entry(booked) for booked in _entries(corrected)]
    return _posting(corrected, PostingKind.DELIVERY_REVERSAL, entries)


def _entries(closed: ClosedDelivery) -> list[Entry]:
    due = settle_price(closed.price, closed.outcome, closed.shares)
    receivable, payable = MERCHANT_RECEIVABLE.of(closed.merchant_id), DRIVER_PAYABLE.of(closed.driver_id)
    return [
        *(e for part in due.charge for e in entry(receivable, part.amount, part.code)),
        *entry(receivable, due.tip, TIP),
        *(e for part in due.pay for e in entry(payable, -part.amount, part.code)),
        *entry(payable, -due.tip, TIP),
        *entry(FEES, due.pay_total - due.charge_total, FEE),
    ]


def _posting(closed: ClosedDelivery, kind: PostingKind, entries: list[Entry]) -> Posting | None:
    if not entries:
        return None
    return Posting.caused_by(
        closed.event_id,
        kind,
        closed.time,
        entries,
        delivery_id=closed.delivery_id,
        external_id=closed.external_id,
        outcome=closed.outcome,
    )


def tip_posting(tip: LateTip) -> Posting:
    """Return the posting of a late tip: the merchant is charged all of it, the driver gets all of it."""
    entries = (
        *entry(MERCHANT_RECEIVABLE.of(tip.merchant_id), tip.amount, TIP),
        *entry(DRIVER_PAYABLE.of(tip.driver_id), -tip.amount, TIP),
    )
    about = {"delivery_id": tip.delivery_id, "external_id": tip.external_id}
    return Posting.caused_by(tip.event_id, PostingKind.TIP, tip.time, entries, **about)


def hand_over_posting(work: HandedOver) -> Posting | None:
    """Return the posting of a driver's part of a delivery that another driver ends; None if nothing is owed for it.

    The platform bears it: the merchant is charged once, and the other driver is paid in full.
    """
    payable = DRIVER_PAYABLE.of(work.driver_id)
    entries = [e for part in work.pay for e in entry(payable, -part.amount, part.code)]
    if not entries:
        return None
    cost = Money.total((part.amount for part in work.pay), entries[0].amount.currency)
    about = {"delivery_id": work.delivery_id, "external_id": work.external_id}
    return Posting.caused_by(
        work.event_id, PostingKind.HAND_OVER, work.time, (*entries, *entry(FEES, cost, FEE)), **about
    )


def _of_closed(event: DomainEvent) -> Posting | None:
    closed = ClosedDelivery.from_event(event)
    return delivery_posting(closed) if closed else None


def _of_corrected(event: DomainEvent) -> Posting | None:
    corrected = CorrectedDelivery.from_event(event)
    return correction_posting(corrected) if corrected else None


def _of_hand_over(event: DomainEvent) -> Posting | None:
    return hand_over_posting(HandedOver.from_event(event))


def _of_tip(event: DomainEvent) -> Posting | None:
    tip = LateTip.from_event(event)
    return tip_posting(tip) if tip else None


POSTINGS = {
    "delivery.delivered": _of_closed,
    "delivery.returned": _of_closed,
    "delivery.failed": _of_closed,
    "delivery.cancelled": _of_closed,
    "delivery.pay_released": _of_closed,
    "delivery.corrected": _of_corrected,
    "delivery.handed_over": _of_hand_over,
    "delivery.tipped": _of_tip,
}
"""The posting of each type of event of a delivery that can cause one; None while nothing is due."""
