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

from crowdship.deliveries.states import Priority
from crowdship.dispatch.store import TickRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.zones import service as zones
from crowdship.zones.model import DispatchRules

LEASE_S = 90
"""Wall seconds after which a tick that never ended no longer blocks its zone."""

LEASE_POLL_S = 5
"""Business seconds after which a tick that found its zone taken looks again."""

OVERDUE_S = 3.0
"""Wall seconds after which the message of a tick that is due counts as lost."""

MAX_DELAY_S = 900
"""SQS can't delay a message for longer."""


@dataclass(frozen=True)
class TickQueue:
    """Where ticks are asked for."""

    sqs: Any
    url: str
    clock: Clock

    def send(self, zone_id: str, due_at: float) -> None:
        """Send the message that will run a zone's tick when it is due."""
        ahead = timedelta(seconds=max(0.0, due_at - self.clock.now().timestamp()))
        delay = min(MAX_DELAY_S, ceil(self.clock.wall_seconds(ahead)))
        body = json.dumps({"zone_id": zone_id, "due_at": due_at})
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, DelaySeconds=delay)


def wake(event: DomainEvent, queue: TickQueue) -> bool:
    """Ask for a tick of the zone that an event gives work to; False if one is due anyway, or it was only a test."""
    if not event.livemode:
        return False
    zone_id = event.data["zone_id"]
    rules = zones.get(zone_id).settings.dispatch
    urgent = event.data.get("priority") == Priority.URGENT
    now = queue.clock.now().timestamp()
    due_at = max(now + (rules.urgent_seconds if urgent else rules.batch_seconds), _planned_from(event, rules))
    if TickRow.ask(zone_id, round(due_at, 3), event.id, now, time.time()):
        queue.send(zone_id, round(due_at, 3))
        return True
    overdue = now - float(TickRow.load(zone_id).due_at or now)
    if queue.clock.wall_seconds(timedelta(seconds=overdue)) > OVERDUE_S:
        queue.send(zone_id, now)  # whoever was to run it may be lost; one message too many is harmless
    return False


def _planned_from(event: DomainEvent, rules: DispatchRules) -> float:
    """Return from when the delivery that an event tells of may be planned; zero for any other event."""
    window = event.data.get("pickup_window")
    if not window:
        return 0.0
    return datetime.fromisoformat(window["opens_at"]).timestamp() - rules.lead_minutes * 60


def run(zone_id: str, due_at: float, owner: str, plan: Callable[[str], datetime | None], queue: TickQueue) -> bool:
    """Run a zone's tick if one is due.

    Parameters
    ----------
    due_at : float
        The moment that the message was sent for, epoch seconds of business time.
    owner : str
        Who runs it; the same on a retry, so that a tick that died goes on at once.
    plan : callable
        Plans the zone and returns when it wants the next look, or None.

    Returns
    -------
    bool
        False if nothing was due, or another process is at it.
    """
    now = queue.clock.now().timestamp()
    if due_at > now:
        queue.send(zone_id, due_at)  # the delay was longer than SQS allows
        return False
    state = TickRow.load(zone_id)
    if state.due_at is None or state.due_at > now:
        return False  # done, or put off: whoever put it off sent a message of its own
    if not TickRow.begin(zone_id, owner, now, time.time(), LEASE_S):
        queue.send(zone_id, now + LEASE_POLL_S)  # in case they never finish
        return False
    following = plan(zone_id)
    if following is None and str(state.due_for).startswith("evt_"):
        # The index of open deliveries may lag behind the event that asked, so one more look before the zone rests.
        retry = timedelta(seconds=zones.get(zone_id).settings.dispatch.retry_seconds)
        following = queue.clock.now() + retry
    next_due = round(following.timestamp(), 3) if following else None
    if next_due is not None:
        # Sent before it is written down: a message too many is harmless, one too few would leave orders waiting.
        queue.send(zone_id, next_due)
    TickRow.end(zone_id, owner, float(state.due_at), next_due)
    return True


def next_look(moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Return the first of the moments at which a zone has to be looked at again, at least a second from now."""
    known = [moment for moment in moments if moment]
    return max(min(known), now + timedelta(seconds=1)) if known else None
