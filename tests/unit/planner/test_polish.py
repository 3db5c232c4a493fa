"""Running routes get better, and few orders change hands."""

import random
from collections import Counter

import pytest

from crowdship.planner.faults import faults
from crowdship.planner.insertion.line import Line
from crowdship.planner.insertion.model import Running
from crowdship.planner.polish import by_vroom, polish
from crowdship.planner.polish.by_vroom import improved_by_vroom
from crowdship.planner.polish.fleet import Bounds, movable
from crowdship.planner.routes import Job, Stop, Vehicle, Weights

WEIGHTS = Weights(waiting=0.25, lateness=50.0)
FREE_HANDS = Bounds(most_moved=100, worth_s=0.0)


@pytest.fixture
def without_vroom(monkeypatch):
    monkeypatch.setattr(by_vroom, "vroom", lambda: None)


def fleet(seed, drivers=4, orders=12):
    """Routes that were made without a thought: each order goes to any driver, at the end."""
    rng = random.Random(seed)
    points = [(rng.uniform(0, 3000), rng.uniform(0, 3000)) for _ in range(drivers + 2 * orders)]
    matrix = [[(abs(x - u) + abs(y - v)) / 5 for u, v in points] for x, y in points]
    routes = {n: [] for n in range(drivers)}
    for order in range(orders):
        place = drivers + 2 * order
        stops = (
            Stop(f"order {order}", place, True, (1,), 0.0, 9000.0, 60.0),
            Stop(f"order {order}", place + 1, False, (-1,), 0.0, 9000.0, 60.0),
        )
        mine = routes[rng.randrange(drivers)]
        mine.extend(stops if mine or order % 2 else stops[1:])
    return [
        Running(Vehicle(f"driver {n}", n, capacity=(3,)), tuple(stops), min(1, len(stops)))
        for n, stops in routes.items()
    ], matrix


def cost(routes, matrix):
    return sum(Line(running, matrix, WEIGHTS).cost for running in routes)


def owners(routes):
    return {stop.job: running.vehicle.id for running in routes for stop in running.stops}


def check_is_the_same_work(before, after, matrix):
    assert Counter(stop for running in before for stop in running.stops) == Counter(
        stop for running in after for stop in running.stops
    )
    jobs = {}
    for running in after:
        for stop in running.stops:
            jobs.setdefault(stop.job, []).append(stop)
    listed = [Job(name, tuple(stops)) for name, stops in jobs.items()]
    assert faults([(running.vehicle, running.stops) for running in after], listed, matrix) == []
    for old, new in zip(before, after, strict=True):
        assert old.stops[: old.committed] == new.stops[: new.committed]
        bound = {stop.job for stop in old.stops} - movable(old).keys()
        assert bound <= {stop.job for stop in new.stops}, "what is on board stays there"


@pytest.mark.parametrize("seed", range(3))
def test_polished_routes_do_the_same_work_for_less(seed, without_vroom):
    routes, matrix = fleet(seed)
    found = polish(routes, matrix, WEIGHTS, FREE_HANDS, steps=60)
    check_is_the_same_work(routes, found.routes, matrix)
    assert found.saved > 0
    assert cost(found.routes, matrix) == pytest.approx(cost(routes, matrix) - found.saved)
    before, after = owners(routes), owners(found.routes)
    assert found.moved == {job for job in before if before[job] != after[job]}


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_more_orders_change_hands_than_may(most):
    routes, matrix = fleet(7)
    found = polish(routes, matrix, WEIGHTS, Bounds(most_moved=most, worth_s=0.0), steps=40)
    check_is_the_same_work(routes, found.routes, matrix)
    assert len(found.moved) <= most


def test_an_order_that_saves_too_little_goes_back():
    routes, matrix = fleet(3)
    found = polish(routes, matrix, WEIGHTS, Bounds(most_moved=100, worth_s=10**6), steps=20)
    assert not found.moved


def test_an_order_that_is_nobodys_yet_is_not_counted_as_moved(without_vroom):
    routes, matrix = fleet(7)
    free = {job for running in routes for job in movable(running)}
    found = polish(routes, matrix, WEIGHTS, Bounds(most_moved=0, free=free), steps=40)
    assert not found.moved
    assert owners(found.routes) != owners(routes)


def test_the_same_seed_polishes_the_same_way(without_vroom):
    routes, matrix = fleet(5)
    assert polish(routes, matrix, WEIGHTS, FREE_HANDS, steps=30, seed=4) == polish(
        routes, matrix, WEIGHTS, FREE_HANDS, steps=30, seed=4
    )


def test_without_time_the_routes_stay_as_they_are():
    routes, matrix = fleet(5)
    found = polish(routes, matrix, WEIGHTS, FREE_HANDS, may_go_on=lambda: False)
    assert found.routes == tuple(routes)
    assert found.saved == 0.0


def test_vroom_finds_a_place_for_a_new_job_and_leaves_what_is_on_board():
    pytest.importorskip("vroom")
    routes, matrix = fleet(2)
    new = Job("new", (Stop("new", 0, True, (1,)), Stop("new", 5, False, (-1,))))
    found = improved_by_vroom(routes, matrix, new=[new])
    check_is_the_same_work(
        [*routes[:-1], Running(routes[-1].vehicle, (*routes[-1].stops, *new.stops), 1)], found, matrix
    )


def test_vroom_keeps_to_the_skills_of_a_job():
    pytest.importorskip("vroom")
    matrix = [[0.0, 60.0, 600.0], [60.0, 0.0, 600.0], [600.0, 600.0, 0.0]]
    near, far = Vehicle("near", 0, capacity=(1,)), Vehicle("far", 2, capacity=(1,), skills=frozenset({"cold"}))
    job = Job("new", (Stop("new", 0, True, (1,)), Stop("new", 1, False, (-1,))), skills=frozenset({"cold"}))
    found = improved_by_vroom([Running(near), Running(far)], matrix, new=[job])
    assert [len(running.stops) for running in found] == [0, 2]


def test_routes_with_nothing_left_to_order_stay_as_they_are():
    pytest.importorskip("vroom")
    routes, matrix = fleet(2)
    bound = [Running(running.vehicle, running.stops[:1], 1) for running in routes]
    assert improved_by_vroom(bound, matrix) == tuple(bound)
    idle = [Running(running.vehicle) for running in routes]
    assert polish(idle, matrix, WEIGHTS, FREE_HANDS).routes == tuple(idle)


def test_without_vroom_there_is_nothing_of_it(without_vroom):
    assert improved_by_vroom(*fleet(1)) is None
