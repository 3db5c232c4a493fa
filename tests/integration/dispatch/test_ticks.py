"""When a zone plans: once for many reasons, one at a time, and only while something is open."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch import cancellation
from crowdship.dispatch.offers import answers
from crowdship.dispatch.rounds import service as rounds
from crowdship.dispatch.rounds import sweep as reviving
from crowdship.dispatch.rounds import ticks
from crowdship.dispatch.store import TickRow
from crowdship.drivers import duty
from crowdship.kernel.events import DomainEvent
from crowdship.shipment.windows import Window
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from tests.city import NOON, City, Priority, at

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def queue(aws):
    sqs = boto3.client("sqs")
    return sqs, sqs.create_queue(QueueName="ticks")["QueueUrl"]


def created(order):
    data = order.snapshot(actor="mer", reason=None, previous_state=None)
    return DomainEvent(
        id=f"evt_{order.id}", type="delivery.created", time=order.created_at, subject=order.id, sequence=1, data=data
    )


class Recorder:
    """An SQS client that remembers what it sent."""

    def __init__(self, sqs):
        self.sqs, self.sent = sqs, []

    def send_message(self, **message):
        self.sent.append((message["DelaySeconds"], json.loads(message["MessageBody"])["due_at"]))
        return self.sqs.send_message(**message)


class Zone:
    """A zone whose messages are delivered by hand."""

    def __init__(self, queue, **rules):
        sqs, url = queue
        self.city = City.open(**rules)
        recorder = Recorder(sqs)
        self.sent = recorder.sent
        self.queue = ticks.TickQueue(recorder, url, self.city.clock)

    def wake(self, order):
        return ticks.wake(created(order), self.queue)

    def run(self, due_at=None, owner="msg_1"):
        due_at = self.sent[-1][1] if due_at is None else due_at
        return ticks.run("testville", due_at, owner, lambda zone: rounds.play(zone, self.city.clock), self.queue)


def test_many_orders_ask_for_one_tick(queue):
    zone = Zone(queue)
    assert [zone.wake(zone.city.order(f"o-{n}")) for n in range(5)] == [True, False, False, False, False]
    assert [delay for delay, _ in zone.sent] == [20]


def test_an_urgent_order_shortens_the_wait(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order("calm"))
    assert zone.wake(zone.city.order("urgent", priority=Priority.URGENT))
    assert [delay for delay, _ in zone.sent] == [20, 1]


def test_an_order_for_later_is_planned_when_its_time_comes(queue):
    zone = Zone(queue, rounds={"lead_minutes": 30})
    driver = zone.city.driver()
    opens = zone.city.clock.now() + timedelta(hours=5)
    window = Window(opens_at=opens, closes_at=opens + timedelta(hours=1))
    zone.wake(zone.city.order(pickup_window=window, dropoff_window=window))
    assert zone.sent[-1][1] == (opens - timedelta(minutes=30)).timestamp()
    zone.city.later(hours=1)
    assert zone.city.tick() == opens - timedelta(minutes=30)
    assert zone.city.offers(driver) == []
    zone.city.later(hours=3, minutes=31)
    duty.begin(driver.id, None, at(200), zone.city.clock)
    zone.city.tick()
    zone.city.later(minutes=28)
    tracking.record(driver.id, [Fix(point=at(200), device_at=zone.city.clock.now())], zone.city.clock)
    zone.city.tick()
    assert len(zone.city.offers(driver)) == 1


def test_a_tick_that_is_overdue_is_not_put_off_by_new_orders(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order("first"))
    due = zone.sent[-1][1]
    for number in range(5):
        zone.city.later(seconds=21 if number == 0 else 1)
        assert not zone.wake(zone.city.order(f"late-{number}"))
    assert zone.run(due)


def test_a_tick_whose_message_was_lost_is_asked_for_again(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order("first"))
    zone.city.later(seconds=40)
    zone.wake(zone.city.order("second"))
    assert len(zone.sent) == 2
    assert zone.run()


def test_the_same_event_again_sends_its_message_again_in_case_the_first_was_lost(queue):
    zone = Zone(queue)
    order = zone.city.order()
    assert zone.wake(order)
    assert zone.wake(order)


def test_a_tick_makes_offers_and_comes_back_when_they_run_out(queue):
    zone = Zone(queue, offers={"seconds": 120})
    driver = zone.city.driver()
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    assert zone.run()
    (offer,) = zone.city.offers(driver)
    assert zone.sent[-1][1] == pytest.approx(offer.expires_at.timestamp(), abs=0.01)


def test_an_offer_that_outlives_the_search_is_waited_for_in_peace(queue):
    zone = Zone(queue, offers={"seconds": 600}, rounds={"search_minutes": 5})
    driver = zone.city.driver()
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    zone.run()
    (offer,) = zone.city.offers(driver)
    assert zone.sent[-1][1] == pytest.approx(offer.expires_at.timestamp(), abs=0.01)


def test_a_message_whose_tick_was_already_run_does_nothing(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    due = zone.sent[-1][1]
    assert zone.run(due)
    assert not zone.run(due)


def test_a_message_that_comes_early_is_sent_on(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order())
    assert not zone.run()
    assert len(zone.sent) == 2


def test_two_ticks_of_a_zone_never_run_at_once(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    due, inner = zone.sent[-1][1], []

    def plan(zone_id):
        inner.append(zone.run(due, owner="msg_2"))

    assert ticks.run("testville", due, "msg_1", plan, zone.queue)
    assert inner == [False]


def test_a_tick_that_died_is_taken_up_by_its_own_message(queue):
    zone = Zone(queue)
    driver = zone.city.driver()
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    due = zone.sent[-1][1]
    with pytest.raises(ZeroDivisionError):
        ticks.run("testville", due, "msg_1", lambda zone_id: 1 / 0, zone.queue)
    assert zone.run(due, owner="msg_1")
    assert len(zone.city.offers(driver)) == 1


def test_an_order_that_comes_while_a_tick_runs_gets_a_tick_of_its_own(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order("first"))
    zone.city.later(seconds=20)
    due = zone.sent[-1][1]

    def plan(zone_id):
        zone.wake(zone.city.order("second"))

    ticks.run("testville", due, "msg_1", plan, zone.queue)
    state = TickRow.load("testville")
    assert state.due_at > zone.city.clock.now().timestamp()
    assert state.lease_owner is None


def test_orders_that_come_while_a_long_tick_runs_send_one_message_between_them(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order("first"))
    zone.city.later(seconds=20)

    def plan(zone_id):
        sent = len(zone.sent)
        for number in range(5):
            zone.city.later(seconds=30)
            zone.wake(zone.city.order(f"meanwhile-{number}"))
        assert len(zone.sent) == sent + 1

    assert ticks.run("testville", zone.sent[-1][1], "msg_1", plan, zone.queue)


def test_an_order_for_tomorrow_that_comes_while_a_tick_runs_does_not_put_off_the_next_look(queue):
    zone = Zone(queue, rounds={"lead_minutes": 60})
    zone.wake(zone.city.order("today"))
    zone.city.later(seconds=20)
    opens = zone.city.clock.now() + timedelta(days=1)
    window = Window(opens_at=opens, closes_at=opens + timedelta(hours=1))

    def plan(zone_id):
        zone.wake(zone.city.order("tomorrow", pickup_window=window, dropoff_window=window))
        return rounds.play(zone_id, zone.city.clock)

    ticks.run("testville", zone.sent[-1][1], "msg_1", plan, zone.queue)
    soon = zone.city.clock.now() + timedelta(seconds=45)
    assert TickRow.load("testville").due_at == soon.timestamp(), "nobody took the order of today"
    assert zone.sent[-1][1] == soon.timestamp()


def test_a_second_copy_of_a_message_runs_no_second_tick(queue):
    zone = Zone(queue)
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    due, inner = zone.sent[-1][1], []
    ticks.run("testville", due, "msg_1", lambda zone_id: inner.append(zone.run(due, owner="msg_1")), zone.queue)
    assert inner == [False]


def test_a_tick_that_lost_its_lease_neither_ends_nor_releases_that_of_another(queue):
    zone = Zone(queue)
    wall = [1000.0]
    zone.queue = replace(zone.queue, wall=lambda: wall[0])
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    due, leases = zone.sent[-1][1], []

    def other(zone_id):
        leases.append(TickRow.load("testville").lease_owner)

    def plan(zone_id):
        wall[0] += ticks.LEASE_S + 1

        def look_on(zone_id):
            other(zone_id)
            slow.end(None)
            slow.release()
            other(zone_id)

        slow = TickRow.load("testville")
        assert ticks.run("testville", due, "msg_1", look_on, zone.queue)

    ticks.run("testville", due, "msg_1", plan, zone.queue)
    assert leases[0] == leases[1] is not None


def test_of_many_orders_for_one_later_moment_one_message_is_sent_on(queue):
    zone = Zone(queue, rounds={"lead_minutes": 30})
    opens = zone.city.clock.now() + timedelta(hours=5)
    window = Window(opens_at=opens, closes_at=opens + timedelta(hours=1))
    for number in range(5):
        zone.wake(zone.city.order(f"o-{number}", pickup_window=window, dropoff_window=window))
    asker, due = TickRow.load("testville").due_for, zone.sent[-1][1]
    zone.city.later(minutes=15)
    before = len(zone.sent)
    for message in (asker, "evt_of_another", asker):
        ticks.run("testville", due, "msg_1", lambda zone_id: None, zone.queue, message)
    assert len(zone.sent) == before + 2, "a copy of the right one is sent on too; another's is not"


def test_a_zone_whose_message_was_lost_is_found_by_the_sweep(queue):
    zone = Zone(queue)
    driver = zone.city.driver()
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    assert reviving.revive(zone.queue) == [], "its message may still be on its way"
    zone.city.later(minutes=3)
    assert reviving.revive(zone.queue) == ["testville"]
    assert zone.run()
    assert len(zone.city.offers(driver)) == 1
    assert reviving.revive(zone.queue) == []


def test_a_zone_whose_order_never_woke_it_is_found_by_the_sweep(queue):
    zone = Zone(queue)
    driver = zone.city.driver()
    zone.city.order()
    assert reviving.revive(zone.queue) == [], "its event may still be on its way"
    zone.city.later(minutes=3, seconds=1)
    assert reviving.revive(zone.queue) == ["testville"]
    assert zone.run()
    assert len(zone.city.offers(driver)) == 1


def test_a_zone_that_would_look_tomorrow_while_an_order_waits_is_found_by_the_sweep(queue):
    zone = Zone(queue)
    zone.city.order()
    TickRow.ask("testville", (NOON + timedelta(days=1)).timestamp(), "evt_of_a_scheduled_order")
    zone.city.later(minutes=4)
    assert reviving.revive(zone.queue) == ["testville"]
    assert zone.run()


def test_the_sweep_counts_the_zones_that_are_overdue(queue, monkeypatch, capsys):
    from functions.events import wake  # which wants a region as it is imported

    zone = Zone(queue)
    zone.city.order()
    zone.city.later(minutes=4)
    monkeypatch.setattr(wake, "queue", zone.queue)
    assert wake.handler({"sweep": True}, None) == {"overdue": ["testville"], "surges_ended": []}
    (told,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line)
    assert told["ZonesOverdue"] == [1]


def test_the_sweep_lets_a_zone_rest_that_has_nothing_open(queue):
    zone = Zone(queue)
    order = zone.city.order()
    cancellation.cancel(order.id, "staff", "other", zone.city.clock)
    zone.city.later(days=1)
    assert reviving.revive(zone.queue) == []
    assert zone.sent == []


def test_a_zone_rests_when_nothing_is_open_or_under_way(queue):
    zone = Zone(queue)
    driver = zone.city.driver()
    zone.wake(zone.city.order())
    zone.city.later(seconds=20)
    zone.run()
    (offer,) = zone.city.offers(driver)
    answers.accept(driver.id, offer.id, zone.city.clock)
    zone.city.later(seconds=120)
    assert zone.run()
    silent_at = NOON + timedelta(minutes=10)
    assert TickRow.load("testville").due_at == silent_at.timestamp(), "somebody has to notice a silent driver"
    cancellation.cancel(offer.delivery_ids[0], "staff", "other", zone.city.clock)
    zone.city.later(minutes=8)
    assert zone.run()
    assert TickRow.load("testville").due_at is None
    assert deliveries.open_in_zone("testville", zone.city.clock.now()) == []


def test_a_zone_that_was_woken_looks_once_more_before_it_rests(queue):
    zone = Zone(queue)
    order = zone.city.order()
    zone.wake(order)
    zone.city.later(seconds=20)
    # As if the index had not caught up yet: nothing to see at the first look.
    ticks.run("testville", zone.sent[-1][1], "msg_1", lambda zone_id: None, zone.queue)
    assert TickRow.load("testville").due_at is not None
