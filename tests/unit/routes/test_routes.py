"""Sequences of stops: what may be, what it costs, what is best."""

from datetime import timedelta
from itertools import combinations_with_replacement, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.kernel.errors import NotFound
from crowdship.routes.arrivals import arrivals
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Load, Start, cost_of, fits, free_after, in_order, insert, timed
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from crowdship.travel.conditions import Learned
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.times import GreatCircle
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import TravelRules
from tests.city import NOON, at, delivery

RULES = TravelRules(speed_mps=5, detour_factor=1, pickup_dwell_s=120, dropoff_dwell_s=120)
TRAVEL = GreatCircle(RULES)
BIG = Load(10**6, 10**6)
HERE = Start(at(0, 0), NOON)
places = st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000)).map(lambda p: at(*p))


def order(number, pickup, dropoff, weight_g=1000, late_after=60):
    window = Window(opens_at=NOON, closes_at=NOON + timedelta(minutes=late_after))
    return delivery(f"dlv_{number}", pickup, dropoff, parcel=Parcel(weight_g=weight_g), dropoff_window=window)


@st.composite
def loads(draw, most=3):
    count = draw(st.integers(1, most))
    return [
        order(n, draw(places), draw(places), draw(st.integers(1, 9)) * 100, draw(st.integers(20, 90)))
        for n in range(count)
    ]


@given(loads(), st.integers(9, 30))
def test_an_insertion_keeps_order_and_capacity_and_loses_no_stop(orders, capacity):
    hold = Load(capacity * 100, 10**6)
    groups = [stops_of(order, RULES) for order in orders]
    best = insert((), groups, HERE, hold, TRAVEL, 5)
    assert best is not None, "each fits alone, so one after the other always fits"
    assert in_order(best.stops)
    assert fits(best.stops, hold)
    assert {stop.stop_id for stop in best.stops} == {stop.stop_id for group in groups for stop in group}


@given(loads(), st.integers(9, 20), st.booleans())
@settings(max_examples=50)
def test_the_last_order_goes_where_it_costs_least(orders, capacity, begun):
    hold = Load(capacity * 100, 10**6)
    groups = [stops_of(order, RULES) for order in orders]
    route = Route(id="drv_1", zone_id="z", stops=insert((), groups[:-1], HERE, hold, TRAVEL, 5).stops)
    if begun and route.stops:
        route = route.begin(route.stops[0].delivery_id, route.stops[0].kind, NOON)
    found = insert(route.stops, groups[-1:], HERE, hold, TRAVEL, 5)
    best = None
    for here, there in combinations_with_replacement(range(len(route.stops) + 1), 2):
        merged = list(route.stops)
        merged.insert(here, groups[-1][0])
        merged.insert(there + 1, groups[-1][1])
        if in_order(merged) and fits(merged, hold):
            cost = cost_of(merged, HERE, TRAVEL).total(5)
            best = cost if best is None else min(best, cost)
    assert best == pytest.approx(cost_of(found.stops, HERE, TRAVEL).total(5), abs=0.01)
    assert found.added_s == pytest.approx(best - cost_of(route.stops, HERE, TRAVEL).total(5), abs=0.01)


def test_what_is_too_heavy_is_not_inserted():
    assert insert((), [stops_of(order(1, at(), at(100), 5000), RULES)], HERE, Load(4999, 100), TRAVEL, 5) is None


def test_the_stop_that_has_begun_stays_first():
    first = stops_of(order(1, at(3000), at(3500)), RULES)
    route = Route(id="drv_1", zone_id="z", stops=first).begin("dlv_1", StopKind.PICKUP, NOON)
    better = insert(route.stops, [stops_of(order(2, at(10), at(20)), RULES)], HERE, BIG, TRAVEL, 5)
    assert better.stops[0].stop_id == "dlv_1:pickup"
    assert sequence(better.stops, HERE, BIG, TRAVEL, 5)[0].stop_id == "dlv_1:pickup"


@given(loads())
@settings(max_examples=25)
def test_a_sequence_is_the_best_order(orders):
    stops = [stop for order in orders for stop in stops_of(order, RULES)]
    found = sequence(stops, HERE, BIG, TRAVEL, 5)
    assert sorted(s.stop_id for s in found) == sorted(s.stop_id for s in stops)
    best = min(cost_of(way, HERE, TRAVEL).total(5) for way in permutations(stops) if in_order(way) and fits(way, BIG))
    assert cost_of(found, HERE, TRAVEL).total(5) == pytest.approx(best, abs=0.01)


