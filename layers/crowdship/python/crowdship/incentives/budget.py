"""Reservation of budgets: a promise and its part of the budget are written together, or neither."""

from datetime import datetime

from crowdship.adapters.storage import Row, UnitOfWork, persistently
from crowdship.incentives.promises import Promise
from crowdship.incentives.store import BonusRow, BudgetRow, DueRow, IncentiveRow, PromiseRow

TRIES = 10
"""Tries of a write with a budget, which many writers share."""


class BudgetUsedUp(Exception):  # noqa: N818
    """An amount does not fit into a budget."""


def reserve(promise: Promise, *also: Row) -> None:
    """Write a promise with its part of the budget, and other rows with it; the caller tries again if it is stale.

    Raises
    ------
    BudgetUsedUp
        If its part does not fit into the budget.
    StaleWrite
        If somebody else wrote one of the rows since it was read.
    """
    budget = BudgetRow.load(promise.incentive_id)
    if budget.committed + promise.reserved > budget.most:
        raise BudgetUsedUp(promise.incentive_id)
    work = UnitOfWork()
    work.store(PromiseRow.of(promise))
    work.put(DueRow.of(promise), None)
    BonusRow.claim(promise, work)
    for row in also:
        work.store(row)
    budget.change(work, committed=promise.reserved, promises=1)
    work.commit()


def note_use(incentive_id: str, now: datetime, *, used_up: bool = False) -> None:
    """Tell staff, once each, that a budget is nearly promised, and that a promise did not fit into it."""

    def attempt() -> None:
        incentive = IncentiveRow.load(incentive_id)
        if incentive is None:
            return
        noted = incentive.warn(now, int(BudgetRow.load(incentive_id).committed))
        noted = noted.exhaust(now) if used_up else noted
        if noted is not incentive:
            work = UnitOfWork()
            work.store(IncentiveRow.of(noted))
            work.commit()

    persistently(attempt, TRIES)
