"""Use cases of months: close one, and list those that are closed."""

from datetime import date

from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite
from crowdship.settlement import store
from crowdship.settlement.balances.store import DayRow, DayTotals, TotalsRow
from crowdship.settlement.months.model import DayHash, MonthClose, days_of
from crowdship.settlement.months.store import MonthRow
from crowdship.settlement.months.views import Months
from crowdship.settlement.sums import added

MOST_LISTED = 120
MOST_NAMED = 5
"""Days that a refusal names."""


def close(month: str, by: str, clock: Clock) -> MonthClose:
    """Close a month for good, once; a month that is closed stays as it is.

    All its days are finished, so their gates are closed and nothing can be booked in it any more. The stored balances
    of each day must still have the hash they were finished with, and the hash over all is kept.

    Raises
    ------
    Conflict
        ``month_not_over``; ``days_not_finished`` if a day of it is not settled; ``balances_changed`` if those of a day
        are not the ones it was finished with.
    """
    if known := MonthRow.load(month):
        return known
    days = days_of(month)
    totals = {one.period: one for one in TotalsRow.between(days[0], days[-1])}
    closed = MonthClose.of(
        month,
        by,
        clock.now(),
        sum(one.postings for one in totals.values()),
        added(one.sheet for one in totals.values()),
        [DayHash(day=day, hash=one.hash) for day, one in totals.items()],
    )
    _must_be_finished(month, [day for day in days if day not in totals])
    _must_be_unchanged(month, totals)
    try:
        store.write(MonthRow.of(closed))
    except StaleWrite:
        return MonthRow.load(month) or closed
    return closed


def _must_be_finished(month: str, missing: list[date]) -> None:
    if missing:
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        named = ", ".join(str(day) for day in missing[:MOST_NAMED])
        detail = f"{month} has days that are not settled: {named}{more}. Settle each by POST /v1/staff/settlements."
        raise Conflict("days_not_finished", detail)


def _must_be_unchanged(month: str, totals: dict[date, DayTotals]) -> None:
    changed = [str(day) for day, one in totals.items() if DayRow.hashed(day) != (one.hash, one.accounts)]
    if changed:
        detail = f"The stored balances of {', '.join(changed)} are not those with which the day was finished."
        raise Conflict(
            "balances_changed", f"{detail} See docs/operations.md, TrialBalanceDifference; {month} stays open."
        )


def listed() -> Months:
    """Return the months that were closed, the newest first."""
    return Months.of(MonthRow.newest(MOST_LISTED))
