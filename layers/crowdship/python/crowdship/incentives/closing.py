"""Closing: promises whose span is over are settled by the clock, and what they did not earn returns to the budget."""

from datetime import datetime

from crowdship.adapters.failures import Failures
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import CLOSED
from crowdship.incentives import budget
from crowdship.incentives.facts import share_on_duty
from crowdship.incentives.promises import GRACE, HELD_AT_MOST, LOOK_AGAIN, Promise
from crowdship.incentives.store import BudgetRow, DueRow, PromiseRow, WorkRow
from crowdship.incentives.terms import Kind
from crowdship.kernel.clock import Clock

AT_ONCE = 200
"""Promises that one call closes; the next call has the others."""


def close_due(clock: Clock) -> int:
    """Close the promises that are due, or look at them later; return how many were looked at.

    One that fails does not keep the others from being closed; it stays due, and the call fails after the others.

    Raises
    ------
    ExceptionGroup
        If some failed.
    """
    keys = DueRow.keys_until(clock.now(), AT_ONCE)
    with Failures("promises that could not be closed") as failures:
        for key in keys:
            with failures.collected("promise not closed", key=key):
                _close(key, clock)
    return len(keys)


def _close(key: tuple[str, str], clock: Clock) -> None:
    def attempt() -> None:
        now = clock.now()
        promise = PromiseRow.load(*key)
        if promise is None or promise.closed_at or promise.due_at > now:
            return
        work = WorkRow.between(promise.driver_id, promise.begins, promise.until)
        is_late = now >= promise.until + HELD_AT_MOST
        if not is_late and (promise.awaits_decision(work) or _is_under_way(promise, now)):
            later = promise.with_changes(due_at=now + LOOK_AGAIN)
            _write(promise, later, [DueRow.of(later)])
            return
        share = None
        if promise.kind is Kind.GUARANTEE:
            share = share_on_duty(promise.driver_id, promise.zone_id, promise.begins, promise.until)
        settled = promise.settle(min(promise.reserved, promise.reward(work, share)), now)
        _write(promise, settled.close(now), [])

    persistently(attempt, budget.TRIES)


def _write(before: Promise, after: Promise, due: list[DueRow]) -> None:
    work = UnitOfWork()
    work.store(PromiseRow.of(after))
    work.delete(DueRow.of(before))
    for row in due:
        work.put(row, None)
    committed, paid = after.reserved - before.reserved, after.paid - before.paid
    BudgetRow.load(before.incentive_id).change(work, committed=committed, paid=paid)
    work.commit()


def _is_under_way(promise: Promise, now: datetime) -> bool:
    """Return whether a delivery that a bonus belongs to has not ended, or its ending can still be taken back."""
    found = deliveries.get_many(promise.delivery_ids).values()
    mine = [one for one in found if one.driver_id == promise.driver_id]
    return any(one.state not in CLOSED or now < one.timeline[-1].at + GRACE for one in mine) and now < promise.until
