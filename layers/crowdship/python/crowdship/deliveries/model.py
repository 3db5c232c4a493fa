"""The delivery and its states."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from crowdship.deliveries.sandbox import Sandbox
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.pricing.model import Outcome, Price
from crowdship.zones.model import Skills


class State(StrEnum):
    """Where a delivery stands."""

    CREATED = "created"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    EN_ROUTE_TO_PICKUP = "en_route_to_pickup"
    ARRIVED_AT_PICKUP = "arrived_at_pickup"
    PICKED_UP = "picked_up"
    EN_ROUTE_TO_DROPOFF = "en_route_to_dropoff"
    ARRIVED_AT_DROPOFF = "arrived_at_dropoff"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"


NEXT_STATES: dict[State, frozenset[State]] = {
    State.CREATED: frozenset({State.OFFERED, State.ASSIGNED, State.CANCELLED, State.EXPIRED}),
    State.OFFERED: frozenset({State.CREATED, State.ASSIGNED, State.CANCELLED, State.EXPIRED}),
    State.ASSIGNED: frozenset({State.CREATED, State.ASSIGNED, State.EN_ROUTE_TO_PICKUP, State.CANCELLED}),
    State.EN_ROUTE_TO_PICKUP: frozenset({State.CREATED, State.ASSIGNED, State.ARRIVED_AT_PICKUP, State.CANCELLED}),
    State.ARRIVED_AT_PICKUP: frozenset({State.CREATED, State.ASSIGNED, State.PICKED_UP, State.FAILED, State.CANCELLED}),
    State.PICKED_UP: frozenset({State.EN_ROUTE_TO_DROPOFF}),
    State.EN_ROUTE_TO_DROPOFF: frozenset({State.ARRIVED_AT_DROPOFF}),
    State.ARRIVED_AT_DROPOFF: frozenset({State.DELIVERED, State.FAILED}),
    State.FAILED: frozenset({State.RETURNING}),
    State.RETURNING: frozenset({State.RETURNED}),
    State.DELIVERED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    State.RETURNED: frozenset(),
}
"""Which states may follow which."""

BY_HAND: dict[State, frozenset[State]] = {
    State.PICKED_UP: frozenset({State.DELIVERED, State.FAILED}),
    State.EN_ROUTE_TO_DROPOFF: frozenset({State.DELIVERED, State.FAILED}),
    State.RETURNING: frozenset({State.FAILED}),
}
"""Which may follow besides when staff end what the driver's app can't: it died, or the driver is gone."""

OPEN = frozenset({State.CREATED, State.OFFERED})
"""Waiting for a driver."""

WITH_DRIVER = frozenset(
    {
        State.ASSIGNED,
        State.EN_ROUTE_TO_PICKUP,
        State.ARRIVED_AT_PICKUP,
        State.PICKED_UP,
        State.EN_ROUTE_TO_DROPOFF,
        State.ARRIVED_AT_DROPOFF,
        State.RETURNING,
    }
)
"""On some driver's route."""

ON_BOARD = frozenset({State.PICKED_UP, State.EN_ROUTE_TO_DROPOFF, State.ARRIVED_AT_DROPOFF, State.RETURNING})
"""The goods are in the vehicle."""


class StopKind(StrEnum):
    """What happens at a stop."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"
    RETURN = "return"


HEADING_FOR = {StopKind.PICKUP: State.EN_ROUTE_TO_PICKUP, StopKind.DROPOFF: State.EN_ROUTE_TO_DROPOFF}
ARRIVED_AT = {StopKind.PICKUP: State.ARRIVED_AT_PICKUP, StopKind.DROPOFF: State.ARRIVED_AT_DROPOFF}

AT_STOP_M = 500
"""A driver who gives up is no farther from the stop than this, as their device sees it."""


class Priority(StrEnum):
    """How soon a delivery must be put to a driver."""

    NORMAL = "normal"
    URGENT = "urgent"


class FailureReason(StrEnum):
    """Why a hand-over could not happen."""

    CUSTOMER_ABSENT = "customer_absent"
    CUSTOMER_REFUSED = "customer_refused"
    WRONG_ADDRESS = "wrong_address"
    NO_ACCESS = "no_access"
    AGE_NOT_PROVEN = "age_not_proven"
    GOODS_DAMAGED = "goods_damaged"
    PICKUP_CLOSED = "pickup_closed"
    GOODS_NOT_READY = "goods_not_ready"
    GOODS_NOT_FOUND = "goods_not_found"
    GOODS_LOST = "goods_lost"


FAILURE_REASONS: dict[StopKind, frozenset[FailureReason]] = {
    StopKind.PICKUP: frozenset(
        {
            FailureReason.PICKUP_CLOSED,
            FailureReason.GOODS_NOT_READY,
            FailureReason.GOODS_NOT_FOUND,
            FailureReason.GOODS_DAMAGED,
        }
    ),
    StopKind.DROPOFF: frozenset(
        {
            FailureReason.CUSTOMER_ABSENT,
            FailureReason.CUSTOMER_REFUSED,
            FailureReason.WRONG_ADDRESS,
            FailureReason.NO_ACCESS,
            FailureReason.AGE_NOT_PROVEN,
            FailureReason.GOODS_DAMAGED,
        }
    ),
    StopKind.RETURN: frozenset(),
}
"""What may go wrong where. At the pickup it is never the driver's doing: a driver who can't go on hands back."""


class CompletionReason(StrEnum):
    """Why staff complete a delivery in its driver's stead."""

    APP_FAILED = "app_failed"
    PIN_LOCKED = "pin_locked"
    OTHER = "other"


