"""Views of a delivery for merchants, drivers and staff."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from crowdship.deliveries.delivery.values import Cancellation, ExternalId, OrderNumber, Step
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CUSTOMER, DISPATCH, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.merchants.connections import SourceName
from crowdship.pricing.model import PricePart
from crowdship.pricing.terms import STAFF_REASONS, CancelReason, Fault, Stage
from crowdship.shipment.options import Priority, Undeliverable
from crowdship.shipment.requirements.registry import OrderDetails, details_of
from crowdship.shipment.shipment import Shipment
from crowdship.shipment.windows import Window

NOT_STAFF = frozenset({DISPATCH, CUSTOMER, "tracking", *SourceName})
"""Actors that are a part of the platform, the customer, or a system of the merchant."""


def outward_actor(actor: str) -> str:
    """Return the actor as merchants see it: a merchant, a driver, the customer, a part of the platform, or ``staff``.

    The sign-in names of staff are not shown.
    """
    return actor if actor.startswith(("mer_", "drv_")) or actor in NOT_STAFF else "staff"


class CancellationView(Value):
    """A cancellation and what the merchant pays for it."""

    reason: CancelReason
    fault: Fault
    stage: Stage
    fee: Money
    at: Moment

    @classmethod
    def of(cls, cancellation: Cancellation) -> Self:
        """Return the view of a cancellation."""
        return cls(
            reason=cancellation.reason,
            fault=cancellation.fault,
            stage=cancellation.stage,
            fee=cancellation.fee,
            at=cancellation.at,
        )


class CancellationFees(Value):
    """The fees if the delivery were cancelled now.

    Parameters
    ----------
    becomes : State
        ``cancelled``, or ``returning`` if the goods are on board: they go back, which is in the fee.
    by_reason : dict
        The fee for each reason, as the reason decides which party pays.
    """

    stage: Stage
    becomes: State
    by_reason: dict[CancelReason, Money]


class DeliveryView(Shipment, OrderDetails):
    """A delivery as its merchant sees it.

    Parameters
    ----------
    return_charge_parts : tuple of PricePart
        The charge in addition if the goods have to go back.
    late_tips : Money
        The sum of tips after the hand-over, the customer's included, which is not part of ``tip``.
    cancellation_fee : CancellationFees or None
        Null once it can't be cancelled any more.
    eta_earliest, eta_latest : datetime or None
        Four of five such arrivals are between these; null while no driver is under way.
    """

    id: str
    external_id: ExternalId
    order_number: OrderNumber | None
    livemode: bool
    state: State
    zone_id: str
    undeliverable: Undeliverable
    ready_at: Moment | None
    quote_id: str | None
    job_id: str | None
    charge: Money
    charge_parts: tuple[PricePart, ...]
    return_charge: Money
    return_charge_parts: tuple[PricePart, ...]
    tip: Money
    late_tips: Money
    cancellation_fee: CancellationFees | None
    cancellation: CancellationView | None
    redelivery_of: str | None
    redelivered_as: str | None
    eta: Moment | None
    eta_earliest: Moment | None
    eta_latest: Moment | None
    created_at: Moment
    timeline: tuple[Step, ...]
    tracking_url: str

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        tracking_url: str,
        eta: datetime | None,
        interval: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Self:
        """Return the view of a delivery with its expected arrival and the interval of that."""
        currency = delivery.price.tip.currency
        return cls(
            id=delivery.id,
            external_id=delivery.external_id,
            order_number=delivery.order_number,
            livemode=delivery.livemode,
            state=delivery.state,
            zone_id=delivery.zone_id,
            **delivery.parts(),
            **details_of(delivery),
            undeliverable=delivery.undeliverable,
            ready_at=delivery.ready_at,
            quote_id=delivery.quote_id,
            job_id=delivery.job_id,
            charge=delivery.price.charge_total,
            charge_parts=delivery.price.charge,
            return_charge=Money.total((part.amount for part in delivery.price.return_charge), currency),
            return_charge_parts=delivery.price.return_charge,
            tip=delivery.price.tip,
            late_tips=Money.total((tip.amount for tip in delivery.late_tips), currency),
            cancellation_fee=_fees_now(delivery, eta),
            cancellation=CancellationView.of(delivery.cancellation) if delivery.cancellation else None,
            redelivery_of=delivery.redelivery_of,
            redelivered_as=delivery.redelivered_as,
            created_at=delivery.created_at,
            tracking_url=tracking_url,
            eta=eta,
            eta_earliest=interval[0],
            eta_latest=interval[1],
            timeline=tuple(step.model_copy(update={"actor": outward_actor(step.actor)}) for step in delivery.timeline),
        )


def _fees_now(delivery: Delivery, eta: datetime | None) -> CancellationFees | None:
    stage = delivery.stage
    if stage is None:
        return None
    # The keys are sorted as in a stored answer, so that a repeated answer is equal byte by byte.
    fees = (delivery.if_cancelled(reason, delivery.created_at, eta) for reason in sorted(CancelReason))
    return CancellationFees(
        stage=stage,
        becomes=State.RETURNING if stage is Stage.ON_BOARD else State.CANCELLED,
        by_reason={each.reason: each.fee for each in fees if each and each.reason not in STAFF_REASONS},
    )


class DeliveryState(Value):
    """The state of a delivery after a driver's step."""

    delivery_id: str
    state: State
    eta: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the state of a delivery."""
        return cls(delivery_id=delivery.id, state=delivery.state, eta=delivery.eta)


class DeliveryLine(Value):
    """A delivery as a line of a dispatcher's table.

    Parameters
    ----------
    due_at : datetime
        From when on it is late by the platform's fault.
    eta : datetime or None
        The arrival that was told last; reading the delivery or its zone's board follows the driver.
    state_since : datetime
        When it entered its state.
    """

    id: str
    external_id: ExternalId
    order_number: OrderNumber | None
    livemode: bool
    merchant_id: str
    zone_id: str
    state: State
    driver_id: str | None
    priority: Priority
    pickup_window: Window
    dropoff_window: Window
    due_at: Moment
    eta: Moment | None
    created_at: Moment
    state_since: Moment

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the line of a delivery."""
        derived = {
            "due_at": delivery.due_at or delivery.dropoff_window.closes_at,
            "state_since": delivery.timeline[-1].at,
        }
        same = {name: getattr(delivery, name) for name in cls.model_fields if name not in derived}
        return cls(**same, **derived)


class DeliveryLines(Value):
    """Some deliveries, the first created first, and where to go on."""

    deliveries: tuple[DeliveryLine, ...]
    next_after: str | None

    @classmethod
    def of(cls, page: tuple[Iterable[Delivery], str | None]) -> Self:
        """Return the view of a page and the cursor of the next one."""
        deliveries, following = page
        return cls(deliveries=tuple(map(DeliveryLine.of, deliveries)), next_after=following)
