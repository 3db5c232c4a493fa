"""Whether positions bear out that a driver was at a stop."""

from datetime import timedelta
from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.delivery.endings import AT_STOP_M
from crowdship.deliveries.holds import Doubt
from crowdship.tracking.evidence.rules import FASTEST_MPS, JUMPED, RECENT, doubt_of
from crowdship.tracking.model import Fix
from tests.city import NOON, at

STOP = at(0)


def seen(east_m, **ago):
    return Fix(point=at(east_m), device_at=NOON - timedelta(**ago), accuracy_m=10)


@pytest.mark.parametrize("stated", [STOP, at(400), None])
@pytest.mark.parametrize(
    "last", [seen(0, seconds=30), seen(450, seconds=0), seen(1500, minutes=1), seen(7000, minutes=5)]
)
def test_positions_from_which_the_stop_can_be_reached_bear_it_out(stated, last):
    assert doubt_of(STOP, stated, last, None, NOON) is None


@pytest.mark.parametrize(
    ("stated", "last", "jumped", "doubt"),
    [
        (at(600), seen(600, seconds=10), None, Doubt.FAR_FROM_STOP),
        (STOP, None, None, Doubt.NO_RECENT_POSITION),
        (STOP, seen(0, minutes=6), None, Doubt.NO_RECENT_POSITION),
        (STOP, seen(8000, minutes=1), None, Doubt.OFF_TRACK),
        (None, seen(8000, minutes=1), None, Doubt.OFF_TRACK),
        (STOP, seen(3000, seconds=30), None, Doubt.OFF_TRACK),
        (STOP, seen(0, seconds=10), NOON - timedelta(minutes=2), Doubt.TRACK_JUMPED),
    ],
)
def test_positions_that_do_not_fit_leave_a_doubt(stated, last, jumped, doubt):
    assert doubt_of(STOP, stated, last, jumped, NOON) is doubt


def test_what_is_long_ago_leaves_no_doubt_and_bears_nothing_out():
    assert doubt_of(STOP, STOP, seen(0, seconds=1), NOON - JUMPED - timedelta(seconds=1), NOON) is None
    last = Fix(point=STOP, device_at=NOON - RECENT, accuracy_m=5)
    assert doubt_of(STOP, STOP, last, None, NOON) is None
    assert doubt_of(STOP, STOP, last, None, NOON + timedelta(seconds=1)) is Doubt.NO_RECENT_POSITION


METRES = st.floats(0, 400)
TURNS = st.floats(0, 2 * pi)


def away(metres, turn, centre=(0.0, 0.0)):
    """Return metres east and north of the stop, some way from another such place in a direction."""
    return centre[0] + metres * cos(turn), centre[1] + metres * sin(turn)


@given(
    seconds=st.integers(0, 300),
    speed=st.floats(0, FASTEST_MPS),
    turn=TURNS,
    near=METRES,
    near_turn=TURNS,
    accuracy=st.floats(0, 200),
    error=st.floats(0, 1),
    error_turn=TURNS,
    states=st.booleans(),
)
def test_who_drives_to_the_stop_and_says_so_is_never_doubted(
    seconds, speed, turn, near, near_turn, accuracy, error, error_turn, states
):
    """However far they came from within five minutes, and however vague the phone was about it."""
    there = away(near, near_turn)
    came_from = away(speed * seconds, turn, there)
    told = away(error * accuracy, error_turn, came_from)
    last = Fix(point=at(*told), device_at=NOON - timedelta(seconds=seconds), accuracy_m=accuracy)
    assert doubt_of(STOP, at(*there) if states else None, last, None, NOON) is None


@given(
    seconds=st.integers(0, 300),
    beyond=st.floats(10, 5000),
    turn=TURNS,
    near=METRES,
    near_turn=TURNS,
    accuracy=st.floats(0, 200),
    states=st.booleans(),
)
def test_who_states_a_place_that_nobody_reaches_from_the_phone_s_last_is_always_doubted(
    seconds, beyond, turn, near, near_turn, accuracy, states
):
    stated = away(near, near_turn) if states else (0.0, 0.0)
    farthest = (AT_STOP_M + accuracy + FASTEST_MPS * seconds) * 1.01
    last = Fix(point=at(*away(farthest + beyond, turn, stated)), device_at=NOON, accuracy_m=accuracy)
    last = last.model_copy(update={"device_at": NOON - timedelta(seconds=seconds)})
    assert doubt_of(STOP, at(*stated) if states else None, last, None, NOON) is Doubt.OFF_TRACK


@given(metres=st.floats(600, 50_000), turn=TURNS, last=st.none() | st.just(seen(0, seconds=10)))
def test_who_states_another_place_than_the_stop_is_doubted_whatever_the_phone_sent(metres, turn, last):
    assert doubt_of(STOP, at(*away(metres, turn)), last, None, NOON) is Doubt.FAR_FROM_STOP


@given(minutes=st.integers(6, 10_000), metres=st.floats(0, 100_000), turn=TURNS, states=st.booleans())
def test_a_silent_phone_is_unknown_and_not_elsewhere(minutes, metres, turn, states):
    stated = STOP if states else None
    old = Fix(point=at(*away(metres, turn)), device_at=NOON - timedelta(minutes=minutes), accuracy_m=5)
    for last in (None, old):
        assert doubt_of(STOP, stated, last, None, NOON) is Doubt.NO_RECENT_POSITION
