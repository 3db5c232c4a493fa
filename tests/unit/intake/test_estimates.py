"""When a driver could be there."""

from dataclasses import replace
from datetime import timedelta

from crowdship.drivers.model import Vehicle
from crowdship.intake.quotes.estimate import expected
from crowdship.routes.route import Route
from crowdship.routes.stops import stops_of
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from tests import city
from tests.city import CENTRE, NOON, at, delivery
from tests.unit.dispatch.test_fleet import core
from tests.unit.dispatch.test_planning import free

RULES = city.settings(rounds={"batch_seconds": 20})
TRAVEL = GreatCircle(RULES.travel)


def eta_s(asked, available, waiting=()):
    """Return after how many seconds it is picked up and arrives."""
    picked_up, arrives = expected(asked, available, waiting, RULES, TRAVEL, NOON)
    return picked_up and round((picked_up - NOON).total_seconds()), arrives and round((arrives - NOON).total_seconds())


def test_the_nearest_who_fits_comes_the_zone_waits_a_moment_and_a_stop_takes_its_time():
    # 500 m at 5 m/s after 20 s of waiting for others; two minutes at the shop, 2000 m to the customer.
    assert eta_s(delivery(), [free("drv_far", at(3000)), free("drv_near", at(500))]) == (120, 120 + 120 + 400)


def test_who_can_not_carry_it_does_not_count():
    small = Vehicle(kind=VehicleKind.BICYCLE, max_weight_g=1000, max_volume_l=50)
    heavy = delivery(parcel=Parcel(weight_g=5000))
    there = [free("drv_near", at(500), vehicle=small), free("drv_far", at(3000))]
    assert eta_s(heavy, there)[0] == 20 + 600
    assert eta_s(heavy, there[:1]) == (None, None)


def test_nobody_on_duty_is_no_estimate():
    assert eta_s(delivery(), []) == (None, None)


def test_a_driver_finishes_their_route_first():
    busy = free("drv_1", at(0))
    route = Route(id="drv_1", zone_id="testville", stops=stops_of(delivery("dlv_0"), RULES.travel))
    # Two minutes at the shop, 400 s to the customer, two minutes there, 400 s back.
    assert eta_s(delivery(), [replace(busy, route=route)])[0] == 120 + 400 + 120 + 400


def test_what_waits_already_is_served_before():
    there = [free("drv_1", at(0))]
    ahead = delivery("dlv_0")
    assert eta_s(delivery(), there, [ahead])[0] == 20 + 120 + 400 + 120 + 400
    assert eta_s(delivery(), [*there, free("drv_2", at(100))], [ahead])[0] == 20 + 20


def test_what_is_for_later_is_expected_as_its_windows_open():
    opens = NOON + timedelta(hours=5)
    window = Window(opens_at=opens, closes_at=opens + timedelta(hours=1))
    later = delivery(pickup_window=window, dropoff_window=window, plan_from=opens - timedelta(hours=1))
    assert eta_s(later, []) == (5 * 3600, 5 * 3600 + 120 + 400)


def test_more_supply_is_never_slower():
    drivers = [free(f"drv_{n}", at(400 * n, -300 * n)) for n in range(6)]
    waiting = [delivery(f"dlv_{n}", at(100 * n), at(-1000, 500 * n)) for n in range(4)]
    found = [eta_s(delivery("dlv_x", CENTRE), drivers[: n + 1], waiting)[0] for n in range(6)]
    assert found == sorted(found, reverse=True)


def test_an_order_that_is_kept_is_expected_with_the_dedicated_driver_though_the_crowd_is_nearer():
    rules = city.settings(rounds={"batch_seconds": 20}, fleet={"hold_minutes": 10})
    there = [core("drv_core", at(1000)), free("drv_crowd", at(100))]
    picked_up, _ = expected(delivery(), there, (), rules, TRAVEL, NOON)
    assert picked_up == NOON + timedelta(seconds=20 + 200)
    assert eta_s(delivery(), there)[0] == 20 + 20
