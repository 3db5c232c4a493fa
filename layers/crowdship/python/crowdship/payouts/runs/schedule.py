"""Starts of pay runs: after a period's close, by staff, and by the clock for each one that is missing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import logger
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.payouts.provider import PayoutProvider
from crowdship.payouts.runs import record, steps
from crowdship.payouts.runs.model import PayRun
from crowdship.payouts.store import PayRunRow
from crowdship.settlement import queries as books
from crowdship.settlement.cycle.model import CycleExecutions

CATCH_UP_DAYS = 92
"""Days that the clock looks back for runs that were missed."""

MAX_ATTEMPTS = 100
"""Executions that may be started for a run; more would hide a fault that starting again does not mend."""


def start(period: date, executions: CycleExecutions, clock: Clock) -> tuple[PayRun, bool]:
    """Start the run of a period unless it is under way or finished; return it, and whether this call started it.

    Two calls at once start one execution. The number of attempts grows only after an execution failed.

    Raises
    ------
    Conflict
        If the books of the period are not stated, or it failed ``MAX_ATTEMPTS`` times.
    """
    run = record.begin(period, clock.now())
    if run.finished_at or (run.execution_arn and not executions.has_failed(run.execution_arn)):
        return run, False
    for attempt in range(max(run.attempt, 1), MAX_ATTEMPTS + 1):
        arn, started = executions.start(period, attempt)
        if started or not executions.has_failed(arn):
            return record.note_execution(period, attempt, arn), started
    raise Conflict("too_many_attempts", f"{period} was started {MAX_ATTEMPTS} times and failed; find out why.")


def look(
    provider: PayoutProvider, executions: CycleExecutions, undecided_for: timedelta, clock: Clock
) -> dict[str, Any]:
    """Do what the clock asks for: runs that are missing, what bank files paid, payouts that stand still.

    Returns
    -------
    dict
        The periods that were started, and how many payouts were counted as paid, are undecided, and were sent again.

    Raises
    ------
    ExceptionGroup
        If something failed; all else was done, and the next call tries again.
    """
    tasks: dict[str, Callable[[], Any]] = {
        "started": lambda: [str(period) for period in catch_up(executions, clock)],
        "paid": lambda: steps.count_as_paid(provider, clock),
        "undecided": lambda: steps.tell_of_undecided(clock, undecided_for),
        "again": lambda: steps.send_again(provider, clock),
    }
    done: dict[str, Any] = {}
    with Failures("the look at payouts failed in part") as failures:
        for name, task in tasks.items():
            with failures.collected("look_failed", task=name):
                done[name] = task()
    return done


def catch_up(executions: CycleExecutions, clock: Clock) -> list[date]:
    """Start the run of each period whose books are finished and whose run is missing or failed.

    A run that is under way is left alone. One that can't be started does not keep others from being started.

    Returns
    -------
    list of date
        The periods whose runs were started.
    """
    today = clock.now().date()
    days = [today - timedelta(days=back) for back in range(CATCH_UP_DAYS, -1, -1)]
    closed = [day for day, settlement in sorted(books.settlements(days).items()) if settlement.finished_at]
    runs = PayRunRow.load_many(closed) if closed else {}
    missing = [day for day in closed if day not in runs or not runs[day].finished_at]
    return [day for day in missing if _starts(day, executions, clock)]


def _starts(period: date, executions: CycleExecutions, clock: Clock) -> bool:
    try:
        return start(period, executions, clock)[1]
    except Conflict as error:
        logger.error("run_not_started", period=str(period), why=str(error))
        return False
