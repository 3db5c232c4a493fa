"""An urgent order goes where it costs least, at once."""

import random
from dataclasses import replace
from itertools import combinations_with_replacement
from math import dist, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner.insertion import insert
from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import InsertionPoint, Running
from crowdship.planner.routes import Job, Stop, Vehicle, Weights, on_board
from crowdship.planner.timetable import price, timetable

SOFT = Weights(waiting=0.25, lateness=5.0)
PRECISE = 1e-4
PLACES = 12


def minutes(least, most):
    return st.integers(least, most).map(lambda value: 60.0 * value)


matrices = st.lists(st.lists(minutes(0, 15), min_size=PLACES, max_size=PLACES), min_size=PLACES, max_size=PLACES)


@st.composite
def stops_of(draw, name, *, pickup, load):
    opens = draw(minutes(0, 40))
    wide = draw(st.one_of(st.just(inf), minutes(0, 60)))
    place = draw(st.integers(0, PLACES - 1))
    return Stop(name, place, pickup, (load,), opens, opens + wide, draw(minutes(0, 3)))


@st.composite
def jobs(draw, name="new"):
    load = draw(st.integers(0, 3))
    pickup = draw(stops_of(name, pickup=True, load=load))
    dropoff = draw(stops_of(name, pickup=False, load=-load))
    return Job(name, (pickup, dropoff))


@st.composite
def running(draw, name="v"):
    route = []
    for number in range(draw(st.integers(0, 3))):
        job = draw(jobs(f"{name} {number}"))
        here = draw(st.integers(0, len(route)))
        there = draw(st.integers(here, len(route)))
        route.insert(there, job.stops[1])
        if draw(st.booleans()):
            route.insert(here, job.stops[0])
    load = highest = on_board(route, 1)[0]
    for stop in route:
        load += stop.load[0]
        highest = max(load, highest)
    vehicle = Vehicle(
        name,
        start=draw(st.integers(0, PLACES - 1)),
        end=draw(st.one_of(st.none(), st.integers(0, PLACES - 1))),
        capacity=(highest + draw(st.integers(0, 4)),),
        on_at=draw(minutes(0, 10)),
        off_at=draw(st.one_of(st.just(inf), minutes(20, 90))),
    )
    return Running(vehicle, tuple(route), min(len(route), draw(st.integers(0, 1))))


def lateness(stops, vehicle, matrix):
    """Return how late each stop and the end of the route are."""
    plan = timetable(stops, vehicle, matrix)
    late = {stop: max(0.0, begins - stop.closes_at) for stop, begins in zip(stops, plan.begins, strict=True)}
    return {**late, "end": max(0.0, plan.ends_at - vehicle.off_at) if stops else 0.0}


def all_places(route, job, matrix, weights, *, on_time):
    """Every place there is, and what it costs, by driving each of them."""
    vehicle = route.vehicle
    before = lateness(route.stops, vehicle, matrix)
    driving_only = Weights(weights.waiting, 0.0) if on_time else weights
    for spots in combinations_with_replacement(range(route.committed, len(route.stops) + 1), len(job.stops)):
        line = Line(route, matrix, weights)
        merged = line.running_with(job.stops, InsertionPoint(spots, 0.0, 0.0)).stops
        load, room = on_board(merged, 1)[0], vehicle.capacity[0]
        fits = load <= room
        for stop in merged:
            load += stop.load[0]
            fits = fits and load <= room
        after = lateness(merged, vehicle, matrix)
        later = any(late > before.get(stop, 0.0) + PRECISE for stop, late in after.items())
        if fits and not (on_time and later):
            yield price(merged, vehicle, matrix, driving_only) - price(route.stops, vehicle, matrix, driving_only)


@given(running(), jobs(), matrices, st.booleans(), st.sampled_from([0.0, 0.25, 1.0]))
@settings(max_examples=40)
def test_no_place_in_a_route_costs_less_than_the_one_that_is_found(route, job, matrix, on_time, waiting):
    weights = Weights(waiting, 5.0)
    found = Line(route, matrix, weights).best_place(job.stops, on_time=on_time)
    best = min(all_places(route, job, matrix, weights, on_time=on_time), default=None)
    assert (found and found.added) == (best if best is None else pytest.approx(best, abs=PRECISE))


