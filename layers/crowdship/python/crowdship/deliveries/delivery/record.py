"""The record of a delivery: its fields, derived values, and the transition into a state."""

from datetime import date, datetime, timedelta
from typing import Any, Self

from crowdship.deliveries.delivery.values import (
    Cancellation,
    Correction,
    Erasure,
    ExternalId,
    HandOver,
    LateTip,
    OrderNumber,
    Planned,
    Step,
)
from crowdship.deliveries.handing_over import owed_price
from crowdship.deliveries.holds import Doubt, Hold
from crowdship.deliveries.lateness import Way
from crowdship.deliveries.sandbox import Sandbox
from crowdship.deliveries.states import (
    BY_HAND,
    CORRECTED_TO,
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
from crowdship.pricing.waiting import WaitTerms
from crowdship.shipment.demands import Demands, completed, local_day
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import OrderDetails, Requirements
from crowdship.shipment.shipment import Shipment
from crowdship.shipment.stop_kind import StopKind

ENDINGS = frozenset({State.DELIVERED, State.FAILED})
"""The endings that a driver states at a stop."""

TAKEN_BACK = ENDINGS | {State.RETURNING}
"""The states of the steps that go with an ending that is taken back."""


class DeliveryRecord(Aggregate, Shipment, OrderDetails):
    """The fields of a delivery and values derived from them.

    Parameters
    ----------
    contacts_token : str
        Key of the names, phones and addresses in the vault; only the two points are kept here, for planning.
    pickup_law, dropoff_law : tuple of str
        Codes of the jurisdictions of the two points, the widest first; with those that the zone names.
    terms : CancellationTerms
        The zone's terms when it was ordered, by which a cancellation is charged.
    wait : WaitTerms
        The zone's terms of waiting at doors when it was ordered.
    plan_from, search_until : datetime
        The span in which a driver is searched for.
    search_for : timedelta
        The length of that search at the creation; it begins anew when a driver gives the delivery back.
    offer_ids : tuple of str
        All offers it was ever in, the oldest first.
    declined_by : tuple of str
        Drivers who declined it and are not asked again.
    unanswered_by : dict
        By driver, how many of its offers ran out without an answer.
    transfer_point : Point or None
        Where its driver fetches the goods from another driver who has them on board; None once they are fetched, and
        while the goods come from the shop.
    planned : Planned or None
        The plan by which its present driver got it.
    way : Way
        The shortest time from the pickup to the customer.
    demands : Demands or None
        The law's demands for its goods and places, as they were resolved when it was ordered or its address changed;
        None for goods without rules of their own.
    due_at : datetime or None
        The moment from which it is late by the platform's fault; the end of the drop-off window if None.
    doubts : dict
        The driver's steps that the positions of their phone don't confirm, each with the reason.
    hold : Hold or None
        The reason why nothing is booked for it yet.
    corrections : tuple of Correction
        Endings that its drivers took back.
    hand_overs : tuple of HandOver
        Work of drivers from whom the platform took it for another one.
    pin_locked_at : datetime or None
        When so many PINs had been wrong that the right one is no longer taken.
    said_at : datetime or None
        The time of its driver's last ending by the phone's clock, unchecked.
    erasure : Erasure or None
        The erasure of its customer's data, if somebody asked for it.
    sandbox : Sandbox or None
        The script of a test; None if the delivery is real.
    """

    merchant_id: str
    external_id: ExternalId
    order_number: OrderNumber | None = None
    zone_id: str
    pickup_law: tuple[str, ...] = ()
    dropoff_law: tuple[str, ...] = ()
    state: State = State.CREATED
    quote_id: str | None = None
    job_id: str | None = None
    price: Price
    terms: CancellationTerms = CancellationTerms()
    wait: WaitTerms = WaitTerms()
    way: Way = Way()
    demands: Demands | None = None
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
    offer_ids: tuple[str, ...] = ()
    declined_by: tuple[str, ...] = ()
    unanswered_by: dict[str, int] = {}  # noqa: RUF012 - pydantic copies it
    transfer_point: Point | None = None
    eta: Moment | None = None
    planned: Planned | None = None
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
    corrections: tuple[Correction, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    pin_locked_at: Moment | None = None
    said_at: Moment | None = None
    erasure: Erasure | None = None
    sandbox: Sandbox | None = None

    @property
    def livemode(self) -> bool:
        """True for a real delivery, false for a test, which reaches no driver, account or metric."""
        return self.sandbox is None

    def requirements_at(self, moment: datetime) -> Requirements:
        """Return what is required at its stops at a moment: as agreed, and what the law of that day adds."""
        return completed(self.requirements, self.goods, self.pickup_law, self.dropoff_law, moment)

    def day_at(self, moment: datetime) -> date:
        """Return the local day of a moment at the drop-off."""
        return local_day(self.dropoff_law, moment)

    @property
    def known_as(self) -> str:
        """The number by which people know it: the shop's order number, or the external id if there is none."""
        return self.order_number or self.external_id

    def snapshot(self, **extra: Any) -> dict[str, Any]:
        """Return the data of every ``delivery.*`` event, without personal data, with further fields of one event."""
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
        # The basis of its price stays on the delivery: it is the same in every event of its life.
        for inner in ("trip", "versions"):
            data["price"].pop(inner, None)
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
        corrects: State | None = None,
        doubt: Doubt | None = None,
        **changes: Any,
    ) -> Self:
        """Return the delivery in another state, with a step in the timeline and an event.

        Parameters
        ----------
        by_hand : bool
            True for an act of staff, who have further transitions.
        corrects : State, optional
            The ending that is taken back.
        event : str, optional
            The type of the event; that of the state if left out.
        extra : dict, optional
            Further data of the event.
        doubt : Doubt, optional
            Why the positions of the driver's phone don't confirm the step.
        **changes
            Other fields that change.

        Raises
        ------
        Conflict
            ``wrong_state``, if that state can't follow.
        """
        beyond = BY_HAND if by_hand else CORRECTED_TO if corrects else {}
        following = NEXT_STATES[self.state] | beyond.get(self.state, frozenset())
        if state not in following:
            allowed = ", ".join(sorted(following)) or "nothing: it is closed"
            raise Conflict(
                "wrong_state",
                f"The delivery is {self.state}; it can't become {state}. Next may be: {allowed}.",
            )
        dated = self.dated(device_at, at)
        told = {"reason": reason, "distance_m": distance_m, "corrects": corrects}
        step = Step(state=state, at=at, actor=actor, device_at=dated, **told)
        doubts: dict[State, Doubt] = {} if state is State.ASSIGNED else {**self.doubts}
        if doubt:
            doubts[state] = doubt
        hold = Hold.of(doubts, state, at, self.state, reason) if self.livemode else None
        noted = {"timeline": (*self.timeline, step), "doubts": doubts, "hold": hold}
        changed = self.with_changes(state=state, **noted, **changes)
        if not corrects:
            # A correction is told with the price that its ending had, as that is what is taken back.
            changed = changed.with_changes(price=owed_price(changed))
        ended = {"corrected": self.corrected} if state in ENDINGS else {}
        more = {**ended, **(extra or {})}
        data = changed.snapshot(actor=actor, reason=reason, previous_state=str(self.state), **more)
        return changed.emitting(event or f"delivery.{state}", at, data)

    def _noting(self, event: str, at: Moment, actor: str, **extra: Any) -> Self:
        """Return it with an event that does not change its state."""
        data = self.snapshot(actor=actor, reason=None, previous_state=str(self.state), **extra)
        return self.emitting(event, at, data)

    def _refuse_under_way(self, deed: str) -> None:
        """Refuse an action while the goods are to be fetched from another driver."""
        if self.transfer_point:
            detail = f"Its goods are still to be fetched from another driver; until then it can't {deed}."
            raise Conflict("goods_change_hands", detail)

    @property
    def given(self) -> Step | None:
        """The step by which its present driver got it; it has a reason if another driver had it before."""
        return self.newest_step(State.ASSIGNED)

    def dated(self, device_at: Moment | None, at: Moment) -> Moment | None:
        """Return the time of the next step by the device's clock, or None if that time is impossible.

        A wrong clock does not prevent a step; the step then counts as made when it was received.
        """
        return made_at(device_at, at, self.timeline[-1].made_at if self.timeline else None)

    @property
    def standing(self) -> tuple[Step, ...]:
        """The timeline without endings that were taken back, and without the corrections."""
        steps: list[Step] = []
        for step in self.timeline:
            if step.corrects:
                while steps[-1].state in TAKEN_BACK:
                    steps.pop()
            else:
                steps.append(step)
        return tuple(steps)

    @property
    def corrected(self) -> list[str]:
        """The endings that were taken back, in their order."""
        return [str(correction.ending.state) for correction in self.corrections]

    def newest_step(self, state: State) -> Step | None:
        """Return the newest step into a state, or None if it was never made or was taken back."""
        return next((step for step in reversed(self.standing) if step.state is state), None)

    @property
    def place_of_next_stop(self) -> Point:
        """The point of the stop at which its driver makes the next step."""
        if self.state is State.RETURNING:
            return self.pickup
        return self.dropoff if self.state in ON_BOARD else self.collect_at

    @property
    def driver(self) -> str:
        """The id of the driver who has it.

        Raises
        ------
        Conflict
            ``no_driver``, if nobody has it.
        """
        if not self.driver_id:
            raise Conflict("no_driver", f"The delivery is {self.state} and has no driver; it must be assigned first.")
        return self.driver_id

    @property
    def next_stop(self) -> StopKind:
        """The kind of the stop that comes next."""
        if self.state is State.RETURNING:
            return StopKind.RETURN
        return StopKind.DROPOFF if self.state in ON_BOARD else StopKind.PICKUP

    @property
    def has_left_shop(self) -> bool:
        """True once a driver has the goods on board, also while another driver is to fetch them from there."""
        return self.state in ON_BOARD or self.transfer_point is not None

    @property
    def collect_at(self) -> Point:
        """The point at which its driver fetches the goods: the pickup, or that of another driver."""
        return self.transfer_point or self.pickup

    @property
    def stage(self) -> Stage | None:
        """The stage of the cancellation terms that applies now; None if it can't be cancelled."""
        return None if self.transfer_point else STAGE_OF.get(self.state)

    @property
    def was_transferred(self) -> bool:
        """True if its goods went from one driver to another."""
        return any(step.reason == TRANSFERRED for step in self.timeline)

    def has_been(self, state: State) -> bool:
        """Return whether it was in a state since its present driver got it."""
        for step in reversed(self.standing):
            if step.state in (state, State.ASSIGNED):
                return step.state is state
        return False
