"""Inputs and views of a driver's stops, and of held pay and ratings for staff."""

from typing import Any, Self

from crowdship.deliveries.holds import Decision, Doubt, Ground, Hold
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CompletionReason, CorrectionReason, FailureReason, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import StatedPlace, StatedTime
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.proof.disposition import Disposing
from crowdship.proof.remarks import Remarkable, RemarkText
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import UnattendedCapture
from crowdship.shipment.stop_kind import StopKind


class StepInput(Value):
    """A driver's step, with the time of the device's clock, which is stored beside ours.

    An impossible time is ignored, and the step counts as made when it was received. Impossible is a time more than two
    minutes ahead, before the previous step, or more than two days ago. An impossible position is ignored as well.
    """

    device_at: StatedTime = None
    position: StatedPlace = None


class StopInput(StepInput):
    """A step towards a stop. The stop is named, so that a late repetition is not taken for the next step."""

    stop: StopKind


class PickUpInput(StepInput, UnattendedCapture, Remarkable):
    """The pickup of the goods, with what their requirements capture there and what the driver says of them."""


class ReturnInput(StepInput, UnattendedCapture, Disposing):
    """The end of the way back, with what is required there; some goods need a disposition."""


class FailInput(UnattendedCapture, Remarkable, Disposing):
    """The reason why a hand-over failed, the device's position, and what is required if the goods are left.

    Goods that don't go back may need a disposition.

    Pay waits for the staff's decision if the position is left out or does not fit the positions that were sent before.
    """

    reason: FailureReason
    position: StatedPlace = None
    device_at: StatedTime = None


class CorrectInput(Value):
    """A driver takes back the ending that they stated last.

    Parameters
    ----------
    device_at : datetime
        The time of the device's clock, by which a repeated request is recognised.
    """

    device_at: Moment
    reason: CorrectionReason
    note: RemarkText = None


class FailByHandInput(Disposing):
    """The reason why staff end a delivery without a hand-over; some goods that don't go back need a disposition."""

    reason: FailureReason


class CompleteByHandInput(Disposing):
    """The reason why staff complete a delivery in its driver's stead; some goods that come back need a disposition.

    Parameters
    ----------
    driver_id : str or None
        The driver who brought goods that were to be transferred, and who is paid; else left out.
    """

    reason: CompletionReason
    driver_id: str | None = None


class DecisionInput(Value):
    """The ground of a decision on held pay."""

    ground: Ground


class HeldDelivery(Value):
    """A closed delivery for which nothing is booked until the staff decide.

    Parameters
    ----------
    doubts : dict
        The driver's steps that the phone's positions don't confirm, each with the reason.
    pay, charge : Money
        The full pay and charge, before the outcome's share is applied.
    """

    delivery_id: str
    driver_id: str | None
    state: State
    since: Moment
    doubts: dict[State, Doubt]
    pay: Money
    charge: Money
    decision: Decision | None

    @classmethod
    def of(cls, delivery: Delivery, hold: Hold) -> Self:
        """Return the view of a delivery with its hold."""
        return cls(
            delivery_id=delivery.id,
            driver_id=delivery.driver_id,
            state=delivery.state,
            since=hold.since,
            doubts=hold.doubts,
            pay=delivery.price.pay_total,
            charge=delivery.price.charge_total,
            decision=hold.decision,
        )


class HeldPay(Value):
    """Deliveries of a zone that wait for a decision, the longest first; 100 at most."""

    held: tuple[HeldDelivery, ...]


class UploadForm(Value):
    """The address and form fields with which a picture is POSTed."""

    kind: ImageKind
    url: str
    fields: dict[str, Any]


class RatingView(Value):
    """A customer's rating of a delivery; ``comment`` is null if there is none, or it was erased or has expired."""

    stars: int
    at: Moment
    comment: str | None
