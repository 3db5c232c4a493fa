from datetime import timedelta

import pytest

from local.city.plans import mdrp
from local.city.plans.geometry import distance_m
from local.city.plans.plan import PlanError

PARAMETERS = (
    "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
    "maximum click-to-door\tpay per order\tguaranteed pay per hour\n320\t4\t4\t40\t90\t10\t15\n"
)
RESTAURANTS = "restaurant\tx\ty\nr1\t1000\t2000\nr2\t5000\t2000\n"
ORDERS = (
    "order\tx\ty\tplacement_time\trestaurant\tready_time\no2\t1000\t5200\t110\tr1\t125\no1\t5000\t2320\t100\tr2\t190\n"
)
COURIERS = "courier\tx\ty\ton_time\toff_time\nc1\t0\t0\t0\t240\nc2\t6000\t0\t150\t300\n"


@pytest.fixture
def folder(tmp_path):
    instance = tmp_path / "0o50t100s1p100"
    instance.mkdir()
    for name, text in zip(mdrp.FILES, (COURIERS, ORDERS, RESTAURANTS, PARAMETERS), strict=True):
        (instance / name).write_text(text)
    return instance


def test_every_order_and_every_courier_takes_part(folder):
    plan = mdrp.read(folder)
    assert [order.external_id for order in plan.orders] == ["o1", "o2"]
    assert [driver.key for driver in plan.drivers] == ["c1", "c2"]


def test_minutes_of_the_day_count_from_shortly_before_the_first_order(folder):
    first, second = mdrp.read(folder).orders
    assert first.placed_after == mdrp.WARM_UP
    assert second.placed_after - first.placed_after == timedelta(minutes=10)
    assert second.ready_after - second.placed_after == timedelta(minutes=15)


def test_a_courier_who_began_before_the_first_order_is_there_from_the_beginning(folder):
    early, late = mdrp.read(folder).drivers
    assert early.on_after == timedelta(0)
    assert late.on_after == mdrp.WARM_UP + timedelta(minutes=50)


def test_metres_stay_metres(folder):
    order = mdrp.read(folder).orders[1]
    assert distance_m(order.pickup, order.dropoff) == pytest.approx(3200, rel=0.001)


def test_an_order_is_promised_within_the_target_or_as_soon_as_can_be(folder):
    slow_kitchen, usual = mdrp.read(folder).orders
    assert usual.promise_after - usual.placed_after == timedelta(minutes=40)
    assert slow_kitchen.promise_after - slow_kitchen.ready_after == pytest.approx(
        timedelta(minutes=5), abs=timedelta(seconds=3)
    )


def test_the_zone_travels_straight_at_the_speed_of_the_instance(folder):
    plan = mdrp.read(folder)
    assert plan.settings["travel"]["detour_factor"] == 1.0
    assert plan.settings["travel"]["speed_mps"] == pytest.approx(320 / 60, abs=0.001)
    assert plan.settings["travel"]["pickup_dwell_s"] == 240
    assert plan.pace.before_pickup == timedelta(minutes=2)


def test_a_folder_without_orders_is_refused_and_the_file_is_named(folder):
    (folder / "orders.txt").unlink()
    with pytest.raises(PlanError, match=r"orders\.txt is missing"):
        mdrp.read(folder)
