"""The day plan: what it may never do, what it should find, and that engines, names and chance don't matter.

Longer than other files, because its tests share the made-up days that all engines plan.
"""

import sys
from dataclasses import replace
from itertools import count
from math import dist, inf
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner import engines
from crowdship.planner.dayplan import by_pyvrp, by_vroom
from crowdship.planner.dayplan.plan import ALL_TAKEN, NO_ROOM, NO_SKILL, NO_TIME, plan_day
from crowdship.planner.faults import faults
from crowdship.planner.routes import Job, Stop, Vehicle

HOUR = 3600.0
LONG = 60.0
"""Seconds that no test's search needs: its rounds end it."""

SIDE = 8
POINTS = [(float(x), float(y)) for x in range(SIDE) for y in range(SIDE)]
MATRIX = [[60.0 * dist(a, b) for b in POINTS] for a in POINTS]
ENGINES = ("both", "pyvrp", "vroom", "none")


def at(x, y):
    return x * SIDE + y


def delivery(name, pickup, dropoff, load=(1,), opens=0.0, closes=8 * HOUR, service_s=60.0, **fields):
    back = tuple(-change for change in load)
    return Job(
        name,
        (
            Stop(name, pickup, True, load, opens, closes, service_s),
            Stop(name, dropoff, False, back, opens, closes, service_s),
        ),
        **fields,
    )


def dropoff(name, place, load=(1,), opens=0.0, closes=8 * HOUR, service_s=60.0, **fields):
    return Job(name, (Stop(name, place, False, tuple(-x for x in load), opens, closes, service_s),), **fields)


def vehicle(name="v1", start=0, end=None, capacity=(4,), on_at=0.0, off_at=8 * HOUR, **fields):
    return Vehicle(name, start, end, capacity, on_at, off_at, **fields)


def plan(jobs, vehicles, **fields):
    return plan_day(jobs, vehicles, MATRIX, **{"seconds": LONG, "clock": process_time, "rounds": 20, **fields})


def driven(found, vehicles):
    by_name = {v.id: v for v in vehicles}
    return [
        (by_name[route.vehicle_id], [visit for stop in route.stops for visit in stop.visits]) for route in found.routes
    ]


def forget_engines():
    for load in (engines.vroom, engines.pyvrp):
        load.cache_clear()


def use(wanted, monkeypatch):
    """Make importing an engine fail as it does where it isn't installed."""
    for engine in {"both": (), "pyvrp": ("vroom",), "vroom": ("pyvrp",), "none": ("vroom", "pyvrp")}[wanted]:
        monkeypatch.setitem(sys.modules, engine, None)
    forget_engines()


@pytest.fixture(autouse=True)
def _fresh_engines():
    yield
    forget_engines()


places = st.integers(0, SIDE * SIDE - 1)
skills = st.frozensets(st.sampled_from(["cold", "heavy"]), max_size=1)


@st.composite
def some_jobs(draw, most=8):
    jobs = []
    for number in range(draw(st.integers(1, most))):
        name = f"j{number}"
        opens = float(draw(st.integers(0, 6))) * HOUR / 2
        closes = opens + draw(st.sampled_from([HOUR / 2, HOUR, 4 * HOUR]))
        load = (draw(st.integers(0, 3)), draw(st.integers(0, 1)))
        kind = draw(st.sampled_from(["delivery", "delivery", "dropoff", "fetched"]))
        place, other = draw(places), draw(places)
        if kind == "delivery":
            job = delivery(name, place, other, load, opens, closes)
        elif kind == "dropoff":
            job = dropoff(name, place, load, opens, closes)
        else:
            job = Job(name, (Stop(name, place, True, load, opens, closes, 60.0),))
        jobs.append(replace(job, skills=draw(skills), priority=draw(st.sampled_from([0, 0, 10, 100]))))
    return jobs


