"""The record of a delivery: its fields, what follows from them, and how it enters a state."""

from datetime import timedelta
from typing import Any, Self

from crowdship.deliveries.delivery.values import Cancellation, ExternalId, LateTip, OrderNumber, Step
from crowdship.deliveries.holds import Doubt, Hold
from crowdship.deliveries.lateness import Way
from crowdship.deliveries.sandbox import Sandbox
from crowdship.deliveries.states import (
    BY_HAND,
    NEXT_STATES,
    ON_BOARD,
    STAGE_OF,
    TRANSFERRED,
    State,
)
from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import made_at
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate
from crowdship.kernel.geo import Point
from crowdship.pricing.model import Price
from crowdship.pricing.terms import CancellationTerms, Stage
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import OrderDetails
from crowdship.shipment.shipment import Shipment
from crowdship.shipment.stop_kind import StopKind


class DeliveryRecord(Aggregate, Shipment, OrderDetails):
    """One pickup and one drop-off, from order to hand-over.

    Parameters
    ----------
    transfer_point : Point or None
        Where its driver fetches the goods from another one who had them on board; None once they have, or if they come
        from the shop.
    search_for : timedelta
        How long a driver is searched for, as it was at the creation; it starts anew when a driver hands it back.
    doubts : dict
        Steps of its driver that their phone's positions don't bear out.
    hold : Hold or None
        Why nothing is booked for it yet.
    way : Way
        The least time that it takes from the pickup to the customer.
    due_at : datetime or None
        From when on it is late by the platform's doing; the end of the drop-off window if None.

    Notes
    -----
    Names, phones and addresses are in the vault under ``contacts_token``; only the two points are kept here,
    because planning needs them.
    """

    merchant_id: str
    external_id: ExternalId
    order_number: OrderNumber | None = None
    zone_id: str
    state: State = State.CREATED
    quote_id: str | None = None
    job_id: str | None = None
    price: Price
    terms: CancellationTerms = CancellationTerms()
    way: Way = Way()
    due_at: Moment | None = None
    undeliverable: Undeliverable = Undeliverable.RETURN
    contacts_token: str
    created_at: Moment
    plan_from: Moment
    search_until: Moment
    search_for: timedelta = timedelta()
    driver_id: str | None = None
    offer_id: str | None = None
    last_offer_id: str | None = None
    declined_by: tuple[str, ...] = ()
    unanswered_by: dict[str, int] = {}  # noqa: RUF012 - pydantic copies it
    transfer_point: Point | None = None
    eta: Moment | None = None
    approaching_at: Moment | None = None
    approaching_pickup_at: Moment | None = None
    ready_at: Moment | None = None
    cancellation: Cancellation | None = None
    late_tips: tuple[LateTip, ...] = ()
    redelivery_of: str | None = None
    redelivered_as: str | None = None
    timeline: tuple[Step, ...] = ()
    doubts: dict[State, Doubt] = {}  # noqa: RUF012 - pydantic copies it
    hold: Hold | None = None
    sandbox: Sandbox | None = None

    @property
    def livemode(self) -> bool:
        """Whether it is meant; false for a test, which no driver, account or metric ever sees."""
        return self.sandbox is None

    @property
    def known_as(self) -> str:
        """The name that people use: the shop's own order number, or the external id where there is none."""
        return self.order_number or self.external_id

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
                "undeliverable",
                "ready_at",
                "cancellation",
                "hold",
                "redelivery_of",
                "quote_id",
                "job_id",
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
        extra: dict[str, Any] | None = None,
        by_hand: bool = False,
        doubt: Doubt | None = None,
        **changes: Any,
    ) -> Self:
        following = NEXT_STATES[self.state] | (BY_HAND.get(self.state, frozenset()) if by_hand else frozenset())
        if state not in following:
            allowed = ", ".join(sorted(following)) or "nothing: it is closed"
            raise Conflict(
                "wrong_state",
                f"The delivery is {self.state}; it can't become {state}. Next may be: {allowed}.",
            )
        dated = self.dated(device_at, at)
        step = Step(state=state, at=at, actor=actor, device_at=dated, reason=reason, distance_m=distance_m)
        doubts: dict[State, Doubt] = {} if state is State.ASSIGNED else {**self.doubts}
        if doubt:
            doubts[state] = doubt
        hold = Hold.of(doubts, state, at, self.state, reason) if self.livemode else None
        noted = {"timeline": (*self.timeline, step), "doubts": doubts, "hold": hold}
        changed = self.with_changes(state=state, **noted, **changes)
        data = changed.snapshot(actor=actor, reason=reason, previous_state=str(self.state), **(extra or {}))
        return changed.emitting(event or f"delivery.{state}", at, data)

    def _noting(self, event: str, at: Moment, actor: str, **extra: Any) -> Self:
        """Return it with an event that leaves the state as it is."""
        data = self.snapshot(actor=actor, reason=None, previous_state=str(self.state), **extra)
        return self.emitting(event, at, data)

    def _refuse_under_way(self, deed: str) -> None:
        if self.transfer_point:
            detail = f"Its goods are with another driver, to be fetched from there; until they are it can't {deed}."
            raise Conflict("goods_change_hands", detail)

    @property
    def given(self) -> Step | None:
        """The step by which its driver got it; one with a reason says that another had it before."""
        return self.newest_step(State.ASSIGNED)

    def dated(self, device_at: Moment | None, at: Moment) -> Moment | None:
        """Return when a device says that the next step was made, or None if it can't be so.

        Nobody is kept from a step by a wrong clock: it then counts as made when we were told.
        """
        return made_at(device_at, at, self.timeline[-1].made_at if self.timeline else None)

    def newest_step(self, state: State) -> Step | None:
        """Return the newest step into a state, or None if it was never made."""
        return next((step for step in reversed(self.timeline) if step.state is state), None)

    @property
    def place_of_next_stop(self) -> Point:
        """Where its driver is to be for their next step at a stop."""
        if self.state is State.RETURNING:
            return self.pickup
        return self.dropoff if self.state in ON_BOARD else self.collect_at

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

    @property
    def has_left_shop(self) -> bool:
        """Whether some driver has the goods, be it another one than who is to bring them."""
        return self.state in ON_BOARD or self.transfer_point is not None

    @property
    def collect_at(self) -> Point:
        """Where its driver fetches the goods: at the pickup, or from another driver."""
        return self.transfer_point or self.pickup

    @property
    def stage(self) -> Stage | None:
        """Which line of the terms counts if it is called off; None if it can't be."""
        return None if self.transfer_point else STAGE_OF.get(self.state)

    @property
    def was_transferred(self) -> bool:
        """Whether its goods went from one driver to another."""
        return any(step.reason == TRANSFERRED for step in self.timeline)

    def has_been(self, state: State) -> bool:
        """Return whether it came to a state since its driver got it."""
        for step in reversed(self.timeline):
            if step.state in (state, State.ASSIGNED):
                return step.state is state
        return False
