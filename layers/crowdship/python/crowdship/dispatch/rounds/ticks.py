"""A zone's ticks: one debounced planning round at a time, only while something is open.

Whoever has work for a zone asks for a tick; the first to ask for a moment sends one delayed message, later ones
find that it is already due. A tick takes the zone's lease, plans, writes what it decided, and asks for the next
tick itself. Times in here are business time, but for the lease.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import uuid4

from crowdship.adapters.observability import logger
from crowdship.dispatch.store import TickRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.shipment.options import Priority
from crowdship.zones import service as zones
from crowdship.zones.dispatch_rules import RoundRules

LEASE_S = 90
"""Wall seconds after which a tick that never ended no longer blocks its zone; its function stops well before."""

LEASE_POLL_S = 5
"""Business seconds after which a tick that found its zone taken looks again."""

OVERDUE_S = 3.0
"""Wall seconds after which the message of a tick that is due counts as lost."""

MAX_DELAY_S = 900
"""SQS can't delay a message for longer; one that comes early is sent on."""


@dataclass(frozen=True)
class TickQueue:
    """Where ticks are asked for."""

    sqs: Any
    url: str
    clock: Clock
    wall: Callable[[], float] = time.time

    def send(self, zone_id: str, due_at: float, asker: str | None = None) -> None:
        """Send the message that will run a zone's tick when it is due."""
        ahead = timedelta(seconds=max(0.0, due_at - self.clock.now().timestamp()))
        delay = min(MAX_DELAY_S, ceil(self.clock.wall_seconds(ahead)))
        body = json.dumps({"zone_id": zone_id, "due_at": due_at, "asker": asker})
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, DelaySeconds=delay)


def wake(event: DomainEvent, queue: TickQueue) -> bool:
    """Ask for a tick of the zone that an event gives work to; False if one is due anyway, or it was only a test."""
    if not event.livemode:
        return False
    zone_id = event.data["zone_id"]
    rules = zones.get(zone_id).settings.dispatch.rounds
    urgent = event.data.get("priority") == Priority.URGENT
    now = queue.clock.now().timestamp()
    due_at = max(now + (rules.urgent_seconds if urgent else rules.batch_seconds), _planned_from(event, rules))
    return ask(zone_id, round(due_at, 3), event.id, queue)


def ask(zone_id: str, due_at: float, asker: str, queue: TickQueue) -> bool:
    """Ask for a tick at a moment; False if one is due no later already.

    The row is written before the message is sent: a message that came first would find nothing due. An asker that
    died in between asks again, as its own message comes again, and is then known by its name. While a run is at the
    zone nothing counts as lost: its own next look, or the message that waits for its lease, follows. A round that
    takes longer than ``OVERDUE_S`` would otherwise get a useless message for each order that comes meanwhile.
    """
    is_first, row = TickRow.ask(zone_id, due_at, asker)
    if is_first or row.due_for == asker:
        queue.send(zone_id, float(row.due_at or due_at), asker)
        return True
    if row.is_leased(queue.wall()):
        return False
    now = queue.clock.now().timestamp()
    waits_since = row.waits_since(queue.wall())
    if waits_since is not None and queue.clock.wall_seconds(timedelta(seconds=now - waits_since)) > OVERDUE_S:
        queue.send(zone_id, now)  # whoever was to run it may be lost; one message too many is harmless
    return False


def _planned_from(event: DomainEvent, rules: RoundRules) -> float:
    """Return from when the delivery that an event tells of may be planned; zero for any other event."""
    window = event.data.get("pickup_window")
    if not window:
        return 0.0
    return datetime.fromisoformat(window["opens_at"]).timestamp() - rules.lead_minutes * 60


def run(
    zone_id: str,
    due_at: float,
    owner: str,
    plan: Callable[[str], datetime | None],
    queue: TickQueue,
    asker: str | None = None,
) -> bool:
    """Run a zone's tick if one is due.

    Parameters
    ----------
    due_at : float
        The moment that the message was sent for, epoch seconds of business time.
    owner : str
        The message that brought it. It names the run in the table, made unique: of two copies of a message one runs.
    plan : callable
        Plans the zone and returns when it wants the next look, or None.
    asker : str, optional
        Who sent the message. Only the message of whoever asked for the row's moment is sent on, be that moment still to
        come or another run at it. All others end here: messages that polled for the lease would grow in number for as
        long as rounds take longer than the time between them, and keep the processors from the round itself.

    Returns
    -------
    bool
        False if nothing was due, or another run is at it.
    """
    now, wall_now = queue.clock.now().timestamp(), queue.wall()
    state = TickRow.load(zone_id)
    waits_since = state.waits_since(wall_now)
    if waits_since is None:
        if state.is_leased(wall_now) and due_at <= now and asker == state.lease_owner:
            # The next look of the run under way, which is sent before it is written down.
            queue.send(zone_id, now + LEASE_POLL_S, asker)
        return False
    if waits_since > now:
        if due_at == waits_since and asker in (None, state.due_for):
            queue.send(zone_id, waits_since, state.due_for)  # the delay was longer than SQS allows
        return False
    lease = TickRow.begin(zone_id, f"{owner}/{uuid4().hex}", now, wall_now, LEASE_S)
    if lease is None:
        if asker in (state.due_for, state.lease_owner):
            queue.send(zone_id, now + LEASE_POLL_S, asker)
        return False
    try:
        following = plan(zone_id)
    except Exception:
        lease.release()
        raise
    if following is None and lease.asks != lease.seen_asks:
        # The index of open deliveries may lag behind whoever asked, so one more look before the zone rests.
        following = queue.clock.now() + timedelta(seconds=zones.get(zone_id).settings.dispatch.rounds.retry_seconds)
    next_due = round(following.timestamp(), 3) if following else None
    if next_due is not None:
        # Sent before it is written down: while the lease is held a message is never lost on the row, and one too few
        # would leave orders waiting.
        queue.send(zone_id, next_due, lease.lease_owner)
    if not lease.end(next_due):
        logger.warning("lease_lost", zone_id=zone_id, owner=lease.lease_owner)
    return True


def next_look(moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Return the first of the moments at which a zone has to be looked at again, at least a second from now."""
    known = [moment for moment in moments if moment]
    return max(min(known), now + timedelta(seconds=1)) if known else None
