"""Use cases of staff and drivers: make, list and stop blocks; book, cancel, and see what demand is expected."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from crowdship.adapters.storage import UnitOfWork, changed, persistently
from crowdship.blocks.demand import Counts, days_needed, expectation, hour_counts
from crowdship.blocks.model import Block, BlockInput, refuse_required_hours
from crowdship.blocks.store import BlockRow, CountsRow, DueBlockRow, ZoneBlockRow
from crowdship.blocks.views import BlockList, BlockView, Demand, OwnBlock, OwnBlocks
from crowdship.deliveries import service as deliveries
from crowdship.drivers import service as drivers
from crowdship.incentives import facts
from crowdship.incentives.service import overlaps
from crowdship.kernel.clock import Clock, written
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.ids import derived_id
from crowdship.law.book import LAW
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_in
from crowdship.zones.model import Zone

TRIES = 10
"""Tries of a booking: all bookings of a block write the same row."""

MOST_LISTED = 200
SHOWN_AFTER = timedelta(days=2)
"""Blocks that ended in this time are still listed."""


def make(request: BlockInput, by: str, clock: Clock) -> BlockList:
    """Make a block, or one in each of several weeks; the same request again makes nothing more.

    Raises
    ------
    NotFound
        If there is no such zone.
    Unprocessable
        If a span is impossible, the guarantee has another currency than the zone's rates, or law forbids the pause.
    """
    now, zone = clock.now(), zones.get(request.zone_id)
    currency = zone.settings.rates.currency
    if request.guarantee.currency != currency:
        detail = f"The guarantee is in {request.guarantee.currency}; the zone's rates are in {currency}."
        raise Unprocessable("wrong_currency", detail, "/guarantee/currency")
    refuse_required_hours(request.pause_days, LAW.strictest("no_required_hours", jurisdictions_in(zone.settings), now))
    spans = request.spans(time_zone_of(zone))
    ids = [derived_id("blk", request.request_id, week) for week in range(len(spans))]

    def attempt() -> list[Block]:
        if known := BlockRow.load_many(ids):
            return known
        made = [Block.make(key, request, span, by, now) for key, span in zip(ids, spans, strict=True)]
        work = UnitOfWork()
        for block in made:
            work.store(BlockRow.of(block))
            work.put(ZoneBlockRow.of(block), None)
            work.put(DueBlockRow.of(block, block.due_at or now), None)
            facts.note_work_of(block.zone_id, block.id, block.starts_at, block.ends_at, work)
        work.commit()
        return made

    made = sorted(persistently(attempt), key=lambda block: block.starts_at)
    return BlockList(blocks=tuple(BlockView.of(block) for block in made))


def time_zone_of(zone: Zone) -> str:
    """Return the time zone of a zone: that of its opening hours, or UTC."""
    return zone.settings.hours.time_zone if zone.settings.hours else "UTC"


def get(block_id: str) -> Block:
    """Return a block.

    Raises
    ------
    NotFound
        If there is none.
    """
    block = BlockRow.load(block_id)
    if block is None:
        raise NotFound("no_such_block", f"There is no block {block_id}.")
    return block


def _of_zone(zone_id: str, now: datetime) -> list[Block]:
    ids = ZoneBlockRow.ids_of(zone_id, now - SHOWN_AFTER, MOST_LISTED)
    return sorted(BlockRow.load_many(ids), key=lambda block: (block.starts_at, block.id))


def of_zone(zone_id: str, clock: Clock) -> BlockList:
    """Return a zone's blocks with their bookings, those that ended two days ago included.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    zones.get(zone_id)
    return BlockList(blocks=tuple(BlockView.of(block) for block in _of_zone(zone_id, clock.now())))


def stop(block_id: str, clock: Clock) -> BlockView:
    """Take no more bookings of a block; those that were made stand."""
    return BlockView.of(changed(partial(get, block_id), lambda block: block.stop(clock.now()), BlockRow.of, TRIES))


