"""Effects of a change in the shop on a delivery, by the delivery's progress: one table for all sources."""

from enum import StrEnum

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN, WITH_DRIVER, State


class ShopChange(StrEnum):
    """A change of an order in its shop."""

    ORDERED = "ordered"
    ADDRESS = "address"
    CONTACT = "contact"
    NOTES = "notes"
    WINDOW = "window"
    PARCEL = "parcel"
    TIP = "tip"
    CALLED_OFF = "called_off"
    HELD = "held"


class Progress(StrEnum):
    """Stages of an order's delivery, as far as changes in the shop need them."""

    NONE = "none"
    WAITING = "waiting"
    BEFORE_PICKUP = "before_pickup"
    ON_BOARD = "on_board"
    GOING_BACK = "going_back"
    ENDED = "ended"
    CALLED_OFF = "called_off"


class Effect(StrEnum):
    """The effect of a change.

    ``TELL`` changes nothing and tells the merchant so. ``REMEMBER`` prevents a delivery of an order that is cancelled
    before it arrives.
    """

    MAKE = "make"
    CHANGE = "change"
    CALL_OFF = "call_off"
    REMEMBER = "remember"
    TELL = "tell"
    NOTHING = "nothing"


_UNTIL_PICKUP = {
    Progress.NONE: Effect.NOTHING,
    Progress.WAITING: Effect.CHANGE,
    Progress.BEFORE_PICKUP: Effect.CHANGE,
    Progress.ON_BOARD: Effect.TELL,
    Progress.GOING_BACK: Effect.TELL,
    Progress.ENDED: Effect.TELL,
    Progress.CALLED_OFF: Effect.NOTHING,
}
_UNTIL_HAND_OVER = {**_UNTIL_PICKUP, Progress.ON_BOARD: Effect.CHANGE}

EFFECTS: dict[ShopChange, dict[Progress, Effect]] = {
    ShopChange.ORDERED: {
        **dict.fromkeys(Progress, Effect.NOTHING),
        Progress.NONE: Effect.MAKE,
        Progress.CALLED_OFF: Effect.TELL,
    },
    ShopChange.ADDRESS: _UNTIL_PICKUP,
    ShopChange.WINDOW: _UNTIL_PICKUP,
    ShopChange.PARCEL: _UNTIL_PICKUP,
    ShopChange.CONTACT: _UNTIL_HAND_OVER,
    ShopChange.NOTES: _UNTIL_HAND_OVER,
    ShopChange.TIP: _UNTIL_HAND_OVER,
    # Cancelled, refunded, failed and deleted orders are treated alike: the customer has not paid or was paid back.
    # Goods on board are still delivered, as a refund does not mean that the shop wants them back. A merchant who does
    # calls POST /v1/deliveries/{id}/cancel.
    ShopChange.CALLED_OFF: {
        Progress.NONE: Effect.REMEMBER,
        Progress.WAITING: Effect.CALL_OFF,
        Progress.BEFORE_PICKUP: Effect.CALL_OFF,
        Progress.ON_BOARD: Effect.TELL,
        Progress.GOING_BACK: Effect.TELL,
        Progress.ENDED: Effect.TELL,
        Progress.CALLED_OFF: Effect.NOTHING,
    },
    # The shop waits for the payment again; the merchant decides what happens to goods that are being fetched.
    ShopChange.HELD: {
        **dict.fromkeys(Progress, Effect.NOTHING),
        Progress.WAITING: Effect.TELL,
        Progress.BEFORE_PICKUP: Effect.TELL,
        Progress.ON_BOARD: Effect.TELL,
    },
}
"""The effect, by the change in the shop and the delivery's progress. Changes are allowed when PATCH allows them."""


def progress_of(delivery: Delivery | None) -> Progress:
    """Return a delivery's progress; ``NONE`` if there is no delivery."""
    if delivery is None:
        return Progress.NONE
    if delivery.cancellation is not None or delivery.state is State.CANCELLED:
        return Progress.CALLED_OFF
    if delivery.state is State.RETURNING:
        return Progress.GOING_BACK
    if delivery.state in OPEN:
        return Progress.WAITING
    if delivery.state in WITH_DRIVER:
        return Progress.ON_BOARD if delivery.has_left_shop else Progress.BEFORE_PICKUP
    return Progress.ENDED


def effect_of(change: ShopChange, progress: Progress) -> Effect:
    """Return the effect of a change in the shop."""
    return EFFECTS[change][progress]
