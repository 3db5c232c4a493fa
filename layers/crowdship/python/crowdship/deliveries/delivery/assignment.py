"""The search for a driver: offered, assigned, moved to another driver, given back."""

from typing import Any, Self

from crowdship.deliveries.delivery.record import DeliveryRecord
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
    """Changes by which a delivery gets its driver, and another one."""

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

    def unassign(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Let a driver give it up who has not fetched it yet; it waits again, for others."""
        return self.reopen(at, "unassigned", actor=self.driver, device_at=device_at, declined_by=(self.driver,))