@st.composite
def some_vehicles(draw, most=4):
    return [
        vehicle(
            f"v{number}",
            draw(places),
            draw(st.none() | places),
            (draw(st.integers(1, 4)), draw(st.integers(0, 2))),
            on_at := float(draw(st.integers(0, 2))) * HOUR,
            draw(st.sampled_from([on_at + HOUR, on_at + 6 * HOUR, inf])),
            skills=draw(st.frozensets(st.sampled_from(["cold", "heavy"]))),
        )
        for number in range(draw(st.integers(1, most)))
    ]


@pytest.mark.parametrize("engines", ENGINES)
@settings(max_examples=25)
@given(jobs=some_jobs(), vehicles=some_vehicles(), objective=st.sampled_from(["vehicles", "time"]))
def test_a_plan_keeps_capacity_order_windows_shifts_and_skills(engines, jobs, vehicles, objective):
    with pytest.MonkeyPatch.context() as monkeypatch:
        use(engines, monkeypatch)
        found = plan(jobs, vehicles, objective=objective, rounds=5)

    assert not faults(driven(found, vehicles), jobs, MATRIX)
    served = {name for route in found.routes for name in route.job_ids}
    assert served | set(found.unserved) == {job.id for job in jobs}
    assert not served & set(found.unserved)


@settings(max_examples=15)
@given(jobs=some_jobs(), vehicles=some_vehicles())
def test_the_same_seed_gives_the_same_plan(jobs, vehicles):
    one, other = plan(jobs, vehicles), plan(jobs, vehicles)

    assert (one.routes, one.unserved, one.engines) == (other.routes, other.unserved, other.engines)


@settings(max_examples=15)
@given(jobs=some_jobs(), vehicles=some_vehicles(), shuffle=st.randoms(use_true_random=False))
def test_other_names_in_another_order_change_nothing_but_names(jobs, vehicles, shuffle):
    numbers = count(1000)
    renamed = [
        replace(job, id=name, stops=tuple(replace(stop, job=name) for stop in job.stops))
        for job, name in ((job, f"x{next(numbers)}") for job in shuffle.sample(jobs, len(jobs)))
    ]
    others = [replace(v, id=f"y{next(numbers)}") for v in shuffle.sample(vehicles, len(vehicles))]

    one, other = plan(jobs, vehicles), plan(renamed, others)

    def shape(found):
        return sorted([(stop.place, stop.begins_at) for stop in route.stops] for route in found.routes)

    assert shape(one) == shape(other)
    assert sorted(one.unserved.values()) == sorted(other.unserved.values())


@settings(max_examples=15)
@given(jobs=some_jobs(), vehicles=some_vehicles())
def test_one_more_vehicle_never_leaves_more_out_nor_costs_more_for_the_same(jobs, vehicles):
    jobs = [replace(job, priority=0) for job in jobs]
    fewer = plan(jobs, vehicles, rounds=60)
    more = plan(jobs, [*vehicles, replace(vehicles[0], id="more")], rounds=60)

    assert more.cost.unserved <= fewer.cost.unserved
    if more.cost.unserved == fewer.cost.unserved:
        assert more.cost.way <= 1.15 * fewer.cost.way + 1e-6


@pytest.mark.parametrize("engines", ENGINES)
def test_a_plan_is_made_with_whatever_engine_there_is(engines, monkeypatch):
    use(engines, monkeypatch)
    jobs = [delivery(f"j{n}", at(n % 8, 1), at(n % 8, 6)) for n in range(8)]

    found = plan(jobs, [vehicle("v1", at(0, 0)), vehicle("v2", at(7, 7))])

    assert not found.unserved
    expected = {"both": {"vroom", "pyvrp"}, "pyvrp": {"pyvrp", "insertion"}, "vroom": {"vroom", "insertion"}}
    assert set(found.engines) <= expected.get(engines, {"insertion"})
    assert found.engines


