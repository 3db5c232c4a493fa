"""A zone is looked at while anything is open in it, whatever is lost, copied, late, or dies in between."""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.dispatch.rounds import sweep as reviving
from crowdship.dispatch.rounds import ticks
from crowdship.dispatch.store import TickRow
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.events import DomainEvent
from crowdship.zones import service as zones
from tests.city import NOON, City
from tests.faults import Died
from tests.integration.conftest import clear

pytestmark = pytest.mark.usefixtures("aws")

ZONE = "testville"
RETRY_S, BATCH_S, LEAD_S = 45, 20, 3600
TICK_VISIBLE_S, WAKE_VISIBLE_S, SWEEP_S = 95, 90, 300
RECOVERED_S = ticks.LEASE_S + TICK_VISIBLE_S + WAKE_VISIBLE_S + BATCH_S + 2 * RETRY_S
"""Without a lost message: who died is taken up when its lease and its message's visibility are over."""

REVIVED_S = RECOVERED_S + reviving.OVERDUE_S + SWEEP_S
"""With one: what nobody brings any more is found by the sweep."""


@dataclass
class Message:
    """A message on a queue, and from when it may be received."""

    body: dict
    visible_at: float


@dataclass
class Fate:
    """The process dies at its n-th call, before it takes effect or after; with 0 it lives."""

    dies_at: int = 0
    after: bool = False
    calls: int = field(default=0, init=False)

    def of(self, call):
        self.calls += 1
        if self.calls != self.dies_at:
            return call()
        if self.after:
            call()
        raise Died


def fates():
    return st.builds(Fate, st.sampled_from([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]), st.booleans())


def steps():
    """What may happen next: the more often, the more it moves on."""
    rarely, ahead_s = st.sampled_from([False, False, False, True]), st.sampled_from([0, 0, 0, 30, 1200, 4000])
    during = st.sampled_from(["nothing", "copy", "order", "scheduled order", "stalls"])
    tick = st.tuples(st.just("tick"), fates(), rarely, during, st.booleans(), rarely)
    return st.one_of(
        tick,
        tick,
        tick,
        st.tuples(st.just("order_that_wakes"), ahead_s),
        st.tuples(st.just("order"), ahead_s),
        st.tuples(st.just("wake"), fates(), rarely),
        st.tuples(st.just("lose_a_message"), st.integers(0, 20)),
        st.tuples(st.just("pass_time"), st.sampled_from([1, 5, 20, 100, 1000, 4000])),
        st.tuples(st.just("sweep")),
    )


