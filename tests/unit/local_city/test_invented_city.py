from datetime import UTC, datetime, timedelta

from crowdship.intake.orders.model import DeliveryRequest
from crowdship.intake.orders.windows import way_of
from crowdship.kernel.geo import Point
from crowdship.shipment.requirements.registry import check_order
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import ZoneSettings
from local.city.plans import invented
from local.city.plans.geometry import distance_m
from local.city.shops import label_codes, phone_of, request_for, shortest_promise
from tests.city import NOON


def test_the_same_seed_makes_the_same_day_and_another_seed_another():
    assert invented.city(50, seed=3) == invented.city(50, seed=3)
    assert invented.city(50, seed=3) != invented.city(50, seed=4)


def test_every_order_is_placed_within_the_two_hours_and_within_reach():
    plan = invented.city(300)
    assert all(timedelta(0) < order.placed_after <= invented.LENGTH for order in plan.orders)
    assert all(distance_m(plan.centre, order.dropoff) < invented.REACH_M * 1.42 for order in plan.orders)


def test_some_customers_are_absent_and_some_change_their_minds_but_few():
    plan = invented.city(1000)
    assert 0 < sum(order.absent for order in plan.orders) < 80
    assert 0 < sum(order.cancelled_after is not None for order in plan.orders) < 60


def test_a_customer_has_another_phone_in_each_run():
    assert phone_of("run-1", "7") != phone_of("run-2", "7")
    assert phone_of("run-1", "7") == phone_of("run-1", "7")


def test_a_request_never_promises_what_the_platform_refuses():
    plan = invented.city(20)
    begins = datetime(2026, 3, 2, 11, tzinfo=UTC)
    late = begins + timedelta(hours=3)  # this machine was busy: everything is placed an hour too late
    for order in plan.orders:
        body = request_for(order, "x", "+15550000001", begins, late)
        closes = datetime.fromisoformat(body["dropoff_window"]["closes_at"])
        assert closes >= late + timedelta(minutes=10)
        assert closes > datetime.fromisoformat(body["pickup_window"]["opens_at"])


def test_no_order_is_promised_sooner_than_the_platform_can_bring_it():
    plan = invented.city(60, seed=5)
    rules = ZoneSettings.model_validate(plan.settings)
    stores = {shop.key: shop.point for shop in plan.shops}
    for order in plan.orders:
        pickup = order.pickup or stores[order.shop]
        a, b = (Point(lat=end.lat, lon=end.lon) for end in (pickup, order.dropoff))
        least = way_of(a, b, rules, GreatCircle(rules.travel)).takes
        assert shortest_promise(plan, pickup, order.dropoff) > least


def test_a_shop_that_labels_its_parcels_gives_the_codes_that_its_drivers_scan():
    plan = invented.city(60)
    asked = [order for order in plan.orders if order.requirements.get("barcode")]
    assert 0 < len(asked) < len(plan.orders)
    for order in plan.orders:
        body = request_for(order, f"run-{order.external_id}", "+15550000001", NOON, NOON)
        request = DeliveryRequest.model_validate(body)
        check_order(request.requirements, request)
        assert request.parcel_codes == label_codes(order, f"run-{order.external_id}")
