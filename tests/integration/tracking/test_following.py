"""What is known of a driver on the way, and what a customer sees of it."""

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch import service as dispatch
from crowdship.kernel import secrets
from crowdship.kernel.errors import Conflict, Gone, Unauthorized
from crowdship.proof import service as proof
from crowdship.tracking import duty
from crowdship.tracking import service as tracking
from crowdship.tracking.link import delivery_behind, tracking_url
from crowdship.tracking.model import Fix
from crowdship.tracking.store import TrailRow
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")


def fix(city, east_m):
    return Fix(point=at(east_m), device_at=city.clock.now())


def on_the_way(city, driver):
    order = city.assigned(driver)
    for step in (proof.depart, proof.arrive, proof.pick_up, proof.depart):
        step(order.id, driver.id, None, city.clock)
        city.later(minutes=2)
    return order


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


def test_coming_near_is_announced_once():
    city = City.open()
    driver = city.driver(east_m=0)
    order = on_the_way(city, driver)
    for east_m in (1000, 1700, 1800):
        city.later(minutes=3)
        tracking.record(driver.id, [fix(city, east_m)], city.clock)
        reached = deliveries.get(order.id).approaching_at
        assert (reached is not None) == (east_m > 1600)
    assert deliveries.get(order.id).sequence == 8


def test_a_customer_sees_first_name_vehicle_position_and_a_live_eta_while_it_is_under_way():
    city = City.open()
    driver = city.driver(east_m=0)
    order = on_the_way(city, driver)
    city.later(minutes=1)
    tracking.record(driver.id, [fix(city, 1500)], city.clock)
    view = tracking.customer_view(order.id, city.clock)
    assert (view.driver_name, view.vehicle, view.position) == ("Ana", "car", at(1500))
    assert (view.eta - city.clock.now()).total_seconds() == pytest.approx(100, abs=2)


def test_nothing_is_shown_once_the_delivery_is_closed():
    city = City.open()
    order = city.order()
    assert tracking.customer_view(order.id, city.clock).position is None
    dispatch.cancel(order.id, city.merchant.id, "changed_mind", city.clock)
    with pytest.raises(Gone, match="tracking_closed"):
        tracking.customer_view(order.id, city.clock)


def test_a_link_leads_to_its_delivery_until_it_ends(monkeypatch):
    city = City.open()
    order = city.order()
    secrets._provider = None
    secret = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString="s" * 32)
    monkeypatch.setenv("TRACKING_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("API_URL", "https://api.example/")
    link = tracking_url(order.id, order.dropoff_window.closes_at)
    token = link.removeprefix("https://api.example/v1/track/")
    assert delivery_behind(token, city.clock) == order.id
    with pytest.raises(Unauthorized):
        delivery_behind(token[:-1] + ("0" if token[-1] != "0" else "1"), city.clock)
    city.later(days=3)
    with pytest.raises(Gone):
        delivery_behind(token, city.clock)


def test_a_driver_with_open_stops_can_not_go_off_duty():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    with pytest.raises(Conflict, match="2 stops are still on the route"):
        duty.end(driver.id, city.clock)
    dispatch.cancel(order.id, "staff", "done", city.clock)
    assert duty.end(driver.id, city.clock).duty is None
