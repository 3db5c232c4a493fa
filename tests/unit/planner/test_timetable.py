"""The one timetable: when stops are reached, begun and left, and that others tell the same times."""

import doctest
from importlib import import_module
from math import dist, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import Running
from crowdship.planner.matching.costs import PARTS, cost_parts, end_of
from crowdship.planner.matching.model import Driver, MatchingRules, Order
from crowdship.planner.routes import Stop, Vehicle, Weights
from crowdship.planner.timetable import price, timetable, walk

PLACES = 8
moments = st.integers(0, 90).map(lambda minutes: 60.0 * minutes)
matrices = st.lists(st.lists(moments, min_size=PLACES, max_size=PLACES), min_size=PLACES, max_size=PLACES)
places = st.integers(0, PLACES - 1)
stops = st.lists(
    st.builds(
        Stop,
        st.just("job"),
        places,
        opens_at=moments,
        closes_at=st.one_of(st.just(inf), moments),
        service_s=moments,
    ),
    max_size=6,
)
vehicles = st.builds(Vehicle, st.just("van"), places, st.one_of(st.none(), places), on_at=moments, off_at=moments)


def test_service_begins_when_a_stop_opens_and_not_before_the_vehicle_is_there():
    early, late = (60, 100, 30), (60, 0, 30)
    assert list(walk(0, [early])) == [(60, 100, 130)]
    assert list(walk(0, [late])) == [(60, 60, 90)]


def test_a_stop_is_reached_after_the_one_before_was_left():
    assert list(walk(5, [(10, 0, 3), (10, 0, 3)])) == [(15, 15, 18), (28, 28, 31)]


def test_a_route_without_stops_ends_where_and_when_it_begins():
    assert timetable([], Vehicle("van", 0, 0, on_at=7.0), [[0.0]]).ends_at == 7.0


def test_the_way_home_is_driven_and_takes_time():
    plan = timetable([Stop("job", 1, service_s=5.0)], Vehicle("van", 0, 2), [[0, 10, 0], [0, 0, 20], [0, 0, 0]])
    assert (plan.ends_at, plan.driving_s) == (35.0, 30.0)


@given(stops, vehicles, matrices)
def test_the_sums_of_an_insertion_are_those_of_the_timetable(route, vehicle, matrix):
    weights = Weights(waiting=0.25, lateness=5.0)
    line, plan = Line(Running(vehicle, tuple(route)), matrix, weights), timetable(route, vehicle, matrix)
    over = max(0.0, plan.ends_at - vehicle.off_at) if route else 0.0
    assert line.late_s == pytest.approx(plan.late_s + over)
    assert line.waits[0] == pytest.approx(plan.waiting_s)
    assert line.ends == plan.ends_at
    assert line.leaves[1:] == [begins + stop.service_s for begins, stop in zip(plan.begins, route, strict=True)]
    assert line.cost == pytest.approx(price(route, vehicle, matrix, weights))


points = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda p: (float(p[0]), float(p[1])))


def way_s(a, b):
    return 60.0 * dist(a, b)


@st.composite
def trips_of_a_driver(draw):
    """Orders in trips, each trip from one pickup place."""
    orders, trips = [], []
    for size in draw(st.lists(st.integers(1, 3), max_size=3)):
        shop = draw(points)
        trips.append(tuple(range(len(orders), len(orders) + size)))
        orders += [
            Order(f"order {len(orders) + n}", shop, draw(points), 0.0, draw(moments), due_at=inf, fails_at=inf)
            for n in range(size)
        ]
    return orders, tuple(trips)


@given(trips_of_a_driver(), points, moments)
def test_the_trips_of_a_matching_round_take_the_times_of_the_timetable(given_trips, start, now):
    (orders, trips), rules = given_trips, MatchingRules()
    driver = Driver("driver", start, 0.0, off_at=inf)
    # The goods change hands half way through a stop, and not before they are ready: the wait is there.
    legs, here = [], start
    for trip in trips:
        shop, ready = orders[trip[0]].pickup, max(orders[n].ready_at for n in trip)
        legs.append((way_s(here, shop) + rules.pickup_s / 2, ready, rules.pickup_s / 2))
        here = shop
        for n in trip:
            legs.append((way_s(here, orders[n].dropoff) + rules.dropoff_s / 2, 0.0, rules.dropoff_s / 2))
            here = orders[n].dropoff
    times = list(walk(now, legs))
    handed = [begins for (_, begins, _), (_, opens, _) in zip(times, legs, strict=True) if not opens]
    ends_at, ends = end_of(driver, trips, orders, way_s, rules, now)
    assert (ends_at, ends) == (pytest.approx(times[-1][2] if times else now), here)
    parts = dict(zip(PARTS, cost_parts(driver, trips, orders, way_s, rules, now, 0.0), strict=True))
    if all(order.ready_at for order in orders):
        assert parts["delivery_time"] == pytest.approx(sum(handed))


@pytest.mark.parametrize(
    "module",
    [
        "timetable",
        "ruin_recreate",
        "faults",
        "assignment",
        "acceptance",
        "insertion",
        "polish",
        "sequence",
        "matching.rounds",
        "dayplan.plan",
    ],
)
def test_the_examples_of_an_entry_point_run(module):
    found = doctest.testmod(import_module(f"crowdship.planner.{module}"))
    assert found.attempted
    assert not found.failed
