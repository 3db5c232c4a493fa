"""From events and trails to what is known of a zone's ways, and from there to plans and arrival times."""

import json
from datetime import timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.resequence import service as resequencing
from crowdship.drivers import duty
from crowdship.drivers.model import Vehicle
from crowdship.kernel.errors import NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.routes import service as routing
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.learning.service import observation_of, store_observations
from crowdship.tracking.model import Fix
from crowdship.tracking.page.service import customer_view
from crowdship.tracking.store import PositionRow, TrailRow
from crowdship.travel import current
from crowdship.travel.conditions import Observation
from crowdship.travel.incidents import Incident
from crowdship.zones import service as zones
from crowdship.zones.model import cell_of
from functions.events import learn
from tests.city import City, at
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")


def zone():
    return zones.get("testville")


def event_of(delivery, type_):
    """Return the event that a delivery's last write emitted."""
    data = delivery.snapshot(actor=delivery.driver_id, reason=None, previous_state=None)
    number = delivery.sequence
    return DomainEvent(
        id=delivery.id_of_event(number),
        type=type_,
        time=delivery.timeline[-1].at,
        subject=delivery.id,
        sequence=number,
        data=data,
    )


def drive(city, driver, from_m, to_m, mps):
    """Let a driver go east or west along a street, seen every fifteen seconds."""
    here, step = from_m, (mps if to_m > from_m else -mps) * 15
    fixes = []
    while (to_m - here) * step > 0:
        fixes.append(Fix(point=at(here), device_at=city.clock.now(), accuracy_m=5, speed_mps=mps))
        city.later(seconds=15)
        here += step
    fixes.append(Fix(point=at(to_m), device_at=city.clock.now(), accuracy_m=5))
    for start in range(0, len(fixes), 4):
        tracking.record(driver.id, fixes[start : start + 4], city.clock)


def brought(city, driver, mps, external_id="order-1"):
    """Return what a driver's legs and stay observed who brings an order at a pace, 2 km to the east."""
    order = assignment.assign_by_hand(city.order(external_id).id, driver.id, "ana", city.clock)
    observed = []

    def step(change, type_):
        done = deliveries.change(order.id, change)
        observed.append(observation_of(event_of(done, type_)))

    deliveries.change(order.id, lambda d: d.depart(StopKind.PICKUP, city.clock.now()))
    drive(city, driver, -2000, 0, mps)
    step(lambda d: d.arrive(StopKind.PICKUP, city.clock.now()), "delivery.arrived_at_pickup")
    wait(city, driver, 0, minutes=10)
    step(lambda d: d.pick_up(city.clock.now()), "delivery.picked_up")
    return order, observed


def wait(city, driver, east_m, minutes):
    """Let a driver stand somewhere, seen every minute."""
    for _ in range(minutes):
        city.later(minutes=1)
        tracking.record(driver.id, [Fix(point=at(east_m), device_at=city.clock.now(), accuracy_m=5)], city.clock)


def leave(city, driver):
    """Let a driver leave for the east; return what that observed."""
    observed = []
    for east_m in (100, 250, 400, 550):
        city.later(seconds=15)
        tracking.record(driver.id, [Fix(point=at(east_m), device_at=city.clock.now(), accuracy_m=5)], city.clock)
        written = json.loads(PositionRow.find(driver.id, "NEWEST").events or "[]")
        observed += [observation_of(DomainEvent.model_validate(event)) for event in written]
    return [observation for observation in observed if observation]


def test_a_slow_leg_and_a_slow_kitchen_are_learned_from_the_trail_and_the_timeline():
    city = City.open()
    driver = city.driver(east_m=-2000)
    _, observed = brought(city, driver, mps=2.5)
    assert observed.pop() is None, "still there"
    observed += leave(city, driver)
    (_, leg), (_, stay) = observed
    assert leg.foretold_s == pytest.approx(400, abs=10)
    assert leg.took_s == pytest.approx(800, abs=20)
    assert sum(one.seconds for one in leg.passed) == pytest.approx(800, rel=0.15)
    assert stay.stay_s == pytest.approx(660, abs=15)
    for number in range(20):
        again = [("testville", one.model_copy(update={"id": f"{one.id}{number}"})) for _, one in observed]
        store_observations(again, city.clock)
    current.forget()
    known = current.learned_in(zone())
    assert known.traffic.factor(cell_of(at(-1000)), city.clock.now()) > 1.5
    assert known.stay_s(StopKind.PICKUP, at(0)) > 400
    assert current.travel_at(zone(), city.clock.now()).seconds(at(-2000), at(0)) > 600