def of_driver(driver_id: str, clock: Clock) -> OwnBlocks:
    """Return the blocks that a driver has booked or waits for, and those of their zone that they may book."""
    now, driver = clock.now(), drivers.get(driver_id)
    spans = facts.spans_of(driver_id)
    here = {block.id: block for block in _of_zone(driver.home_zone_id, now)}
    elsewhere = [key for key in spans.spans if key.startswith("blk_") and key not in here]
    found = [*here.values(), *BlockRow.load_many(elsewhere)]
    mine = [block for block in found if block.of(driver_id)]
    open_now = [one for one in found if not one.of(driver_id) and now < one.starts_at and not one.stopped_at]
    tiers = {zone_id: zones.get(zone_id).settings.tiers for zone_id in {one.zone_id for one in open_now}}
    may = [block for block in open_now if block.excludes(driver, now, tiers[block.zone_id]) is None]
    shown = sorted((*mine, *may), key=lambda block: (block.starts_at, block.id))
    return OwnBlocks(
        blocks=tuple(OwnBlock.of(block, driver_id, now) for block in shown), paused_until=spans.pause_at(now)
    )


def held_on(driver_id: str, clock: Clock) -> list[dict[str, Any]]:
    """Return a driver's bookings as far as they are listed under the driver."""
    return [block.model_dump(mode="json") for block in of_driver(driver_id, clock).blocks if block.state]


def book(driver_id: str, block_id: str, clock: Clock) -> OwnBlock:
    """Book a place of a block, or one on its waitlist; booking twice changes nothing.

    Raises
    ------
    NotFound
        If there is no such block.
    Conflict
        If it is full, begun or stopped, another guarantee of the driver overlaps, or their bookings are paused.
    Forbidden
        If it is for other drivers.
    """

    def attempt() -> Block:
        now, before = clock.now(), get(block_id)
        after = before.book(drivers.get(driver_id), now, zones.get(before.zone_id).settings.tiers)
        if after is before:
            return before
        spans = facts.spans_of(driver_id)
        if until := spans.pause_at(now):
            detail = f"You did not come to a block that you had booked; you can book again from {written(until)} on."
            raise Conflict("booking_paused", detail)
        if other := spans.overlapping(before.starts_at, before.ends_at, before.id):
            raise overlaps(other)
        work = UnitOfWork()
        work.store(BlockRow.of(after))
        facts.keep_spans(spans.adding(before.id, before.starts_at, before.ends_at, now), work)
        work.commit()
        return after

    return OwnBlock.of(persistently(attempt, TRIES), driver_id, clock.now())


def cancel(driver_id: str, block_id: str, clock: Clock) -> OwnBlock:
    """Give up a place, or one on the waitlist; the first who waits moves up and is told.

    Raises
    ------
    NotFound
        If there is no such block, or the driver has no booking in it.
    Conflict
        If it has begun.
    """

    def attempt() -> Block:
        before = get(block_id)
        after = before.cancel(driver_id, clock.now())
        if after is not before:
            work = UnitOfWork()
            work.store(BlockRow.of(after))
            facts.keep_spans(facts.spans_of(driver_id).without(before.id), work)
            work.commit()
        return after

    return OwnBlock.of(persistently(attempt, TRIES), driver_id, clock.now())


def demand(driver_id: str, zone_id: str | None, hours: int, clock: Clock) -> Demand:
    """Return the orders that a zone is expected to have in each of the next hours; the driver's zone if none is named.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    zone = zones.get(zone_id or drivers.get(driver_id).home_zone_id)
    now, time_zone = clock.now(), time_zone_of(zone)
    counts = _counts(zone.id, now, hours)
    return Demand(zone_id=zone.id, time_zone=time_zone, hours=tuple(expectation(now, hours, time_zone, counts)))


def _counts(zone_id: str, now: datetime, hours: int) -> Counts:
    """Return the orders of the days that are needed; a day is counted when it is needed first.

    An index has the moment of each order, which never changes: counting a day twice gives the same. Days before the
    zone's first order were not measured, and are not taken for days without orders.
    """
    days = days_needed(now, hours)
    known = CountsRow.between(zone_id, days[0], days[-1])
    for day in days:
        if day not in known:
            counts = hour_counts(deliveries.created_on(zone_id, day))
            CountsRow.of(zone_id, day, counts).save(add_version_condition=False)
            known[day] = list(counts)
    first = min((day for day, counts in known.items() if any(counts)), default=None)
    return {day: counts for day, counts in known.items() if first is not None and day >= first}
