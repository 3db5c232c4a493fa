"""The parts of a delivery that its merchant or customer may change, and the states in which each may change."""

from enum import StrEnum

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN, State
from crowdship.kernel.errors import Conflict, Unprocessable

BEFORE_PICKUP = OPEN | {State.ASSIGNED, State.EN_ROUTE_TO_PICKUP, State.ARRIVED_AT_PICKUP}
BEFORE_HAND_OVER = BEFORE_PICKUP | {State.PICKED_UP, State.EN_ROUTE_TO_DROPOFF, State.ARRIVED_AT_DROPOFF}


class Editable(StrEnum):
    """A part of a delivery that may be changed."""

    CONTACT = "contact"
    NOTES = "notes"
    POINT = "point"
    DROPOFF_WINDOW = "dropoff_window"
    PARCEL = "parcel"
    REQUIREMENTS = "requirements"
    ORDER_DETAILS = "order_details"
    TIP = "tip"
    INSTRUCTIONS = "instructions"


CHANGEABLE_IN: dict[Editable, frozenset[State]] = {
    Editable.CONTACT: BEFORE_HAND_OVER,
    Editable.NOTES: BEFORE_HAND_OVER,
    Editable.POINT: BEFORE_PICKUP,
    Editable.DROPOFF_WINDOW: BEFORE_PICKUP,
    Editable.PARCEL: BEFORE_PICKUP,
    Editable.REQUIREMENTS: BEFORE_PICKUP,
    Editable.ORDER_DETAILS: BEFORE_PICKUP,
    Editable.TIP: BEFORE_HAND_OVER,
    Editable.INSTRUCTIONS: BEFORE_PICKUP,
}
"""The states in which each part may change. Contact and notes help the driver until the hand-over.

Instructions are the notes as the customer changes them. They end earlier, because the merchant's notes are replaced by
them, and a driver who has the goods has read the notes.
"""

POINTERS: dict[Editable, str] = {
    Editable.CONTACT: "/dropoff/contact",
    Editable.NOTES: "/dropoff/notes",
    Editable.POINT: "/dropoff/point",
    Editable.DROPOFF_WINDOW: "/dropoff_window",
    Editable.PARCEL: "/parcel",
    Editable.REQUIREMENTS: "/requirements",
    Editable.ORDER_DETAILS: "",
    Editable.TIP: "/tip",
    Editable.INSTRUCTIONS: "/text",
}
"""JSON pointer of each part in the request; empty for the fields that some requirements need."""

DECIDED_ON = frozenset({Editable.POINT, Editable.DROPOFF_WINDOW, Editable.PARCEL, Editable.REQUIREMENTS})
"""The parts on which a driver's decision rests; a standing offer is taken back if one of them changes."""


def refuse_late(delivery: Delivery, changed: frozenset[Editable]) -> None:
    """Check that a delivery's state still allows some changes.

    Raises
    ------
    Conflict
        If it does not; the message names the first part that is too late.
    """
    for part in sorted(changed):
        before_pickup = CHANGEABLE_IN[part] == BEFORE_PICKUP
        if delivery.state not in CHANGEABLE_IN[part] or (before_pickup and delivery.has_left_shop):
            until = "the goods are on board" if before_pickup else "the hand-over"
            detail = f"The delivery is {delivery.state}; its {part} can be changed until {until}."
            raise Conflict("too_late_to_change", detail, POINTERS[part])


def refuse_lower_tip(delivery: Delivery, tip: int) -> None:
    """Check that a tip is not lowered after a driver has accepted the delivery with it.

    Raises
    ------
    Unprocessable
        If it is.
    """
    if delivery.state not in OPEN and tip < delivery.price.tip.amount:
        detail = f"A driver accepted it with a tip of {delivery.price.tip}; the tip can only be raised."
        raise Unprocessable("tip_lowered", detail, "/tip")
