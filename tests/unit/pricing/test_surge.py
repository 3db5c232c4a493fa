from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.pricing.surge import Measure, Surge, SurgeOverride, SurgeRules

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RULES = SurgeRules(curve=[{"pressure": 1, "percent": 100}, {"pressure": 3, "percent": 200}], cap_percent=180)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def measure(seconds, orders, drivers=1, pickup_s=None):
    return Measure(at=at(seconds), orders=orders, drivers=drivers, pickup_s=pickup_s)


def measured(*measures, rules=RULES):
    surge = Surge(id="loop")
    for one in measures:
        surge = surge.measured(one, rules)
    return surge


def test_a_calm_zone_has_no_surge():
    surge = measured(measure(0, 1, 4))
    assert (surge.percent_at(NOON), surge.events) == (100, ())


def test_a_lack_of_drivers_is_announced_and_holds_after_the_notice():
    surge = measured(measure(0, 9, 3))
    assert surge.percent_at(at(59)) == 100
    assert surge.percent_at(at(60)) == 125
    (event,) = surge.events
    assert (event.type, event.data["percent"], event.data["percent_before"]) == ("surge.changed", 125, 100)


def test_a_multiplier_moves_by_one_step_at_a_time_and_not_above_the_cap():
    surge = measured(*(measure(180 * number, 99, 1) for number in range(8)))
    steps = [event.data["percent"] for event in surge.events]
    assert steps == [125, 150, 175]  # 180, the cap, is too near to be announced


def test_a_cap_between_two_steps_is_not_rounded_up():
    rules = SurgeRules.model_validate(RULES.model_dump() | {"cap_percent": 148})
    surge = measured(*(measure(180 * number, 99, 1) for number in range(8)), rules=rules)
    assert [event.data["percent"] for event in surge.events] == [125, 148]


def test_a_surge_above_a_cap_that_was_lowered_comes_down_to_it_at_the_next_measure():
    surge = measured(*(measure(180 * number, 99, 1) for number in range(8)))
    lower = SurgeRules.model_validate(RULES.model_dump() | {"cap_percent": 140})
    after = surge.measured(measure(180 * 8, 99, 1), lower)
    assert after.newest.percent == 140


def test_a_pressure_that_moves_by_less_than_the_hysteresis_changes_no_multiplier():
    rules = SurgeRules.model_validate(RULES.model_dump() | {"half_life_seconds": 30, "cap_percent": 200})
    lines = [(11, 10), (104, 100), (108, 100), (104, 100), (108, 100)]  # 105 %, 102 % and 104 % are wanted
    start = measured(measure(0, 12, 10), rules=rules)
    assert start.newest.percent == 110
    surge = start
    for number, (orders, drivers) in enumerate(lines, 1):
        surge = surge.measured(measure(300 * number, orders, drivers), rules)
    assert surge.events == start.events


def test_a_small_change_is_not_announced():
    surge = measured(measure(0, 3, 2), measure(180, 8, 5))
    assert len(surge.events) == 1


def test_a_surge_ends_when_drivers_are_back():
    surge = measured(measure(0, 3, 2), *(measure(300 * number, 0, 9) for number in range(1, 9)))
    assert surge.events[-1].data["percent"] == 100
    assert surge.percent_at(at(3000)) == 100


def test_a_surge_that_nobody_measures_any_more_ends_by_itself():
    surge = measured(measure(0, 9, 3))
    assert surge.percent_at(at(15 * 60 - 1)) == 125
    assert surge.percent_at(at(15 * 60)) == 100


def ends(surge):
    """Return what events of an end told: the multiplier that ended, and when."""
    told = [event.data for event in surge.events if event.data["reason"] == "ended"]
    return [(data["percent_before"], data["percent"], data["holds_from"]) for data in told]


def test_the_end_of_a_surge_that_nobody_measures_any_more_is_announced_once():
    surge = measured(measure(0, 9, 3))
    assert surge.ended(at(15 * 60 - 1)) is surge
    over = surge.ended(at(17 * 60))
    assert ends(over) == [(125, 100, "2026-06-01T12:15:00Z")]
    assert over.ended(at(18 * 60)) is over
    assert over.events[-1].data["until"] == "2026-06-01T12:15:00Z"
    assert (over.percent_at(at(17 * 60)), over.ends_at) == (100, None)


def test_the_end_of_a_person_s_surge_is_announced_and_of_a_stop_is_not():
    rise = Surge(id="loop").overridden(SurgeOverride(percent=150, until=at(3600), reason="concert"), "kim", RULES, NOON)
    assert ends(rise.ended(at(3600))) == [(150, 100, "2026-06-01T13:00:00Z")]
    stop = Surge(id="loop").overridden(SurgeOverride(percent=100, until=at(3600), reason="flood"), "kim", RULES, NOON)
    assert stop.ended(at(3600)) is stop


