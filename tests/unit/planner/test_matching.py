"""The matching round: what it may never do, what it should find, and that chance and names don't matter.

Longer than other files, because its tests share the made-up rounds and the judge of their plans.
"""

import os
from dataclasses import replace
from itertools import count
from math import dist, hypot, inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner.acceptance import AcceptanceModel
from crowdship.planner.matching import districts
from crowdship.planner.matching.costs import PARTS, cost_parts, unserved_price
from crowdship.planner.matching.model import (
    BUSY,
    EMPTY,
    LATER,
    NOBODY,
    NOT_FREE,
    NOTHING_FITS,
    OTHERS_CHEAPER,
    SOON,
    Driver,
    MatchingRules,
    Order,
)
from crowdship.planner.matching.rounds import plan_trips
from crowdship.planner.matching.scope import drivers_to_plan, orders_to_plan
from crowdship.planner.matching.search import MatchingSearch

MINUTE = 60.0
RULES = MatchingRules()
places = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda p: (float(p[0]), float(p[1])))


def travel(a, b):
    """One unit a minute."""
    return dist(a, b) * MINUTE


def order(name="o1", pickup=(0.0, 0.0), dropoff=(5.0, 0.0), ready=0.0, placed=0.0, **fields):
    due = placed + 40 * MINUTE
    given = {"placed_at": placed, "ready_at": ready, "due_at": due, "fails_at": placed + 85 * MINUTE, **fields}
    return Order(name, pickup, dropoff, **given)


def driver(name="d1", at=(0.0, 0.0), free_at=0.0, **fields):
    return Driver(name, at, free_at, **fields)


def hand_outs(*args, **options):
    return {out.driver_id: out.order_ids for out in plan_trips(*args, **options).hand_outs}


@st.composite
def towns(draw):
    shops = draw(st.lists(places, min_size=1, max_size=3, unique=True))
    orders = [
        order(
            f"o{n}",
            draw(st.sampled_from(shops)),
            draw(places),
            ready=draw(st.integers(0, 40)) * MINUTE,
            weight=draw(st.integers(1, 5)),
            volume=draw(st.integers(1, 5)),
            skills=draw(st.sampled_from([frozenset(), frozenset({"cold_box"})])),
            kind=draw(st.sampled_from(["", "", "other"])),
            alone=draw(st.booleans()),
            barred=draw(st.sets(st.sampled_from(["d0", "d1"]), max_size=1)),
        )
        for n in range(draw(st.integers(0, 7)))
    ]
    drivers = [
        driver(
            f"d{n}",
            draw(places),
            draw(st.integers(0, 30)) * MINUTE,
            off_at=draw(st.sampled_from([20 * MINUTE, 60 * MINUTE, inf])),
            max_weight=draw(st.integers(3, 12)),
            max_volume=draw(st.integers(3, 12)),
            skills=draw(st.sampled_from([frozenset(), frozenset({"cold_box"})])),
            free=draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 4)))
    ]
    return orders, drivers


def free_iff_free_now(drivers):
    return [replace(d, free=d.free and d.free_at <= 0) for d in drivers]


def arbitrary_plans(orders, drivers):
    """Plans of some round before, which may have nothing to do with this one."""
    names = st.sampled_from([o.id for o in orders] + ["gone"]) if orders else st.just("gone")
    trips = st.lists(st.lists(names, min_size=1, max_size=6).map(tuple), max_size=5).map(tuple)
    return st.fixed_dictionaries({d.id: trips for d in drivers})


