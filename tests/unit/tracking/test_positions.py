"""Which positions count."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.model import CLOCK_SKEW
from crowdship.tracking.model import Fix, Position, Progress, TimeOff, Visit, plausible
from crowdship.tracking.store import PositionRow
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
    ahead = CLOCK_SKEW.total_seconds() + 1
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


def position(seconds=0, east_m=0.0, **fields):
    return Position(id="drv_1", fix=fix(seconds, east_m), received_at=NOON + timedelta(seconds=seconds), **fields)


def test_who_stands_still_is_written_down_now_and_then_and_who_moves_always():
    assert position().adds_to(None)
    assert not position(25, 20).adds_to(position())
    assert position(25, 26).adds_to(position())
    assert position(30, 0).adds_to(position())


def heard(device_s, server_s, **fields):
    return Position(id="drv_1", fix=fix(device_s), received_at=NOON + timedelta(seconds=server_s), **fields)


def tells_of_now(before, device_s, server_s):
    return before.tells_of_now(fix(device_s), NOON + timedelta(seconds=server_s))


def test_what_a_phone_kept_tells_not_where_it_is_now_but_what_is_always_as_old_does():
    assert tells_of_now(heard(0, 1), 60, 62)
    assert not tells_of_now(heard(0, 1), 3000, 3600), "an hour offline, ten minutes are still to come"
    assert not tells_of_now(heard(3000, 3600), 3050, 3602)
    assert not tells_of_now(heard(3000, 3600), 3015, 3601)
    slow_s = 600
    assert not tells_of_now(heard(0, 0), 60 - slow_s, 60), "its clock is not known yet"
    assert tells_of_now(heard(60 - slow_s, 60), 120 - slow_s, 125)
    assert tells_of_now(heard(60 - slow_s, 60), 1860 - slow_s, 1860)


def test_where_a_driver_says_they_begin_is_not_compared_with_what_their_device_says():
    said = position().standing_at(at(50), NOON + timedelta(seconds=500))
    assert (said.fix.point, said.last) == (at(50), None)
    seen = said.moving_to(fix(300, 60), NOON + timedelta(seconds=600))
    again = seen.going_off_duty(NOON + timedelta(seconds=700)).standing_at(at(70), NOON + timedelta(seconds=800))
    assert again.last == fix(300, 70)


def test_a_position_with_all_that_follows_fits_into_a_write_unit():
    def stop_id(number):
        return f"dlv_{number:024}:dropoff"

    there = (stop_id(1), stop_id(2))
    row = PositionRow.of(
        Position(
            id=f"drv_{0:024}",
            fix=fix(60, 123.4),
            received_at=NOON,
            device_at=NOON,
            time_off=TimeOff(since=NOON, until=NOON),
            visits=(
                Visit(stop_ids=there, point=at(12.3), approached=there, approached_at=NOON, arrived_at=NOON),
                Visit(stop_ids=(stop_id(3),), point=at(999.1)),
            ),
            progress=Progress(stop_id=stop_id(3), least_s=123.456789),
        )
    )
    assert len(row.body) + 100 < 1024, "with keys and names"
    assert Position.model_validate_json(row.body).model_dump_json() == row.body


def test_what_happened_is_written_at_once():
    there = Visit(stop_ids=("dlv_1:dropoff",), point=at(0), arrived_at=NOON)
    assert position(5, visits=(there,)).adds_to(position())
    assert position(5, visits=(there.model_copy(update={"turning_at": NOON}),)).adds_to(position(visits=(there,)))
    assert not position(5, visits=(there,)).adds_to(position(visits=(there,)))
    on_the_way = Progress(stop_id="dlv_1:dropoff", least_s=300)
    nearer = on_the_way.model_copy(update={"least_s": 299})
    away = on_the_way.model_copy(update={"away_since": NOON})
    assert not position(5, progress=nearer).adds_to(position(progress=on_the_way))
    assert position(5, progress=away).adds_to(position(progress=on_the_way))
    assert position(5).emitting("tracking.left_stop", NOON, {}).adds_to(position())
