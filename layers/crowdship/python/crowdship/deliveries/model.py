"""The delivery."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from crowdship.deliveries.holds import GROUNDS, Decision, Doubt, Ground, Hold, Verdict
from crowdship.deliveries.lateness import Way, is_late
from crowdship.deliveries.sandbox import Sandbox
from crowdship.deliveries.states import (
    ARRIVED_AT,
    BY_HAND,
    DISPATCH,
    FAILURE_REASONS,
    HEADING_FOR,
    LEFT_AT_DOOR,
    LEFT_WHEN,
    NEXT_STATES,
    ON_BOARD,
    OPEN,
    STAGE_OF,
    TRANSFERRED,
    WITH_DRIVER,
    CompletionReason,
    FailureReason,
    State,
)
from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import made_at
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price, settle_price
from crowdship.pricing.terms import CancellationTerms, CancelReason, Fault, Shares, Stage, fault_of
from crowdship.shipment.goods import Goods
from crowdship.shipment.options import Priority, Undeliverable
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import SHORTEST_WINDOW, Window

LONGEST_NUMBER = 40
"""Characters of a shop's order number."""

AT_STOP_M = 500
"""A driver who gives up is no farther from the stop than this, as their device sees it."""


class Cancellation(Value):
    """How a delivery was called off, and what that costs: told with the answer, booked as told.

    Parameters
    ----------
    fault, stage : Fault, Stage
        The line and column of the terms that counted.
    shares : Shares
        What stands there.
    fee : Money
        What the merchant pays of the charge; with goods on board that includes the way back.
    """

    reason: CancelReason
    fault: Fault
    stage: Stage
    shares: Shares
    fee: Money
    at: Moment


class LateTip(Value):
    """A tip that was given after the delivery."""

    tip_id: str
    amount: Money
    at: Moment


MOST_LATE_TIPS = 20
TIPPED_WITHIN = timedelta(days=14)


class Step(Value):
    """One entry of a delivery's timeline."""

    state: State
    at: Moment
    actor: str
    device_at: Moment | None = None
    reason: str | None = None
    distance_m: int | None = Field(default=None, description="How far from the stop the driver's device was")

    @property
    def made_at(self) -> Moment:
        """When it was made: by the device's clock where there is one, since a phone may have been offline."""
        return self.device_at or self.at


ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\x21-\x7e][\x20-\x7e]*$")]

OrderNumber = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_NUMBER, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
"""The number by which the shop and its customer know an order, such as #1042; it need not be unique."""


