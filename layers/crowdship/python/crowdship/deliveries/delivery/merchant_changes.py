"""A merchant's changes: cancellation, readiness, changes of the order, late tips, redelivery."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from crowdship.deliveries.delivery.record import DeliveryRecord
from crowdship.deliveries.delivery.values import Cancellation, LateTip
from crowdship.deliveries.handing_over import owed_price
from crowdship.deliveries.lateness import is_late
from crowdship.deliveries.states import (
    ON_BOARD,
    OPEN,
    WITH_DRIVER,
    State,
)
from crowdship.deliveries.waiting import waited_price
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, settle_price
from crowdship.pricing.terms import CancelReason, Stage, fault_of
from crowdship.shipment.windows import SHORTEST_WINDOW, Window

MOST_LATE_TIPS = 20
"""The most tips of one delivery after the hand-over."""

TIPPED_WITHIN = timedelta(days=14)
"""A delivery can be tipped until this long after the hand-over."""


class MerchantChanges(DeliveryRecord):
    """Changes that a merchant makes after the order."""

    def cancel(self, actor: str, reason: CancelReason, at: Moment, expected: Moment | None = None) -> Self:
        """Cancel it for the fee of its terms; goods that are on board go back to the shop.

        Parameters
        ----------
        expected : datetime or None
            When it was expected at the customer.
        """
        self._refuse_under_way("be cancelled")
        end = State.RETURNING if self.state in ON_BOARD else State.CANCELLED
        cancellation = self.if_cancelled(reason, at, expected)
        return self._enter(end, at, actor, reason=reason, eta=None, cancellation=cancellation)

    def if_cancelled(self, reason: CancelReason, at: Moment, expected: Moment | None = None) -> Cancellation | None:
        """Return the cancellation as it would be now for a reason, or None if it can't be cancelled any more."""
        stage = self.stage
        if stage is None:
            return None
        fault = fault_of(reason, late=is_late(self, expected))
        shares = self.terms.shares(fault, stage)
        ended = Outcome.RETURNED if stage is Stage.ON_BOARD else Outcome.CANCELLED_ON_THE_WAY
        fee = settle_price(waited_price(self, at), ended, shares).charge_total
        return Cancellation(reason=reason, fault=fault, stage=stage, shares=shares, fee=fee, at=at)

    def announce_ready(
        self,
        ready_at: Moment,
        at: Moment,
        lead: timedelta,
        search: timedelta,
        actor: str,
        eta: Moment | None = None,
    ) -> Self:
        """Move the opening of the pickup window to the moment at which the goods are ready.

        A window that would be shorter than ``SHORTEST_WINDOW`` closes later. The search for a driver never ends sooner
        than before.

        Parameters
        ----------
        lead : timedelta
            How long before the opening it is planned.
        search : timedelta
            How long after the opening a driver is searched for.
        eta : datetime, optional
            When its driver is then expected at the customer; as before if left out.

        Raises
        ------
        Conflict
            If the goods are on board, or the delivery is closed.
        Unprocessable
            If they would be ready after the drop-off window closes.
        """
        if self.state not in OPEN and (self.state not in WITH_DRIVER or self.has_left_shop):
            detail = f"The delivery is {self.state}; the ready time can be set only until the pickup."
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
        """Change it as the merchant asked, with an event that has the changed fields and both charges.

        Parameters
        ----------
        fields : dict
            New values of fields of this delivery, by name.
        changed : iterable of str
            Names of all changed fields, including those in the vault, without their values, which may be personal.
        """
        changed_to = self.with_changes(**fields)
        after = changed_to.with_changes(price=owed_price(changed_to))
        return after._noting(
            "delivery.updated",
            at,
            actor,
            changed=sorted(changed),
            charge_before=self.price.charge_total.model_dump(),
            charge_after=after.price.charge_total.model_dump(),
        )

    def tip_later(self, tip_id: str, amount: Money, at: Moment, actor: str) -> Self:
        """Add a tip after the hand-over; the same ``tip_id`` again changes nothing.

        Raises
        ------
        Conflict
            If the delivery was not handed over, or longer than ``TIPPED_WITHIN`` ago, or has too many tips.
        Unprocessable
            If the tip is in another currency, or had another amount under the same id.
        """
        for known in self.late_tips:
            if known.tip_id == tip_id and known.amount != amount:
                detail = f"This Idempotency-Key was used for a tip of {known.amount}; use a new key for a new tip."
                raise Unprocessable("key_reused", detail)
            if known.tip_id == tip_id:
                return self
        if self.state is not State.DELIVERED:
            detail = f"The delivery is {self.state}; before the hand-over PATCH changes the tip."
            raise Conflict("wrong_state", detail)
        if at > self.timeline[-1].at + TIPPED_WITHIN:
            detail = f"It was delivered at {self.timeline[-1].at:%Y-%m-%d}; it could be tipped for 14 days."
            raise Conflict("too_late_to_tip", detail)
        if amount.currency != self.price.tip.currency:
            detail = f"The tip is in {amount.currency}; this delivery is in {self.price.tip.currency}."
            raise Unprocessable("wrong_currency", detail, "/currency")
        if len(self.late_tips) >= MOST_LATE_TIPS:
            raise Conflict("too_many_tips", f"{MOST_LATE_TIPS} tips are the most for one delivery.")
        tip = LateTip(tip_id=tip_id, amount=amount, at=at, actor=actor)
        changed = self.with_changes(late_tips=(*self.late_tips, tip))
        return changed._noting("delivery.tipped", at, actor, tipped=amount.model_dump())

    def redelivered(self, delivery_id: str) -> Self:
        """Note the delivery by which its order is delivered again.

        Raises
        ------
        Conflict
            If it was neither returned nor failed, or it has a redelivery already.
        """
        if self.redelivered_as:
            detail = f"Delivery {self.redelivered_as} is its redelivery already."
            raise Conflict("redelivered", detail)
        if self.state not in (State.RETURNED, State.FAILED):
            detail = f"The delivery is {self.state}; one that was returned or failed can be delivered again."
            raise Conflict("wrong_state", detail)
        return self.with_changes(redelivered_as=delivery_id)
