"""Orders and drivers are paired at the least cost there is."""

from itertools import product
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner import assignment as assigning
from crowdship.planner.assignment import assign


@pytest.fixture(params=["with OR-Tools", "without"], autouse=True)
def _engine(request, monkeypatch):
    if request.param == "without":
        monkeypatch.setattr(assigning, "linear_sum_assignment", lambda: None)
        monkeypatch.setattr(assigning, "min_cost_flow", lambda: None)
    else:
        pytest.importorskip("ortools")


@st.composite
def markets(draw):
    sizes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    every = list(product(range(sizes[0]), range(sizes[1])))
    pairs = draw(st.lists(st.sampled_from(every), unique=True))
    costs = draw(st.lists(st.integers(-20, 50), min_size=len(pairs), max_size=len(pairs)))
    return sizes, [order for order, _ in pairs], [driver for _, driver in pairs], costs


def cheapest(sizes, orders, drivers, costs, unassigned):
    """What the best assignment costs, by trying all of them."""
    price = {(order, driver): cost for order, driver, cost in zip(orders, drivers, costs, strict=True)}
    best = inf
    for chosen in product([None, *range(sizes[1])], repeat=sizes[0]):
        taken = [driver for driver in chosen if driver is not None]
        if len(set(taken)) < len(taken):
            continue
        total = 0
        for order, driver in enumerate(chosen):
            alone = inf if unassigned is None else unassigned[order]
            total += alone if driver is None else price.get((order, driver), inf)
        best = min(best, total)
    return best


def check(market, unassigned):
    sizes, orders, drivers, costs = market
    found = assign(sizes, orders, drivers, costs, unassigned)
    best = cheapest(*market, unassigned)
    if found is None:
        assert best == inf
        return
    assert found.cost == best
    taken = [driver for driver in found.drivers if driver is not None]
    assert len(set(taken)) == len(taken)
    price = dict(zip(zip(orders, drivers, strict=True), costs, strict=True))
    assert found.cost == sum(
        unassigned[order] if driver is None else price[order, driver] for order, driver in enumerate(found.drivers)
    )


quickly = settings(max_examples=60)


@given(markets())
@quickly
def test_no_assignment_of_all_orders_costs_less(market):
    check(market, None)


@given(markets(), st.lists(st.integers(0, 40), min_size=4, max_size=4))
@quickly
def test_an_order_stays_without_a_driver_where_that_costs_less(market, prices):
    check(market, prices[: market[0][0]])


def test_an_order_that_nobody_can_take_stays_alone_or_stops_everything():
    assert assign((1, 1), [], [], []) is None
    assert assign((1, 1), [], [], [], [7]).drivers == (None,)


def test_without_orders_there_is_nothing_to_assign():
    assert assign((0, 0), [], [], [], []).cost == 0