def test_pandas_is_not_needed_and_not_left_behind(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] in ("vroom", "pandas")]:
        monkeypatch.delitem(sys.modules, name)
    forget_engines()

    assert not plan([delivery("j1", 3, 5)], [vehicle()]).unserved
    assert "pandas" not in sys.modules


def test_vehicles_are_saved_before_the_way_where_they_count():
    jobs = [delivery("left", at(0, 1), at(0, 2)), delivery("right", at(7, 1), at(7, 2))]
    both = [vehicle("a", at(0, 0), at(0, 0)), vehicle("b", at(7, 0), at(7, 0))]

    assert plan(jobs, both, objective="vehicles").cost.vehicles == 1
    assert plan(jobs, both, objective="time").cost.vehicles == 2


def test_the_way_may_count_in_another_unit_than_seconds():
    detour = [[0.0 if a == b else 1.0 for b in range(3)] for a in range(3)]
    metres = [[0.0, 5.0, 50.0], [5.0, 0.0, 5.0], [50.0, 5.0, 0.0]]
    jobs = [dropoff("near", 1), dropoff("far", 2)]

    found = plan_day(
        jobs, [vehicle()], detour, seconds=LONG, clock=process_time, rounds=20, objective="distance", costs=metres
    )

    assert found.cost.way == 10.0
    assert found.cost.driving_s == 2.0


def test_high_priorities_are_served_first():
    jobs = [delivery(f"j{n}", at(0, 1), at(0, 7), load=(4,), priority=n) for n in range(6)]
    short = vehicle(off_at=1900.0)

    found = plan(jobs, [short])

    served = sorted(name for route in found.routes for name in route.job_ids)
    assert served == ["j4", "j5"]
    assert set(found.unserved.values()) == {ALL_TAKEN}


@pytest.mark.parametrize("engines", ENGINES)
def test_one_of_high_priority_goes_before_many_of_low(engines, monkeypatch):
    use(engines, monkeypatch)
    near = [delivery(f"low{n}", at(0, 0), at(0, 1), priority=1) for n in range(4)]
    far = delivery("high", at(7, 0), at(7, 7), priority=2)

    found = plan([*near, far], [vehicle(off_at=1000.0)])

    assert "high" not in found.unserved


def test_each_job_left_out_has_its_reason():
    jobs = [
        delivery("skill", 1, 2, skills=frozenset({"cold"})),
        delivery("room", 1, 2, load=(9,)),
        delivery("time", at(7, 6), at(7, 7), closes=60.0),
        delivery("first", 1, 2, load=(4,), opens=100.0, closes=260.0, priority=5),
        delivery("second", 1, 2, load=(4,), opens=100.0, closes=260.0),
    ]

    found = plan(jobs, [vehicle()])

    assert found.unserved == {"skill": NO_SKILL, "room": NO_ROOM, "time": NO_TIME, "second": ALL_TAKEN}


def test_an_explanation_names_who_could_and_what_the_runner_up_would_cost_more():
    jobs = [delivery("j1", at(0, 1), at(0, 3), skills=frozenset({"cold"}))]
    fleet = [
        vehicle("near", at(0, 0), skills=frozenset({"cold"})),
        vehicle("far", at(0, 6), skills=frozenset({"cold"})),
        vehicle("off", at(0, 0), off_at=60.0, skills=frozenset({"cold"})),
        vehicle("unskilled", at(0, 1)),
    ]

    told = plan(jobs, fleet).explain("j1")

    assert told.vehicle_id == "near"
    assert set(told.able) == {"near", "far", "off"}
    assert set(told.feasible) == {"near", "far"}
    assert told.extra_cost == pytest.approx(180.0)
    assert told.runner_up == "far"
    assert told.runner_up_costs_more == pytest.approx(240.0)


def test_an_explanation_of_a_job_left_out_is_its_reason():
    told = plan([delivery("j1", 1, 2, load=(9,))], [vehicle()]).explain("j1")

    assert (told.vehicle_id, told.reason) == (None, NO_ROOM)
    with pytest.raises(KeyError):
        plan([], []).explain("j1")


