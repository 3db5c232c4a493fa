"""Views of offers for drivers."""

from collections.abc import Mapping
from typing import Self

from crowdship.deliveries.handing_over import paid_of
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sight import area_of
from crowdship.dispatch.offers.model import DeclineReason, Offer, OfferState
from crowdship.dispatch.offers.trips import Trip
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import AppDetails, app_details
from crowdship.shipment.shipment import Outline
from crowdship.zones.dispatch_rules import Policy


class OfferedDelivery(Outline, AppDetails):
    """A delivery as a driver sees it before accepting: pickup, area, windows and size, no personal data.

    ``dropoff`` is the middle of the area in which the door is.
    """

    delivery_id: str
    undeliverable: Undeliverable

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the view of a delivery."""
        return cls(
            delivery_id=delivery.id,
            undeliverable=delivery.undeliverable,
            **delivery.outline() | {"dropoff": area_of(delivery.dropoff)},
            **app_details(delivery.requirements, delivery),
        )


class OfferView(Value):
    """An offer as the driver sees it, with the whole pay, its parts, and the tip.

    Parameters
    ----------
    extra_parts : tuple of PricePart
        Bonuses that the offer carries besides, paid once the deliveries are completed, while their budgets last.
    pay_total, pay_parts : Money, tuple of PricePart
        What is paid to this driver; less for deliveries of which they were paid a part when they were taken from them.
    pay_per_hour : Money or None
        The whole pay, the tip included, for an hour of the trip; null for a trip that is over at once.
    """

    offer_id: str
    policy: Policy
    expires_at: Moment
    pay_total: Money
    pay_parts: tuple[PricePart, ...]
    tip: Money
    extra_parts: tuple[PricePart, ...]
    trip: Trip
    pay_per_hour: Money | None
    deliveries: tuple[OfferedDelivery, ...]

    @classmethod
    def of(
        cls,
        offer: Offer,
        driver_id: str,
        deliveries: Mapping[str, Delivery],
        trip: Trip,
        extra_parts: tuple[PricePart, ...],
    ) -> Self:
        """Return the view of an offer for one of the drivers who are asked."""
        offered = [deliveries[delivery_id] for delivery_id in offer.delivery_ids]
        pay = offer.pay.less(paid_of(offered, driver_id))
        return cls(
            offer_id=offer.id,
            policy=offer.policy,
            expires_at=offer.expires_at,
            pay_total=pay.total,
            pay_parts=pay.parts,
            tip=pay.tip,
            extra_parts=extra_parts,
            trip=trip,
            pay_per_hour=trip.pay_per_hour(pay.total),
            deliveries=tuple(map(OfferedDelivery.of, offered)),
        )


class GoneOffer(Value):
    """An offer that ended before its time and without an answer of this driver."""

    offer_id: str
    state: OfferState

    @classmethod
    def of(cls, offer: Offer) -> Self:
        """Return the view of an offer."""
        return cls(offer_id=offer.id, state=offer.state)


class OfferList(Value):
    """A driver's offers, in the order in which they expire.

    Parameters
    ----------
    gone : tuple of GoneOffer
        Until their time is over, those that another driver took or that were withdrawn, so that an app that shows one
        can say why it goes.
    """

    offers: tuple[OfferView, ...]
    gone: tuple[GoneOffer, ...]


class DeclineInput(Value):
    """The reason why a driver declines."""

    reason: DeclineReason = DeclineReason.OTHER


class OfferOutcome(Value):
    """The state of an offer after an answer."""

    offer_id: str
    state: OfferState