@given(loads(), st.integers(9, 20))
@settings(max_examples=25)
def test_a_sequence_never_breaks_capacity_or_precedence(orders, capacity):
    hold = Load(capacity * 100, 10**6)
    start = insert((), [stops_of(order, RULES) for order in orders], HERE, hold, TRAVEL, 5)
    found = sequence(start.stops, HERE, hold, TRAVEL, 5)
    assert in_order(found)
    assert fits(found, hold)
    assert cost_of(found, HERE, TRAVEL).total(5) <= cost_of(start.stops, HERE, TRAVEL).total(5) + 1e-6


def test_goods_on_board_are_carried_until_their_drop_off():
    carried = stops_of(order(1, at(), at(4000), 600), RULES)[1:]
    new = stops_of(order(2, at(100), at(200), 600), RULES)
    tight = insert(carried, [new], HERE, Load(1000, 10**6), TRAVEL, 5)
    assert [stop.stop_id for stop in tight.stops] == ["dlv_1:dropoff", "dlv_2:pickup", "dlv_2:dropoff"]


def test_times_count_driving_waiting_and_dwelling():
    window = Window(opens_at=NOON + timedelta(minutes=10), closes_at=NOON + timedelta(hours=1))
    stops = stops_of(delivery("dlv_1", at(600), at(1200), pickup_window=window), RULES)
    pickup, dropoff = timed(stops, HERE, TRAVEL)
    assert pickup.eta == NOON + timedelta(minutes=10)
    assert dropoff.eta - pickup.eta == pytest.approx(timedelta(minutes=4), abs=timedelta(seconds=2))
    cost = cost_of(stops, HERE, TRAVEL)
    assert (cost.driving_s, cost.waiting_s) == (pytest.approx(240, abs=1), pytest.approx(480, abs=1))


@given(loads(), st.integers(0, 3))
@settings(max_examples=50)
def test_planned_times_costs_and_arrivals_of_a_route_are_one_timetable(orders, opens):
    window = Window(opens_at=NOON + timedelta(minutes=10 * opens), closes_at=NOON + timedelta(minutes=10 * opens + 5))
    stops = [
        stop.model_copy(update={"opens_at": window.opens_at, "closes_at": window.closes_at})
        for order in orders
        for stop in stops_of(order, RULES)
    ]
    planned = timed(stops, HERE, TRAVEL)
    expected = arrivals(stops, HERE, InTraffic(TRAVEL, Traffic(), NOON), Learned(id="z"))
    assert {stop.stop_id: stop.eta for stop in planned} == {stop: arrival.at for stop, arrival in expected.items()}
    late_s = sum(max(0.0, (stop.eta - stop.closes_at).total_seconds()) for stop in planned)
    cost, dwell_s = cost_of(stops, HERE, TRAVEL), sum(stop.dwell_s for stop in stops)
    assert cost.late_s == pytest.approx(late_s, abs=len(stops))
    done = free_after(stops, HERE, TRAVEL)
    assert (done.at - NOON).total_seconds() == pytest.approx(cost.driving_s + cost.waiting_s + dwell_s, abs=1)


def test_a_finished_stop_leaves_the_route_and_says_so():
    route = Route(id="drv_1", zone_id="z", stops=stops_of(order(1, at(), at(100)), RULES))
    rest = route.finish("dlv_1", StopKind.PICKUP, NOON)
    assert [stop.kind for stop in rest.stops] == [StopKind.DROPOFF]
    assert rest.events[0].type == "route.changed"


def test_new_times_alone_are_no_change_of_plan():
    route = Route(id="drv_1", zone_id="z", stops=stops_of(order(1, at(), at(100)), RULES))
    assert route.replan(timed(route.stops, HERE, TRAVEL), NOON, ChangeReason.EXPECTED_OTHERWISE).events == ()


def test_a_delivery_that_is_not_on_the_route_can_not_be_begun():
    with pytest.raises(NotFound):
        Route(id="drv_1", zone_id="z").begin("dlv_1", StopKind.PICKUP, NOON)