@given(towns(), st.data())
@settings(max_examples=100)
def test_no_plan_breaks_a_limit_whatever_it_started_from_and_every_order_is_accounted_for(town, data):
    orders, drivers = town[0], free_iff_free_now(town[1])
    known, people = {o.id: o for o in orders}, {d.id: d for d in drivers}
    before = data.draw(arbitrary_plans(orders, drivers))
    found = plan_trips(orders, drivers, travel, 0.0, before=before)
    given_out = {out.driver_id: (out.order_ids,) for out in found.hand_outs}
    planned = {who: given_out.get(who, ()) + found.plan.get(who, ()) for who in {*given_out, *found.plan}}
    carried = [name for trips in planned.values() for trip in trips for name in trip]
    assert len(carried) == len(set(carried))
    assert {name for trips in given_out.values() for name in trips[0]} | found.waiting.keys() == known.keys()
    assert all(people[who].free for who in given_out)
    for who, trips in planned.items():
        person, clock, here = people[who], max(0.0, people[who].free_at), people[who].at
        assert len(trips) <= RULES.max_trips
        for trip in trips:
            load = [known[name] for name in trip]
            assert len({(o.pickup, o.kind) for o in load}) == 1
            assert len(load) <= RULES.max_bundle
            assert len(load) == 1 or not any(o.alone for o in load)
            assert sum(o.weight for o in load) <= person.max_weight
            assert sum(o.volume for o in load) <= person.max_volume
            assert all(who not in o.barred and o.skills <= person.skills for o in load)
            pickup = max(clock + travel(here, load[0].pickup) + RULES.pickup_s / 2, *(o.ready_at for o in load))
            assert pickup <= person.off_at
            clock, here = pickup + RULES.pickup_s / 2, load[0].pickup
            for o in load:
                clock, here = clock + travel(here, o.dropoff) + RULES.dropoff_s, o.dropoff


@given(towns())
@settings(max_examples=40)
def test_the_same_input_gives_the_same_plan_and_names_do_not_matter(town):
    orders, drivers = town
    once, again = plan_trips(orders, drivers, travel, 0.0), plan_trips(orders, drivers, travel, 0.0)
    assert once == again
    numbers = count()
    renamed = {o.id: f"x{100 - next(numbers)}" for o in orders}
    others = [replace(o, id=renamed[o.id]) for o in reversed(orders)]
    people = {d.id: f"y{100 - next(numbers)}" for d in drivers}
    others = [replace(o, barred={people[who] for who in o.barred if who in people}) for o in others]
    same = plan_trips(others, [replace(d, id=people[d.id]) for d in reversed(drivers)], travel, 0.0)
    assert same.cost == pytest.approx(once.cost, rel=0.02, abs=60)  # what looks alike but for a bar may change places


@given(towns(), places)
@settings(max_examples=40)
def test_one_more_driver_never_makes_the_plan_much_worse(town, place):
    orders, drivers = town
    # At one price of a driver's time: more drivers make it cheaper, which is no comparison.
    rules = MatchingRules(driver_time_per_load=0.0)
    before = plan_trips(orders, drivers, travel, 0.0, rules).cost
    after = plan_trips(orders, [*drivers, driver("more", place)], travel, 0.0, rules).cost
    assert after <= before * 1.05 + 60


def test_the_driver_who_is_there_first_gets_the_order():
    drivers = [driver("far", (9.0, 0.0)), driver("near", (1.0, 0.0))]
    assert hand_outs([order()], drivers, travel, 0.0) == {"near": ("o1",)}


def test_orders_of_one_shop_to_one_street_travel_together():
    orders = [order("o1", dropoff=(9.0, 0.0)), order("o2", dropoff=(10.0, 0.0))]
    assert sorted(hand_outs(orders, [driver()], travel, 0.0)["d1"]) == ["o1", "o2"]


def test_drivers_exchange_all_they_have_where_that_is_cheaper():
    west = [order(f"w{n}", (-20.0, 0.0), (-20.0 - n, 0.0)) for n in range(2)]
    east = [order(f"e{n}", (20.0, 0.0), (20.0 + n, 0.0)) for n in range(2)]
    drivers = [driver("in the west", (-19.0, 0.0)), driver("in the east", (19.0, 0.0))]
    crossed = {"in the west": (("e0", "e1"),), "in the east": (("w0", "w1"),)}
    search = MatchingSearch(
        orders_to_plan([*west, *east], RULES, 0.0),
        drivers_to_plan(drivers, RULES, 0.0),
        travel,
        RULES,
        0.0,
        Random(1),
        crossed,
    )
    before = search.cost
    search.exchange()
    assert search.cost < before
    assert search.cost == pytest.approx(sum(search.price_of(n, trips) for n, trips in enumerate(search.trips)))
    assert sorted(search.named()["in the west"][0]) == ["w0", "w1"]


