"""A dispatcher plans a day; nothing is written."""

from datetime import timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch import assignment
from crowdship.dispatch.dayplan import service as daily
from crowdship.dispatch.dayplan.rules import DayPlanRequest, UnservedReason
from crowdship.drivers import service as drivers
from crowdship.drivers.shifts import PlannedShift
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.windows import Window
from tests.city import NOON, City, bar

pytestmark = pytest.mark.usefixtures("aws")

NEXT_DAY = NOON + timedelta(hours=20)


def scheduled(city, external_id, hours=1.0, **fields):
    opens = NEXT_DAY + timedelta(hours=hours)
    window = Window(opens_at=opens, closes_at=opens + timedelta(hours=2))
    return city.order(external_id, pickup_window=window, dropoff_window=window, **fields)


def request(*drivers_, **fields):
    shifts = [
        one if isinstance(one, dict) else {"driver_id": one, "on_at": NEXT_DAY, "off_at": NEXT_DAY + timedelta(hours=9)}
        for one in drivers_
    ]
    given = {"opens_from": NEXT_DAY, "opens_until": NEXT_DAY + timedelta(hours=12), "drivers": shifts, "seconds": 1}
    return DayPlanRequest(**{**given, **fields})


def test_tomorrows_deliveries_are_planned_for_the_drivers_who_are_given_and_stay_as_they_are():
    city = City.open()
    driver = city.driver()
    orders = [deliveries.get(scheduled(city, f"order-{n}", east_m=500.0 * (n + 1)).id) for n in range(4)]
    plan = daily.plan_zone("testville", request(driver.id, explain=True), city.clock)
    (route,) = plan.routes
    assert route.driver_id == driver.id
    told = [name for stop in route.stops for name in stop.delivery_ids]
    assert sorted(told) == sorted([order.id for order in orders] * 2)
    assert route.stops[0].kind == "pickup"
    assert NEXT_DAY + timedelta(hours=1) <= route.stops[0].begins_at < route.ends_at
    assert (plan.totals.served, plan.totals.unserved, plan.totals.drivers) == (4, 0, 1)
    assert {(why.delivery_id, why.driver_id, why.feasible) for why in plan.explanations} == {
        (order.id, driver.id, 1) for order in orders
    }
    assert [deliveries.get(order.id) for order in orders] == orders


def test_only_what_opens_in_the_span_and_is_with_no_driver_is_planned():
    city = City.open()
    driver = city.driver()
    today, taken = city.order("today"), scheduled(city, "taken")
    first, last = scheduled(city, "first", hours=0), scheduled(city, "last", hours=12)
    assignment.assign_by_hand(taken.id, driver.id, "ana", city.clock)
    plan = daily.plan_zone("testville", request(driver.id), city.clock)
    assert {name for route in plan.routes for stop in route.stops for name in stop.delivery_ids} == {first.id}
    now = daily.plan_zone(
        "testville",
        request(
            {"driver_id": driver.id, "on_at": NOON, "off_at": NOON + timedelta(hours=4)},
            opens_from=NOON,
            opens_until=NOON + timedelta(minutes=1),
        ),
        city.clock,
    )
    assert {name for route in now.routes for stop in route.stops for name in stop.delivery_ids} == {today.id}
    assert deliveries.get(last.id).driver_id is None


def test_what_nobody_may_take_is_left_with_the_reason():
    city = City.open()
    driver = city.driver()
    cold = scheduled(city, "cold", requirements=Requirements(skills=("cold_box",)))
    late = scheduled(city, "late", hours=11)
    plan = daily.plan_zone("testville", request(driver.id), city.clock)
    assert {(line.delivery_id, line.reason): line.cannot for line in plan.unserved} == {
        (cold.id, UnservedReason.NO_SUITABLE_DRIVER): {"lacks_skill": 1},
        (late.id, UnservedReason.NOT_IN_TIME): {},
    }


