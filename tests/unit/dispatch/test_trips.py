"""The trip that a driver reads on an offer."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.dispatch.offers.trips import Trip, added_trip
from crowdship.kernel.geo import distance_m
from crowdship.kernel.money import Money
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Load, Start, insert
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import TravelRules
from tests.city import NOON, at, delivery

RULES = TravelRules()
TRAVEL = GreatCircle(RULES)
VAN = Load(100_000, 1_000)


def stops(name, pickup, dropoff, **fields):
    return stops_of(delivery(id=name, pickup=at(pickup), dropoff=at(dropoff), **fields), RULES)


def trip(route, groups, start_m=0):
    return added_trip(route, groups, Start(at(start_m), NOON + timedelta(minutes=30)), VAN, TRAVEL, 1.0)


def test_a_driver_without_stops_reads_the_way_from_where_they_are_over_all_stops():
    told = trip((), [stops("d1", 1000, 3000)], start_m=-500)
    way = TRAVEL.metres(at(-500), at(1000)) + TRAVEL.metres(at(1000), at(3000))
    driving = TRAVEL.seconds(at(-500), at(1000)) + TRAVEL.seconds(at(1000), at(3000))
    assert told.distance_m == pytest.approx(way, abs=2)
    assert told.distance_m >= distance_m(at(-500), at(3000)) - 2
    assert told.duration_s == pytest.approx(driving + RULES.pickup_dwell_s + RULES.dropoff_dwell_s, abs=3)


def test_a_driver_under_way_reads_what_the_offer_adds():
    route = insert((), [stops("d1", 1000, 3000)], Start(at(0), NOON), VAN, TRAVEL, 1.0).stops
    on_the_way, alone = trip(route, [stops("d2", 1000, 3000)]), trip((), [stops("d2", 1000, 3000)])
    assert on_the_way.distance_m <= 2
    assert on_the_way.duration_s < alone.duration_s


def test_what_fits_nowhere_between_is_told_as_made_after_all_others():
    full = stops("d1", 1000, 3000)
    told = added_trip(full, [stops("d2", 3000, 5000)], Start(at(0), NOON), Load(1, 1), TRAVEL, 1.0)
    assert told.distance_m == pytest.approx(TRAVEL.metres(at(3000), at(5000)), abs=2)


@given(st.integers(0, 100_000), st.integers(0, 40_000))
def test_the_pay_per_hour_times_the_hours_is_the_pay(pay, duration_s):
    per_hour = Trip(distance_m=1, duration_s=duration_s).pay_per_hour(Money(amount=pay, currency="USD"))
    if per_hour is None:
        assert duration_s < 60
    else:
        assert abs(per_hour.amount * duration_s / 3600 - pay) <= duration_s / 7200 + 1e-6
