"""Whether positions bear out that a driver was at a stop."""

from datetime import timedelta

import pytest

from crowdship.deliveries.holds import Doubt
from crowdship.tracking.evidence.rules import JUMPED, RECENT, doubt_of
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
