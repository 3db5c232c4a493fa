"""The search for a driver: offer, assignment, reassignment, transfer of goods on board, giving back."""

from typing import Any, Self

from crowdship.deliveries.delivery.record import DeliveryRecord
from crowdship.deliveries.delivery.values import HandOver, Planned
from crowdship.deliveries.handing_over import handed_over
from crowdship.deliveries.states import (
    DISPATCH,
    ON_BOARD,
    TRANSFERRED,
    State,
)
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.geo import Point


class Assignment(DeliveryRecord):
    """Changes of the driver who has a delivery."""

    def offer(self, offer_id: str, at: Moment) -> Self:
        """Return it as part of an offer to one or several drivers."""
        every = (*self.offer_ids, offer_id)
        return self._enter(State.OFFERED, at, DISPATCH, offer_id=offer_id, last_offer_id=offer_id, offer_ids=every)

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
        """Return it waiting for a driver again, because nobody took the offer or its driver gave it back.

        An offer that nobody took leaves no step in the timeline, which would otherwise grow with a long search. If a
        driver had the delivery, the search lasts ``search_for`` from now; earlier prolongations are not added.

        Parameters
        ----------
        declined_by : tuple of str
            Drivers who declined; they are not asked again.
        unanswered_by : tuple of str
            Drivers who let the offer run out; they are asked again, after the others.

        Raises
        ------
        Conflict
            If another driver still has the goods; only staff can resolve that.
        """
        self._refuse_under_way("wait for another driver")
        before = self
        if self.driver_id and actor != self.driver_id:
            before = self._handing_over(at, None)
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
            planned=None,
            search_until=max(self.search_until, at + self.search_for) if self.driver_id else self.search_until,
            declined_by=tuple(dict.fromkeys((*self.declined_by, *declined_by))),
            unanswered_by={**self.unanswered_by, **silent},
        )
        return again.with_changes(timeline=before.timeline) if self.state is State.OFFERED else again

    def assign(self, driver_id: str, at: Moment, actor: str, eta: Moment | None, *, alone: bool = False) -> Self:
        """Assign it to a driver; ``alone`` says that it is the only work on the driver's route.

        Raises
        ------
        Conflict
            If a driver has it already; ``reassign`` and ``transfer`` move it.
        """
        if self.driver_id:
            detail = f"The delivery is {self.state} with driver {self.driver_id}; reassign or transfer it instead."
            raise Conflict("wrong_state", detail)
        return self._enter(
            State.ASSIGNED,
            at,
            actor,
            driver_id=driver_id,
            eta=eta,
            planned=Planned(arrival=eta, alone=alone, pickup_at=self.pickup_window.opens_at),
            approaching_pickup_at=None,
        )

    def reassign(self, driver_id: str, at: Moment, actor: str, reason: str, eta: Moment | None) -> Self:
        """Move it to another driver before the goods are on board, without a wait for offers in between.

        Goods that were to be fetched from a third driver are still fetched there.
        """
        return self._change_hands(driver_id, at, actor, reason, eta, approaching_pickup_at=None)

    def meet_at(self, where: Point) -> Self:
        """Change the point at which its driver fetches the goods from another driver.

        Raises
        ------
        Conflict
            If the goods are not to be fetched from another driver.
        """
        if not self.transfer_point:
            raise Conflict("not_changing_hands", f"The goods of {self.id} are not to be fetched from another driver.")
        return self.with_changes(transfer_point=where)

    def transfer(self, driver_id: str, where: Point, at: Moment, actor: str, eta: Moment | None) -> Self:
        """Move it to another driver who fetches the goods from the vehicle that has them on board.

        Raises
        ------
        Conflict
            If the goods are not on board, are on their way back to the shop, or must stay with their driver.
        """
        self.refuse_swap()
        if self.state not in ON_BOARD:
            raise Conflict("not_on_board", f"The delivery is {self.state}; only goods on board can be transferred.")
        given_on = {"by_hand": True, "transfer_point": where, "approaching_at": None}
        return self._change_hands(driver_id, at, actor, TRANSFERRED, eta, **given_on)

    def _handing_over(self, at: Moment, where: Point | None) -> Self:
        """Return it with the work of its driver, who is to lose it, and the event by which that work is paid."""
        made = handed_over(self, at, where, self.sequence + 1)
        noted = self.with_changes(hand_overs=(*self.hand_overs, made))
        return noted._noting("delivery.handed_over", at, DISPATCH, handed_over=told_of(made)) if made.pay else noted

    @property
    def stays_with_driver(self) -> bool:
        """True if its goods are on board and the law leaves them with their driver."""
        return self.has_left_shop and self.demands is not None and self.demands.no_swap

    def refuse_swap(self) -> None:
        """Check that its goods may go to another driver.

        Raises
        ------
        Conflict
            ``custody_forbids_swap``, if they are on board and have to stay with their driver.
        """
        if self.stays_with_driver:
            detail = (
                f"The goods of {self.id} may not change drivers under way; let {self.driver_id} deliver or return them."
            )
            raise Conflict("custody_forbids_swap", detail)

    def _change_hands(
        self, driver_id: str, at: Moment, actor: str, reason: str, eta: Moment | None, **noted: Any
    ) -> Self:
        return self._handing_over(at, noted.get("transfer_point"))._enter(
            State.ASSIGNED,
            at,
            actor,
            reason=reason,
            event="delivery.reassigned",
            extra={"previous_driver_id": self.driver},
            driver_id=driver_id,
            eta=eta,
            planned=Planned(arrival=eta, alone=False, pickup_at=self.pickup_window.opens_at),
            offer_id=None,
            **noted,
        )

    def unassign(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Return it waiting for other drivers, because its driver gives it up before the pickup."""
        return self.reopen(at, "unassigned", actor=self.driver, device_at=device_at, declined_by=(self.driver,))


def told_of(made: HandOver) -> dict[str, Any]:
    """Return what the event of a hand-over tells besides the delivery."""
    return made.model_dump(mode="json", include={"driver_id", "since", "stage", "percent", "pay"})
