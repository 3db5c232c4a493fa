"""Facts about orders are the same whatever the order and the number of their events, and days are their sums."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.insight.zone_days.facts import EVENTS, MONEY_OF, OrderFact
from crowdship.insight.zone_days.model import LONGEST_ENGAGEMENT, summed, united
from crowdship.kernel.events import DomainEvent
from tests.contracts import sample

NAMES = ("created", "assigned", "delivered")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)


def event(name, **changes):
    raw = sample(f"delivery.{name}")
    data = {**raw["data"], **changes.pop("data", {})}
    return DomainEvent.model_validate({**raw, **changes, "data": data})


def fact_of(events):
    fact = OrderFact.new(events[0])
    for one in events:
        fact = fact.after(one)
    return fact


COURSE = [event(name) for name in NAMES]


@given(st.permutations(COURSE * 2))
def test_a_fact_is_the_same_whatever_the_order_and_number_of_its_events(events):
    assert fact_of(events) == fact_of(COURSE)


def test_a_delivered_order_counts_with_what_is_due_and_the_time_of_its_driver():
    fact = fact_of(COURSE)
    assert (fact.charge.amount, fact.pay.amount, fact.tip.amount) == (599 + 247, 325 + 143 + 124, 300)
    assert fact.is_on_time
    assert fact.ended_at - fact.taken_at == timedelta(minutes=23, seconds=30)


def test_nothing_is_due_while_an_order_is_under_way_and_an_ending_that_is_taken_back_takes_back_what_was_due():
    assert fact_of(COURSE[:2]).charge.amount == 0
    back = fact_of([*COURSE, event("corrected")])
    assert (back.charge.amount, back.pay.amount, back.ended_at, back.is_on_time) == (0, 0, None, False)


def test_pay_that_is_refused_counts_for_nothing():
    refused = fact_of([*COURSE, event("pay_refused", data={"delivery_id": COURSE[0].subject})])
    assert day_of(refused).charge.amount == day_of(refused).pay.amount == 0
    assert day_of(refused).delivered == 1


def test_an_order_after_its_window_is_not_on_time():
    closes_at = COURSE[2].data["dropoff_window"]["closes_at"]
    late = event("delivered", time=(datetime.fromisoformat(closes_at) + timedelta(seconds=1)).isoformat())
    assert not fact_of([*COURSE[:2], late]).is_on_time


def day_of(*facts, currency="USD", time_zone="America/Los_Angeles"):
    return summed("san-francisco", DAY, currency, time_zone, facts, NOON)


def test_a_day_is_the_sum_of_its_facts():
    money = [MONEY_OF[name](DomainEvent.model_validate(sample(name))) for name in MONEY_OF]
    day = day_of(fact_of(COURSE), fact_of(COURSE[:1]), *money)
    assert (day.orders, day.delivered, day.on_time, day.unfinished) == (2, 1, 1, 1)
    assert day.tips.amount == 300 + 500, "a late tip is a tip and no cost"
    assert set(day.costs) == {"incentives", "guarantees", "floors", "refunds"}
    assert day.margin.amount == day.charge.amount - day.pay.amount - sum(cost.amount for cost in day.costs.values())
    assert day.by_hour[11] == 2, "ordered at 19:00 UTC, which is 11:00 in the zone"
    assert day.engaged_minutes == 24


def test_money_in_another_currency_is_left_out_and_counted():
    day = day_of(fact_of(COURSE), currency="EUR")
    assert (day.orders, day.other_currency) == (0, 1)


def test_a_delivery_that_nobody_ended_for_days_engages_for_half_a_day_at_most():
    fact = fact_of(COURSE)
    forgotten = fact.with_changes(ended_at=fact.taken_at + timedelta(days=9))
    assert day_of(forgotten).engaged_minutes == LONGEST_ENGAGEMENT.total_seconds() / 60


spans = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 90)).map(
        lambda pair: (NOON + timedelta(minutes=pair[0]), NOON + timedelta(minutes=sum(pair)))
    )
)


@given(spans)
def test_a_union_is_what_counting_its_minutes_gives(found):
    minutes = {
        minute
        for first, last in found
        for minute in range(int((first - NOON).total_seconds()) // 60, int((last - NOON).total_seconds()) // 60)
    }
    assert united(found) == timedelta(minutes=len(minutes))


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_that_is_listened_to_has_a_contract(name):
    assert sample(name)["type"] == name
