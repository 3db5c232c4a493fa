"""Record of a period's settlement: begun once, then each stage is noted as it is reached."""

from datetime import date, datetime, timedelta

from crowdship.adapters.settings import open_days_may_be_settled
from crowdship.adapters.storage import persistently
from crowdship.kernel.errors import NotFound, StaleWrite, Unprocessable
from crowdship.settlement import store
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.store import SettlementRow


def find(period: date) -> Settlement:
    """Return the settlement of a period.

    Raises
    ------
    NotFound
        If nobody began it.
    """
    settlement = SettlementRow.load(period)
    if settlement is None:
        raise NotFound("not_settled", f"Nobody began to settle {period}; POST /v1/staff/settlements begins it.")
    return settlement


def begin(period: date, now: datetime) -> Settlement:
    """Return the settlement of a period, begun now unless it was begun before.

    Raises
    ------
    Unprocessable
        If the period is in the future, or, except on a local stage, not over.
    """
    if period > now.date():
        raise Unprocessable(
            "period_to_come",
            f"{period} is still to come, today is {now.date()}; settle a day that is over.",
            "/period",
        )
    if period == now.date() and not open_days_may_be_settled():
        over = period + timedelta(days=1)
        raise Unprocessable("period_not_over", f"{period} is not over; settle it from {over}T00:00:00Z on.", "/period")
    if settlement := SettlementRow.load(period):
        return settlement
    try:
        return _save(Settlement.of(period, now))
    except StaleWrite:
        return find(period)


def note(period: date, **moments: datetime) -> None:
    """Note when stages were first reached, by field of ``Settlement``; a moment that is noted already stays.

    Several steps write the same settlement at the same time, so a lost write is tried again.
    """

    def attempt() -> None:
        settlement = find(period)
        new = {name: moment for name, moment in moments.items() if getattr(settlement, name) is None}
        if new:
            _save(settlement.with_changes(**new))

    persistently(attempt)


def note_execution(period: date, attempt: int, execution_arn: str) -> Settlement:
    """Note the execution of an attempt, unless a later attempt was noted; return the settlement."""

    def noted() -> Settlement:
        settlement = find(period)
        if settlement.attempt > attempt or settlement.execution_arn == execution_arn:
            return settlement
        return _save(settlement.with_changes(attempt=attempt, execution_arn=execution_arn))

    return persistently(noted)


def _save(settlement: Settlement) -> Settlement:
    store.write(SettlementRow.of(settlement))
    return settlement.with_changes(stored_version=settlement.stored_version + 1)