def test_opposite_ways_are_two_trips():
    orders = [order("o1", dropoff=(15.0, 0.0)), order("o2", dropoff=(-15.0, 0.0))]
    given_out = hand_outs(orders, [driver("d1"), driver("d2")], travel, 0.0)
    assert sorted(given_out.values()) == [("o1",), ("o2",)]


def test_a_driver_is_not_sent_before_it_pays():
    later = order(ready=20 * MINUTE)
    found = plan_trips([later], [driver(at=(3.0, 0.0))], travel, 0.0)
    assert found.hand_outs == ()
    assert found.waiting == {"o1": SOON}
    # Three minutes of way and two at the counter before it is ready.
    assert hand_outs([later], [driver(at=(3.0, 0.0))], travel, 15 * MINUTE) == {"d1": ("o1",)}


def test_a_driver_about_to_be_free_next_door_is_worth_waiting_for():
    drivers = [driver("idle", (20.0, 0.0)), driver("soon", (0.0, 0.0), free_at=3 * MINUTE, free=False)]
    found = plan_trips([order()], drivers, travel, 0.0)
    assert found.hand_outs == ()
    assert found.waiting == {"o1": BUSY}
    assert found.plan["soon"] == (("o1",),)


def test_why_an_order_waits_is_said():
    orders = [order("later", ready=2 * 3600.0), order("barred", barred={"d1"})]
    found = plan_trips(orders, [driver()], travel, 0.0)
    assert found.waiting == {"later": LATER, "barred": NOBODY}


def test_a_plan_is_a_warm_start_for_the_next_round():
    orders = [order(f"o{n}", dropoff=(float(n), 9.0), ready=12 * MINUTE) for n in range(6)]
    drivers = [driver(f"d{n}", (float(n), 0.0)) for n in range(3)]
    first = plan_trips(orders, drivers, travel, 0.0)
    lazy = replace(RULES, rounds_per_order=0.0)
    assert plan_trips(orders, drivers, travel, 0.0, lazy, before=first.plan).cost == pytest.approx(first.cost)
    assert plan_trips(orders, drivers, travel, 0.0, lazy).cost >= first.cost


def test_a_search_that_is_stopped_answers_with_its_best_plan_and_says_so():
    orders = [order(f"o{n}", dropoff=(float(n), 9.0)) for n in range(6)]
    calls = count()
    found = plan_trips(orders, [driver()], travel, 0.0, may_go_on=lambda: next(calls) < 3)
    assert (found.rounds, found.complete) == (3, False)
    assert len(found.hand_outs) == 1


def test_nothing_to_do_is_no_plan():
    empty = plan_trips([], [], travel, 0.0)
    assert (empty.hand_outs, dict(empty.plan), empty.cost, empty.complete) == ((), {}, 0.0, True)


CAUTIOUS = MatchingRules(acceptance=AcceptanceModel())


def test_who_is_likely_to_say_no_is_asked_only_if_nobody_else_is_near():
    poor = order(pay=5.0)
    eager, tired = AcceptanceModel().willingness(1.0, 1.0), AcceptanceModel().willingness(0.0, 10.0)
    near = driver("near", (1.0, 0.0), willingness=tired)
    assert hand_outs([poor], [near, driver("far", (1.4, 0.0), willingness=eager)], travel, 0.0, CAUTIOUS) == {
        "far": ("o1",)
    }
    assert hand_outs([poor], [near], travel, 0.0, CAUTIOUS) == {"near": ("o1",)}


def test_only_who_has_the_skills_gets_the_order():
    drivers = [driver("near"), driver("skilled", (9.0, 0.0), skills=frozenset({"cold_box", "licence"}))]
    assert hand_outs([order(skills=frozenset({"cold_box"}))], drivers, travel, 0.0) == {"skilled": ("o1",)}
    assert plan_trips([order(skills=frozenset({"crane"}))], drivers, travel, 0.0).waiting == {"o1": NOBODY}


