"""A delivery as merchants, drivers and staff are told of it."""

from datetime import datetime
from typing import Self

from crowdship.deliveries.model import (
    Delivery,
    ExternalId,
    Parcel,
    Priority,
    Requirements,
    State,
    Step,
    Window,
)
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart

OF_NO_PERSON = frozenset({"dispatch", "shopify", "webhook", "woocommerce"})


def outward_actor(actor: str) -> str:
    """Return who acted, as merchants are told: a merchant, a driver, a part of the platform, or just the staff.

    Staff act under the names they sign in with, which are nobody else's business.
    """
    return actor if actor.startswith(("mer_", "drv_")) or actor in OF_NO_PERSON else "staff"


class DeliveryView(Value):
    """What a merchant sees of its delivery."""

    id: str
    external_id: ExternalId
    livemode: bool
    state: State
    priority: Priority
    zone_id: str
    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements
    charge: Money
    charge_parts: tuple[PricePart, ...]
    tip: Money
    eta: Moment | None
    created_at: Moment
    timeline: tuple[Step, ...]
    tracking_url: str

    @classmethod
    def of(cls, delivery: Delivery, tracking_url: str, eta: datetime | None) -> Self:
        """Return the view of a delivery, which is now expected at a moment."""
        return cls(
            charge=delivery.price.charge_total,
            charge_parts=delivery.price.charge,
            tip=delivery.price.tip,
            tracking_url=tracking_url,
            eta=eta,
            timeline=tuple(step.model_copy(update={"actor": outward_actor(step.actor)}) for step in delivery.timeline),
            **{name: getattr(delivery, name) for name in _SAME},
        )


_SAME = DeliveryView.model_fields.keys() - {"charge", "charge_parts", "tip", "tracking_url", "eta", "timeline"}


class DeliveryState(Value):
    """Where a delivery stands after a driver's step."""

    delivery_id: str
    state: State
    eta: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the state of a delivery."""
        return cls(delivery_id=delivery.id, state=delivery.state, eta=delivery.eta)
