"""The matching round: what it may never do, what it should find, and that chance and names don't matter."""

from dataclasses import replace
from itertools import count
from math import dist, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner.trips import (
    BUSY,
    LATER,
    NOBODY,
    SOON,
    Driver,
    MatchingRules,
    Order,
    plan_trips,
)

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
            free=draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 4)))
    ]
    return orders, drivers


def free_iff_free_now(drivers):
    return [replace(d, free=d.free and d.free_at <= 0) for d in drivers]


@given(towns())
@settings(deadline=None, max_examples=60)
def test_no_plan_breaks_capacity_shift_bars_or_the_wish_to_be_alone_and_every_order_is_accounted_for(town):
    orders, drivers = town[0], free_iff_free_now(town[1])
    known, people = {o.id: o for o in orders}, {d.id: d for d in drivers}
    found = plan_trips(orders, drivers, travel, 0.0)
    trips = [(name, trip) for name, trips in found.plan.items() for trip in trips]
    trips += [(out.driver_id, out.order_ids) for out in found.hand_outs]
    carried = [name for _, trip in trips for name in trip]
    assert len(carried) == len(set(carried))
    assert {out_id for out in found.hand_outs for out_id in out.order_ids} | found.waiting.keys() == known.keys()
    for who, trip in trips:
        load = [known[name] for name in trip]
        assert len({o.pickup for o in load}) == 1
        assert sum(o.weight for o in load) <= people[who].max_weight
        assert len(load) <= RULES.max_bundle
        assert len(load) == 1 or not any(o.alone for o in load)
        assert all(who not in o.barred for o in load)
    for out in found.hand_outs:
        who, load = people[out.driver_id], [known[name] for name in out.order_ids]
        assert who.free
        pickup = max(travel(who.at, load[0].pickup) + RULES.pickup_s / 2, *(o.ready_at for o in load))
        assert pickup <= who.off_at


@given(towns())
@settings(deadline=None, max_examples=40)
def test_the_same_input_gives_the_same_plan_and_names_do_not_matter(town):
    orders, drivers = town
    once, again = plan_trips(orders, drivers, travel, 0.0), plan_trips(orders, drivers, travel, 0.0)
    assert once == again
    numbers = count()
    renamed = {o.id: f"x{100 - next(numbers)}" for o in orders}
    others = [replace(o, id=renamed[o.id]) for o in reversed(orders)]
    assert plan_trips(others, list(reversed(drivers)), travel, 0.0).cost == pytest.approx(once.cost, rel=0.05, abs=60)


@given(towns(), places)
@settings(deadline=None, max_examples=40)
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