@pytest.mark.parametrize("seed", range(40))
def test_nor_does_any_in_a_long_route_through_a_city(seed):
    rng = random.Random(seed)
    points = [(rng.uniform(0, 3000), rng.uniform(0, 3000)) for _ in range(PLACES)]
    matrix = [[float(round(dist(a, b) / 5)) for b in points] for a in points]
    aboard = sorted(range(3, PLACES), key=lambda place: rng.gauss(points[place][0], 300))
    stops = [Stop(f"job {place}", place, load=(-1,), service_s=60.0) for place in aboard]
    vehicle = Vehicle("v", start=0, capacity=(len(stops),))
    begins = timetable(stops, vehicle, matrix).begins
    timed = (replace(stop, closes_at=at + rng.uniform(60, 900)) for stop, at in zip(stops, begins, strict=True))
    route = Running(vehicle, tuple(timed), committed=1)
    closes = 2400.0, rng.uniform(1800, 6000)
    job = Job("new", (Stop("new", 1, True, (1,), 0.0, closes[0]), Stop("new", 2, False, (-1,), 0.0, closes[1])))
    for on_time in (True, False):
        found = Line(route, matrix, SOFT).best_place(job.stops, on_time=on_time)
        best = min(all_places(route, job, matrix, SOFT, on_time=on_time), default=None)
        assert (found and found.added) == (best if best is None else pytest.approx(best, abs=PRECISE))


@given(running(), jobs(), matrices, st.booleans(), st.integers(0, 1))
@settings(max_examples=40)
def test_a_single_stop_goes_where_it_costs_least(route, job, matrix, on_time, which):
    job = Job("new", job.stops[which : which + 1])
    found = Line(route, matrix, SOFT).best_place(job.stops, on_time=on_time)
    best = min(all_places(route, job, matrix, SOFT, on_time=on_time), default=None)
    assert (found and found.added) == (best if best is None else pytest.approx(best, abs=PRECISE))


@given(st.lists(running(), min_size=1, max_size=4), jobs(), matrices)
@settings(max_examples=40)
def test_an_urgent_order_is_served_by_the_best_vehicle_and_late_only_where_it_must(routes, job, matrix):
    choice = insert(routes, job, matrix, SOFT)
    for on_time in (True, False):
        costs = [min(all_places(route, job, matrix, SOFT, on_time=on_time), default=inf) for route in routes]
        if min(costs) < inf:
            break
    else:
        assert choice.best is None
        return
    best = choice.best
    assert best.on_time or not on_time
    assert best.place.added == pytest.approx(min(costs), abs=PRECISE)
    costs.pop(best.number)
    second = min(costs, default=inf)
    assert (choice.runner_up.place.added if choice.runner_up else inf) == pytest.approx(second, abs=PRECISE)
    stops = best.route.stops
    committed = routes[best.number].committed
    assert stops[:committed] == routes[best.number].stops[:committed]
    before = price(routes[best.number].stops, best.route.vehicle, matrix, Weights(0.25, 0.0))
    if on_time:
        assert price(stops, best.route.vehicle, matrix, Weights(0.25, 0.0)) - before == pytest.approx(
            best.place.added, abs=PRECISE
        )


@given(st.lists(running(), min_size=5, max_size=8), jobs(), matrices, st.sampled_from([0.0, 0.25]), st.booleans())
@settings(max_examples=40)
def test_no_route_that_is_cut_off_would_have_been_among_the_best_two(routes, job, matrix, waiting, single):
    job = Job("new", job.stops[:1] if single else job.stops)
    weights = Weights(waiting, inf)
    alone = [Line(route, matrix, weights).best_place(job.stops, on_time=True) for route in routes]
    costs = sorted(place.added for place in alone if place)[:2]
    choice = insert(routes, job, matrix, weights)
    found = [one.place.added for one in (choice.best, choice.runner_up) if one]
    assert found == pytest.approx(costs, abs=PRECISE)


@given(running(), matrices)
@settings(max_examples=40)
def test_a_route_costs_what_driving_it_costs(route, matrix):
    line = Line(route, matrix, SOFT)
    assert line.cost == pytest.approx(price(route.stops, route.vehicle, matrix, SOFT), abs=PRECISE)


def test_a_job_goes_only_to_who_has_the_skills():
    matrix = [[0.0, 60.0, 120.0], [60.0, 0.0, 60.0], [120.0, 60.0, 0.0]]
    near, far = Vehicle("near", start=0), Vehicle("far", start=2, skills=frozenset({"cold"}))
    job = Job("new", (Stop("new", 0, pickup=True), Stop("new", 1)), skills=frozenset({"cold"}))
    choice = insert([Running(near), Running(far)], job, matrix, SOFT)
    assert choice.best.route.vehicle == far
    assert choice.runner_up is None


def test_what_nobody_has_room_for_is_nobodys():
    matrix = [[0.0, 60.0], [60.0, 0.0]]
    job = Job("new", (Stop("new", 0, pickup=True, load=(3,)), Stop("new", 1, load=(-3,))))
    assert insert([Running(Vehicle("small", start=0, capacity=(2,)))], job, matrix, SOFT).best is None
