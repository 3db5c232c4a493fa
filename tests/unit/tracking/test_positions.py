"""Which positions count."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.tracking.model import MAX_AHEAD, Fix, plausible
from tests.city import NOON, at


def fix(seconds, east_m=0.0, **fields):
    return Fix(point=at(east_m), device_at=NOON + timedelta(seconds=seconds), **fields)


def test_a_batch_is_put_in_the_order_of_the_devices_clock():
    kept, dropped = plausible([fix(20, 200), fix(0), fix(10, 100)], None, NOON)
    assert [f.device_at.second for f in kept] == [0, 10, 20]
    assert dropped == {}


def test_late_and_duplicate_points_change_nothing():
    kept, dropped = plausible([fix(0), fix(0), fix(-5)], fix(0), NOON)
    assert (kept, dropped) == ([], {"late_or_duplicate": 3})


def test_a_jump_no_vehicle_makes_is_left_out():
    kept, dropped = plausible([fix(10, 5000), fix(20, 150)], fix(0), NOON)
    assert [f.device_at.second for f in kept] == [20]
    assert dropped == {"impossible_jump": 1}


def test_points_from_the_future_and_vague_points_are_left_out():
    ahead = MAX_AHEAD.total_seconds() + 1
    _, dropped = plausible([fix(ahead), fix(1, accuracy_m=900)], None, NOON)
    assert dropped == {"in_the_future": 1, "too_vague": 1}


@given(st.lists(st.builds(fix, st.integers(-60, 60), st.integers(-5000, 5000)), max_size=20))
def test_what_is_kept_is_strictly_later_than_what_was_known_and_every_fix_is_accounted_for(fixes):
    kept, dropped = plausible(fixes, fix(-30), NOON)
    times = [f.device_at for f in kept]
    assert times == sorted(set(times))
    assert all(time > NOON - timedelta(seconds=30) for time in times)
    assert len(kept) + sum(dropped.values()) == len(fixes)
    assert plausible(kept, kept[-1], NOON)[0] == [] if kept else True
