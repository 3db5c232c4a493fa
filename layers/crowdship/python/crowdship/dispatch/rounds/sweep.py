"""Sweep of all zones every few minutes: it finds zones whose ticks have stopped, and asks for a new tick."""

from datetime import datetime, timedelta

from crowdship.adapters.observability import logger
from crowdship.deliveries import service as deliveries
from crowdship.dispatch.offers.window import longest_answer_seconds
from crowdship.dispatch.rounds.ticks import TickQueue
from crowdship.dispatch.store import TickRow
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

OVERDUE_S = 180
"""Wall seconds by which a tick may be late; the message of a tick that died repeats it sooner than that."""


def revive(queue: TickQueue) -> list[str]:
    """Ask for a tick of every overdue zone; return these zones.

    A zone is overdue if a tick was due and none ran, or if deliveries wait in it and no tick is due soon enough. In
    both cases the tick's message, or the event that should have woken the zone, was lost or failed for good.
    """
    overdue = [zone.id for zone in zones.every() if _is_overdue(zone, queue)]
    now = round(queue.clock.now().timestamp(), 3)
    for zone_id in overdue:
        TickRow.ask(zone_id, now, "revive")
        # The message is sent even if an earlier moment was asked for, since that moment's message was lost.
        queue.send(zone_id, now)
    if overdue:
        logger.error("zones_overdue", zones=overdue)
    return overdue


def _is_overdue(zone: Zone, queue: TickQueue) -> bool:
    now, wall_now = queue.clock.now(), queue.wall()
    row = TickRow.load(zone.id)
    waits_since = row.waits_since(wall_now)
    grace = timedelta(seconds=OVERDUE_S / queue.clock.wall_seconds(timedelta(seconds=1)))
    if waits_since is not None and waits_since <= (now - grace).timestamp():
        return True
    is_awake = row.is_leased(wall_now) or (waits_since is not None and waits_since <= _latest(zone, now).timestamp())
    return not is_awake and deliveries.waiting_since(zone.id, now - grace)


def _latest(zone: Zone, now: datetime) -> datetime:
    """Return the latest moment for which the next tick of a zone with a waiting delivery may be due."""
    rules = zone.settings.dispatch
    open_s = longest_answer_seconds(zone.settings, now)
    longest_s = max(rules.rounds.retry_seconds, open_s, rules.rounds.batch_seconds)
    return now + timedelta(seconds=longest_s)