@pytest.fixture
def one_zone(aws, monkeypatch):
    """A zone that is read once: which of the calls is the n-th must not depend on what time it is."""
    monkeypatch.setattr(zones, "CACHE_S", 3600)
    City.open(rounds={"batch_seconds": BATCH_S, "retry_seconds": RETRY_S, "lead_minutes": LEAD_S // 60})
    zones.get(ZONE)


class ZoneActor:
    """Orders, and the two queues that bring them to the zone; what is open is known by when it needs a look."""

    def __init__(self):
        self.clock = FixedClock(NOON)
        self.queue = ticks.TickQueue(self, "", self.clock, wall=lambda: self.now)
        self.messages, self.wakings = [], []
        self.open, self.woken = {}, set()
        self.fate, self.number, self.running = Fate(), 0, []
        self.trouble_at, self.has_lost, self.fails = self.now, False, False
        clear(TickRow.Meta.table_name)

    @property
    def now(self):
        return self.clock.now().timestamp()

    def send_message(self, QueueUrl, MessageBody, DelaySeconds):  # noqa: N803 - SQS's own names
        assert 0 <= DelaySeconds <= 900
        message = Message(json.loads(MessageBody), self.now + DelaySeconds)
        self.fate.of(lambda: self.messages.append(message))

    @contextmanager
    def dying(self, fate):
        real = BaseClient._make_api_call
        before, self.fate = self.fate, Fate(fate.dies_at, fate.after)

        def call(client, operation, parameters):
            return self.fate.of(lambda: real(client, operation, parameters))

        try:
            with patch.object(BaseClient, "_make_api_call", call):
                yield
        finally:
            self.fate = before

    def trouble(self):
        self.trouble_at = self.now

    # What happens

    def do(self, name, *details):
        """Let something happen, if there is what it happens to."""
        needed = {"tick": self.messages, "wake": self.wakings, "lose_a_message": self.messages}
        if needed.get(name, True):
            getattr(self, name)(*details)

    def order(self, ahead_s):
        self.number += 1
        name, needs_at = f"evt_{self.number}", self.now + ahead_s
        opens_at = self.clock.now() + timedelta(seconds=ahead_s + (LEAD_S if ahead_s else 0))
        data = {"zone_id": ZONE, "pickup_window": {"opens_at": opens_at.isoformat()}}
        event = DomainEvent(
            id=name, type="delivery.created", time=self.clock.now(), subject=name, sequence=1, data=data
        )
        self.open[name] = needs_at
        self.wakings.append(Message({"event": event}, self.now))

    def wake(self, fate, twice):
        message = self.receive(self.wakings, WAKE_VISIBLE_S)
        try:
            with self.dying(fate):
                ticks.wake(message.body["event"], self.queue)
        except Died:
            self.trouble()
        else:
            self.woken.add(message.body["event"].id)
            self.done(self.wakings, message, twice)

    def order_that_wakes(self, ahead_s):
        self.order(ahead_s)
        ticks.wake(self.wakings[-1].body["event"], self.queue)
        self.woken.add(self.wakings.pop().body["event"].id)

    def tick(self, fate=None, twice=False, during="nothing", served=True, fails=False):
        message = self.receive(self.messages, TICK_VISIBLE_S)
        try:
            with self.dying(fate or Fate()):
                self.run(message, during, served, fails)
        except (Died, ZeroDivisionError):
            self.trouble()
        else:
            self.done(self.messages, message, twice)

    def lose_a_message(self, number):
        del self.messages[number % len(self.messages)]
        self.has_lost = True
        self.trouble()

    def pass_time(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))
        # Nothing ran meanwhile, so what was due then is late by no fault of the zone's.
        self.trouble()

    def sweep(self):
        waiting = SimpleNamespace(waiting_since=lambda zone, moment: self.needs_before(moment.timestamp()))
        with patch.object(reviving, "deliveries", waiting):
            reviving.revive(self.queue)

    # How the machinery works

    def needs_before(self, moment):
        return any(needs_at <= moment for needs_at in self.open.values())

    def is_receivable(self, queue):
        return any(message.visible_at <= self.now for message in queue)

    def receive(self, queue, hidden_s):
        message = min(queue, key=lambda message: message.visible_at)
        if message.visible_at > self.now:
            self.clock.advance(timedelta(seconds=message.visible_at - self.now))
        message.visible_at = self.now + hidden_s
        return message

    def done(self, queue, message, twice):
        if not twice and message in queue:
            queue.remove(message)

    def run(self, message, during="nothing", served=True, fails=False):
        def plan(zone_id):
            began = self.now
            assert all(began - other > ticks.LEASE_S for other in self.running), "two ticks of a zone run at once"
            self.running.append(began)
            try:
                # What is read is what was there at the beginning.
                seen = {name: needs_at for name, needs_at in self.open.items() if needs_at <= self.now}
                later = [needs_at for needs_at in self.open.values() if needs_at > self.now]
                self.meanwhile(during, message)
                if fails:
                    raise ZeroDivisionError
                for name in seen.keys() & self.open.keys():
                    if served:
                        del self.open[name]
                    else:
                        self.open[name] = began + RETRY_S
                looks = [*later, *([] if served or not seen else [began + RETRY_S])]
                return ticks.next_look([NOON.fromtimestamp(at, NOON.tzinfo) for at in looks], self.clock.now())
            finally:
                self.running.remove(began)

        return ticks.run(ZONE, message.body["due_at"], "msg", plan, self.queue, message.body["asker"])

    def meanwhile(self, during, message):
        match during:
            case "copy":
                self.run(message)
            case "order" | "scheduled order":
                self.order_that_wakes(0 if during == "order" else 4000)
            case "stalls":
                self.clock.advance(timedelta(seconds=ticks.LEASE_S + 1))
                self.trouble()
                self.run(message)

    # What holds

    def what_was_woken_for_is_due_in_time(self):
        row = TickRow.load(ZONE)
        due = min((float(at) for at in (row.due_at, row.taken_at) if at is not None), default=None)
        for name in self.woken & self.open.keys():
            latest = max(self.open[name], self.now) + max(BATCH_S, RETRY_S) + 1
            assert due is not None, f"nobody looks at {name} any more"
            assert due <= latest, f"{name} is looked at {due - latest} s too late"

    def messages_do_not_multiply(self):
        assert len(self.messages) <= 4 * (self.number + 5)

    def recover(self):
        """From here on nothing goes wrong any more: everything is served, and soon."""
        until = self.now + 20_000
        next_sweep = self.now + SWEEP_S
        while self.open and self.now < until:
            while self.is_receivable(self.wakings):
                message = self.receive(self.wakings, WAKE_VISIBLE_S)
                ticks.wake(message.body["event"], self.queue)
                self.done(self.wakings, message, twice=False)
            while self.is_receivable(self.messages):
                self.tick()
            if not self.open:
                break
            coming = [message.visible_at for message in (*self.messages, *self.wakings)]
            if self.has_lost:
                coming.append(next_sweep)
            assert coming, f"nothing will ever look at {self.open}"
            self.clock.advance(timedelta(seconds=max(0.001, min(coming) - self.now)))
            if self.has_lost and self.now >= next_sweep:
                self.sweep()
                next_sweep = self.now + SWEEP_S
            late_s = self.now - max(self.trouble_at, min(self.open.values()))
            assert late_s <= (REVIVED_S if self.has_lost else RECOVERED_S), f"{late_s} s late"
        assert not self.open


@settings(max_examples=6, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happens=st.lists(steps(), min_size=10, max_size=25))
def test_a_zone_with_open_work_is_always_looked_at_by_the_moment_that_work_needs(one_zone, happens):
    zone = ZoneActor()
    zone.order_that_wakes(0)
    for name, *details in happens:
        zone.do(name, *details)
        zone.what_was_woken_for_is_due_in_time()
        zone.messages_do_not_multiply()
    zone.recover()


class LongRound(ZoneActor):
    """A zone whose round takes a minute, in which an order comes in each second and waiting messages come in."""

    most_messages = 0

    def meanwhile(self, during, message):
        for _ in range(60):
            self.clock.advance(timedelta(seconds=1))
            self.order_that_wakes(0)
            for waiting in [one for one in self.messages if one is not message and one.visible_at <= self.now]:
                self.messages.remove(waiting)
                assert not self.run(waiting), "two ticks of a zone run at once"
            self.most_messages = max(self.most_messages, len(self.messages))


def test_messages_that_wait_for_a_long_round_do_not_grow_in_number(one_zone):
    zone = LongRound()
    zone.order_that_wakes(0)
    message = zone.receive(zone.messages, TICK_VISIBLE_S)
    assert zone.run(message, served=False)
    assert zone.most_messages <= 4
    zone.messages.remove(message)
    assert zone.messages, "who asked meanwhile is forgotten"
