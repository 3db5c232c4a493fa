"""One driver's stops in the best order."""

from dataclasses import replace
from itertools import permutations
from math import inf
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner.routes import Stop, Vehicle, Weights, on_board
from crowdship.planner.sequence import best_order, by_pyvrp
from crowdship.planner.sequence.problem import Problem
from crowdship.planner.sequence.rebuilding import Rebuilding
from crowdship.planner.timetable import price

SOFT = Weights(waiting=0.25, lateness=5.0)
PRECISE = 1e-4
WITHOUT_PYVRP = patch.object(by_pyvrp, "pyvrp", lambda: None)


def minutes(least, most):
    return st.integers(least, most).map(lambda value: 60.0 * value)


@st.composite
def routes(draw, most=6, least=1):
    """A vehicle with goods on board and pairs to carry, on a matrix that need not keep the triangle inequality."""
    count = draw(st.integers(least, most))
    pairs = draw(st.integers(0, count // 2))
    size = count + 2
    row = st.lists(minutes(0, 15), min_size=size, max_size=size)
    matrix = draw(st.lists(row, min_size=size, max_size=size))
    stops = []
    for place in range(1, count + 1):
        number = (place - 1) // 2
        paired = number < pairs
        pickup = paired and place % 2 == 1
        load = draw(st.integers(0, 3)) if pickup or not paired else -stops[-1].load[0]
        opens = draw(minutes(0, 40))
        stops.append(
            Stop(
                job=f"pair {number}" if paired else f"on board {place}",
                place=place,
                pickup=pickup,
                load=(load if pickup else -abs(load),),
                opens_at=opens,
                closes_at=draw(st.one_of(st.just(inf), minutes(0, 60).map(lambda wide, opens=opens: opens + wide))),
                service_s=draw(minutes(0, 3)),
            )
        )
    shuffled = draw(st.permutations(stops))
    aboard = on_board(stops, 1)[0]
    vehicle = Vehicle(
        "v",
        start=0,
        end=draw(st.sampled_from([None, count + 1])),
        capacity=(aboard + draw(st.integers(0, 6)),),
        on_at=draw(minutes(0, 10)),
        off_at=draw(st.one_of(st.just(inf), minutes(20, 90))),
    )
    return tuple(shuffled), vehicle, matrix


def allowed(stops, vehicle):
    """Pickups come first, and are made only where there is room."""
    load, seen, pickups = on_board(stops, 1)[0], set(), {stop.job for stop in stops if stop.pickup}
    for stop in stops:
        if not stop.pickup and stop.job in pickups and stop.job not in seen:
            return False
        seen.add(stop.job)
        load += stop.load[0]
        if stop.pickup and load > vehicle.capacity[0]:
            return False
    return True


def cheapest(stops, vehicle, matrix, weights, committed=0):
    head = stops[:committed]
    ways = ((*head, *rest) for rest in permutations(stops[committed:]))
    return min((price(way, vehicle, matrix, weights) for way in ways if allowed(way, vehicle)), default=inf)


def check_is_the_cheapest(stops, vehicle, matrix, weights, committed=0):
    found = best_order(stops, vehicle, matrix, weights, committed=committed)
    best = cheapest(stops, vehicle, matrix, weights, committed)
    if found is None:
        assert best == inf
        return
    assert found.optimal
    assert found.stops[:committed] == stops[:committed]
    assert sorted(stop.place for stop in found.stops) == sorted(stop.place for stop in stops)
    assert allowed(found.stops, vehicle)
    assert found.cost == pytest.approx(price(found.stops, vehicle, matrix, weights), abs=PRECISE)
    assert found.cost == pytest.approx(best, abs=PRECISE)


@given(routes(), st.sampled_from([0.0, 0.25, 1.0]), st.sampled_from([0.5, 5.0]))
def test_no_order_costs_less_than_the_one_that_is_found(route, waiting, lateness):
    check_is_the_cheapest(*route, Weights(waiting, lateness))


@given(routes(), st.sampled_from([0.0, 0.25, 1.0]))
def test_no_order_that_keeps_the_windows_costs_less_and_none_is_missed(route, waiting):
    check_is_the_cheapest(*route, Weights(waiting, inf))


@given(routes(most=7).filter(lambda route: len(route[0]) == 7), st.sampled_from([SOFT, Weights(0.25, inf)]))
@settings(max_examples=10)
def test_a_longer_route_is_solved_by_more_than_its_surroundings(route, weights):
    check_is_the_cheapest(*route, weights)


@given(routes(), st.integers(0, 2))
def test_committed_stops_stay_at_the_head(route, committed):
    stops, vehicle, matrix = route
    feasible = next((way for way in permutations(stops) if allowed(way, vehicle)), None)
    if feasible:
        check_is_the_cheapest(feasible, vehicle, matrix, SOFT, min(committed, len(stops)))


def check_keeps_everything(order, stops, vehicle, matrix, weights, cost):
    """Nothing is lost, pickups come first, there is room, and it costs what is said."""
    assert sorted(stop.place for stop in order) == sorted(stop.place for stop in stops)
    assert allowed(order, vehicle)
    assert cost == pytest.approx(price(order, vehicle, matrix, weights), abs=PRECISE)


def check_a_long_route(route, weights, thorough):
    stops, vehicle, matrix = route
    calls = iter(range(400))
    found = best_order(*route, weights, thorough=thorough, may_go_on=lambda: next(calls, None) is not None)
    if allowed(stops, vehicle) and price(stops, vehicle, matrix, weights) < inf:
        assert found.cost <= price(stops, vehicle, matrix, weights) + PRECISE
    if found:
        check_keeps_everything(found.stops, stops, vehicle, matrix, weights, found.cost)


@given(routes(most=16, least=11), st.sampled_from([0.0, 0.25]), st.sampled_from([5.0, inf]), st.booleans())
@settings(max_examples=40)
def test_a_long_route_keeps_what_must_be_kept_and_costs_no_more_than_before(route, waiting, lateness, thorough):
    check_a_long_route(route, Weights(waiting, lateness), thorough)


@given(routes(most=16, least=11), st.sampled_from([0.0, 0.25]), st.sampled_from([5.0, inf]), st.booleans())
@settings(max_examples=40)
def test_it_does_so_without_pyvrp(route, waiting, lateness, thorough):
    with WITHOUT_PYVRP:
        check_a_long_route(route, Weights(waiting, lateness), thorough)


@given(routes(least=2), st.sampled_from([0.0, 0.25, 1.0]), st.sampled_from([5.0, inf]), st.integers(0, 2))
def test_an_order_of_pyvrps_has_all_stops_and_keeps_windows_room_and_precedence(route, waiting, lateness, committed):
    pytest.importorskip("pyvrp")
    stops, vehicle, matrix = route
    stops = next((way for way in permutations(stops) if allowed(way, vehicle)), None)
    if stops is None:
        return
    committed = min(committed, len(stops) - 1)
    problem = Problem(stops, vehicle, matrix, Weights(waiting, lateness), committed)
    if not problem.possible:
        return
    order = by_pyvrp.order_by_pyvrp(problem, Rebuilding(problem).jobs, 20, lambda: True)
    if order is None:
        return
    # What is late in the head is late by then: only windows further on are anybody's to keep.
    head = tuple(replace(stop, closes_at=inf) for stop in stops[:committed])
    found = (*head, *(problem.stops[n] for n in order))
    assert sorted(stop.place for stop in found) == sorted(stop.place for stop in stops)
    assert allowed(found, vehicle)
    keeping = Weights(waiting, inf)
    ways = ((*head, *rest) for rest in permutations(stops[committed:]))
    if any(allowed(way, vehicle) and price(way, vehicle, matrix, keeping) < inf for way in ways):
        assert price(found, vehicle, matrix, keeping) < inf


@given(routes(), st.sampled_from([0.0, 0.25]), st.sampled_from([5.0, inf]), st.integers(0, 99))
def test_a_rebuilt_route_is_never_worse_nor_better_than_can_be(route, waiting, lateness, seed):
    stops, vehicle, matrix = route
    weights = Weights(waiting, lateness)
    ways = [way for way in permutations(stops) if allowed(way, vehicle) and price(way, vehicle, matrix, weights) < inf]
    if not ways:
        return
    problem = Problem(stops, vehicle, matrix, weights, 0)
    start = [stops.index(stop) for stop in ways[0]]
    order, cost = Rebuilding(problem, seed).improve(start, 30)
    check_keeps_everything([stops[n] for n in order], stops, vehicle, matrix, weights, cost)
    assert cost <= price(ways[0], vehicle, matrix, weights) + PRECISE
    assert cost >= cheapest(stops, vehicle, matrix, weights) - PRECISE


@given(routes(most=14, least=11))
@settings(max_examples=10)
def test_the_same_route_is_answered_with_the_same_order(route):
    assert best_order(*route, SOFT) == best_order(*route, SOFT)


def test_a_route_that_is_rebuilt_reaches_the_best_order():
    stops, vehicle, matrix = city(12)
    problem = Problem(stops, vehicle, matrix, SOFT, 0)
    assert Rebuilding(problem).improve(range(12), 600)[1] == pytest.approx(12 * 60.0)


def city(count):
    """Many drop-offs at the corners of a grid, so that orders differ little."""
    places = [(n % 5, n // 5) for n in range(count + 1)]
    matrix = [[60.0 * (abs(x - u) + abs(y - v)) for u, v in places] for x, y in places]
    stops = tuple(Stop(f"job {n}", n, service_s=30.0) for n in range(count, 0, -1))
    return stops, Vehicle("v", start=0), matrix


@pytest.mark.parametrize("waiting", [0.0, 0.25, 1.0])
def test_pyvrp_prices_waiting_as_it_is_priced(waiting):
    """The near one first is more waiting, the far one first more driving."""
    pytest.importorskip("pyvrp")
    matrix = [[60.0 * abs(a - b) for b in (0, 1, -4)] for a in (0, 1, -4)]
    stops = (Stop("near", 1, opens_at=900.0), Stop("far", 2))
    problem = Problem(stops, Vehicle("v", start=0), matrix, Weights(waiting, inf), 0)
    order = by_pyvrp.order_by_pyvrp(problem, [(0,), (1,)], 20, lambda: True)
    costs = {way: price([stops[n] for n in way], Vehicle("v", start=0), matrix, Weights(waiting, inf)) for way in WAYS}
    assert tuple(order) == min(costs, key=costs.get)


WAYS = ((0, 1), (1, 0))


def check_a_good_order_is_found():
    stops, vehicle, matrix = city(19)
    found = best_order(stops, vehicle, matrix, SOFT)
    assert sorted(stop.place for stop in found.stops) == list(range(1, 20))
    assert found.cost == pytest.approx(price(found.stops, vehicle, matrix, SOFT))
    assert found.cost == pytest.approx(19 * 60.0)


def test_a_long_route_is_answered_with_a_good_order_and_no_stop_is_lost():
    check_a_good_order_is_found()


@WITHOUT_PYVRP
def test_a_long_route_is_answered_with_a_good_order_without_pyvrp():
    check_a_good_order_is_found()


def test_when_time_is_up_the_best_order_so_far_is_the_answer():
    stops, vehicle, matrix = city(19)
    found = best_order(stops, vehicle, matrix, SOFT, may_go_on=lambda: False)
    assert len(found.stops) == 19
    assert found.cost <= price(stops, vehicle, matrix, SOFT)


def test_a_route_that_is_late_everywhere_is_answered():
    stops, vehicle, matrix = city(8)
    late = tuple(replace(stop, closes_at=1.0) for stop in stops)
    found = best_order(late, vehicle, matrix, SOFT)
    assert found.optimal
    assert best_order(late, vehicle, matrix, Weights(lateness=inf)) is None


def test_without_stops_there_is_nothing_to_put_in_order():
    assert best_order((), Vehicle("v", start=0), [[0.0]], SOFT).stops == ()
