"""Break-even: an example reckoned by hand, and what holds for any days and any cost."""

import math
import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.break_even import CASES, coverage
from crowdship.insight.break_even.history import HOURS, LEAST_MINUTES, CrowdDay, Effort, crowd_cost, effort_of
from crowdship.insight.break_even.recommendation import Advice, fleet_for, recommended
from crowdship.insight.break_even.tipping import MIN_DAYS, needed_per_hour, tipping_of, tipping_volume
from crowdship.zones.dedicated import DedicatedCost
from crowdship.zones.dispatch_rules import FleetRules

FIRST = date(2026, 11, 2)


def day(number, by_hour, pay=700, minutes=10.0):
    """A day on which all orders were delivered, each for the same pay and minutes."""
    orders = [0] * HOURS
    for hour, count in by_hour.items():
        orders[hour] = count
    total = sum(orders)
    return CrowdDay(FIRST + timedelta(days=number), total, total * pay, round(total * minutes), tuple(orders))


def cost(hour=2800, idle=20):
    return DedicatedCost(since=FIRST, wage_per_hour=hour, idle_percent=idle)


# By hand: the crowd costs 7.00 a delivery. An hour costs 28.00 of which 80 % are usable: 35.00 for a usable hour, so
# five deliveries an hour are needed. A delivery takes 10 minutes, so a driver makes six an hour. At noon there are
# twelve orders: the first driver has six, the second six, both at least five. At 18 there are five: one driver. At 9
# there are two: nobody.
BY_HAND = [day(number, {9: 2, 12: 12, 18: 5}) for number in range(MIN_DAYS)]


def test_the_example_by_hand():
    tipping = tipping_of(BY_HAND, cost(), seed=1, draws=50)
    assert (tipping.crowd, tipping.needed, tipping.volume) == (700, 5.0, 5.0)
    assert tipping.effort == Effort(fixed=10.0, way=0.0)
    assert (tipping.low, tipping.high) == (5.0, 5.0), "all days are the same"
    advice = recommended(BY_HAND, cost(), tipping)
    assert advice.verdict is Advice.HYBRID
    assert {plan.hour: plan.drivers for plan in advice.hours if plan.drivers} == {12: 2, 18: 1}
    assert advice.spans == ((12, 13), (18, 19))
    # They deliver 0.8 * 12 and 0.8 * 5, which is 13.6 at 7.00, for three hours at 28.00.
    assert round(advice.saving) == round(Fraction(136, 10) * 700 - 3 * 2800)


def test_an_hour_has_the_cost_of_all_its_parts():
    given_cost = DedicatedCost(
        since=FIRST,
        wage_per_hour=2000,
        employer_basis_points=765,
        vehicle_per_hour=450,
        insurance_per_hour=120,
        idle_percent=25,
    )
    assert given_cost.hour == 2000 + 153 + 450 + 120
    assert needed_per_hour(Fraction(700), given_cost) == pytest.approx(2723 / 0.75 / 700)


def test_few_orders_are_for_the_crowd():
    days = [day(number, {12: 4, 18: 4}) for number in range(MIN_DAYS)]
    advice = recommended(days, cost(), tipping_of(days, cost(), 1, 50))
    assert (advice.verdict, advice.drivers, advice.saving) == (Advice.CROWD, 0, 0)


def test_many_orders_in_each_hour_are_for_dedicated_drivers():
    days = [day(number, dict.fromkeys(range(10, 20), 12)) for number in range(MIN_DAYS)]
    assert recommended(days, cost(), tipping_of(days, cost(), 1, 50)).verdict is Advice.DEDICATED


def test_a_driver_who_makes_too_few_deliveries_never_pays():
    days = [day(number, {12: 40}, minutes=15) for number in range(MIN_DAYS)]
    tipping = tipping_of(days, cost(), 1, 50)
    assert tipping.volume == tipping.high == math.inf
    assert recommended(days, cost(), tipping).verdict is Advice.CROWD


@pytest.mark.parametrize(
    "days",
    [
        [],
        BY_HAND[: MIN_DAYS - 1],
        [day(number, {12: 7}) for number in range(MIN_DAYS)],
        [*BY_HAND[: MIN_DAYS - 1], day(30, {})],
    ],
)
def test_little_is_not_enough(days):
    enough = sum(one.delivered for one in days) >= 100 and sum(1 for one in days if one.delivered) >= MIN_DAYS
    verdict = recommended(days, cost(), None).verdict
    assert verdict is (Advice.NO_COST if enough else Advice.NOT_ENOUGH_DAYS)


def test_without_a_cost_nothing_is_recommended():
    assert recommended(BY_HAND, None, None).verdict is Advice.NO_COST