def test_the_only_driver_who_may_is_found_behind_many_who_may_not():
    crowd = [driver(f"d{n}", (0.01 * n, 0.0)) for n in range(400)]
    barred = {d.id for d in crowd[:-1]}
    assert hand_outs([order(barred=barred)], crowd, travel, 0.0) == {"d399": ("o1",)}


@pytest.mark.parametrize(("ageing", "served"), [(0.0, {"new1", "new2"}), (100.0, {"old"})])
def test_what_has_waited_long_goes_first_where_age_counts(ageing, served):
    # Late as it is, the far order would let two near ones wait for the one driver.
    old = order("old", (30.0, 0.0), (40.0, 0.0), placed=-50 * MINUTE, fails_at=inf, due_at=inf)
    new = [order(f"new{n}", (0.0, 1.0), (2.0, float(n)), fails_at=inf, due_at=inf) for n in (1, 2)]
    rules = MatchingRules(ageing=ageing)
    (out,) = plan_trips([old, *new], [driver()], travel, 0.0, rules).hand_outs
    assert set(out.order_ids) == served


@given(
    st.floats(0, 7 * 24 * 3600),
    st.floats(0, 100),
    st.floats(0, 1000),
    st.floats(0, 600),
    st.floats(0, 3600),
    st.floats(0, 300),
)
def test_no_order_is_left_because_serving_it_is_dear(waited, ageing, lateness, pay_price, refusal_s, pay):
    late = order("late", placed=-waited, ready=-waited, pay=pay, surcharges={"d1": 9e5})
    rules = MatchingRules(lateness=lateness, ageing=ageing, refusal_s=refusal_s, acceptance=AcceptanceModel())
    far = order("far", (15.0, 0.0), (100.0, 0.0), pay=pay)
    tired = driver("d1", pay_price=pay_price, willingness=-5.0)
    assert NOBODY not in plan_trips([late, far], [tired], travel, 0.0, rules).waiting.values()


def test_a_heavy_order_finds_the_van_behind_a_crowd_of_bicycles():
    bicycles = [driver(f"b{n}", (0.01 * n, 0.0), max_weight=10) for n in range(200)]
    van = driver("van", (9.0, 0.0), max_weight=500)
    assert hand_outs([order(weight=60)], [*bicycles, van], travel, 0.0) == {"van": ("o1",)}


def test_who_goes_home_too_soon_hides_nobody_who_stays():
    leaving = [driver(f"l{n}", (5.0, 0.0), off_at=MINUTE) for n in range(200)]
    assert hand_outs([order()], [*leaving, driver("stays", (9.0, 0.0))], travel, 0.0) == {"stays": ("o1",)}


def test_a_trip_that_takes_no_time_has_a_likelihood_too():
    here = order(dropoff=(0.0, 0.0), pay=3.0)
    rules = MatchingRules(pickup_s=0.0, dropoff_s=0.0, acceptance=AcceptanceModel())
    assert hand_outs([here], [driver(willingness=1.0)], travel, 0.0, rules) == {"d1": ("o1",)}


def test_a_surcharge_is_for_one_driver_and_one_order():
    drivers = [driver("silent"), driver("other", (3.0, 0.0))]
    assert hand_outs([order(surcharges={"silent": 900.0})], drivers, travel, 0.0) == {"other": ("o1",)}
    assert hand_outs([order(surcharges={"silent": 900.0})], drivers[:1], travel, 0.0) == {"silent": ("o1",)}


def parts_of(who, trips, orders, now=0.0, rules=RULES, price=0.0):
    return dict(zip(PARTS, cost_parts(who, trips, orders, travel, rules, now, price), strict=True))


def test_what_is_as_good_as_not_delivered_costs_more_by_the_second():
    rules = MatchingRules(pickup_s=0.0, dropoff_s=0.0, lateness=1.0, failing=3.0)
    late = order(dropoff=(10.0, 0.0)), order(dropoff=(10.0, 0.0), due_at=4 * MINUTE, fails_at=7 * MINUTE)
    on_time, failed = (parts_of(driver(), ((0,),), [one], rules=rules)["lateness"] for one in late)
    assert on_time == 0.0
    assert failed == (10 - 4) * MINUTE + 3.0 * (10 - 7) * MINUTE


