"""Record of a pay run: begun once, then each stage is noted as it is reached."""

from collections.abc import Callable
from datetime import date, datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.errors import Conflict, NotFound, StaleWrite
from crowdship.payouts.provider import Speed, arrives_on
from crowdship.payouts.runs.model import PayRun
from crowdship.payouts.store import PayRunRow
from crowdship.settlement import queries as books


def find(period: date) -> PayRun:
    """Return the run of a period.

    Raises
    ------
    NotFound
        If nobody began it.
    """
    run = PayRunRow.load(period)
    if run is None:
        raise NotFound("no_such_run", f"Nobody began the pay run of {period}; POST /v1/staff/pay-runs begins it.")
    return run


def begin(period: date, now: datetime) -> PayRun:
    """Return the run of a period, begun now unless it was begun before.

    Raises
    ------
    Conflict
        If the books of the period are not closed and stated.
    """
    if run := PayRunRow.load(period):
        return run
    settlement = books.settlements([period]).get(period)
    if settlement is None or settlement.stated_at is None:
        how = settlement.status if settlement else "not begun"
        detail = f"The settlement of {period} is {how}; its statements are paid once it is finished."
        raise Conflict("period_not_settled", detail, "/period")
    try:
        return _save(PayRun.of(period, arrives_on(now.date(), Speed.STANDARD), now))
    except StaleWrite:
        return find(period)


def change(period: date, decide: Callable[[PayRun], PayRun]) -> PayRun:
    """Return a run after a change; one that changes nothing is not written. A lost write is tried again."""

    def attempt() -> PayRun:
        run = find(period)
        changed = decide(run)
        return run if changed == run else _save(changed)

    return persistently(attempt)


def note_execution(period: date, attempt: int, execution_arn: str) -> PayRun:
    """Note the execution of an attempt, unless a later attempt was noted; return the run."""

    def noted(run: PayRun) -> PayRun:
        if run.attempt > attempt or run.execution_arn == execution_arn:
            return run
        return run.with_changes(attempt=attempt, execution_arn=execution_arn)

    return change(period, noted)


def _save(run: PayRun) -> PayRun:
    work = UnitOfWork()
    work.store(PayRunRow.of(run))
    work.commit()
    return run.with_changes(stored_version=run.stored_version + 1)