def test_who_says_at_the_end_that_they_arrived_teaches_the_way_and_the_stay_as_their_positions_say():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    deliveries.change(order.id, lambda d: d.depart(StopKind.PICKUP, city.clock.now()))
    drive(city, driver, -2000, 0, 5)
    wait(city, driver, 0, minutes=10)
    arrived = deliveries.change(order.id, lambda d: d.arrive(StopKind.PICKUP, city.clock.now()))
    _, leg = observation_of(event_of(arrived, "delivery.arrived_at_pickup"))
    assert leg.took_s == pytest.approx(400, abs=25), "not a thousand seconds"
    picked_up = deliveries.change(order.id, lambda d: d.pick_up(city.clock.now()))
    assert observation_of(event_of(picked_up, "delivery.picked_up")) is None
    ((_, stay),) = leave(city, driver)
    assert stay.stay_s == pytest.approx(630, abs=30)
    zone_id, again = observation_of(event_of(picked_up, "delivery.picked_up"))
    assert (zone_id, again.id) == ("testville", stay.id), "a visit is learned once, whatever tells of it"


def test_who_says_afterwards_that_they_are_done_teaches_the_stay_then():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    deliveries.change(order.id, lambda d: d.depart(StopKind.PICKUP, city.clock.now()))
    drive(city, driver, -2000, 0, 5)
    wait(city, driver, 0, minutes=5)
    assert leave(city, driver) == [], "they may only have passed by"
    city.later(minutes=4)
    deliveries.change(order.id, lambda d: d.arrive(StopKind.PICKUP, city.clock.now()))
    picked_up = deliveries.change(order.id, lambda d: d.pick_up(city.clock.now()))
    _, stay = observation_of(event_of(picked_up, "delivery.picked_up"))
    assert stay.stay_s == pytest.approx(330, abs=30)


def fetched(city, driver):
    """Let a driver come to the shop and have the goods five minutes later."""
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    deliveries.change(order.id, lambda d: d.depart(StopKind.PICKUP, city.clock.now()))
    drive(city, driver, -2000, 0, 5)
    deliveries.change(order.id, lambda d: d.arrive(StopKind.PICKUP, city.clock.now()))
    wait(city, driver, 0, minutes=5)
    deliveries.change(order.id, lambda d: d.pick_up(city.clock.now()))
    return order


def test_who_stays_on_when_all_is_done_teaches_no_longer_stay():
    city = City.open()
    driver = city.driver(east_m=-2000)
    fetched(city, driver)
    wait(city, driver, 0, minutes=40)
    ((_, stay),) = leave(city, driver)
    assert stay.stay_s == pytest.approx(420, abs=30)


def test_the_next_shift_teaches_nothing_of_where_the_last_one_ended():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = fetched(city, driver)
    cancellation.cancel(order.id, "staff", "other", city.clock)
    stops.return_goods(order.id, driver.id, None, city.clock)
    assert PositionRow.load(driver.id).visits
    duty.end(driver.id, city.clock)
    assert PositionRow.load(driver.id).visits == ()
    city.later(hours=14)
    duty.begin(driver.id, None, at(-4000), city.clock)
    assert leave(city, driver) == []


def test_without_positions_the_stay_is_what_the_driver_says():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    deliveries.change(order.id, lambda d: d.depart(StopKind.PICKUP, city.clock.now()))
    city.later(minutes=5)
    deliveries.change(order.id, lambda d: d.arrive(StopKind.PICKUP, city.clock.now()))
    city.later(minutes=7)
    picked_up = deliveries.change(order.id, lambda d: d.pick_up(city.clock.now()))
    _, stay = observation_of(event_of(picked_up, "delivery.picked_up"))
    assert stay.stay_s == 420


