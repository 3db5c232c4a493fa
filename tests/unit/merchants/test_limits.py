"""The token bucket: never more calls than the limit and a burst, in any span, whoever makes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.merchants.limits import RateLimit

SECOND = 1_000_000
LIMITS = st.builds(RateLimit, per_minute=st.integers(1, 60_000), burst=st.integers(1, 60))
PAUSES = st.lists(st.one_of(st.just(0), st.integers(0, 200_000), st.integers(0, 90 * SECOND)), max_size=200)


def allowed(limit, moments):
    """The moments of the calls that are let in."""
    full_at, inside = 0, []
    for now in moments:
        moved = limit.draw(full_at, now)
        if moved is not None:
            full_at = moved
            inside.append(now)
    return inside


def moments_of(pauses):
    now = 10 * SECOND
    for pause in pauses:
        now += pause
        yield now


@given(LIMITS, PAUSES)
def test_in_no_span_are_there_more_calls_than_the_limit_and_the_burst(limit, pauses):
    inside = allowed(limit, moments_of(pauses))
    for first, began in enumerate(inside):
        for last in range(first, len(inside)):
            most = limit.burst + (inside[last] - began) * limit.per_minute / (60 * SECOND)
            assert last - first + 1 <= most + 1e-9


@given(LIMITS, PAUSES)
def test_who_waits_as_long_as_was_said_is_let_in(limit, pauses):
    full_at = 0
    for now in moments_of(pauses):
        moved = limit.draw(full_at, now)
        if moved is None:
            wait = limit.wait_s(full_at, now)
            assert wait >= 1
            assert limit.draw(full_at, now + wait * SECOND) is not None
        else:
            assert limit.wait_s(full_at, now) == 0
            full_at = moved


@given(LIMITS, PAUSES)
def test_as_many_calls_as_are_left_are_let_in_at_once_and_not_one_more(limit, pauses):
    full_at, now = 0, 10 * SECOND
    for now in moments_of(pauses):
        full_at = limit.draw(full_at, now) or full_at
    left = limit.left(full_at, now)
    for _ in range(left):
        full_at = limit.draw(full_at, now)
        assert full_at is not None
    assert limit.draw(full_at, now) is None


def test_a_steady_caller_at_the_limit_is_never_refused():
    limit = RateLimit(per_minute=600, burst=1)
    assert len(allowed(limit, range(SECOND, 61 * SECOND, 100_000))) == 600


def test_the_headers_say_what_is_left_and_when_all_is_back():
    limit = RateLimit(per_minute=60, burst=3)
    full_at = limit.draw(limit.draw(0, 0), 0)
    assert limit.headers(full_at, 0) == {"RateLimit-Limit": "60", "RateLimit-Remaining": "1", "RateLimit-Reset": "2"}


@pytest.mark.parametrize("wrong", [{"per_minute": 0}, {"per_minute": 60_001}, {"burst": 0}])
def test_a_limit_of_nothing_is_none(wrong):
    with pytest.raises(ValidationError):
        RateLimit(**wrong)