def test_an_end_that_nobody_announced_is_told_before_the_next_surge():
    again = measured(measure(0, 9, 3), measure(1200, 9, 3))
    told = [(event.data["percent_before"], event.data["percent"]) for event in again.events]
    assert told == [(100, 125), (125, 100), (100, 125)]
    assert [event.sequence for event in again.events] == [1, 2, 3]
    by_hand = measured(measure(0, 9, 3)).overridden(
        SurgeOverride(percent=150, until=at(3600), reason="concert"), "kim", RULES, at(1200)
    )
    assert len(ends(by_hand)) == 1


def test_a_surge_that_measures_have_brought_down_has_no_end_of_its_own():
    surge = measured(measure(0, 3, 2), *(measure(300 * number, 0, 9) for number in range(1, 9)))
    assert surge.ended(at(9000)) is surge


def test_a_surge_that_is_measured_again_goes_on():
    surge = measured(measure(0, 3, 2), measure(600, 3, 2))
    assert surge.percent_at(at(20 * 60)) == 125


def test_an_old_measure_changes_nothing():
    surge = measured(measure(300, 9, 3))
    assert surge.measured(measure(200, 50), RULES) is surge


def test_long_ways_to_the_pickups_raise_the_pressure():
    assert measure(0, 2, 2, 16 * 60).pressure(RULES) == 2.0
    assert measure(0, 2, 2, 60).pressure(RULES) == 1.0


def test_one_spike_weighs_half_after_a_half_life():
    rules = RULES.model_copy(update={"half_life_seconds": 300})
    surge = measured(measure(0, 4), measure(300, 0), rules=rules)
    assert surge.smoothed == pytest.approx(2.0)


def test_a_person_stops_a_surge_at_once_and_measures_change_nothing_until_then():
    surge = measured(measure(0, 9, 3))
    stop = SurgeOverride(percent=100, until=at(3600), reason="flood")
    stopped = surge.overridden(stop, "kim", RULES, at(120))
    assert stopped.percent_at(at(120)) == 100
    later = stopped.measured(measure(600, 99), RULES)
    assert later.percent_at(at(900)) == 100
    assert later.events == stopped.events


def test_measures_count_again_after_a_person_s_multiplier_has_ended():
    stop = SurgeOverride(percent=100, until=at(600), reason="flood")
    surge = measured(measure(0, 9, 3)).overridden(stop, "kim", RULES, at(60))
    assert surge.measured(measure(700, 9, 3), RULES).percent_at(at(800)) == 125


def test_a_person_s_rise_holds_only_after_the_notice():
    rise = SurgeOverride(percent=150, until=at(3600), reason="concert")
    surge = Surge(id="loop").overridden(rise, "kim", RULES, NOON)
    assert (surge.percent_at(at(59)), surge.percent_at(at(60))) == (100, 150)


@pytest.mark.parametrize(
    "curve",
    [
        [{"pressure": 2, "percent": 100}, {"pressure": 1, "percent": 150}],
        [{"pressure": 1, "percent": 150}, {"pressure": 2, "percent": 120}],
        [{"pressure": 1, "percent": 100}],
        [{"pressure": 1, "percent": 90}, {"pressure": 2, "percent": 150}],
        [{"pressure": 1, "percent": 100}, {"pressure": 2, "percent": 900}],
    ],
)
def test_a_curve_that_falls_or_has_absurd_figures_is_refused(curve):
    with pytest.raises(ValidationError):
        SurgeRules(curve=curve)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(30, 1200), st.integers(0, 60), st.integers(0, 20), st.none() | st.floats(0, 5000)),
        max_size=25,
    ),
    st.integers(100, 300),
    st.integers(0, 50),
    st.integers(5, 100),
)
def test_whatever_is_measured_announcements_stay_in_bounds_and_in_steps(lines, cap, hysteresis, step):
    bounds = {"cap_percent": cap, "hysteresis_percent": hysteresis, "step_percent": step}
    rules = SurgeRules.model_validate(RULES.model_dump() | bounds)
    surge, now = Surge(id="loop"), NOON
    for seconds, orders, drivers, pickup_s in lines:
        now += timedelta(seconds=seconds)
        before = surge
        surge = surge.measured(Measure(at=now, orders=orders, drivers=drivers, pickup_s=pickup_s), rules)
        told = surge.events[len(before.events) :]
        new = [event for event in told if event.data["reason"] != "ended"]
        assert len(new) <= 1
        is_over = before.ends_at is not None and before.ends_at <= now
        assert len(told) - len(new) == is_over, "an end of its own is told once"
        for event in new:
            assert 100 <= event.data["percent"] <= rules.cap_percent
            announced = before.newest.percent if before.newest and now < before.newest.until else 100
            assert 0 < abs(event.data["percent"] - announced) <= rules.step_percent
            # What holds at the moment of an announcement goes on holding until it takes effect.
            assert surge.percent_at(now) == before.percent_at(now)
    assert surge.percent_at(now + timedelta(days=1)) == 100
