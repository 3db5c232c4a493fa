"""The erasure of a delivery's customer: whether it can begin, and what a hold on pay keeps from it. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sight import area_of
from crowdship.deliveries.states import CLOSED
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.retention import HOLD_AT_MOST


class ErasureState(StrEnum):
    """The state of an erasure.

    ``pending`` waits for the end of the delivery; ``partly`` has erased everything but what a hold keeps.
    """

    PENDING = "pending"
    PARTLY = "partly"
    DONE = "done"


class Part(StrEnum):
    """A part of a customer's data that a hold keeps, because its decision rests on it."""

    PICTURES = "pictures"
    DRIVER_NOTES = "driver_notes"


HELD_PARTS = (Part.PICTURES, Part.DRIVER_NOTES)

HELD_PAY = "held_pay"
"""The reason for which parts stay: staff have not decided about pay that is held."""


class KeptParts(Value):
    """The parts that stay for now.

    Parameters
    ----------
    until : datetime
        They are erased when staff have decided, and at this moment at the latest.
    """

    parts: tuple[Part, ...]
    because: str
    until: Moment


class ErasureView(Value):
    """The answer to the wish to erase a delivery's customer.

    Parameters
    ----------
    waits_for : str or None
        The sentence that says for what a pending erasure waits.
    kept : KeptParts or None
        The parts that a hold keeps.
    """

    delivery_id: str
    state: ErasureState
    asked_at: Moment
    waits_for: str | None
    kept: KeptParts | None

    @classmethod
    def of(cls, delivery: Delivery, asked_at: datetime, now: datetime) -> Self:
        """Return the view of an erasure that was asked for."""
        state = state_of(delivery)
        return cls(
            delivery_id=delivery.id,
            state=state,
            asked_at=asked_at,
            waits_for=waits_for(delivery, now) if state is ErasureState.PENDING else None,
            kept=kept_by_hold(delivery, now) if state is ErasureState.PARTLY else None,
        )


def state_of(delivery: Delivery) -> ErasureState:
    """Return the state of the erasure of a delivery's customer."""
    if delivery.erasure and delivery.erasure.done_at:
        return ErasureState.DONE
    return ErasureState.PARTLY if delivery.erasure and delivery.erasure.begun_at else ErasureState.PENDING


def waits_for(delivery: Delivery, now: datetime) -> str | None:
    """Return the sentence that says why an erasure can't begin yet, or None if it can.

    The driver needs the address and the PIN until the end, and may take the ending back for some minutes.
    """
    if delivery.erasure and delivery.erasure.begun_at:
        return None
    if delivery.state not in CLOSED:
        return f"The delivery is {delivery.state}; the data is erased by itself once it is closed."
    until = delivery.correctable_until
    if until and now <= until:
        return "Its driver may still take the ending back; the data is erased by itself some minutes later."
    return None


def kept_by_hold(delivery: Delivery, now: datetime) -> KeptParts | None:
    """Return what a hold on the pay of a delivery keeps, or None."""
    hold = delivery.hold
    if hold is None or not hold.is_open or now >= hold.since + HOLD_AT_MOST:
        return None
    return KeptParts(parts=HELD_PARTS, because=HELD_PAY, until=hold.since + HOLD_AT_MOST)


def begun(delivery: Delivery, now: datetime) -> Delivery:
    """Return a delivery whose erasure has begun: from then on no ending of it is taken back."""
    if delivery.erasure is None or delivery.erasure.begun_at:
        return delivery
    return delivery.with_changes(erasure=delivery.erasure.model_copy(update={"begun_at": now}))


def done(delivery: Delivery, now: datetime) -> Delivery:
    """Return a delivery whose customer is erased; in place of the door it has the middle of its area."""
    if delivery.erasure is None or delivery.erasure.done_at:
        return delivery
    noted = delivery.erasure.model_copy(update={"done_at": now})
    return delivery.with_changes(erasure=noted, dropoff=area_of(delivery.dropoff))
