"""The shipment: one value for what is carried, from where to where, when, and what is wished for it.

Quote, agreement, delivery and what is answered about them have these fields by inheritance, and hand them on with
``**shipment.parts()``: the type checker then knows each of them.
"""

from typing import TypedDict

from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.shipment.goods import Goods
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.windows import Window


class OutlineParts(TypedDict):
    """The fields of an outline."""

    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements
    priority: Priority


class ShipmentParts(OutlineParts):
    """The fields of a shipment."""

    goods: Goods | None


class Outline(Value):
    """A shipment as a driver sees it before they take it.

    The category of the goods is left out: with the address, a prescription is something about somebody's health.
    """

    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements
    priority: Priority

    def outline(self) -> OutlineParts:
        """Return the fields of the outline, to make another value that has them."""
        return OutlineParts(
            pickup=self.pickup,
            dropoff=self.dropoff,
            pickup_window=self.pickup_window,
            dropoff_window=self.dropoff_window,
            parcel=self.parcel,
            requirements=self.requirements,
            priority=self.priority,
        )


class Shipment(Outline):
    """A shipment: what is carried, from where to where, when, and what is wished for it; no people and no money."""

    goods: Goods | None

    def parts(self) -> ShipmentParts:
        """Return the fields of the shipment, to make another value that has them."""
        return ShipmentParts(**self.outline(), goods=self.goods)


class ShipmentRequest(Value):
    """A shipment as it is asked for: a window that is left out follows from the other one and the zone's promise."""

    pickup: Point
    dropoff: Point
    pickup_window: Window | None
    dropoff_window: Window | None
    parcel: Parcel
    requirements: Requirements
    priority: Priority
    goods: Goods | None
