"""Lateness by cause: the parts add up, and only what is shown to be the driver's is the driver's."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.lateness import Way
from crowdship.kernel.geo import Point
from crowdship.performance.lateness import GRACE_S, Lateness, lateness_of
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from tests.city import NOON, delivery

MINUTE = timedelta(minutes=1)
PICKUP, DROPOFF = StopKind.PICKUP, StopKind.DROPOFF
WAY = Way(stay_s=180, travel_s=600)
PROMISED = delivery().dropoff_window.closes_at
SPAN = st.integers(0, 90).map(lambda minutes: minutes * MINUTE)


def driven(leave, ride, wait, load, way, *, planned=PROMISED, alone=True):
    """Return a delivery whose driver took so long for each part, from the assignment at noon to the hand-over."""
    at = NOON
    going = delivery(way=WAY).assign("drv_1", at, "drv_1", planned, alone=alone)
    going = going.depart(PICKUP, at := at + leave)
    going = going.arrive(PICKUP, at := at + ride)
    going = going.pick_up(at := at + wait)
    going = going.depart(DROPOFF, at := at + load)
    going = going.arrive(DROPOFF, at := at + way)
    return going.deliver(at + MINUTE)


@given(st.tuples(SPAN, SPAN, SPAN, SPAN, SPAN), SPAN, st.booleans())
def test_the_causes_of_a_lateness_add_up_to_it(spans, after, alone):
    done = driven(*spans, planned=PROMISED + after, alone=alone)
    late = max(timedelta(), NOON + sum(spans, timedelta()) - PROMISED)
    assert lateness_of(done).total == late.total_seconds()


@given(st.tuples(SPAN, SPAN, SPAN, SPAN, SPAN))
def test_a_driver_with_other_stops_on_the_route_is_never_charged_with_a_lateness(spans):
    assert lateness_of(driven(*spans, alone=False)).driver == 0


@given(st.tuples(SPAN, SPAN, SPAN, SPAN, SPAN))
def test_no_driver_is_charged_with_more_than_their_idle_time(spans):
    idle = max(0, spans[0].total_seconds() - GRACE_S) + max(0, spans[3].total_seconds() - GRACE_S)
    assert lateness_of(driven(*spans)).driver <= idle


@pytest.mark.parametrize(
    ("spans", "planned", "expected"),
    [
        ((1, 5, 3, 1, 10), 0, Lateness()),
        ((1, 5, 63, 1, 10), 0, Lateness(shop=1200)),
        ((1, 5, 3, 1, 70), 0, Lateness(traffic=1200)),
        ((61, 5, 3, 1, 10), 0, Lateness(driver=1200)),
        ((1, 65, 3, 1, 10), 0, Lateness(plan=1200)),
        ((61, 5, 3, 1, 10), 15, Lateness(plan=900, driver=300)),
        ((21, 5, 33, 1, 20), 0, Lateness(shop=1200)),
    ],
    ids=["in time", "shop", "traffic", "driver", "not explained", "promised too early", "shop before driver"],
)
def test_each_cause_has_its_part(spans, planned, expected):
    done = driven(*(one * MINUTE for one in spans), planned=PROMISED + planned * MINUTE)
    assert lateness_of(done) == expected


def test_what_another_driver_did_before_is_not_this_drivers():
    going = delivery(way=WAY).assign("drv_1", NOON, "drv_1", PROMISED, alone=True)
    going = going.depart(PICKUP, NOON + 70 * MINUTE).arrive(PICKUP, NOON + 72 * MINUTE).pick_up(NOON + 75 * MINUTE)
    going = going.transfer("drv_2", Point(lat=41, lon=-87), NOON + 76 * MINUTE, "staff", NOON + 85 * MINUTE)
    going = going.depart(PICKUP, NOON + 77 * MINUTE).arrive(PICKUP, NOON + 78 * MINUTE).pick_up(NOON + 78 * MINUTE)
    going = going.depart(DROPOFF, NOON + 79 * MINUTE).arrive(DROPOFF, NOON + 85 * MINUTE)
    assert lateness_of(going.deliver(NOON + 86 * MINUTE)).driver == 0


def test_a_driver_need_not_leave_before_the_goods_can_be_fetched():
    opens = NOON + 55 * MINUTE
    later = delivery(way=WAY, pickup_window=Window(opens_at=opens, closes_at=PROMISED))
    for going in (later, delivery(way=WAY).with_changes(ready_at=opens)):
        going = going.assign("drv_1", NOON, "drv_1", PROMISED, alone=True).depart(PICKUP, NOON + 40 * MINUTE)
        going = going.arrive(PICKUP, opens).pick_up(opens + 3 * MINUTE).depart(DROPOFF, opens + 4 * MINUTE)
        done = going.arrive(DROPOFF, PROMISED + 9 * MINUTE).deliver(PROMISED + 10 * MINUTE)
        assert lateness_of(done) == Lateness(plan=540)


def test_whoever_leaves_for_the_shop_too_late_answers_for_what_they_came_too_late():
    opens = NOON + 30 * MINUTE
    going = delivery(way=WAY, pickup_window=Window(opens_at=opens, closes_at=PROMISED))
    going = going.assign("drv_1", NOON, "drv_1", PROMISED, alone=True).depart(PICKUP, NOON + 50 * MINUTE)
    late = going.arrive(PICKUP, opens + 22 * MINUTE).pick_up(opens + 25 * MINUTE).depart(DROPOFF, opens + 26 * MINUTE)
    done = late.arrive(DROPOFF, opens + 60 * MINUTE).deliver(opens + 61 * MINUTE)
    assert lateness_of(done) == Lateness(driver=360, traffic=1440)