def test_jobs_at_one_address_are_one_stop():
    jobs = [dropoff(f"j{n}", at(3, 3), service_s=100.0) for n in range(3)]

    apart, together = plan(jobs, [vehicle()]), plan(jobs, [vehicle()], shared_service=0.2)

    assert [len(found.routes[0].stops) for found in (apart, together)] == [1, 1]
    assert apart.routes[0].service_s == pytest.approx(300.0)
    assert together.routes[0].service_s == pytest.approx(140.0)
    assert set(together.routes[0].job_ids) == {"j0", "j1", "j2"}


def test_what_shares_a_stop_makes_room_for_more():
    jobs = [dropoff(f"j{n}", at(0, 1), service_s=600.0, closes=700.0) for n in range(4)]
    short = vehicle(off_at=1000.0)

    assert len(plan(jobs, [short]).unserved) == 3
    assert not plan(jobs, [short], shared_service=0.0).unserved


def test_jobs_at_one_address_that_go_together_nowhere_stay_apart():
    jobs = [
        dropoff("early", at(0, 1), closes=900.0),
        dropoff("late", at(0, 1), opens=7200.0),
        dropoff("heavy", at(0, 1), load=(4,)),
    ]

    found = plan(jobs, [vehicle("a"), vehicle("b")], shared_service=0.0)

    assert not found.unserved
    assert not faults(driven(found, [vehicle("a"), vehicle("b")]), jobs, MATRIX)


def test_goods_on_board_from_the_start_take_room_until_they_are_dropped():
    jobs = [dropoff("j1", at(0, 7), load=(4,)), delivery("j2", at(0, 1), at(0, 2), load=(4,))]

    (route,) = plan(jobs, [vehicle()]).routes

    assert route.job_ids == ("j1", "j2")


def test_no_route_is_longer_than_asked():
    jobs = [delivery(f"j{n}", at(n, 0), at(n, 4)) for n in range(8)]

    found = plan(jobs, [vehicle(f"v{n}", at(4, 2)) for n in range(8)], longest_s=1800.0)

    assert not found.unserved
    assert all(route.ends_at - route.starts_at <= 1800.0 for route in found.routes)


def test_work_is_shared_more_evenly_for_a_little_more_way():
    jobs = [delivery(f"j{n}", at(0, n), at(1, n)) for n in range(8)]
    fleet = [vehicle("near", at(0, 0), capacity=(8,)), vehicle("far", at(0, 7), capacity=(8,))]

    def longest(found):
        return max(route.driving_s + route.service_s for route in found.routes)

    plain, even = plan(jobs, fleet), plan(jobs, fleet, even=0.5)

    assert longest(even) < longest(plain)
    assert even.cost.way <= 1.5 * plain.cost.way + 1e-6
    assert not even.unserved


def test_the_budget_ends_the_search_with_the_best_plan_so_far():
    ticks = count()
    jobs = [delivery(f"j{n}", at(n % 8, 1), at(n % 7, 6)) for n in range(20)]
    fleet = [vehicle(f"v{n}", at(n, n)) for n in range(5)]

    found = plan_day(jobs, fleet, MATRIX, seconds=400.0, clock=lambda: float(next(ticks)))

    assert found.ended_by == "budget"
    assert not faults(driven(found, fleet), jobs, MATRIX)
    assert found.cost.unserved == 0
    assert plan(jobs, fleet).ended_by == "search"


@pytest.mark.parametrize("ticks", [1.0, 100.0])
def test_a_budget_that_loading_the_engines_used_up_still_gives_a_plan(ticks):
    clock = count(0.0, ticks)
    found = plan([delivery("a", at(0, 1), at(0, 5))], [vehicle()], seconds=0.5, clock=lambda: next(clock))
    assert found.ended_by == "budget"
    assert not found.unserved


