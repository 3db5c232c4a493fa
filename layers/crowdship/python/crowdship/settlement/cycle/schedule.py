"""Starts of the settlement cycle: by staff for one period, and daily for each period that is not settled."""

from datetime import date, timedelta

from crowdship.adapters.observability import logger
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.settlement.cycle import record
from crowdship.settlement.cycle.model import CycleExecutions, Settlement
from crowdship.settlement.store import SettlementRow

CATCH_UP_DAYS = 92
"""Days that the daily start looks back for periods that were missed."""

COMPARED_DAYS = 30
"""Days whose stored balances are compared with their postings in turn."""

MAX_ATTEMPTS = 100
"""Executions that may be started for a period; more would hide a fault that starting again does not mend."""


def start(period: date, executions: CycleExecutions, clock: Clock) -> tuple[Settlement, bool]:
    """Start the cycle for a period unless it runs or is finished.

    Two calls at once start one execution. The number of attempts grows only after an execution failed.

    Returns
    -------
    Settlement
        With its execution.
    bool
        Whether this call started it.

    Raises
    ------
    Unprocessable
        If the period is in the future or not over.
    Conflict
        If it failed ``MAX_ATTEMPTS`` times.
    """
    settlement = record.begin(period, clock.now())
    if settlement.finished_at:
        return settlement, False
    return _execute(settlement, executions)


def catch_up(executions: CycleExecutions, clock: Clock) -> list[date]:
    """Start the cycle for yesterday and for each earlier period that was missed or failed.

    The first period that is looked at is the oldest that was ever begun, at most ``CATCH_UP_DAYS`` back; if none was
    begun, it is yesterday. A period whose execution runs is left alone. A period that can't be started does not keep
    others from being started.

    Returns
    -------
    list of date
        The periods that were started.
    """
    yesterday = clock.now().date() - timedelta(days=1)
    days = [yesterday - timedelta(days=back) for back in range(CATCH_UP_DAYS, -1, -1)]
    known = SettlementRow.load_many(days)
    oldest = min(known, default=yesterday)
    missed = [day for day in days if day >= oldest and not (day in known and known[day].finished_at)]
    return [day for day in missed if _starts(day, executions, clock)]


def turn_on(today: date) -> date:
    """Return the day that is compared on a day: each has its turn once within ``COMPARED_DAYS`` after yesterday's.

    Examples
    --------
    >>> first = date(2026, 6, 1)
    >>> turns = [turn_on(first + timedelta(days=number)) for number in range(60)]
    >>> [turns.count(first + timedelta(days=number)) for number in (0, 1, 14, 28)]
    [1, 1, 1, 1]
    """
    # Twice the number of the day, because with the number itself the same day would have all turns.
    return today - timedelta(days=2 + 2 * today.toordinal() % COMPARED_DAYS)


def compare(executions: CycleExecutions, clock: Clock) -> date | None:
    """Start to compare the day whose turn it is with its postings; return it, or None if it isn't finished or runs.

    A difference raises the alarm that the closing of a day raises.
    """
    today = clock.now().date()
    day = turn_on(today)
    settlement = SettlementRow.load(day)
    if settlement is None or settlement.finished_at is None:
        return None
    return day if executions.compare(day, today) else None


def _starts(period: date, executions: CycleExecutions, clock: Clock) -> bool:
    try:
        return _execute(record.begin(period, clock.now()), executions)[1]
    except Conflict as error:
        logger.error("settlement_not_started", period=str(period), why=str(error))
        return False


def _execute(settlement: Settlement, executions: CycleExecutions) -> tuple[Settlement, bool]:
    """Start the next attempt, or find the execution that runs."""
    period = settlement.period
    for attempt in range(max(settlement.attempt, 1), MAX_ATTEMPTS + 1):
        arn, started = executions.start(period, attempt)
        if started or not executions.has_failed(arn):
            return record.note_execution(period, attempt, arn), started
    raise Conflict("too_many_attempts", f"{period} was started {MAX_ATTEMPTS} times and failed; find out why.")
