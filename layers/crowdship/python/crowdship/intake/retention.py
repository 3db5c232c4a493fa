"""Retention where DynamoDB's TTL alone would delete too early: a hold on pay keeps what its decision rests on."""

from datetime import datetime, timedelta

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import logger
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.erasure import kept_by_hold
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import StaleWrite
from crowdship.vault import service as vault
from crowdship.vault.model import Kept, notes_token
from crowdship.zones import service as zones

RENEWED_BEFORE = timedelta(days=7)
"""Data that ends within this time is kept on; the task that does so runs every few minutes."""

RENEWED_FOR = timedelta(days=30)
"""Time for which data is kept on at a time, so that it ends soon after the hold."""

MOST_HELD = 1000
"""Held deliveries of a zone that one run looks at, the longest held first: those are the first to end."""


def keep_held(clock: Clock) -> int:
    """Keep on the contacts and notes of deliveries whose pay is held and that would end soon; return how many.

    Raises
    ------
    ExceptionGroup
        If some failed; the others were kept on all the same, and the next run tries all again.
    """
    now, kept = clock.now(), 0
    with Failures("not all that is held was kept on") as failures:
        for delivery in (one for zone in zones.every() for one in deliveries.held_in_zone(zone.id, MOST_HELD)):
            with failures.collected("not_kept_on", delivery_id=delivery.id):
                kept += _keep_on(delivery, now)
    return kept


def _keep_on(delivery: Delivery, now: datetime) -> int:
    kept = kept_by_hold(delivery, now)
    if kept is None:
        return 0
    notes = vault.driver_notes(notes_token(delivery.id))
    known: list[Kept] = [*vault.contacts_of([delivery.contacts_token]).values(), *([notes] if notes else [])]
    ending = [one for one in known if one.kept_until and one.kept_until - now < RENEWED_BEFORE]
    return sum(_renew(one, min(now + RENEWED_FOR, kept.until)) for one in ending)


def _renew(record: Kept, until: datetime) -> bool:
    work = UnitOfWork()
    vault.keep(record.kept_to(until), work)
    try:
        work.commit()
    except StaleWrite:  # it was erased or changed meanwhile; the next run looks again
        logger.info("not_kept_on", token=record.id)
        return False
    return True
