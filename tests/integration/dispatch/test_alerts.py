"""Drivers who have to be looked at: on the board, and as events, whether they send something or not."""

import json
from datetime import timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import FailureReason, State
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.board import service as board
from crowdship.dispatch.rounds import service as rounds
from crowdship.dispatch.transfer import service as transfer
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverChange
from crowdship.kernel.events import DomainEvent
from crowdship.proof.model import DeliverInput
from crowdship.routes import service as routing
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.geofences.visits import times_at_stops
from crowdship.tracking.model import AlertKind, Fix
from crowdship.tracking.page.service import customer_view
from crowdship.tracking.store import PositionRow, TrailRow
from crowdship.travel.times import GreatCircle
from tests.city import City, at, settings
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")


def send(city, driver, *places, every_s=15):
    """Let a driver be at places one after the other, and send each; return what was told meanwhile."""
    told = []
    for east_m in places:
        city.later(seconds=every_s)
        before = PositionRow.load(driver.id).stored_version
        tracking.record(driver.id, [Fix(point=at(east_m), device_at=city.clock.now(), accuracy_m=5)], city.clock)
        told += events(driver) if PositionRow.load(driver.id).stored_version > before else []
    return told


def events(driver):
    """Return the events that the last write of a driver's position emitted, as they go over the bus."""
    found = json.loads(PositionRow.find(driver.id, "NEWEST").events or "[]")
    for event in found:
        validate_event(event)
    return [DomainEvent.model_validate(event) for event in found]


def kinds(city):
    return [line.kind for line in board.of_zone("testville", city.clock).alerts]