def test_an_hour_inside_the_interval_is_left_open_and_gets_no_driver():
    chance = random.Random(3)
    days = [day(number, {12: 5, 18: 30}, pay=chance.choice((500, 900)), minutes=5) for number in range(20)]
    tipping = tipping_of(days, cost(), 7)
    assert tipping.low < 5 < tipping.high
    plans = {plan.hour: plan for plan in recommended(days, cost(), tipping).hours}
    assert (plans[12].drivers, plans[12].is_unsure) == (0, True)
    assert plans[18].drivers > 0


def test_the_effect_of_density_is_found_again():
    true = Effort(fixed=6.0, way=18.0)
    days = [day(number, {12: volume}, minutes=true.minutes(volume)) for number, volume in enumerate((4, 9, 16, 25, 36))]
    found = effort_of(days)
    assert found.fixed == pytest.approx(6.0, abs=0.1)
    assert found.way == pytest.approx(18.0, abs=0.4)


def test_days_of_one_density_promise_nothing_for_another():
    assert effort_of(BY_HAND).way == 0


def test_a_delivery_that_takes_longer_where_there_are_more_is_taken_as_it_is():
    days = [day(number, {12: volume}, minutes=5 + volume) for number, volume in enumerate((4, 9, 16))]
    assert effort_of(days).way == 0


def test_the_policy_follows_the_recommendation_and_keeps_what_staff_chose():
    now = FleetRules(hold_minutes=0, orders_per_driver=3)
    assert fleet_for(Advice.CROWD, FleetRules(hold_minutes=7)).hold_minutes == 0
    assert fleet_for(Advice.HYBRID, now) == FleetRules(hold_minutes=10, orders_per_driver=3)
    assert fleet_for(Advice.HYBRID, FleetRules(hold_minutes=4)).hold_minutes == 4
    assert fleet_for(Advice.DEDICATED, FleetRules(hold_minutes=4)).hold_minutes == 20
    assert fleet_for(Advice.NOT_ENOUGH_DAYS, now) is fleet_for(Advice.NO_COST, now) is None


@pytest.mark.parametrize("case", CASES)
def test_the_true_tipping_point_is_mostly_inside_the_interval(case):
    _, inside, _ = coverage(*CASES[case], draws=25, resamples=120)
    assert inside >= 0.8


# -- what holds always

costs = st.builds(cost, hour=st.integers(500, 10_000), idle=st.integers(0, 90))
some_days = st.lists(
    st.builds(
        day,
        st.integers(0, 200),
        st.dictionaries(st.integers(0, 23), st.integers(0, 60), min_size=1),
        st.integers(1, 3000),
        st.floats(1, 90),
    ),
    min_size=1,
    max_size=20,
).filter(lambda days: any(one.delivered for one in days))
efforts = st.builds(Effort, st.floats(LEAST_MINUTES, 60), st.floats(0, 60))


@given(st.floats(0.1, 50), efforts)
def test_at_the_tipping_point_a_driver_gets_and_makes_what_is_needed_and_below_it_not(needed, effort):
    volume = tipping_volume(needed, effort)
    if math.isinf(volume):
        assert effort.capacity(1e9) < needed * 1.001
        return

    def served(at):
        return min(at, effort.capacity(at))

    assert served(volume) >= needed * 0.999
    assert served(volume * 0.99) < needed


@settings(max_examples=30)
@given(some_days, costs)
def test_the_interval_is_in_order_and_the_same_days_give_the_same(days, hourly):
    found = tipping_of(days, hourly, seed=5, draws=20)
    assert found.low <= found.high
    assert tipping_of(days, hourly, seed=5, draws=20) == found


@settings(max_examples=30)
@given(some_days, costs, st.integers(1, 2000))
def test_a_dearer_crowd_never_raises_the_tipping_point(days, hourly, more):
    busy = [one for one in days if one.delivered]
    crowd, effort = crowd_cost(busy), effort_of(busy)
    dear, cheap = (tipping_volume(needed_per_hour(one, hourly), effort) for one in (crowd + more, crowd))
    assert dear <= cheap


@settings(max_examples=30)
@given(some_days, costs)
def test_no_plan_costs_more_than_the_crowd_and_none_serves_more_than_there_is(days, hourly):
    days = days * MIN_DAYS
    tipping = tipping_of(days, hourly, seed=5, draws=20)
    advice = recommended(days, hourly, tipping)
    assert advice.saving >= -1e-6
    assert all(0 <= plan.served <= plan.volume for plan in advice.hours)
    assert (advice.drivers > 0) == (advice.verdict in (Advice.HYBRID, Advice.DEDICATED))