def test_the_handler_learns_a_batch_once_however_often_it_comes():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order, _ = brought(city, driver, mps=4)
    event = event_of(deliveries.get(order.id), "delivery.arrived_at_pickup")
    body = f'{{"source": "crowdship", "detail": {event.model_dump_json()}}}'
    records = [{"messageId": "m1", "body": body, "eventSource": "aws:sqs"},
               {"messageId": "m2", "body": "no event", "eventSource": "aws:sqs"}]  # fmt: skip
    for _ in range(2):
        answer = learn.handler({"Records": records}, None)
        assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m2"]
    current.forget()
    known = current.learned_in(zone())
    assert known.observations == (event.id,)
    assert known.stored_version == 1


def test_nothing_is_learned_from_a_bicycle_where_cars_are_meant_nor_from_a_test():
    city = City.open()
    rider = city.driver(east_m=-2000, vehicle=Vehicle(kind=VehicleKind.BICYCLE, max_weight_g=9_000, max_volume_l=40))
    _, (leg, stay) = brought(city, rider, mps=4)
    assert leg is None
    assert stay is None
    assert len(leave(city, rider)) == 1


def test_a_trail_is_found_by_moments_also_where_a_batch_began_before_and_over_midnight():
    city = City.open()
    city.later(hours=11, minutes=55)
    driver = city.driver(east_m=0)
    begins = city.clock.now()
    for minute in range(0, 12, 3):
        fixes = [
            Fix(point=at(50 * (minute + n)), device_at=begins + timedelta(minutes=minute + n), accuracy_m=5)
            for n in range(3)
        ]
        tracking.record(driver.id, fixes, type(city.clock)(begins + timedelta(minutes=20)))
    found = TrailRow.between(driver.id, begins + timedelta(minutes=1), begins + timedelta(minutes=9))
    minutes = [(fix.device_at - begins) / timedelta(minutes=1) for fix in found]
    assert minutes == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_a_closed_street_makes_ways_longer_at_once_and_not_any_more_when_it_is_open_again():
    city = City.open()
    now = city.clock.now()
    before = current.travel_at(zone(), now).seconds(at(-2000), at(2000))
    closed = Incident(centre=at(0, 10), radius_m=800, begins_at=now, ends_at=now + timedelta(hours=1), closed=True)
    reported = current.report("testville", closed, "parade", "ana", city.clock)
    assert current.travel_at(zone(), now).seconds(at(-2000), at(2000)) > 1.05 * before
    assert current.travel_at(zone(), now + timedelta(hours=2)).seconds(at(-2000), at(2000)) == before
    assert current.standing("testville", city.clock) == (reported,)
    current.end("testville", reported.id, city.clock)
    assert current.travel_at(zone(), now).seconds(at(-2000), at(2000)) == before
    assert current.standing("testville", city.clock) == ()


def test_incidents_are_those_of_zones_that_exist():
    city = City.open()
    with pytest.raises(NotFound, match="nowhere"):
        current.standing("nowhere", city.clock)


def test_merchants_are_told_of_another_arrival_when_it_moved_far_enough_and_only_then():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    told = order.eta
    city.later(minutes=4)
    tracking.record(driver.id, [Fix(point=at(-2000), device_at=city.clock.now())], city.clock)
    assert deliveries.get(order.id) == order, "four minutes late are not worth a word"
    city.later(minutes=4)
    tracking.record(driver.id, [Fix(point=at(-1990), device_at=city.clock.now())], city.clock)
    late = deliveries.get(order.id)
    assert late.eta - told == pytest.approx(timedelta(minutes=8), abs=timedelta(seconds=5))
    assert late.sequence == order.sequence + 1
    city.later(minutes=1)
    tracking.record(driver.id, [Fix(point=at(-1700), device_at=city.clock.now())], city.clock)
    assert deliveries.get(order.id).sequence == late.sequence, "told, it is news no more"
    city.later(seconds=30)
    tracking.record(driver.id, [Fix(point=at(0), device_at=city.clock.now())], city.clock)
    early = deliveries.get(order.id)
    assert early.sequence == late.sequence + 1
    assert early.eta < late.eta - timedelta(minutes=5), "made good again, it is as at first, which is news too"


