"""Endings other than the hand-over: failed, left at the door, completed by staff, expired; verdicts on held pay."""

from typing import Any, Self

from crowdship.deliveries.delivery.record import DeliveryRecord
from crowdship.deliveries.holds import GROUNDS, Decision, Doubt, Ground, Verdict
from crowdship.deliveries.states import (
    DISPATCH,
    FAILURE_REASONS,
    LEFT_AT_DOOR,
    LEFT_WHEN,
    ON_BOARD,
    WITH_DRIVER,
    CompletionReason,
    FailureReason,
    State,
)
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.geo import Point, distance_m
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.stop_kind import StopKind

AT_STOP_M = 500
"""Metres; a driver whose device is farther from the stop can't end a delivery there."""


class Endings(DeliveryRecord):
    """Changes by which a delivery ends without the driver handing it over."""

    def fail(
        self,
        reason: FailureReason,
        position: Point | None,
        at: Moment,
        device_at: Moment | None = None,
        doubt: Doubt | None = None,
    ) -> Self:
        """End it without a hand-over, at the stop; goods that are on board go back to the shop.

        Raises
        ------
        Unprocessable
            If the reason is not allowed at this stop, or the driver's device is elsewhere.
        Conflict
            If the goods are to be fetched from another driver; only staff can resolve that.
        """
        self._refuse_under_way("be failed by its driver")
        away = _away(position, self.dropoff if self.state in ON_BOARD else self.pickup)
        failed = self._fail(reason, at, self.driver, device_at=device_at, distance_m=away, doubt=doubt)
        _refuse_far(away)
        return failed

    def reasons_at(self, stop: StopKind) -> tuple[FailureReason, ...]:
        """Return the reasons by which a stop may fail, sorted: those of every delivery, and those of the law."""
        known = FAILURE_REASONS[stop]
        if stop is StopKind.DROPOFF and self.demands:
            known |= {FailureReason(reason) for reason in self.demands.refusals}
            known |= {FailureReason.CLOSED_HOURS} if self.demands.closed else set()
        return tuple(sorted(known))

    @property
    def needs_disposition(self) -> bool:
        """True if it must be recorded what becomes of its goods when they are not delivered."""
        return self.demands is not None and self.demands.disposition

    def is_left(self, reason: FailureReason) -> bool:
        """Return whether the goods are left at the door if a driver fails there for a reason."""
        return (
            self.undeliverable is Undeliverable.LEAVE_AT_DOOR
            and self.state is State.ARRIVED_AT_DROPOFF
            and reason in LEFT_WHEN
        )

    def leave(
        self, position: Point | None, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None
    ) -> Self:
        """Deliver it by leaving it at the door; the proof room checks that there is a photo of it.

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
        """End it without a hand-over by staff, at a stop or on the way; lost goods do not go back to the shop."""
        return self._fail(reason, at, actor, by_hand=True)

    def _fail(self, reason: FailureReason, at: Moment, actor: str, *, by_hand: bool = False, **noted: Any) -> Self:
        failed = self._enter(State.FAILED, at, actor, reason=reason, by_hand=by_hand, eta=None, **noted)
        if self.state in (State.ASSIGNED, State.EN_ROUTE_TO_PICKUP) and not self.transfer_point:
            raise Conflict("wrong_state", f"The delivery is {self.state}; reassign it to another driver, or cancel it.")
        lost = {FailureReason.GOODS_LOST} if by_hand and self.has_left_shop else set()
        known = lost if self.transfer_point else {*self.reasons_at(self.next_stop)} | lost
        if reason not in known:
            detail = f"{reason} is no reason at the {self.next_stop}; allowed are: {', '.join(sorted(known))}."
            raise Unprocessable("wrong_reason", detail, "/reason")
        if self.state not in ON_BOARD or reason is FailureReason.GOODS_LOST:
            return failed.with_changes(transfer_point=None)
        if self.undeliverable is Undeliverable.DISPOSE:
            return failed
        return failed._enter(State.RETURNING, at, actor, reason=reason, **noted)

    def complete_by_hand(self, reason: CompletionReason, at: Moment, actor: str, by: str | None = None) -> Self:
        """Complete it by staff: delivered to the customer, or returned to the shop if it was on its way there.

        Parameters
        ----------
        by : str, optional
            The driver who brought goods that were to be fetched from another driver; needed then, because either of
            the two may have brought them.

        Raises
        ------
        Conflict
            If the goods are still at the shop, or the delivery is closed.
        Unprocessable
            If the driver who brought them is not named, or is named although there is only one.
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

    def decide(self, verdict: Verdict, ground: Ground, at: Moment, actor: str) -> Self:
        """Release or refuse pay that is held; the same verdict again changes nothing.

        Raises
        ------
        Conflict
            If no pay is held, or the other verdict was given.
        Unprocessable
            If the ground does not fit the verdict.
        """
        if self.hold is None:
            raise Conflict("nothing_held", f"No pay is held for {self.id}, which is {self.state}.")
        if known := self.hold.decision:
            if known.verdict is verdict:
                return self
            raise Conflict("decided_already", f"The pay was {known.verdict} at {known.at:%Y-%m-%dT%H:%M:%SZ} already.")
        if ground not in GROUNDS[verdict]:
            detail = (
                f"{ground} is no ground on which pay is {verdict}; allowed are: {', '.join(sorted(GROUNDS[verdict]))}."
            )
            raise Unprocessable("wrong_ground", detail, "/ground")
        decision = Decision(verdict=verdict, ground=ground, actor=actor, at=at)
        decided = self.with_changes(hold=self.hold.model_copy(update={"decision": decision}))
        closing = {"previous_state": str(self.hold.previous_state), "reason": self.hold.reason}
        return decided.emitting(f"delivery.pay_{verdict}", at, decided.snapshot(actor=actor, **closing))

    def expire(self, at: Moment) -> Self:
        """End it because no driver took it in time."""
        return self._enter(State.EXPIRED, at, DISPATCH, reason="no_driver_found", offer_id=None)


def _away(position: Point | None, stop: Point) -> int | None:
    return round(distance_m(position, stop)) if position else None


def _refuse_far(away_m: int | None) -> None:
    if away_m is not None and away_m > AT_STOP_M:
        detail = f"You are {away_m} m from the stop; go there, within {AT_STOP_M} m, or ask staff to end it."
        raise Unprocessable("not_at_stop", detail, "/position")
