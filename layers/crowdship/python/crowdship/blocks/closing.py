"""Closing: after a block's begin places of drivers who did not come are given on; after its end it is settled."""

from datetime import datetime, timedelta

from crowdship.adapters.failures import Failures
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.blocks.model import Block, Booking, BookingState
from crowdship.blocks.service import TRIES
from crowdship.blocks.store import BlockRow, DueBlockRow
from crowdship.drivers import service as drivers
from crowdship.incentives import facts
from crowdship.incentives.promises import GRACE, HELD_AT_MOST
from crowdship.kernel.clock import Clock

AT_ONCE = 50
"""Blocks that one call looks at; the next call has the others."""


def look_at_due(clock: Clock) -> int:
    """Release or settle the blocks that are due; return how many were looked at.

    Raises
    ------
    ExceptionGroup
        If some failed; these stay due.
    """
    ids = DueBlockRow.ids_until(clock.now(), AT_ONCE)
    with Failures("blocks that could not be closed") as failures:
        for block_id in ids:
            with failures.collected("block not closed", block_id=block_id):
                _look_at(block_id, clock)
    return len(ids)


def _look_at(block_id: str, clock: Clock) -> None:
    block = BlockRow.load(block_id)
    now = clock.now()
    if block is None or block.due_at is None or block.due_at > now:
        return
    booked = block.those(BookingState.BOOKED)
    if not _is_over(block, now):
        for booking in booked if now < block.ends_at else ():
            if booking.counts_from == block.starts_at and not _has_come(block, booking, clock):
                _miss(block_id, booking.driver_id, clock)
        _move_on(block_id, clock)
        return
    for booking in booked:
        if booking.settled_at is None:
            _settle(block_id, booking, clock)
    _move_on(block_id, clock)


def _is_over(block: Block, now: datetime) -> bool:
    """Return whether a block can be settled: work that ended in it may be told of until the grace is over."""
    return now >= block.ends_at + GRACE


def _has_come(block: Block, booking: Booking, clock: Clock) -> bool:
    """Return whether a driver has been on duty in the block's zone since its begin."""
    now = clock.now()
    duty = drivers.get(booking.driver_id).duty
    if duty and duty.zone_id == block.zone_id:
        return True
    return facts.share_on_duty(booking.driver_id, block.zone_id, block.starts_at, now) > 0


def _miss(block_id: str, driver_id: str, clock: Clock) -> None:
    def attempt() -> None:
        now, before = clock.now(), BlockRow.load(block_id)
        after = before and before.miss(driver_id, now)
        if before is None or after is None or after is before:
            return
        spans = facts.spans_of(driver_id).without(block_id)
        if before.pause_days:
            spans = spans.pausing(now + timedelta(days=before.pause_days))
        work = UnitOfWork()
        work.store(BlockRow.of(after))
        facts.keep_spans(spans, work)
        work.commit()

    persistently(attempt, TRIES)


def _settle(block_id: str, booking: Booking, clock: Clock) -> None:
    def attempt() -> None:
        now, before = clock.now(), BlockRow.load(block_id)
        if before is None:
            return
        begins, ends = booking.counts_from, before.ends_at
        work = before.counted(booking, facts.work_between(booking.driver_id, begins, ends))
        if any(one.is_held for one in work) and now < ends + HELD_AT_MOST:
            return
        share = facts.share_on_duty(booking.driver_id, before.zone_id, begins, ends)
        after = before.settle(booking.driver_id, work, share, now)
        if after is not before:
            unit = UnitOfWork()
            unit.store(BlockRow.of(after))
            unit.commit()

    persistently(attempt, TRIES)


def _move_on(block_id: str, clock: Clock) -> None:
    """Write when a block is looked at next."""

    def attempt() -> None:
        now, before = clock.now(), BlockRow.load(block_id)
        if before is None or before.due_at is None:
            return
        after = before.finished(now) if _is_over(before, now) else before.released(now)
        work = UnitOfWork()
        work.store(BlockRow.of(after))
        work.delete(DueBlockRow.of(before, before.due_at))
        if after.due_at:
            work.put(DueBlockRow.of(after, after.due_at), None)
        work.commit()

    persistently(attempt, TRIES)