class Window(Value):
    """From when until when, both in UTC."""

    opens_at: Moment
    closes_at: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes_at <= self.opens_at:
            raise ValueError("closes_at must be after opens_at")
        return self


class Parcel(Value):
    """What is carried: grams and litres."""

    weight_g: int = Field(gt=0, le=500_000)
    volume_l: int = Field(default=10, gt=0, le=10_000)


class Requirements(Value):
    """What the hand-over to the customer must capture, and what its driver must be able to do."""

    photo: bool = False
    signature: bool = False
    pin: bool = False
    minimum_age: int | None = Field(default=None, ge=16, le=25)
    skills: Skills = ()


class Step(Value):
    """One entry of a delivery's timeline."""

    state: State
    at: Moment
    actor: str
    device_at: Moment | None = None
    reason: str | None = None
    distance_m: int | None = Field(default=None, description="How far from the stop the driver's device was")


ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\x21-\x7e][\x20-\x7e]*$")]


class Delivery(Aggregate):
    """One pickup and one drop-off, from order to hand-over.

    Names, phones and addresses are in the vault under ``contacts_token``; only the two points are kept here,
    because planning needs them.
    """

    merchant_id: str
    external_id: ExternalId
    zone_id: str
    state: State = State.CREATED
    priority: Priority = Priority.NORMAL
    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements = Requirements()
    price: Price
    contacts_token: str
    created_at: Moment
    plan_from: Moment
    search_until: Moment
    driver_id: str | None = None
    offer_id: str | None = None
    last_offer_id: str | None = None
    declined_by: tuple[str, ...] = ()
    unanswered_by: dict[str, int] = {}  # noqa: RUF012 - pydantic copies it
    eta: Moment | None = None
    approaching_at: Moment | None = None
    timeline: tuple[Step, ...] = ()
    sandbox: Sandbox | None = None

    @property
    def livemode(self) -> bool:
        """Whether it is meant; false for a test, which no driver, account or metric ever sees."""
        return self.sandbox is None

    def snapshot(self, **extra: Any) -> dict[str, Any]:
        """Return the data that every ``delivery.*`` event carries; nothing personal."""
        data = self.model_dump(
            mode="json",
            include={
                "merchant_id",
                "external_id",
                "zone_id",
                "state",
                "priority",
                "driver_id",
                "offer_id",
                "created_at",
                "eta",
                "price",
                "dropoff_window",
                "pickup_window",
                "requirements",
            },
        )
        return {"delivery_id": self.id, "livemode": self.livemode, **data, **extra}

    def _enter(
        self,
        state: State,
        at: Moment,
        actor: str,
        *,
        reason: str | None = None,
        device_at: Moment | None = None,
        distance_m: int | None = None,
        event: str | None = None,
        told: dict[str, Any] | None = None,
        by_hand: bool = False,
        **changes: Any,
    ) -> Self:
        following = NEXT_STATES[self.state] | (BY_HAND.get(self.state, frozenset()) if by_hand else frozenset())
        if state not in following:
            allowed = ", ".join(sorted(following)) or "nothing: it is closed"
            raise Conflict(
                "wrong_state",
                f"The delivery is {self.state}; it can't become {state}. Next may be: {allowed}.",
            )
        step = Step(state=state, at=at, actor=actor, device_at=device_at, reason=reason, distance_m=distance_m)
        changed = self.with_changes(state=state, timeline=(*self.timeline, step), **changes)
        data = changed.snapshot(actor=actor, reason=reason, previous_state=str(self.state), **(told or {}))
        return changed.emitting(event or f"delivery.{state}", at, data)

    @classmethod
    def create(cls, actor: str, **fields: Any) -> Self:
        """Return a new delivery that announces itself."""
        delivery = cls(**fields)
        step = Step(state=State.CREATED, at=delivery.created_at, actor=actor)
        delivery = delivery.with_changes(timeline=(step,))
        data = delivery.snapshot(actor=actor, reason=None, previous_state=None)
        return delivery.emitting("delivery.created", delivery.created_at, data)

    def offer(self, offer_id: str, at: Moment) -> Self:
        """Put to a driver (or several) in an offer."""
        return self._enter(State.OFFERED, at, "dispatch", offer_id=offer_id, last_offer_id=offer_id)

    def reopen(
        self,
        at: Moment,
        reason: str,
        *,
        actor: str = "dispatch",
        device_at: Moment | None = None,
        declined_by: tuple[str, ...] = (),
        unanswered_by: tuple[str, ...] = (),
    ) -> Self:
        """Back to waiting, because nobody took the offer or the driver gave it back.

        Drivers who declined are not asked again; those who let an offer run out are, after others. An offer that
        came to nothing leaves no step in the timeline, so that a long search doesn't make it long. What a driver
        had is searched for as long as at first.
        """
        before = self
        if self.state is State.OFFERED:
            before = self.with_changes(timeline=self.timeline[:-1])
        silent = {driver: self.unanswered_by.get(driver, 0) + 1 for driver in unanswered_by}
        again = before._enter(
            State.CREATED,
            at,
            actor,
            reason=reason,
            device_at=device_at,
            event="delivery.reopened",
            offer_id=None,
            driver_id=None,
            eta=None,
            search_until=max(self.search_until, at + self._search) if self.driver_id else self.search_until,
            declined_by=tuple(dict.fromkeys((*self.declined_by, *declined_by))),
            unanswered_by={**self.unanswered_by, **silent},
        )
        return again if before is self else again.with_changes(timeline=before.timeline)

    def assign(self, driver_id: str, at: Moment, actor: str, eta: Moment | None) -> Self:
        """Give to a driver what nobody has."""
        if self.driver_id:
            detail = f"The delivery is {self.state} with {self.driver_id}; it can only be moved from there."
            raise Conflict("wrong_state", detail)
        return self._enter(State.ASSIGNED, at, actor, driver_id=driver_id, eta=eta)

    def reassign(self, driver_id: str, at: Moment, actor: str, reason: str, eta: Moment | None) -> Self:
        """Move to another driver at once, as long as the goods are not on board; it does not wait in between."""
        return self._enter(
            State.ASSIGNED,
            at,
            actor,
            reason=reason,
            event="delivery.reassigned",
            told={"previous_driver_id": self.driver},
            driver_id=driver_id,
            eta=eta,
            offer_id=None,
        )

    @property
    def given(self) -> Step | None:
        """The step by which its driver got it; one with a reason says that another had it before."""
        return next((step for step in reversed(self.timeline) if step.state is State.ASSIGNED), None)

    def hand_back(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Let a driver give it up who has not fetched it yet; it waits again, for others."""
        return self.reopen(at, "handed_back", actor=self.driver, device_at=device_at, declined_by=(self.driver,))

    def depart(self, stop: StopKind, at: Moment, device_at: Moment | None = None) -> Self:
        """Leave for a stop. The way back has begun with the failure: leaving for it changes nothing here."""
        if stop is StopKind.RETURN:
            return self._returning()
        return self._enter(HEADING_FOR[stop], at, self.driver, device_at=device_at)

    def arrive(self, stop: StopKind, at: Moment, device_at: Moment | None = None) -> Self:
        """Reach the stop the driver was heading for; what is brought back to the shop is then handed over there."""
        if stop is StopKind.RETURN:
            return self._returning()
        return self._enter(ARRIVED_AT[stop], at, self.driver, device_at=device_at)

    def _returning(self) -> Self:
        if self.state is not State.RETURNING:
            raise Conflict("wrong_state", f"The delivery is {self.state}; nothing of it is to be brought back.")
        return self

    def pick_up(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Take the goods on board."""
        return self._enter(State.PICKED_UP, at, self.driver, device_at=device_at)

    def approach(self, at: Moment) -> Self:
        """Be nearly there, once."""
        if self.approaching_at or self.state is not State.EN_ROUTE_TO_DROPOFF:
            return self
        changed = self.with_changes(approaching_at=at)
        return changed.emitting(
            "delivery.approaching",
            at,
            changed.snapshot(actor=self.driver, reason=None, previous_state=str(self.state)),
        )

    def hand_over(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Reach the customer's hands. What had to be captured is checked by the proof room before."""
        return self._enter(State.DELIVERED, at, self.driver, device_at=device_at, eta=None)

    def fail(self, reason: FailureReason, position: Point, at: Moment, device_at: Moment | None = None) -> Self:
        """End without a hand-over, at the stop; goods that are on board turn back at once.

        Raises
        ------
        Unprocessable
            If that is no reason at this stop, or the driver's device is elsewhere.
        """
        away = round(distance_m(position, self.dropoff if self.state in ON_BOARD else self.pickup))
        failed = self._fail(reason, at, self.driver, device_at=device_at, distance_m=away)
        if away > AT_STOP_M:
            raise Unprocessable(
                "not_at_stop",
                f"You are {away} m from the stop; go there, within {AT_STOP_M} m, or let staff end it.",
                "/position",
            )
        return failed

    def fail_by_hand(self, reason: FailureReason, at: Moment, actor: str) -> Self:
        """End without a hand-over, by staff: also on the way, and for good if the goods are lost."""
        return self._fail(reason, at, actor, by_hand=True)

    def _fail(self, reason: FailureReason, at: Moment, actor: str, *, by_hand: bool = False, **noted: Any) -> Self:
        failed = self._enter(State.FAILED, at, actor, reason=reason, by_hand=by_hand, eta=None, **noted)
        lost = {FailureReason.GOODS_LOST} if by_hand and self.state in ON_BOARD else set()
        known = FAILURE_REASONS[self.next_stop] | lost
        if reason not in known:
            told = f"{reason} is no reason at the {self.next_stop}; there may be: {', '.join(sorted(known))}."
            raise Unprocessable("wrong_reason", told, "/reason")
        if self.state not in ON_BOARD or reason is FailureReason.GOODS_LOST:
            return failed
        return failed._enter(State.RETURNING, at, actor, reason=reason, **noted)

    def complete_by_hand(self, reason: CompletionReason, at: Moment, actor: str) -> Self:
        """End as if the driver had said so: at the customer, or back at the shop if it was on its way there."""
        end = State.RETURNED if self.state is State.RETURNING else State.DELIVERED
        return self._enter(end, at, actor, reason=reason, by_hand=True, eta=None)

    def give_back(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Hand the goods back where they were picked up."""
        return self._enter(State.RETURNED, at, self.driver, device_at=device_at)

    def cancel(self, actor: str, reason: str, at: Moment) -> Self:
        """Call off, as long as the goods are not on board."""
        return self._enter(State.CANCELLED, at, actor, reason=reason, eta=None)

    def expire(self, at: Moment) -> Self:
        """End because nobody took it in time."""
        return self._enter(State.EXPIRED, at, "dispatch", reason="no_driver_found", offer_id=None)

    @property
    def driver(self) -> str:
        """The id of the driver who has it, without whom it can't be moved on."""
        if not self.driver_id:
            raise Conflict("no_driver", f"The delivery is {self.state} and has no driver; it must be assigned first.")
        return self.driver_id

    @property
    def next_stop(self) -> StopKind:
        """Where it goes next."""
        if self.state is State.RETURNING:
            return StopKind.RETURN
        return StopKind.DROPOFF if self.state in ON_BOARD else StopKind.PICKUP

    def has_been(self, state: State) -> bool:
        """Return whether it came to a state since its driver got it."""
        for step in reversed(self.timeline):
            if step.state in (state, State.ASSIGNED):
                return step.state is state
        return False

    @property
    def _search(self) -> timedelta:
        """How long a driver is searched for."""
        return self.search_until - max(self.created_at, self.pickup_window.opens_at)


def outcome(previous_state: State, state: State) -> Outcome | None:
    """Return how a closed delivery is to be settled, or None while it is still under way.

    Goods that failed on board turn back, so that is no end; if they were lost instead, nothing is due either.
    """
    match state:
        case State.DELIVERED:
            return Outcome.DELIVERED
        case State.RETURNED:
            return Outcome.RETURNED
        case State.FAILED:
            return None if previous_state in ON_BOARD else Outcome.FAILED_AT_PICKUP
        case State.EXPIRED:
            return Outcome.NO_SERVICE
        case State.CANCELLED if previous_state is State.ARRIVED_AT_PICKUP:
            return Outcome.CANCELLED_AT_PICKUP
        case State.CANCELLED if previous_state in WITH_DRIVER:
            return Outcome.CANCELLED_ON_THE_WAY
        case State.CANCELLED:
            return Outcome.NO_SERVICE
        case _:
            return None
