"""Values of a delivery: its names, the steps of its timeline, its cancellation, later tips."""

from typing import Annotated

from pydantic import Field, StringConstraints

from crowdship.deliveries.holds import Hold
from crowdship.deliveries.states import CorrectionReason, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price, PricePart
from crowdship.pricing.terms import CancelReason, Fault, Shares, Stage

LONGEST_NUMBER = 40
"""Characters of a shop's order number."""


ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\x21-\x7e][\x20-\x7e]*$")]

OrderNumber = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_NUMBER, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
"""The number by which the shop and its customer know an order, such as #1042; it need not be unique."""


class Step(Value):
    """One entry of a delivery's timeline."""

    state: State
    at: Moment
    actor: str
    device_at: Moment | None = None
    reason: str | None = None
    distance_m: int | None = Field(default=None, description="Metres from the driver's device to the stop")
    corrects: State | None = Field(default=None, description="The ending that its driver took back by this step")

    @property
    def made_at(self) -> Moment:
        """The moment of the step: by the device's clock if that is known, because a phone may have been offline."""
        return self.device_at or self.at


class Planned(Value):
    """The plan of a delivery when its driver got it.

    Parameters
    ----------
    arrival : datetime or None
        When the driver was to begin at the drop-off.
    alone : bool
        True if it was the only work on the driver's route, so that nothing but it could delay it.
    pickup_at : datetime or None
        When the goods were promised to be ready.
    """

    arrival: Moment | None
    alone: bool
    pickup_at: Moment | None = None


class Cancellation(Value):
    """A cancellation and its cost; the amounts are shown to the merchant and booked unchanged.

    Parameters
    ----------
    fault, stage : Fault, Stage
        The line and column of the cancellation terms that applied.
    shares : Shares
        The shares in that cell of the terms.
    fee : Money
        The part of the charge that the merchant pays; with goods on board it includes the way back.
    """

    reason: CancelReason
    fault: Fault
    stage: Stage
    shares: Shares
    fee: Money
    at: Moment


class Correction(Value):
    """An ending that its driver took back.

    Parameters
    ----------
    ending : Step
        The ending.
    previous_state : State
        The state before the ending.
    hold : Hold or None
        The hold on the pay for the ending.
    price : Price
        The price when it ended.
    reverses : Outcome or None
        Settlement of the ending, which is reversed; None if nothing was due for it, or all was held.
    ending_sequence, sequence : int
        The events of the ending and of the correction.
    ending_said_at, said_at : datetime or None
        The times of both by the phone's clock, unchecked, by which late copies are recognised.
    """

    reason: CorrectionReason
    at: Moment
    actor: str
    ending: Step
    previous_state: State
    hold: Hold | None
    price: Price
    reverses: Outcome | None
    ending_sequence: int
    sequence: int
    ending_said_at: Moment | None = None
    said_at: Moment | None = None


class HandOver(Value):
    """The work of a driver from whom the platform took the delivery, for another one.

    Parameters
    ----------
    since, at : datetime
        When the driver got it, and when it was taken.
    stage : Stage
        How far the driver had come.
    percent : int
        Share of the agreed pay that the driver is owed, in all.
    pay : tuple of PricePart
        What the driver is owed now, with their waiting; none if they had not set out, or were paid as much before.
    sequence : int
        That of the event ``delivery.handed_over``.
    """

    driver_id: str
    since: Moment
    at: Moment
    stage: Stage
    percent: int
    pay: tuple[PricePart, ...]
    sequence: int
    offer_id: str | None = None


class LateTip(Value):
    """A tip after the hand-over; ``actor`` is the merchant's id, or ``customer``."""

    tip_id: str
    amount: Money
    at: Moment
    actor: str


class Erasure(Value):
    """The erasure of the customer's personal data: when it was asked for, and when it began and ended."""

    asked_at: Moment
    begun_at: Moment | None = None
    done_at: Moment | None = None
