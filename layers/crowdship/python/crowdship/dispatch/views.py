"""Offers, routes and boards as drivers and staff are told of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

from crowdship.deliveries.model import Delivery, Parcel, Priority, Requirements, State, Window
from crowdship.dispatch.model import Answer, Candidate, DeclineReason, Offer, OfferState
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.zones.model import Policy


class OfferedDelivery(Value):
    """What a driver is told of a delivery before they take it: where and how big, not who."""

    delivery_id: str
    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements
    priority: Priority


class OfferView(Value):
    """An offer as the driver sees it: all the pay, part by part, and the tip."""

    offer_id: str
    policy: Policy
    expires_at: Moment
    pay_total: Money
    pay_parts: tuple[PricePart, ...]
    tip: Money
    deliveries: tuple[OfferedDelivery, ...]

    @classmethod
    def of(cls, offer: Offer, deliveries: Mapping[str, Delivery]) -> Self:
        """Return the view of an offer."""
        return cls(
            offer_id=offer.id,
            policy=offer.policy,
            expires_at=offer.expires_at,
            pay_total=offer.pay.total,
            pay_parts=offer.pay.parts,
            tip=offer.pay.tip,
            deliveries=tuple(
                OfferedDelivery(
                    delivery_id=delivery_id,
                    **{
                        name: getattr(deliveries[delivery_id], name)
                        for name in OfferedDelivery.model_fields
                        if name != "delivery_id"
                    },
                )
                for delivery_id in offer.delivery_ids
            ),
        )


class OfferList(Value):
    """A driver's offers, the one that runs out first first."""

    offers: tuple[OfferView, ...]


class DeclineInput(Value):
    """Why a driver passes."""

    reason: DeclineReason = DeclineReason.OTHER


class OfferOutcome(Value):
    """What became of an offer after an answer."""

    offer_id: str
    state: OfferState


class AssignInput(Value):
    """Who is to get a delivery."""

    driver_id: str


class Explanation(Value):
    """Who was asked for a delivery last, who was not, and how they scored (seconds; less is better)."""

    offer_id: str
    state: OfferState
    asked: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    declines: tuple[Answer, ...]


class StaffDelivery(Value):
    """Everything about a delivery but the people, and how its last offer came about."""

    delivery: Delivery
    version: int
    last_offer: Explanation | None

    @classmethod
    def of(cls, delivery: Delivery, offer: Offer | None) -> Self:
        """Return the view of a delivery and its last offer."""
        explanation = offer and Explanation(
            offer_id=offer.id,
            state=offer.state,
            asked=offer.candidates,
            runners_up=offer.runners_up,
            declines=offer.declines,
        )
        return cls(delivery=delivery, version=delivery.stored_version, last_offer=explanation)


class BoardLine(Value):
    """An open delivery on a zone's board."""

    delivery_id: str
    state: State
    priority: Priority
    created_at: Moment
    search_until: Moment
    offer_id: str | None
    declined_by: tuple[str, ...]


class UnderWayLine(Value):
    """A delivery that a driver on duty has, and how long ago their phone was heard of."""

    delivery_id: str
    state: State
    driver_id: str
    eta: Moment | None
    promised_until: Moment
    position_age_s: int | None

    @classmethod
    def of(cls, delivery: Delivery, eta: datetime | None, driver_id: str, position_age_s: int | None) -> Self:
        """Return the line of a delivery."""
        return cls(
            delivery_id=delivery.id,
            state=delivery.state,
            driver_id=driver_id,
            eta=eta,
            promised_until=delivery.dropoff_window.closes_at,
            position_age_s=position_age_s,
        )


class Board(Value):
    """What waits in a zone, what is under way, and who is on duty."""

    zone_id: str
    open: tuple[BoardLine, ...]
    under_way: tuple[UnderWayLine, ...]
    on_duty: tuple[str, ...]

    @classmethod
    def of(
        cls, zone_id: str, waiting: Iterable[Delivery], under_way: Iterable[UnderWayLine], on_duty: Iterable[str]
    ) -> Self:
        """Return the board of a zone."""
        names = [name for name in BoardLine.model_fields if name != "delivery_id"]
        lines = (BoardLine(delivery_id=d.id, **{name: getattr(d, name) for name in names}) for d in waiting)
        return cls(zone_id=zone_id, open=tuple(lines), under_way=tuple(under_way), on_duty=tuple(on_duty))