def test_who_has_not_heard_of_an_incident_yet_takes_back_nothing_that_was_told():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    ignorant = current.incidents_in("testville")
    ends = city.clock.now() + timedelta(hours=1)
    jam = Incident(centre=at(), radius_m=5000, begins_at=city.clock.now(), ends_at=ends, slowdown=10)
    current.report("testville", jam, "ice", "ana", city.clock)
    tracking.announce_changes(driver.id, city.clock)
    late = deliveries.get(order.id)
    assert late.eta > order.eta + timedelta(minutes=5)
    current._incidents.put("testville", ignorant)
    tracking.announce_changes(driver.id, city.clock)
    assert deliveries.get(order.id) == late


def test_the_event_says_what_was_told_before():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    now = city.clock.now()
    (event,) = order.expect(order.eta + timedelta(minutes=7), now, timedelta(minutes=5)).events
    validate_event(event.model_dump(mode="json"))
    assert event.data["previous_eta"] == order.eta.isoformat().replace("+00:00", "Z")


def test_who_comes_later_because_their_driver_takes_more_along_is_told():
    city = City.open()
    driver = city.driver(east_m=-500)
    first = assignment.assign_by_hand(city.order("first", east_m=3000).id, driver.id, "ana", city.clock)
    assignment.assign_by_hand(city.order("second", east_m=-1500).id, driver.id, "ana", city.clock)
    assignment.assign_by_hand(city.order("third", east_m=-1600).id, driver.id, "ana", city.clock)
    resequencing.improve(driver.id, "testville", city.clock)
    for delivery in deliveries.get_many(stop.delivery_id for stop in routing.of(driver.id).stops).values():
        live = tracking.live_eta(delivery, city.clock)
        assert abs(live - delivery.eta) < timedelta(minutes=5)
    assert first.eta


def test_customers_and_merchants_see_between_when_and_when():
    city = City.open()
    driver = city.driver(east_m=-500)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    view = customer_view(order.id, city.clock)
    assert view.eta_earliest < view.eta < view.eta_latest
    waiting = customer_view(city.order("waits").id, city.clock)
    assert (waiting.eta, waiting.eta_earliest, waiting.eta_latest) == (None, None, None)


def test_who_stands_at_a_door_tells_of_another_arrival_only_when_it_takes_much_longer_than_planned():
    city = City.open()
    driver = city.driver(east_m=0)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    there = stops.arrive(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    for minutes in (1, 1, 2, 2):
        city.later(minutes=minutes)
        tracking.record(driver.id, [Fix(point=at(0), device_at=city.clock.now())], city.clock)
        assert deliveries.get(order.id).sequence == there.sequence
    city.later(minutes=2)
    tracking.record(driver.id, [Fix(point=at(0), device_at=city.clock.now())], city.clock)
    told = deliveries.get(order.id)
    assert told.sequence == there.sequence + 1
    assert told.eta - order.eta >= timedelta(minutes=zone().settings.eta_change_minutes)
    assert told.eta == routing.of(driver.id).stops[-1].eta


def test_a_phone_that_was_offline_tells_of_no_other_arrival():
    city = City.open()
    driver = city.driver(east_m=-2000)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    city.later(minutes=1)
    seen = city.clock.now()
    city.later(minutes=11)
    tracking.record(driver.id, [Fix(point=at(-1700), device_at=seen)], city.clock)
    assert deliveries.get(order.id) == order


def test_what_fails_in_one_zone_is_learned_in_the_others():
    city = City.open()
    driver = city.driver(east_m=0)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    observation = Observation(id="evt_1", ended_at=city.clock.now(), stay_at="41,-87", stay_s=900)
    with pytest.raises(ExceptionGroup):
        store_observations([("nowhere", observation), (order.zone_id, observation)], city.clock)
    current.forget()
    assert current.learned_in(zone()).observations == ("evt_1",)
