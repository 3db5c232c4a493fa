"""A zone's ticks: debounced planning rounds, one at a time, only while something is open or under way.

An event that gives a zone work asks for a tick. The first asker sends one delayed message; later askers find that a
tick is due already. A tick takes the zone's lease, plans, writes its decisions, and asks for the next tick. Times in
this module are business time, except those of the lease.
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
"""Wall seconds after which the lease of a tick that never ended is over; the function's timeout is shorter."""

LEASE_POLL_S = 5
"""Business seconds after which a tick that found its zone leased tries again."""

OVERDUE_S = 3.0
"""Wall seconds after which the message of a tick that is due counts as lost."""

MAX_DELAY_S = 900
"""Longest delay of an SQS message, seconds; a message that comes before its tick is due is sent again."""


@dataclass(frozen=True)
class TickQueue:
    """Queue of the messages that run ticks."""

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
    """Ask for a tick of the zone that an event gives work to; False if one is due already, or the event is a test's."""
    if not event.livemode:
        return False
    zone_id = event.data["zone_id"]
    rules = zones.get(zone_id).settings.dispatch.rounds
    urgent = event.data.get("priority") == Priority.URGENT
    now = queue.clock.now().timestamp()
    due_at = max(now + (rules.urgent_seconds if urgent else rules.batch_seconds), _planned_from(event, rules))
    return ask(zone_id, round(due_at, 3), event.id, queue)


def ask(zone_id: str, due_at: float, asker: str, queue: TickQueue) -> bool:
    """Ask for a tick at a moment; False if one is due by then already.

    The row is written before the message is sent, because a message that came first would find nothing due. If an asker
    dies in between, it asks again when its own message is repeated; the row has its name, so the tick's message is sent
    then. While a run holds the lease no message counts as lost, because the run's next tick, or the message that waits
    for the lease, follows. Otherwise a round longer than ``OVERDUE_S`` would get a useless message for each order that
    comes meanwhile.
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
        queue.send(zone_id, now)  # the message may be lost; one too many is harmless
    return False


def _planned_from(event: DomainEvent, rules: RoundRules) -> float:
    """Return the moment from which an event's delivery may be planned, epoch seconds; zero without a pickup window."""
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
        Id of the message. The run's name in the table is this id made unique, so of two copies of a message one runs.
    plan : callable
        Plans the zone and returns the moment of the next tick, or None.
    asker : str, optional
        Sender of the message. A message that comes too early, or while another run holds the lease, is sent again only
        if its sender asked for the row's moment; all others end here. Otherwise, while rounds take longer than the time
        between them, more and more messages would poll for the lease and take processor time from the round.

    Returns
    -------
    bool
        False if nothing was due, or another run holds the lease.
    """
    now, wall_now = queue.clock.now().timestamp(), queue.wall()
    state = TickRow.load(zone_id)
    waits_since = state.waits_since(wall_now)
    if waits_since is None:
        if state.is_leased(wall_now) and due_at <= now and asker == state.lease_owner:
            # The message for the next tick of the run under way, which is sent before the row is written.
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
        # The index of open deliveries may lag behind the asker, so the zone gets one more tick before it rests.
        following = queue.clock.now() + timedelta(seconds=zones.get(zone_id).settings.dispatch.rounds.retry_seconds)
    next_due = round(following.timestamp(), 3) if following else None
    if next_due is not None:
        # Sent before the row is written: a message that comes while the lease is held is sent again, but orders would
        # wait if the message were missing.
        queue.send(zone_id, next_due, lease.lease_owner)
    if not lease.end(next_due):
        logger.warning("lease_lost", zone_id=zone_id, owner=lease.lease_owner)
    return True


def next_look(moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Return the earliest of the moments at which a zone needs its next tick, but at least a second from now."""
    known = [moment for moment in moments if moment]
    return max(min(known), now + timedelta(seconds=1)) if known else None
