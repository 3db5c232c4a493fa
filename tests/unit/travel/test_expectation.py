"""Arrivals: a moment with an interval, what is learned of errors, and of stays at doors."""

from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.travel.expectation import COVERAGE, SPREAD, Dwell, Errors, Span, interval

patiently = settings(max_examples=60)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
seconds = st.floats(30, 7200)
trips = st.lists(
    st.tuples(st.integers(0, 500).map(lambda hours: NOW - timedelta(hours=hours)), seconds, seconds), max_size=15
)
stays = st.lists(
    st.tuples(
        st.sampled_from(("bakery", "grill", "florist")),
        st.integers(0, 500).map(lambda hours: NOW - timedelta(hours=hours)),
        st.floats(0, 5000),
    ),
    max_size=15,
)
spans = st.builds(Span, st.floats(1, 7200), st.floats(0, 1e7))


# Intervals


@patiently
@given(st.lists(spans, max_size=4), st.floats(0.01, 0.99))
def test_an_interval_holds_the_mean(listed, coverage):
    found = interval(NOW, listed, coverage)
    assert NOW <= found.earliest <= found.at <= found.latest
    assert found.at == NOW + timedelta(seconds=sum(span.seconds for span in listed))


@patiently
@given(st.lists(spans, min_size=1, max_size=4), st.floats(0.01, 0.98), st.floats(0.01, 0.98))
def test_an_interval_that_is_to_hold_more_is_no_narrower(listed, one, other):
    narrow, wide = (interval(NOW, listed, coverage) for coverage in sorted((one, other)))
    assert wide.earliest <= narrow.earliest
    assert narrow.latest <= wide.latest


def test_what_is_certain_has_no_interval():
    found = interval(NOW, [Span(600), Span(60)])
    assert found.earliest == found.at == found.latest == NOW + timedelta(minutes=11)
    assert found.coverage == COVERAGE


def test_an_interval_holds_as_much_as_it_says_of_what_is_log_normal():
    drawn = Random(4)
    mean, deviation = log(900), 0.3
    span = Span(exp(mean + deviation**2 / 2), (exp(deviation**2) - 1) * exp(2 * mean + deviation**2))
    found = interval(NOW, [span])
    ends = [(end - NOW).total_seconds() for end in (found.earliest, found.latest)]
    held = sum(ends[0] <= drawn.lognormvariate(mean, deviation) <= ends[1] for _ in range(4000))
    assert held / 4000 == pytest.approx(0.8, abs=0.02)


# Errors


@patiently
@given(seconds)
def test_without_knowledge_a_time_is_what_was_foretold(foretold):
    span = Errors().expected(foretold)
    assert span.seconds == pytest.approx(foretold)
    assert sqrt(span.variance) / span.seconds == pytest.approx(SPREAD, rel=0.05)
    assert Errors().expected(0) == Span(0)


@patiently
@given(trips, trips)
def test_errors_are_the_same_in_any_order_and_merged(early, late):
    both = Errors().learn([*late, *early], NOW)
    for other in (
        Errors().learn(early, NOW).learn(late, NOW),
        Errors().learn(early, NOW).merge(Errors().learn(late, NOW)),
        Errors().learn(late, NOW).merge(Errors().learn(early, NOW)),
    ):
        for one, sums in zip(both.horizons, other.horizons, strict=True):
            assert one == pytest.approx(sums)


def test_steady_errors_are_allowed_for_and_narrow_the_interval():
    known = Errors().learn([(NOW, 900.0, 1080.0)] * 500, NOW)
    span = known.expected(900)
    assert span.seconds == pytest.approx(1080, rel=0.03)
    assert span.variance < Errors().expected(900).variance / 4
    assert known.expected(200) == Errors().expected(200)  # of another horizon nothing was learned


def test_errors_learned_long_ago_count_for_less():
    fresh = Errors().learn([(NOW, 900.0, 1350.0)] * 50, NOW)
    old = fresh.learn([], NOW + timedelta(days=60))
    assert 900 < old.expected(900).seconds < fresh.expected(900).seconds


@patiently
@given(trips)
def test_an_expected_time_is_finite_and_comes_back_from_json(seen):
    known = Errors().learn(seen, NOW)
    back = Errors.model_validate_json(known.model_dump_json())
    for foretold in (60, 900, 6000):
        span = known.expected(foretold)
        assert foretold / 5 < span.seconds < foretold * 15
        assert back.expected(foretold) == pytest.approx(span, rel=1e-3)


# Stays


def test_without_knowledge_a_stay_takes_what_the_settings_say():
    assert Dwell(usual_s=240).expected("bakery").seconds == pytest.approx(240)
    assert Dwell(usual_s=0).expected().seconds > 0


def test_a_slow_shop_is_known_and_a_new_one_is_like_the_others():
    seen = [("grill", NOW, 600.0), ("bakery", NOW, 120.0), ("florist", NOW, 120.0)] * 30
    known = Dwell().learn(seen, NOW)
    assert known.expected("grill").seconds > 450
    assert known.expected("bakery").seconds < 180
    assert known.expected("bakery").seconds < known.expected("new").seconds < known.expected("grill").seconds
    assert known.expected("new") == known.expected()
    assert known.expected("bakery").variance < known.expected("new").variance


@patiently
@given(st.floats(200, 2000), st.integers(1, 20), st.integers(1, 20))
def test_more_stays_move_closer_to_what_they_took(took, few, more):
    base = Dwell().learn([("bakery", NOW, 60.0)] * 200, NOW)
    known = [base.learn([("grill", NOW, took)] * many, NOW).expected("grill") for many in (few, few + more)]
    medians = [log(span.seconds) - log(1 + span.variance / span.seconds**2) / 2 for span in known]
    assert medians[0] < medians[1] < log(took)


@patiently
@given(stays, stays)
def test_stays_are_the_same_in_any_order_and_merged(early, late):
    both = Dwell().learn([*late, *early], NOW)
    for other in (
        Dwell().learn(early, NOW).learn(late, NOW),
        Dwell().learn(early, NOW).merge(Dwell().learn(late, NOW)),
        Dwell().learn(late, NOW).merge(Dwell().learn(early, NOW)),
    ):
        for key in ("bakery", "grill", None):
            assert other.expected(key) == pytest.approx(both.expected(key))


def test_an_old_stay_counts_for_less():
    known = Dwell().learn([("grill", NOW, 900.0)] * 5, NOW)
    faded = known.learn([("bakery", NOW + timedelta(days=60), 180.0)] * 5, NOW + timedelta(days=60))
    assert faded.expected("grill").seconds < known.expected("grill").seconds


@patiently
@given(stays)
def test_stays_come_back_from_json(seen):
    known = Dwell().learn(seen, NOW)
    back = Dwell.model_validate_json(known.model_dump_json())
    assert back.expected("grill") == pytest.approx(known.expected("grill"), rel=1e-3)


def test_places_kept_are_bounded(monkeypatch):
    monkeypatch.setattr("crowdship.travel.expectation.MOST_PLACES", 3)
    seen = [(f"shop-{number}", NOW, 100.0) for number in range(6) for _ in range(number + 1)]
    assert sorted(Dwell().learn(seen, NOW).places) == ["shop-3", "shop-4", "shop-5"]
