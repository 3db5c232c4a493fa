"""What is known of a driver on the way, and what a customer sees of it."""

from datetime import timedelta

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import FailureReason, State
from crowdship.deliveries.views import DeliveryView
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.board import service as board
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverChange
from crowdship.kernel.errors import Conflict, Forbidden, Gone, Unauthorized
from crowdship.proof.model import DeliverInput
from crowdship.routes import service as routing
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from crowdship.tracking.page.link import delivery_behind, tracking_url
from crowdship.tracking.page.service import customer_view
from crowdship.tracking.store import TrailRow
from tests.city import City, at, bar, driver_input

pytestmark = pytest.mark.usefixtures("aws")


def fix(city, east_m):
    return Fix(point=at(east_m), device_at=city.clock.now())


def on_the_way(city, driver):
    order = city.assigned(driver)
    fetch(city, driver, order)
    stops.depart(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    city.later(minutes=2)
    return order


def fetch(city, driver, order):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
        city.later(minutes=2)
    stops.pick_up(order.id, driver.id, None, city.clock)
    city.later(minutes=2)


def test_positions_leave_a_trail_and_the_newest_is_where_the_driver_is():
    city = City.open()
    driver = city.driver(east_m=0)
    city.later(minutes=1)
    fixes = [fix(city, 100)]
    city.later(seconds=30)
    fixes.append(fix(city, 200))
    assert tracking.record(driver.id, fixes, city.clock).accepted == 2
    assert tracking.newest([driver.id])[driver.id].fix.point == at(200)
    assert TrailRow.of_day(driver.id, "2026-06-01") == fixes


def test_the_same_batch_again_changes_nothing():
    city = City.open()
    driver = city.driver(east_m=0)
    city.later(minutes=1)
    batch = [fix(city, 100)]
    tracking.record(driver.id, batch, city.clock)
    again = tracking.record(driver.id, batch, city.clock)
    assert (again.accepted, again.dropped) == (0, {"late_or_duplicate": 1})


def test_nobody_is_followed_off_duty_but_what_a_phone_kept_of_the_duty_is_still_taken():
    city = City.open()
    driver = drivers.register(driver_input(), city.clock, lambda driver_id, person: None)
    left_out = (0, {"off_duty": 1})

    def sends(east_m, **ago):
        seen = Fix(point=at(east_m), device_at=city.clock.now() - timedelta(**ago))
        told = tracking.record(driver.id, [seen], city.clock)
        return told.accepted, told.dropped

    assert sends(0) == left_out, "never on duty"
    duty.begin(driver.id, None, at(0), city.clock)
    assert sends(0, minutes=20) == left_out, "before it began"
    city.later(minutes=30)
    duty.end(driver.id, city.clock)
    city.later(minutes=30)
    assert sends(100) == left_out
    assert sends(200, minutes=35) == (1, {})
    city.later(minutes=30)
    duty.begin(driver.id, None, at(300), city.clock)
    assert sends(400, minutes=40) == left_out
    city.later(minutes=1)
    assert sends(400) == (1, {})
    kept = TrailRow.of_day(driver.id, city.clock.now().date().isoformat())
    assert [fix.point for fix in kept] == [at(200), at(400)]


@pytest.mark.parametrize("slow", [5, 10])
def test_a_phone_whose_clock_is_slow_is_followed_like_any_other(slow):
    city = City.open()
    driver = city.driver(east_m=0)
    order = on_the_way(city, driver)
    told = deliveries.get(order.id).eta
    for minute in range(12):
        city.later(minutes=1)
        behind = Fix(point=at(30 * (minute % 2)), device_at=city.clock.now() - timedelta(minutes=slow), accuracy_m=5)
        assert tracking.record(driver.id, [behind], city.clock).accepted == 1
    assert board.of_zone("testville", city.clock).alerts == ()
    assert deliveries.get(order.id).eta >= told + timedelta(minutes=5), "they do not get on"


def test_an_app_that_starts_anew_and_says_on_duty_again_still_sends_what_it_kept():
    city = City.open()
    driver = city.driver(east_m=0)
    begins = city.clock.now()
    kept = [Fix(point=at(100 * n), device_at=begins + timedelta(seconds=20 * n)) for n in range(1, 21)]
    city.later(minutes=10)
    duty.begin(driver.id, None, at(2000), city.clock)
    assert tracking.record(driver.id, kept, city.clock).accepted == 20


def test_an_app_that_starts_anew_abroad_stays_on_duty_there():
    city = City.open()
    driver = city.driver()
    drivers.change(driver.id, DriverChange(home_zone_id="elsewhere"))
    assert duty.begin(driver.id, None, at(300), city.clock).duty.zone_id == "testville"


def test_who_may_not_go_on_duty_is_not_followed():
    city = City.open()
    driver = city.driver()
    duty.end(driver.id, city.clock)
    bar(driver.id)
    with pytest.raises(Forbidden, match="suspended"):
        duty.begin(driver.id, None, at(0), city.clock)
    city.later(minutes=1)
    assert tracking.record(driver.id, [fix(city, 100)], city.clock).dropped == {"off_duty": 1}


def test_coming_near_is_announced_once():
    city = City.open()
    driver = city.driver(east_m=0)
    order = on_the_way(city, driver)
    for east_m in (1000, 1700, 1800):
        city.later(minutes=2)
        tracking.record(driver.id, [fix(city, east_m)], city.clock)
        reached = deliveries.get(order.id)
        assert (reached.approaching_at is not None) == (east_m > 1600)
        if east_m == 1700:
            announced = reached
    assert reached.approaching_at == announced.approaching_at


def test_a_customer_sees_first_name_vehicle_position_and_a_live_eta_while_it_is_under_way():
    city = City.open()
    driver = city.driver(east_m=0)
    order = on_the_way(city, driver)
    city.later(minutes=1)
    tracking.record(driver.id, [fix(city, 1500)], city.clock)
    view = customer_view(order.id, city.clock)
    assert (view.driver_name, view.vehicle, view.position) == ("Ana", "car", at(1500))
    assert (view.eta - city.clock.now()).total_seconds() == pytest.approx(100, abs=2)


def test_nobody_watches_their_driver_at_other_customers_doors():
    city = City.open()
    driver = city.driver(east_m=0)
    near, far = (
        assignment.assign_by_hand(city.order(name, east_m=east_m).id, driver.id, "ana", city.clock)
        for name, east_m in (("near", 1000), ("far", 4000))
    )

    def shown(order):
        return customer_view(order.id, city.clock).position is not None

    assert (shown(near), shown(far)) == (False, False)
    stops.depart(near.id, driver.id, StopKind.PICKUP, None, city.clock)
    assert (shown(near), shown(far)) == (True, False)
    stops.arrive(near.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(near.id, driver.id, None, city.clock)
    fetch(city, driver, far)
    stops.depart(near.id, driver.id, StopKind.DROPOFF, None, city.clock)
    assert (shown(near), shown(far)) == (True, False)


def test_the_next_customer_sees_nothing_of_the_door_before_theirs():
    city = City.open()
    driver = city.driver(east_m=0)
    near, far = (
        assignment.assign_by_hand(city.order(name, east_m=east_m).id, driver.id, "ana", city.clock)
        for name, east_m in (("near", 1000), ("far", 4000))
    )
    for order in (near, far):
        fetch(city, driver, order)

    def seen_by_far(*places):
        for east_m in places:
            city.later(seconds=15)
            tracking.record(driver.id, [fix(city, east_m)], city.clock)
        return customer_view(far.id, city.clock).position

    stops.depart(near.id, driver.id, StopKind.DROPOFF, None, city.clock)
    assert seen_by_far(500, 1000, 1000, 1000) is None
    stops.arrive(near.id, driver.id, StopKind.DROPOFF, None, city.clock)
    stops.deliver(near.id, driver.id, DeliverInput(device_at=city.clock.now()), None, city.clock)
    assert seen_by_far(1000) is None, "it is the first stop now, but nobody set out for it"
    stops.depart(far.id, driver.id, StopKind.DROPOFF, None, city.clock)
    assert seen_by_far(1000) is None, "they set out at that door"
    assert seen_by_far(1300, 1600, 1900) == at(1900)


def test_what_a_driver_takes_on_moves_the_time_that_everybody_is_told():
    city = City.open()
    driver = city.driver(east_m=0)
    first = city.assigned(driver, external_id="far", east_m=4000)
    fetch(city, driver, first)
    pinned = deliveries.get(first.id).eta
    on_top = city.order("near", east_m=1000, north_m=1000)
    assignment.assign_by_hand(on_top.id, driver.id, "ana", city.clock)
    stops.depart(first.id, driver.id, StopKind.DROPOFF, None, city.clock)
    told = deliveries.get(first.id)
    view = DeliveryView.of(told, "", tracking.live_eta(told, city.clock))
    planned = routing.of(driver.id).eta_of(first.id, StopKind.DROPOFF)
    assert told.eta == planned != pinned
    assert view.eta == customer_view(first.id, city.clock).eta


def test_a_merchant_is_not_told_who_on_the_staff_acted():
    city = City.open()
    driver = city.driver()
    order = city.order()
    given = assignment.assign_by_hand(order.id, driver.id, "ana.lopez", city.clock)
    assert given.timeline[-1].actor == "ana.lopez"
    assert [step.actor for step in DeliveryView.of(given, "", None).timeline] == ["mer_test", "staff"]


def test_a_driver_who_vanished_is_taken_off_duty_and_what_they_had_not_fetched_waits_for_others():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    assert duty.relieve(driver.id, "ana", city.clock).duty is None
    waiting = deliveries.get(order.id)
    assert (waiting.state, waiting.driver_id) == (State.CREATED, None)
    assert routing.of(driver.id).stops == ()
    assert duty.relieve(driver.id, "ana", city.clock).duty is None
    other = city.driver()
    city.tick()
    assert [offer.delivery_ids for offer in city.offers(other)] == [(order.id,)]


def test_a_driver_with_goods_on_board_stays_on_duty_until_staff_have_ended_them():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    fetch(city, driver, order)
    with pytest.raises(Conflict, match="goods_on_board"):
        duty.relieve(driver.id, "ana", city.clock)
    by_hand.fail_by_hand(order.id, FailureReason.GOODS_LOST, "ana", city.clock)
    assert duty.relieve(driver.id, "ana", city.clock).duty is None


def test_only_the_outcome_is_shown_once_the_delivery_is_closed():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    assert customer_view(order.id, city.clock).driver_name
    cancellation.cancel(order.id, city.merchant.id, "customer_changed_mind", city.clock)
    seen = customer_view(order.id, city.clock)
    assert (seen.state, seen.timeline[-1].state) == (State.CANCELLED, State.CANCELLED)
    assert (seen.position, seen.destination, seen.driver_name, seen.vehicle, seen.eta, seen.pin) == (None,) * 6


def test_the_customer_is_told_why_the_goods_could_not_be_handed_over():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    fetch(city, driver, order)
    by_hand.fail_by_hand(order.id, FailureReason.GOODS_LOST, "ana", city.clock)
    seen = customer_view(order.id, city.clock)
    assert (seen.state, seen.failure, seen.left_at_door) == (State.FAILED, FailureReason.GOODS_LOST, False)


def test_the_timeline_of_the_customer_has_each_state_once_and_nothing_of_drivers_who_gave_up():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.unassign(order.id, driver.id, None, city.clock)
    seen = customer_view(order.id, city.clock)
    assert [step.state for step in seen.timeline] == [State.CREATED]
    assert seen.timeline[0].at == order.created_at


def test_a_link_leads_to_its_delivery_until_it_ends(monkeypatch):
    city = City.open()
    order = city.order()
    secrets._provider = None
    secret = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString="s" * 32)
    monkeypatch.setenv("TRACKING_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("PAGES_URL", "https://pages.example")
    link = tracking_url(order.id, order.dropoff_window.closes_at)
    token = link.removeprefix("https://pages.example/t/")
    assert delivery_behind(token, city.clock) == order.id
    with pytest.raises(Unauthorized):
        delivery_behind(token[:-1] + ("0" if token[-1] != "0" else "1"), city.clock)
    city.later(days=8)
    assert delivery_behind(token, city.clock) == order.id
    city.later(hours=1)
    with pytest.raises(Gone):
        delivery_behind(token, city.clock)


def test_a_driver_with_open_stops_can_not_go_off_duty():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    with pytest.raises(Conflict, match="2 stops are still on the route"):
        duty.end(driver.id, city.clock)
    cancellation.cancel(order.id, "staff", "other", city.clock)
    assert duty.end(driver.id, city.clock).duty is None