def test_what_nobody_takes_is_sunk_by_all_it_has_cost_so_far():
    rules = MatchingRules(unserved=1000.0, lateness=2.0, failing=3.0, ageing=0.0)
    waited = order(due_at=10.0, fails_at=30.0)
    assert unserved_price(waited, rules, 0.0) == 1000.0
    assert unserved_price(waited, rules, 20.0) == 1000.0 + 20.0 + 2.0 * 10.0
    assert unserved_price(waited, rules, 40.0) == 1000.0 + 40.0 + 2.0 * 30.0 + 3.0 * 10.0


def test_a_drivers_minutes_after_their_duty_are_not_counted():
    rules = MatchingRules(pickup_s=2 * MINUTE, dropoff_s=0.0)
    far = [order(pickup=(3.0, 0.0), dropoff=(13.0, 0.0))]
    stays, goes = (
        parts_of(driver(off_at=off_at), ((0,),), far, rules=rules, price=1.0)["driver_time"]
        for off_at in (inf, 9 * MINUTE)
    )
    assert stays == (3 + 2 + 10) * MINUTE
    assert goes == (3 + 2 + 4) * MINUTE
    already = parts_of(driver(off_at=4 * MINUTE), ((0,),), far, rules=rules, price=1.0)["driver_time"]
    assert already == (3 + 2) * MINUTE, "never less than the way and the pickup"


def test_who_is_preferred_gets_the_order_among_equals():
    drivers = [driver("d1", order_preferences={"rating": 60.0}), driver("d2", work_preferences={"fairness": -30.0})]
    assert hand_outs([order()], drivers, travel, 0.0) == {"d2": ("o1",)}


def test_a_preferred_driver_gets_no_more_trips_for_it():
    orders = [order("o1", dropoff=(9.0, 0.0)), order("o2", dropoff=(10.0, 0.0))]
    own = driver(order_preferences={"dedicated_first": -3600.0}, work_preferences={"fairness": -120.0})
    assert sorted(hand_outs(orders, [own], travel, 0.0)["d1"]) == ["o1", "o2"]


@given(towns())
@settings(max_examples=40)
def test_an_explanation_adds_up_and_names_the_runner_up(town):
    orders, drivers = town
    found = plan_trips(orders, drivers, travel, 0.0, MatchingRules(ageing=1.0), explained=True)
    planned = {o: d for d, trips in found.plan.items() for trip in trips for o in trip}
    planned |= {o: out.driver_id for out in found.hand_outs for o in out.order_ids}
    for why in found.orders:
        assert why.driver_id == planned.get(why.order_id)
        assert why.waits == found.waiting.get(why.order_id)
        assert [o.cost for o in why.options] == sorted(o.cost for o in why.options)
        for option in why.options:
            assert option.cost == pytest.approx(sum(option.parts.values()))
            assert option.driver_id not in next(o for o in orders if o.id == why.order_id).barred
        others = [o.cost for o in why.options if o.driver_id != why.driver_id]
        own = [o.cost for o in why.options if o.driver_id == why.driver_id]
        assert why.difference == (pytest.approx(min(others) - own[0]) if others and own else None)
    idle = {why.driver_id for why in found.idle}
    busy = {out.driver_id for out in found.hand_outs} | {d for d, trips in found.plan.items() if trips}
    assert idle == {d.id for d in drivers} - busy


def test_why_a_driver_got_nothing_is_said():
    drivers = [
        driver("near"),
        driver("far", (5.0, 0.0)),
        driver("later", free_at=3 * 3600.0),
        driver("small", max_weight=1.0),
    ]
    found = plan_trips([order(weight=2.0)], drivers, travel, 0.0, explained=True)
    assert {why.driver_id: why.reason for why in found.idle} == {
        "far": OTHERS_CHEAPER,
        "later": NOT_FREE,
        "small": NOTHING_FITS,
    }
    (far,) = (why for why in found.idle if why.driver_id == "far")
    assert (far.order_id, far.difference > 0) == ("o1", True)
    assert [why.reason for why in plan_trips([], drivers[:1], travel, 0.0, explained=True).idle] == [EMPTY]


