"""API models of the customer's page."""

from typing import Self

from pydantic import Field

from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import LEFT_AT_DOOR, FailureReason, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.merchants.model import Merchant
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.tracking.page.actions import CustomerActions


class TrackedMerchant(Value):
    """The merchant as its customers see it, with its support contacts."""

    name: str
    colour: str | None
    logo_url: str | None
    support_phone: str | None
    support_email: str | None

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return the view of a merchant."""
        return cls(name=merchant.sender, **merchant.branding.model_dump(exclude={"sender_name"}))


class TrackedPicture(Value):
    """A picture of the hand-over, and the address on this origin at which the customer sees it."""

    kind: ImageKind
    url: str


class TrackedStep(Value):
    """One entry of the timeline that the customer sees."""

    state: State
    at: Moment

    @classmethod
    def all_of(cls, delivery: Delivery) -> tuple[Self, ...]:
        """Return the steps of a delivery: its creation, and those since it was last open, each state once.

        Offers are left out, and so are the steps of drivers who gave the delivery up and endings that were taken back:
        they say nothing about when the goods come.
        """
        steps = delivery.standing
        last_open = max(i for i, step in enumerate(steps) if step.state is State.CREATED)
        newest: dict[State, Step] = {State.CREATED: steps[0]}
        for step in steps[last_open + 1 :]:
            if step.state is not State.OFFERED:
                newest.pop(step.state, None)
                newest[step.state] = step
        return tuple(cls(state=step.state, at=step.made_at) for step in newest.values())


class TrackingView(CustomerActions):
    """The customer's view of a delivery: no more than they need. Once it is closed, only its outcome.

    Parameters
    ----------
    as_of : datetime
        The moment of the answer by our clock, against which the other moments count.
    eta_earliest, eta_latest : datetime or None
        Four of five such arrivals are between these; null while no driver is under way.
    position, destination : Point or None
        Where the driver and the drop-off are, only while the driver is on the way to this drop-off.
    pin : str or None
        The PIN that the driver asks for, shown here for a customer who got no message; null if none is asked for, or
        no longer.
    failure : str or None
        Why the goods could not be handed over; null if they were, or still can be.
    left_at_door : bool
        True if the goods were left at the door without anybody.
    contact, calls : bool
        True if the customer may write to the driver now, and if they may call.
    unread : int
        Messages of the driver that the customer has not read.
    proof : tuple of TrackedPicture
        Pictures of the hand-over, once it has happened.
    time_zone : str or None
        The IANA name of the zone's time zone; null if the zone keeps no hours.
    """

    state: State
    as_of: Moment
    order_number: str = Field(description="What the shop calls the order")
    eta: Moment | None
    eta_earliest: Moment | None = None
    eta_latest: Moment | None = None
    promised_until: Moment
    driver_name: str | None = None
    vehicle: VehicleKind | None = None
    position: Point | None = None
    position_at: Moment | None = None
    destination: Point | None = None
    merchant: TrackedMerchant | None = None
    pin: str | None = None
    failure: FailureReason | None = None
    left_at_door: bool = False
    contact: bool = False
    calls: bool = False
    unread: int = 0
    proof: tuple[TrackedPicture, ...] = ()
    time_zone: str | None = None
    timeline: tuple[TrackedStep, ...]


def failure_of(delivery: Delivery) -> FailureReason | None:
    """Return why the goods of a delivery could not be handed over; None if no failure ended it."""
    if delivery.state not in (State.FAILED, State.RETURNING, State.RETURNED):
        return None
    given = [step.reason for state in (State.FAILED, State.RETURNING) if (step := delivery.newest_step(state))]
    known = (FailureReason(reason) for reason in given if reason in list(FailureReason))
    return next(known, None)


def was_left_at_door(delivery: Delivery) -> bool:
    """Return whether the goods of a delivery were left at the door without anybody."""
    last = delivery.newest_step(State.DELIVERED)
    return last is not None and last.reason == LEFT_AT_DOOR