def test_each_better_plan_is_told_as_it_is_found():
    told = []
    jobs = [delivery(f"j{n}", at(n % 8, 1), at(n % 7, 6)) for n in range(12)]
    fleet = [vehicle(f"v{n}", at(n, n)) for n in range(5)]

    found = plan(jobs, fleet, on_plan=lambda better, _: told.append(better))

    costs = [better.cost.way for better in told]
    assert costs == sorted(costs, reverse=True)
    assert told[-1].routes == found.routes
    assert all(not faults(driven(better, fleet), jobs, MATRIX) for better in told)


def test_nothing_to_do_and_nobody_to_do_it_are_plans_too():
    assert plan([], [vehicle()]).routes == ()
    assert plan([delivery("j1", 1, 2)], []).unserved == {"j1": NO_SKILL}


def test_moments_far_from_zero_and_places_out_of_reach_are_planned():
    epoch = 1_790_000_000.0
    matrix = [[0.0, 60.0, inf], [60.0, 0.0, inf], [inf, inf, 0.0]]
    jobs = [dropoff("near", 1, opens=epoch, closes=epoch + 600), dropoff("cut off", 2, opens=epoch, closes=epoch + 600)]

    found = plan_day(
        jobs, [vehicle(on_at=epoch, off_at=epoch + 3600)], matrix, seconds=LONG, clock=process_time, rounds=20
    )

    assert found.routes[0].stops[0].begins_at == epoch + 60
    assert found.unserved == {"cut off": NO_TIME}


def test_windows_and_shifts_that_end_before_they_begin_are_nobodys():
    shut = delivery("shut", 1, 2, opens=200.0, closes=100.0)
    gone = vehicle("gone", 1, on_at=500.0, off_at=400.0)

    found = plan([shut, delivery("open", 1, 2)], [vehicle(), gone])

    assert found.unserved == {"shut": NO_TIME}
    assert [route.vehicle_id for route in found.routes] == ["v1"]


def test_a_delivery_that_is_due_before_it_can_be_fetched_is_nobodys_and_the_others_are_planned():
    pickup, brought = delivery("late", 1, 2).stops
    late = Job("late", (replace(pickup, opens_at=500.0), replace(brought, closes_at=400.0)))

    found = plan([late, delivery("open", 1, 2)], [vehicle()])

    assert found.unserved == {"late": NO_TIME}
    assert len(found.routes) == 1


def test_loads_need_not_be_told_and_may_be_large():
    stops = (Stop("j1", 1, True), Stop("j1", 2))
    heavy = delivery("heavy", 1, 2, load=(10_000_000, 3))

    assert not plan([Job("j1", stops)], [vehicle(capacity=())]).unserved
    assert not plan([Job("j1", stops), heavy], [vehicle(capacity=(20_000_000, 3))]).unserved


def test_a_job_that_is_not_one_is_refused():
    with pytest.raises(ValueError, match="one or two"):
        plan([Job("j1", ())], [vehicle()])
    with pytest.raises(ValueError, match="what it picked up"):
        plan([Job("j1", (Stop("j1", 1, True, (2,)), Stop("j1", 2, False, (-1,))))], [vehicle()])
    with pytest.raises(ValueError, match="unloads at a pickup"):
        plan([Job("j1", (Stop("j1", 1, True, (-1,)),))], [vehicle()])
    with pytest.raises(ValueError, match="there twice"):
        plan([delivery("j1", 1, 2), delivery("j1", 2, 3)], [vehicle()])


def test_a_plan_of_an_engine_that_breaks_a_rule_is_not_taken(monkeypatch):
    monkeypatch.setattr(by_vroom, "plan", lambda *_, **__: {0: (1, 0)})
    monkeypatch.setattr(by_pyvrp, "search", lambda *_, **__: ({0: (1, 0)}, 1))

    found = plan([delivery("j1", 1, 2)], [vehicle()])

    assert found.engines == ("insertion",)
    assert not faults(driven(found, [vehicle()]), [delivery("j1", 1, 2)], MATRIX)
