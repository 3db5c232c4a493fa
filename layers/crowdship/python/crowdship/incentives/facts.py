"""Facts that blocks share with incentives: drivers' work and duties, and the spans that are guaranteed to a driver."""

from datetime import datetime

from crowdship.adapters.storage import UnitOfWork
from crowdship.incentives.promises import GuaranteedSpan
from crowdship.incentives.store import DutyRow, IncentiveRow, SpansRow, WorkRow
from crowdship.incentives.work import Work, duty_share


def note_work_of(zone_id: str, block_id: str, starts_at: datetime, ends_at: datetime, work: UnitOfWork) -> None:
    """Add that work of a zone's drivers in a block's span is to be noted."""
    work.put(IncentiveRow.of_block(zone_id, block_id, starts_at, ends_at), None)


def work_between(driver_id: str, begins: datetime, ends: datetime) -> list[Work]:
    """Return a driver's work that ended in a span."""
    return WorkRow.between(driver_id, begins, ends)


def share_on_duty(driver_id: str, zone_id: str, begins: datetime, ends: datetime) -> float:
    """Return for which share of a span, 0 to 1, a driver was on duty in a zone."""
    return duty_share(DutyRow.around(driver_id, begins, ends), zone_id, begins, ends)


def spans_of(driver_id: str) -> GuaranteedSpan:
    """Return the spans for which a driver's earnings are guaranteed."""
    return SpansRow.load(driver_id) or GuaranteedSpan(id=driver_id)


def keep_spans(spans: GuaranteedSpan, work: UnitOfWork) -> None:
    """Add the guarded write of a driver's guaranteed spans."""
    work.store(SpansRow.of(spans))
