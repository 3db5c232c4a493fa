from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from local.city.day import Diary, Ticket
from local.city.plans.geometry import Point
from local.city.results.summary import Fate, Outcome, Wages, fate_of, percentile

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Point(39.29, -76.61)


def fate(state="delivered", after_min=30.0, promise_min=60.0, reason=None):
    closed = NOON + timedelta(minutes=after_min)
    return Fate("o1", "shop", HERE, HERE, state, reason, NOON, closed, NOON + timedelta(minutes=promise_min))


def told(*steps, state):
    return {
        "state": state,
        "created_at": "2026-03-02T12:00:00Z",
        "pickup": HERE.json(),
        "dropoff": HERE.json(),
        "dropoff_window": {"closes_at": "2026-03-02T13:00:00Z"},
        "timeline": [{"state": s, "at": at, "reason": reason} for s, at, reason in steps],
    }


TICKET = Ticket("o1", "shop", "1", NOON, HERE, HERE, delivery_id="dlv_1")


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7], 0.9, 7), ([1, 2, 3, 4], 0.5, 2), ([4, 3, 2, 1], 0.9, 4), (range(1, 101), 0.99, 99)],
)
def test_a_percentile_is_one_of_the_values(values, share, expected):
    assert percentile(values, share) == expected


def test_click_to_door_counts_from_order_to_hand_over():
    read = fate_of(
        TICKET,
        told(("created", "2026-03-02T12:00:00Z", None), ("delivered", "2026-03-02T12:25:00Z", None), state="delivered"),
    )
    assert read.click_to_door == timedelta(minutes=25)
    assert read.on_time
    assert read.accounted_for


def test_a_returned_order_keeps_the_reason_of_its_failure():
    read = fate_of(
        TICKET,
        told(
            ("failed", "2026-03-02T12:25:00Z", "customer_absent"),
            ("returning", "2026-03-02T12:25:00Z", "customer_absent"),
            ("returned", "2026-03-02T12:40:00Z", None),
            state="returned",
        ),
    )
    assert read.reason == "customer_absent"
    assert read.accounted_for
    assert read.click_to_door is None


def test_an_order_that_is_still_under_way_or_ended_without_a_reason_is_not_accounted_for():
    outcome = Outcome.of([fate("picked_up"), fate("expired"), fate("expired", reason="no_driver_found")])
    assert len(outcome.unaccounted) == 2


def test_an_order_that_was_never_taken_is_not_accounted_for():
    assert Outcome.of([fate()], [TICKET]).unaccounted == ("o1",)


def test_the_share_on_time_is_of_what_was_delivered():
    outcome = Outcome.of([fate(), fate(after_min=61), fate("cancelled", reason="changed_mind")])
    assert outcome.on_time_share == 0.5
    assert outcome.by_state == Counter(delivered=2, cancelled=1)


def test_wages_are_per_driver_who_earned_and_per_hour_on_duty():
    diaries = [Diary("a", "Ada", on_duty=timedelta(hours=2)), Diary("b", "Ben", on_duty=timedelta(hours=2))]
    wages = Wages.of({"a": 6000, "b": 0}, diaries)
    assert (wages.per_driver, wages.per_hour, wages.best) == (6000, 1500, ("Ada", 6000))


def test_nobody_on_duty_earns_nothing():
    assert Wages.of({}, []).per_hour == 0