class Delivery(Aggregate):
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
    priority: Priority = Priority.NORMAL
    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements = Requirements()
    goods: Goods | None = None
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

    @classmethod
    def create(cls, actor: str, **fields: Any) -> Self:
        """Return a new delivery that announces itself."""
        delivery = cls(**fields)
        step = Step(state=State.CREATED, at=delivery.created_at, actor=actor)
        search_for = delivery.search_until - max(delivery.created_at, delivery.pickup_window.opens_at)
        delivery = delivery.with_changes(timeline=(step,), search_for=search_for)
        data = delivery.snapshot(actor=actor, reason=None, previous_state=None)
        return delivery.emitting("delivery.created", delivery.created_at, data)

    def offer(self, offer_id: str, at: Moment) -> Self:
        """Put to a driver (or several) in an offer."""
        return self._enter(State.OFFERED, at, DISPATCH, offer_id=offer_id, last_offer_id=offer_id)

    def reopen(
        self,
        at: Moment,
        reason: str,
        *,
        actor: str = DISPATCH,
        device_at: Moment | None = None,
        declined_by: tuple[str, ...] = (),
        unanswered_by: tuple[str, ...] = (),
    ) -> Self:
        """Back to waiting, because nobody took the offer or the driver gave it back.

        Drivers who declined are not asked again; those who let an offer run out are, after others. An offer that
        came to nothing leaves no step in the timeline, so that a long search doesn't make it long. What a driver
        had is searched for as long as at first, counted from then: what it was prolonged by before doesn't add up.

        Raises
        ------
        Conflict
            If another driver still has the goods: only somebody who asked around knows what is to become of them.
        """
        self._refuse_under_way("wait for another driver")
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
            search_until=max(self.search_until, at + self.search_for) if self.driver_id else self.search_until,
            declined_by=tuple(dict.fromkeys((*self.declined_by, *declined_by))),
            unanswered_by={**self.unanswered_by, **silent},
        )
        return again if before is self else again.with_changes(timeline=before.timeline)

    def assign(self, driver_id: str, at: Moment, actor: str, eta: Moment | None) -> Self:
        """Give to a driver what nobody has."""
        if self.driver_id:
            detail = f"The delivery is {self.state} with {self.driver_id}; it can only be moved from there."
            raise Conflict("wrong_state", detail)
        return self._enter(State.ASSIGNED, at, actor, driver_id=driver_id, eta=eta, approaching_pickup_at=None)

    def reassign(self, driver_id: str, at: Moment, actor: str, reason: str, eta: Moment | None) -> Self:
        """Move to another driver at once, as long as the goods are not on board; it does not wait in between.

        Goods that were to be fetched from another driver still are.
        """
        return self._change_hands(driver_id, at, actor, reason, eta, approaching_pickup_at=None)

    def meet_at(self, where: Point) -> Self:
        """Fetch goods that change hands somewhere else than was said before.

        Raises
        ------
        Conflict
            If they don't change hands.
        """
        if not self.transfer_point:
            raise Conflict("not_changing_hands", f"The goods of {self.id} are not to be fetched from another driver.")
        return self.with_changes(transfer_point=where)

    def transfer(self, driver_id: str, where: Point, at: Moment, actor: str, eta: Moment | None) -> Self:
        """Move goods that are on board to another driver, who fetches them where they are.

        Raises
        ------
        Conflict
            If they are not on board, or on their way back.
        """
        if self.state not in ON_BOARD:
            raise Conflict("not_on_board", f"The delivery is {self.state}; only goods on board are handed on.")
        given_on = {"by_hand": True, "transfer_point": where, "approaching_at": None}
        return self._change_hands(driver_id, at, actor, TRANSFERRED, eta, **given_on)

    def _change_hands(
        self, driver_id: str, at: Moment, actor: str, reason: str, eta: Moment | None, **noted: Any
    ) -> Self:
        return self._enter(
            State.ASSIGNED,
            at,
            actor,
            reason=reason,
            event="delivery.reassigned",
            extra={"previous_driver_id": self.driver},
            driver_id=driver_id,
            eta=eta,
            offer_id=None,
            **noted,
        )

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

    def unassign(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Let a driver give it up who has not fetched it yet; it waits again, for others."""
        return self.reopen(at, "unassigned", actor=self.driver, device_at=device_at, declined_by=(self.driver,))

    def depart(self, stop: StopKind, at: Moment, device_at: Moment | None = None) -> Self:
        """Leave for a stop. The way back has begun with the failure: leaving for it changes nothing here."""
        if stop is StopKind.RETURN:
            return self._returning()
        return self._enter(HEADING_FOR[stop], at, self.driver, device_at=device_at)

    def arrive(self, stop: StopKind, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None) -> Self:
        """Reach the stop the driver was heading for; what is brought back to the shop is then handed over there."""
        if stop is StopKind.RETURN:
            return self._returning()
        return self._enter(ARRIVED_AT[stop], at, self.driver, device_at=device_at, doubt=doubt)

    def _returning(self) -> Self:
        if self.state is not State.RETURNING:
            raise Conflict("wrong_state", f"The delivery is {self.state}; nothing of it is to be brought back.")
        return self

    def pick_up(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Take the goods on board."""
        return self._enter(State.PICKED_UP, at, self.driver, device_at=device_at, transfer_point=None)

    def approach(self, at: Moment) -> Self:
        """Be nearly at the customer, once."""
        if self.approaching_at or self.state is not State.EN_ROUTE_TO_DROPOFF:
            return self
        return self.with_changes(approaching_at=at)._noting("delivery.approaching", at, self.driver)

    def approach_pickup(self, at: Moment) -> Self:
        """Have its driver nearly at the pickup, once for each driver."""
        if self.approaching_pickup_at or self.state is not State.EN_ROUTE_TO_PICKUP:
            return self
        return self.with_changes(approaching_pickup_at=at)._noting("delivery.approaching_pickup", at, self.driver)

    def expect(self, eta: Moment, at: Moment, threshold: timedelta) -> Self:
        """Be expected at another moment, if that is far enough from what was told last; else as it is."""
        if self.eta is None or self.state not in WITH_DRIVER or self.state is State.ARRIVED_AT_DROPOFF:
            return self
        if abs(eta - self.eta) < threshold:
            return self
        previous = self.model_dump(mode="json", include={"eta"})["eta"]
        return self.with_changes(eta=eta)._noting("delivery.eta_changed", at, "tracking", previous_eta=previous)

    def deliver(self, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None) -> Self:
        """Reach the customer's hands. What had to be captured is checked by the proof room before."""
        return self._enter(State.DELIVERED, at, self.driver, device_at=device_at, doubt=doubt, eta=None)

    @property
    def place_of_next_stop(self) -> Point:
        """Where its driver is to be for their next step at a stop."""
        if self.state is State.RETURNING:
            return self.pickup
        return self.dropoff if self.state in ON_BOARD else self.collect_at

    def fail(
        self,
        reason: FailureReason,
        position: Point | None,
        at: Moment,
        device_at: Moment | None = None,
        doubt: Doubt | None = None,
    ) -> Self:
        """End without a hand-over, at the stop; goods that are on board turn back at once.

        Raises
        ------
        Unprocessable
            If that is no reason at this stop, or the driver's device is elsewhere.
        Conflict
            If the goods are to be fetched from another driver: staff know what became of them.
        """
        self._refuse_under_way("be failed by its driver")
        away = _away(position, self.dropoff if self.state in ON_BOARD else self.pickup)
        failed = self._fail(reason, at, self.driver, device_at=device_at, distance_m=away, doubt=doubt)
        _refuse_far(away)
        return failed

    def is_left(self, reason: FailureReason) -> bool:
        """Return whether the goods are to be left at the door when a driver gives up there for a reason."""
        return (
            self.undeliverable is Undeliverable.LEAVE_AT_DOOR
            and self.state is State.ARRIVED_AT_DROPOFF
            and reason in LEFT_WHEN
        )

    def leave(
        self, position: Point | None, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None
    ) -> Self:
        """Leave at the door what nobody takes; that it is there is shown by a photo, which the proof room checks.

        Raises
        ------
        Unprocessable
            If the driver's device is elsewhere.
        """
        away = _away(position, self.dropoff)
        _refuse_far(away)
        return self._enter(
            State.DELIVERED,
            at,
            self.driver,
            reason=LEFT_AT_DOOR,
            device_at=device_at,
            distance_m=away,
            doubt=doubt,
            eta=None,
        )

    def fail_by_hand(self, reason: FailureReason, at: Moment, actor: str) -> Self:
        """End without a hand-over, by staff: also on the way, and for good if the goods are lost."""
        return self._fail(reason, at, actor, by_hand=True)

    def _fail(self, reason: FailureReason, at: Moment, actor: str, *, by_hand: bool = False, **noted: Any) -> Self:
        failed = self._enter(State.FAILED, at, actor, reason=reason, by_hand=by_hand, eta=None, **noted)
        if self.state in (State.ASSIGNED, State.EN_ROUTE_TO_PICKUP) and not self.transfer_point:
            raise Conflict("wrong_state", f"The delivery is {self.state}; move it to another driver, or call it off.")
        lost = {FailureReason.GOODS_LOST} if by_hand and self.has_left_shop else set()
        known = lost if self.transfer_point else FAILURE_REASONS[self.next_stop] | lost
        if reason not in known:
            detail = f"{reason} is no reason at the {self.next_stop}; there may be: {', '.join(sorted(known))}."
            raise Unprocessable("wrong_reason", detail, "/reason")
        if self.state not in ON_BOARD or reason is FailureReason.GOODS_LOST:
            return failed.with_changes(transfer_point=None)
        if self.undeliverable is Undeliverable.DISPOSE:
            return failed
        return failed._enter(State.RETURNING, at, actor, reason=reason, **noted)

    def complete_by_hand(self, reason: CompletionReason, at: Moment, actor: str, by: str | None = None) -> Self:
        """End as if the driver had said so: at the customer, or back at the shop if it was on its way there.

        Parameters
        ----------
        by : str, optional
            The driver who brought goods that are to change hands: who had them, or who was to fetch them. Phones that
            were offline can't say so any more, so nobody but staff knows.

        Raises
        ------
        Conflict
            If the goods are still at the shop, or it is closed.
        Unprocessable
            If it must be said who brought them, or is known.
        """
        if self.state in WITH_DRIVER and not self.has_left_shop:
            raise Conflict("wrong_state", f"The delivery is {self.state}; its goods are still at the shop.")
        if self.transfer_point and not by:
            had = self.newest_step(State.PICKED_UP)
            detail = f"The goods were to go from {had.actor if had else 'another driver'} to {self.driver_id}; name who"
            raise Unprocessable("who_delivered", f"{detail} brought them, and is paid for it.", "/driver_id")
        if not self.transfer_point and by not in (None, self.driver_id):
            detail = f"It is with {self.driver_id}; leave driver_id out."
            raise Unprocessable("not_changing_hands", detail, "/driver_id")
        brought = self.with_changes(driver_id=by or self.driver_id, transfer_point=None)
        end = State.RETURNED if self.state is State.RETURNING else State.DELIVERED
        return brought._enter(end, at, actor, reason=reason, by_hand=True, eta=None)

    def return_goods(self, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None) -> Self:
        """Hand the goods back where they were picked up."""
        return self._enter(State.RETURNED, at, self.driver, device_at=device_at, doubt=doubt)

    def decide(self, verdict: Verdict, ground: Ground, at: Moment, actor: str) -> Self:
        """Decide about pay that is held; the same decision again changes nothing.

        Raises
        ------
        Conflict
            If nothing is held, or it was decided otherwise.
        Unprocessable
            If the ground is none for this decision.
        """
        if self.hold is None:
            raise Conflict("nothing_held", f"Nothing is held for {self.id}, which is {self.state}.")
        if known := self.hold.decision:
            if known.verdict is verdict:
                return self
            raise Conflict("decided_already", f"It was {known.verdict} at {known.at:%Y-%m-%dT%H:%M:%SZ}.")
        if ground not in GROUNDS[verdict]:
            detail = (
                f"{ground} is no ground on which pay is {verdict}; there may be: {', '.join(sorted(GROUNDS[verdict]))}."
            )
            raise Unprocessable("wrong_ground", detail, "/ground")
        decision = Decision(verdict=verdict, ground=ground, actor=actor, at=at)
        decided = self.with_changes(hold=self.hold.model_copy(update={"decision": decision}))
        closing = {"previous_state": str(self.hold.previous_state), "reason": self.hold.reason}
        return decided.emitting(f"delivery.pay_{verdict}", at, decided.snapshot(actor=actor, **closing))

    def cancel(self, actor: str, reason: CancelReason, at: Moment, expected: Moment | None = None) -> Self:
        """Call off at what the terms say; goods that are on board turn back.

        Parameters
        ----------
        expected : datetime or None
            When it would have reached the customer.
        """
        self._refuse_under_way("be called off")
        end = State.RETURNING if self.state in ON_BOARD else State.CANCELLED
        cancellation = self.if_cancelled(reason, at, expected)
        return self._enter(end, at, actor, reason=reason, eta=None, cancellation=cancellation)

    def if_cancelled(self, reason: CancelReason, at: Moment, expected: Moment | None = None) -> Cancellation | None:
        """Return what calling it off for a reason would mean now, or None if it can't be called off any more."""
        stage = self.stage
        if stage is None:
            return None
        fault = fault_of(reason, late=is_late(self, expected))
        shares = self.terms.shares(fault, stage)
        ended = Outcome.RETURNED if stage is Stage.ON_BOARD else Outcome.CANCELLED_ON_THE_WAY
        fee = settle_price(self.price, ended, shares).charge_total
        return Cancellation(reason=reason, fault=fault, stage=stage, shares=shares, fee=fee, at=at)

    def expire(self, at: Moment) -> Self:
        """End because nobody took it in time."""
        return self._enter(State.EXPIRED, at, DISPATCH, reason="no_driver_found", offer_id=None)

    def announce_ready(
        self,
        ready_at: Moment,
        at: Moment,
        lead: timedelta,
        search: timedelta,
        actor: str,
        eta: Moment | None = None,
    ) -> Self:
        """Move the opening of the pickup window to when the goods are ready; it is planned from then on.

        A window that would be shorter than ``SHORTEST_WINDOW`` closes later. The search for a driver is never cut
        short by it. ``eta`` is when its driver is then expected at the customer.

        Raises
        ------
        Conflict
            If the goods are on board, or it is closed.
        Unprocessable
            If they would be ready after the drop-off window closes.
        """
        if self.state not in OPEN and (self.state not in WITH_DRIVER or self.has_left_shop):
            detail = f"The delivery is {self.state}; when the goods are ready can be said until they are picked up."
            raise Conflict("too_late_to_change", detail, "/ready_at")
        opens_at = max(ready_at, self.created_at)
        if opens_at == self.ready_at:
            return self
        if opens_at >= self.dropoff_window.closes_at:
            detail = f"The drop-off window closes at {self.dropoff_window.closes_at:%Y-%m-%dT%H:%M:%SZ}; move it first."
            raise Unprocessable("windows_crossed", detail, "/ready_at")
        window = Window(opens_at=opens_at, closes_at=max(self.pickup_window.closes_at, opens_at + SHORTEST_WINDOW))
        changed = self.with_changes(
            ready_at=opens_at,
            due_at=max(self.due_at or opens_at, opens_at + self.way.takes),
            pickup_window=window,
            plan_from=max(self.created_at, opens_at - lead),
            search_until=max(self.search_until, opens_at + search),
            eta=eta or self.eta,
        )
        return changed._noting("delivery.ready", at, actor)

    def update(self, fields: dict[str, Any], changed: Iterable[str], at: Moment, actor: str) -> Self:
        """Change what a merchant may change, and tell which parts of it and what that does to the charge.

        Parameters
        ----------
        fields : dict
            New values of fields of this delivery.
        changed : iterable of str
            Names of what changed, also of what is kept in the vault; never the values.
        """
        after = self.with_changes(**fields)
        return after._noting(
            "delivery.updated",
            at,
            actor,
            changed=sorted(changed),
            charge_before=self.price.charge_total.model_dump(),
            charge_after=after.price.charge_total.model_dump(),
        )

    def tip_later(self, tip_id: str, amount: Money, at: Moment, actor: str) -> Self:
        """Add a tip after the hand-over; the same tip again changes nothing.

        Raises
        ------
        Conflict
            If it was not delivered, or too long ago, or there are too many tips.
        Unprocessable
            If it is in another currency, or the same tip was of another amount.
        """
        for known in self.late_tips:
            if known.tip_id == tip_id and known.amount != amount:
                detail = f"This Idempotency-Key was used for a tip of {known.amount}; use a new key for a new tip."
                raise Unprocessable("key_reused", detail)
            if known.tip_id == tip_id:
                return self
        if self.state is not State.DELIVERED:
            detail = f"The delivery is {self.state}; a tip follows a hand-over, until then PATCH changes the tip."
            raise Conflict("wrong_state", detail)
        if at > self.timeline[-1].at + TIPPED_WITHIN:
            detail = f"It was delivered at {self.timeline[-1].at:%Y-%m-%d}; it could be tipped for 14 days."
            raise Conflict("too_late_to_tip", detail)
        if amount.currency != self.price.tip.currency:
            detail = f"The tip is in {amount.currency}; this delivery is in {self.price.tip.currency}."
            raise Unprocessable("wrong_currency", detail, "/currency")
        if len(self.late_tips) >= MOST_LATE_TIPS:
            raise Conflict("too_many_tips", f"{MOST_LATE_TIPS} tips are the most for one delivery.")
        tip = LateTip(tip_id=tip_id, amount=amount, at=at)
        changed = self.with_changes(late_tips=(*self.late_tips, tip))
        return changed._noting("delivery.tipped", at, actor, tipped=amount.model_dump())

    def redelivered(self, delivery_id: str) -> Self:
        """Remember the delivery that tries again.

        Raises
        ------
        Conflict
            If it did not end without a hand-over, or another one tries again already.
        """
        if self.redelivered_as:
            detail = f"Delivery {self.redelivered_as} tries again already."
            raise Conflict("redelivered", detail)
        if self.state not in (State.RETURNED, State.FAILED):
            detail = f"The delivery is {self.state}; one that was returned or failed can be delivered again."
            raise Conflict("wrong_state", detail)
        return self.with_changes(redelivered_as=delivery_id)

    def _noting(self, event: str, at: Moment, actor: str, **extra: Any) -> Self:
        """Return it with an event that leaves the state as it is."""
        data = self.snapshot(actor=actor, reason=None, previous_state=str(self.state), **extra)
        return self.emitting(event, at, data)

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


def _away(position: Point | None, stop: Point) -> int | None:
    return round(distance_m(position, stop)) if position else None


def _refuse_far(away_m: int | None) -> None:
    if away_m is not None and away_m > AT_STOP_M:
        detail = f"You are {away_m} m from the stop; go there, within {AT_STOP_M} m, or let staff end it."
        raise Unprocessable("not_at_stop", detail, "/position")


def outcome(
    previous_state: State,
    state: State,
    reason: str | None = None,
    undeliverable: Undeliverable = Undeliverable.RETURN,
) -> Outcome | None:
    """Return how a closed delivery is to be settled, or None while it is still under way.

    Goods that failed on board turn back, so that is no end, unless they are disposed of; if they were lost instead,
    nothing is due either.
    """
    match state:
        case State.DELIVERED:
            return Outcome.DELIVERED
        case State.RETURNED:
            return Outcome.RETURNED
        case State.FAILED if reason == FailureReason.GOODS_LOST:
            return None
        case State.FAILED if previous_state not in ON_BOARD:
            return Outcome.FAILED_AT_PICKUP
        case State.FAILED:
            return Outcome.DISPOSED if undeliverable is Undeliverable.DISPOSE else None
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