def setting_out(east_m=2000, **rules):
    """Return a city, a driver at the shop, and what they set out with for a customer."""
    city = City.open(**rules)
    driver = city.driver(east_m=0)
    order = assignment.assign_by_hand(city.order(east_m=east_m).id, driver.id, "ana", city.clock)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(order.id, driver.id, None, city.clock)
    stops.depart(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    return city, driver, deliveries.get(order.id)


def test_a_silent_driver_is_noticed_by_the_tick_once_and_heard_again_by_their_position():
    city, driver, order = setting_out()
    assert city.tick() == city.clock.now() + timedelta(minutes=10)
    city.later(minutes=10)
    assert kinds(city) == [AlertKind.SILENT], "the board needs no tick"
    city.tick()
    (raised,) = events(driver)
    assert raised.type == "tracking.alert_raised"
    assert (raised.data["kind"], raised.data["delivery_id"]) == ("silent", order.id)
    written = PositionRow.load(driver.id)
    city.later(minutes=1)
    city.tick()
    assert PositionRow.load(driver.id).stored_version == written.stored_version, "once is enough"
    (cleared,) = send(city, driver, 100)
    assert (cleared.type, cleared.data["kind"]) == ("tracking.alert_cleared", "silent")
    assert kinds(city) == []


def test_a_driver_who_sends_something_while_a_tick_looks_is_not_silent(monkeypatch):
    city, driver, _ = setting_out()
    stale = PositionRow.load(driver.id)
    city.later(minutes=11)
    send(city, driver, 100)
    monkeypatch.setattr(tracking, "newest", lambda _: {driver.id: stale})
    assert city.tick() == city.clock.now() + timedelta(minutes=10)
    assert PositionRow.load(driver.id).alerts == ()


def test_who_is_silent_is_looked_at_again_and_may_be_silent_a_second_time_and_late():
    city, driver, order = setting_out()
    city.later(minutes=10)
    assert city.tick() == city.clock.now() + timedelta(minutes=10), "not the end of it"
    send(city, driver, 100)
    city.later(minutes=10)
    assert city.tick() == city.clock.now() + timedelta(minutes=10)
    assert [event.data["kind"] for event in events(driver)] == ["silent"], "once more"
    city.clock.advance(order.dropoff_window.closes_at + timedelta(minutes=30) - city.clock.now())
    city.tick()
    assert [event.data["kind"] for event in events(driver)] == ["running_late"]


def test_a_look_that_fails_is_made_again_soon(monkeypatch):
    city, _, _ = setting_out()

    def fails(*_):
        raise RuntimeError("throttled")

    monkeypatch.setattr(rounds, "watch", fails)
    assert city.tick() == city.clock.now() + timedelta(seconds=settings().dispatch.rounds.retry_seconds)


def test_nobody_without_stops_is_looked_at():
    city = City.open()
    driver = city.driver()
    city.later(hours=3)
    assert city.tick() is None
    assert kinds(city) == []
    assert PositionRow.load(driver.id).alerts == ()


def test_what_is_looked_at_ends_with_the_last_stop():
    city, driver, order = setting_out()
    city.later(minutes=11)
    city.tick()
    cancellation.cancel(order.id, "staff", "other", city.clock)
    stops.return_goods(order.id, driver.id, None, city.clock)
    assert kinds(city) == []
    duty.end(driver.id, city.clock)
    assert [event.type for event in events(driver)] == ["tracking.alert_cleared"]
    assert PositionRow.load(driver.id).alerts == ()


def test_what_was_raised_in_a_zone_is_cleared_in_it_also_where_the_driver_is_at_home_elsewhere():
    city, driver, order = setting_out()
    drivers.change(driver.id, DriverChange(home_zone_id="elsewhere"))
    city.later(minutes=11)
    city.tick()
    by_hand.fail_by_hand(order.id, FailureReason.GOODS_LOST, "ana", city.clock)
    duty.relieve(driver.id, "ana", city.clock)
    (cleared,) = events(driver)
    assert (cleared.type, cleared.data["zone_id"]) == ("tracking.alert_cleared", "testville")


def test_who_drives_the_other_way_is_off_route_until_they_turn():
    city, driver, _ = setting_out()
    told = send(city, driver, *range(-100, -2000, -75))
    assert [event.data["kind"] for event in told if event.type == "tracking.alert_raised"] == ["off_route"]
    assert AlertKind.OFF_ROUTE in kinds(city)
    told = send(city, driver, *range(-1900, 0, 200))
    assert [event.type for event in told] == ["tracking.alert_cleared"]
    assert AlertKind.OFF_ROUTE not in kinds(city)


def test_one_look_without_the_map_makes_nobody_off_route(monkeypatch):
    class Streets(GreatCircle):
        def seconds(self, a, b):
            return 2 * super().seconds(a, b)

        def estimates(self, a, b):
            return False

    city, driver, _ = setting_out(east_m=5000)
    told = []
    for ways, places in ((Streets, (100, 200)), (GreatCircle, (300,)), (Streets, range(400, 2000, 75))):
        monkeypatch.setattr(tracking, "travel_times", lambda rules, ways=ways: ways(rules))
        told += send(city, driver, *places)
    assert told == []


def test_who_will_be_late_is_told_of_once():
    city, driver, order = setting_out(east_m=5000)
    closes_at = order.dropoff_window.closes_at
    late_by = timedelta(minutes=30)
    city.clock.advance(closes_at - city.clock.now() - timedelta(seconds=1000) + late_by)
    told = send(city, driver, 10, 20, 30)
    late = [event for event in told if event.data.get("kind") == "running_late"]
    assert [event.type for event in late] == ["tracking.alert_raised"]
    (line,) = board.of_zone("testville", city.clock).alerts
    assert (line.kind, line.delivery_id, line.driver_id) == (AlertKind.RUNNING_LATE, order.id, driver.id)
    assert line.seconds == pytest.approx(1800, abs=60)


def test_who_arrives_and_stays_is_seen_and_told_of():
    city, driver, order = setting_out()
    told = send(city, driver, 1000, 1700, 1990, 2000, 2000)
    stop = f"{order.id}:dropoff"
    crossed = [event for event in told if event.type.endswith("_stop")]
    assert [event.type for event in crossed] == ["tracking.approached_stop", "tracking.arrived_at_stop"]
    assert all(event.data["stop_ids"] == [stop] for event in crossed)
    assert deliveries.get(order.id).approaching_at
    told = send(city, driver, *[2000] * 22, every_s=60)
    assert [(event.type, event.data["kind"]) for event in told] == [("tracking.alert_raised", "long_stop")]
    assert kinds(city) == [AlertKind.LONG_STOP]
    told = send(city, driver, 2300, 2600, 2900)
    assert [event.type for event in told] == ["tracking.left_stop", "tracking.alert_cleared"]
    assert told[0].data["dwell_s"] == pytest.approx(22 * 60 + 45, abs=60)


def test_an_hour_offline_is_told_with_the_devices_times():
    city, driver, _ = setting_out()
    left_at = city.clock.now()
    minutes = [(10, 500), (20, 1500), (30, 1990), (31, 2000), (32, 2000), (45, 2000), (46, 2500), (47, 3000)]
    fixes = [Fix(point=at(east_m), device_at=left_at + timedelta(minutes=m), accuracy_m=5) for m, east_m in minutes]
    city.later(hours=1)
    assert tracking.record(driver.id, fixes[::-1], city.clock).accepted == len(fixes)
    told = [event for event in events(driver) if event.type.endswith("_stop")]
    seen = [(event.type, event.data["device_at"][11:16]) for event in told]
    begun = left_at.minute
    assert seen == [
        ("tracking.approached_stop", f"12:{begun + 30:02}"),
        ("tracking.arrived_at_stop", f"12:{begun + 30:02}"),
        ("tracking.left_stop", f"12:{begun + 46:02}"),
    ]
    assert told[-1].data["dwell_s"] is None, "it was silent for a quarter of an hour as they came"


def test_positions_that_come_after_the_hand_over_tell_nobody_anything():
    city, driver, order = setting_out()
    left_at = city.clock.now()
    city.later(minutes=30)
    stops.arrive(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    deliveries.change(order.id, lambda delivery: delivery.deliver(city.clock.now()))
    route = routing.of(driver.id).finish(order.id, StopKind.DROPOFF, city.clock.now())
    work = UnitOfWork()
    routing.keep(route, work)
    work.commit()
    closed = deliveries.get(order.id)
    fixes = [Fix(point=at(100 * n), device_at=left_at + timedelta(minutes=n), accuracy_m=5) for n in range(1, 21)]
    assert tracking.record(driver.id, fixes, city.clock).accepted == 20
    assert deliveries.get(order.id) == closed
    assert PositionRow.load(driver.id).visits == ()
    seen = board.of_zone("testville", city.clock)
    assert (seen.alerts, seen.under_way) == ((), ())
    shown = customer_view(order.id, city.clock)
    assert (shown.state, shown.position, shown.driver_name) == (State.DELIVERED, None, None)


def test_neighbours_are_each_told_that_their_driver_is_nearly_there():
    city, driver, order = setting_out()
    after = assignment.assign_by_hand(city.order("next door", east_m=2010).id, driver.id, "ana", city.clock).id
    stops.depart(after, driver.id, StopKind.PICKUP, None, city.clock)
    stops.arrive(after, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(after, driver.id, None, city.clock)
    stops.depart(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    send(city, driver, 1000, 1800, 2000, 2000)
    stops.arrive(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    stops.deliver(order.id, driver.id, DeliverInput(device_at=city.clock.now()), None, city.clock)
    assert deliveries.get(after).approaching_at is None
    stops.depart(after, driver.id, StopKind.DROPOFF, None, city.clock)
    send(city, driver, 2005)
    assert deliveries.get(after).approaching_at == city.clock.now()


def test_a_shop_hears_that_a_driver_comes_near_before_they_are_there():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    send(city, driver, -100)
    assert deliveries.get(order.id).approaching_pickup_at is None, "they did not set out for it"
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    send(city, driver, -100)
    assert deliveries.get(order.id).approaching_pickup_at == city.clock.now()


def test_a_shop_hears_nothing_of_who_comes_near_the_driver_that_has_the_goods():
    city, driver, order = setting_out()
    send(city, driver, 900)
    other = city.driver(east_m=0)
    transfer.transfer(driver.id, routing.of(driver.id).revision, "ana", city.clock, to=[other.id])
    before = deliveries.get(order.id)
    assert before.transfer_point == at(900)
    stops.depart(order.id, other.id, StopKind.PICKUP, None, city.clock)
    told = send(city, other, 600, 800)
    assert [event.type for event in told] == ["tracking.approached_stop"]
    assert deliveries.get(order.id).approaching_pickup_at == before.approaching_pickup_at is None


def test_a_driver_who_stands_still_costs_a_write_each_half_minute_and_leaves_a_whole_trail():
    city, driver, _ = setting_out()
    send(city, driver, 300, 600)
    before = PositionRow.load(driver.id).stored_version
    send(city, driver, *[601] * 24, every_s=5)
    assert PositionRow.load(driver.id).stored_version - before == 4
    assert len(TrailRow.of_day(driver.id, "2026-06-01")) == 26


def test_positions_that_come_in_two_batches_hide_no_others():
    city, driver, _ = setting_out()
    begins = city.clock.now()
    city.later(seconds=20)
    fixes = [Fix(point=at(0), device_at=begins + timedelta(seconds=n)) for n in (5, 10, 15)]
    for batch in (fixes, fixes[:1], fixes[1:]):
        tracking.record(driver.id, batch, city.clock)
    assert TrailRow.of_day(driver.id, "2026-06-01") == fixes


def test_staff_see_who_says_late_that_they_are_there():
    city, driver, order = setting_out()
    send(city, driver, 1000, 1990, 2000, 2000, 2000)
    city.later(minutes=1)
    came = PositionRow.load(driver.id).visits[0].arrived_at
    send(city, driver, *[2000] * 6, every_s=60)
    stops.arrive(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    _, door = times_at_stops(deliveries.get(order.id), city.clock)
    assert (door.kind, door.seen_arriving_at, door.differs) == (StopKind.DROPOFF, came, True)
    assert door.arrived_at == city.clock.now()
