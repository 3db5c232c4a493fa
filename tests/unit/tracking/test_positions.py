"""A driver's newest position: its form, and the moments at which it is written."""

from datetime import timedelta

from crowdship.kernel.devices import DeviceClock
from crowdship.tracking.model import Fix, Position, Progress, Rival, TimeOff, Visit
from crowdship.tracking.store import PositionRow
from tests.city import NOON, at


def fix(seconds, east_m=0.0, **fields):
    return Fix(point=at(east_m), device_at=NOON + timedelta(seconds=seconds), **fields)


def position(seconds=0, east_m=0.0, **fields):
    return Position(id="drv_1", fix=fix(seconds, east_m), received_at=NOON + timedelta(seconds=seconds), **fields)


def test_who_stands_still_is_written_down_now_and_then_and_who_moves_always():
    assert position().adds_to(None)
    assert not position(25, 20).adds_to(position())
    assert position(25, 26).adds_to(position())
    assert position(30, 0).adds_to(position())


def test_the_first_that_a_device_sends_of_a_duty_is_written_though_nobody_moved():
    assert position(5).adds_to(position(is_said=True))


def test_a_rival_or_another_clock_is_written_at_once():
    rival = Rival(fix=fix(5, 9000), agreed=1)
    assert position(5, rival=rival).adds_to(position())
    assert position(5, clock=DeviceClock(behind_s=-180)).adds_to(position())
    assert not position(5, rival=rival).adds_to(position(rival=rival))


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