def large_zone(many=260, seed=7):
    random = Random(seed)

    def place():
        return (random.uniform(0, 60), random.uniform(0, 60))

    shops = [place() for _ in range(many // 3)]
    orders = [
        order(f"o{n}", random.choice(shops), place(), ready=random.uniform(-5, 20) * MINUTE, placed=-10 * MINUTE)
        for n in range(many)
    ]
    drivers = [driver(f"d{n}", place(), random.uniform(0, 15) * MINUTE) for n in range(many // 2)]
    return orders, [replace(d, free=d.free_at <= 0) for d in drivers]


def test_districts_share_out_every_order_and_driver_once():
    orders, drivers = large_zone()
    parts = districts.cut(orders, drivers)
    assert len(parts) > 1
    assert sorted(o.id for part in parts for o in part.orders) == sorted(o.id for o in orders)
    assert sorted(d.id for part in parts for d in part.drivers) == sorted(d.id for d in drivers)
    assert all(len(part.orders) <= districts.LARGEST for part in parts)


def test_in_the_north_a_zone_is_cut_across_its_wider_side_though_degrees_say_otherwise():
    # At 60 degrees a degree of longitude is half as long: 16 of latitude by 20 of longitude is a tall zone.
    orders = [order(f"o{n}", (60.0 + n % 17, float(n // 17))) for n in range(17 * 21)]
    for scale, axis in ((1.0, 1), (0.5, 0)):
        parts = districts.cut(orders, [], scale)
        spans = [max(spots) - min(spots) for part in parts for spots in [[o.pickup[axis] for o in part.orders]]]
        assert len(parts) == 2
        assert max(spans) < 12


def test_in_the_north_who_is_near_by_is_found_though_degrees_say_otherwise():
    # A hundred and sixty stand 0.8 degrees to the north; one stands a degree to the east, which is half as far.
    def on_the_globe(a, b):
        return 111.0 * hypot(a[0] - b[0], 0.5 * (a[1] - b[1])) * MINUTE

    here = order(pickup=(60.0, 10.0), dropoff=(60.0, 10.0))
    crowd = [driver(f"n{n}", (60.8, 10.0)) for n in range(160)]
    east = driver("east", (60.0, 11.0))
    assert hand_outs([here], [*crowd, east], on_the_globe, 0.0, MatchingRules(east_scale=0.5)) == {"east": ("o1",)}


def test_a_zone_planned_by_districts_costs_no_more_than_two_percent_beyond_the_whole(monkeypatch):
    orders, drivers = large_zone()
    by_districts = plan_trips(orders, drivers, travel, 0.0)
    monkeypatch.setattr(districts, "LARGEST", 10_000)
    whole = plan_trips(orders, drivers, travel, 0.0)
    assert by_districts.cost <= 1.02 * whole.cost


def test_a_copy_of_the_process_that_dies_costs_no_order_its_plan(monkeypatch):
    orders, drivers = large_zone()
    parent = os.getpid()
    search = districts.MatchingSearch

    def dying(*args):
        if os.getpid() != parent:
            os._exit(9)
        return search(*args)

    monkeypatch.setattr(districts, "MatchingSearch", dying)
    found = plan_trips(orders, drivers, travel, 0.0, processes=2)
    assert found.complete is False
    assert NOBODY not in found.waiting.values()


@pytest.mark.parametrize("processes", [2, 3])
def test_districts_planned_at_once_give_the_same_plan_as_one_by_one(processes):
    orders, drivers = large_zone()
    near, soon = orders_to_plan(orders, RULES, 0.0), drivers_to_plan(drivers, RULES, 0.0)

    def start(processes):
        return districts.plan(near, soon, travel, RULES, 0.0, 1, {}, lambda: True, processes)

    assert start(processes) == start(1)


def test_many_orders_at_one_place_are_one_district():
    orders = [order(f"o{n}", dropoff=(float(n % 20), 3.0)) for n in range(districts.LARGEST + 1)]
    assert len(districts.cut(orders, [driver()])) == 1