def test_who_may_not_drive_is_named_and_the_others_are_planned_for():
    city = City.open()
    driver, barred = city.driver(), city.driver()
    bar(barred.id)
    scheduled(city, "order-1")
    plan = daily.plan_zone("testville", request(barred.id, driver.id), city.clock)
    assert [(line.driver_id, line.reason) for line in plan.left_out] == [(barred.id, "suspended")]
    assert [route.driver_id for route in plan.routes] == [driver.id]


def test_a_day_without_deliveries_or_without_drivers_is_an_empty_plan():
    city = City.open()
    driver = city.driver()
    assert daily.plan_zone("testville", request(driver.id, explain=True), city.clock).routes == ()
    bar(driver.id)
    order = scheduled(city, "order-1")
    plan = daily.plan_zone("testville", request(driver.id, explain=True), city.clock)
    assert [(line.delivery_id, line.reason) for line in plan.unserved] == [(order.id, "no_suitable_driver")]


def test_somebody_unknown_or_somewhere_unknown_is_pointed_at():
    city = City.open()
    driver = city.driver()
    with pytest.raises(NotFound):
        daily.plan_zone("nowhere", request(driver.id), city.clock)
    with pytest.raises(Unprocessable) as refused:
        daily.plan_zone("testville", request(driver.id, "drv_none"), city.clock)
    assert (refused.value.code, refused.value.pointer) == ("no_such_driver", "/drivers/1/driver_id")


def on_shift(city, hours=9):
    """Return one of the platform's own drivers with a shift on the next day."""
    driver = city.driver(kind="dedicated", email="core@example.com", phone="+13125550177")
    shift = PlannedShift(zone_id="testville", on_at=NEXT_DAY, off_at=NEXT_DAY + timedelta(hours=hours))
    return drivers.plan_shift(driver.id, shift, city.clock)


def test_without_drivers_the_planned_shifts_of_the_zone_count():
    city = City.open()
    core = on_shift(city, hours=4)
    city.driver(900)
    order = scheduled(city, "order-1")
    (route,) = daily.plan_zone("testville", request(drivers=None), city.clock).routes
    assert (route.driver_id, route.stops[0].delivery_ids) == (core.id, (order.id,))
    assert route.ends_at <= NEXT_DAY + timedelta(hours=4)


def test_without_drivers_and_shifts_nothing_can_be_planned():
    city = City.open()
    city.driver()
    with pytest.raises(Unprocessable) as refused:
        daily.plan_zone("testville", request(drivers=None), city.clock)
    assert (refused.value.code, refused.value.pointer) == ("no_shifts", "/drivers")


def test_dedicated_drivers_get_their_day_first_and_the_others_what_is_left():
    city = City.open()
    core, crowd = on_shift(city), city.driver(0)
    for number in range(3):
        scheduled(city, f"order-{number}", east_m=300.0 * (number + 1))
    plan = daily.plan_zone("testville", request(crowd.id, core.id, dedicated_first=True, explain=True), city.clock)
    served = {route.driver_id: {n for s in route.stops for n in s.delivery_ids} for route in plan.routes if route.stops}
    assert set(served) == {core.id}
    assert (plan.totals.served, plan.totals.unserved) == (3, 0)
    assert {why.driver_id for why in plan.explanations} == {core.id}


def test_what_dedicated_drivers_can_not_take_is_planned_for_the_others():
    city = City.open()
    core, crowd = on_shift(city, hours=1.5), city.driver(0)
    early, late = scheduled(city, "early", hours=0.5), scheduled(city, "late", hours=6)
    shift = {"driver_id": core.id, "on_at": NEXT_DAY, "off_at": NEXT_DAY + timedelta(hours=1.5)}
    plan = daily.plan_zone("testville", request(shift, crowd.id, dedicated_first=True), city.clock)
    served = {route.driver_id: {n for s in route.stops for n in s.delivery_ids} for route in plan.routes if route.stops}
    assert served == {core.id: {early.id}, crowd.id: {late.id}}
