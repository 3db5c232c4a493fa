"""Which readings of a phone count: none costs another, and a wrong position gives way to those that agree."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.devices import CLOCK_SKEW, DeviceClock
from crowdship.kernel.geo import Point
from crowdship.tracking.filtering import Unusable, filter_batch, read
from crowdship.tracking.model import Fix, Position, TimeOff
from tests.city import NOON, at

ISLAND = Point(lat=0.5, lon=30)


def fix(seconds, east_m=0.0, **fields):
    return Fix(point=at(east_m), device_at=NOON + timedelta(seconds=seconds), **fields)


def elsewhere(seconds):
    return Fix(point=ISLAND, device_at=NOON + timedelta(seconds=seconds))


def known(seconds=0, east_m=0.0, **fields):
    last = fix(seconds, east_m)
    given = {"id": "drv_1", "fix": last, "device_at": last.device_at, "received_at": last.device_at, **fields}
    return Position(**given)


def after(position, filtered, now=NOON):
    told = position.with_changes(clock=filtered.clock, rival=filtered.rival)
    return told.moving_to(filtered.kept[-1], filtered.device_at, now) if filtered.kept else told


def east(filtered):
    return [round((kept.point.lon + 87) * 111_195 * 0.7547) for kept in filtered.kept]


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def test_a_batch_is_put_in_the_order_of_the_devices_clock():
    filtered = filter_batch([fix(20, 200), fix(0), fix(10, 100)], None, later(20))
    assert [kept.device_at for kept in filtered.kept] == [later(0), later(10), later(20)]
    assert filtered.dropped == {}


def test_late_and_duplicate_points_change_nothing():
    filtered = filter_batch([fix(0), fix(0), fix(-5)], known(), NOON)
    assert (filtered.kept, filtered.dropped) == ((), {"late_or_duplicate": 3})


def test_a_jump_no_vehicle_makes_is_left_out():
    filtered = filter_batch([fix(10, 5000), fix(20, 150)], known(), later(20))
    assert east(filtered) == [150]
    assert filtered.dropped == {"impossible_jump": 1}


def test_a_wrong_position_in_the_middle_of_a_batch_costs_itself_only():
    track = [fix(10 * n, 100 * n) for n in range(1, 20)]
    filtered = filter_batch([*track[:9], elsewhere(95), elsewhere(96), *track[9:]], known(), later(200))
    assert len(filtered.kept) == 19
    assert filtered.dropped == {"impossible_jump": 2}
    assert not filtered.jumped


def test_a_wrong_first_position_loses_against_the_two_that_agree():
    filtered = filter_batch([elsewhere(0), fix(10), fix(20)], None, later(20))
    assert east(filtered) == [0, 0]
    assert filtered.dropped == {"impossible_jump": 1}


def test_of_two_first_positions_the_one_near_where_the_driver_said_they_begin_counts():
    said = Position(id="drv_1", fix=fix(-60), received_at=NOON, is_said=True)
    for batch in ([elsewhere(0), fix(10)], [fix(0), elsewhere(10)]):
        assert east(filter_batch(batch, said, later(10))) == [0]


def test_a_place_that_a_driver_only_said_refuses_none_of_their_positions():
    said = Position(id="drv_1", fix=elsewhere(-60), received_at=NOON, is_said=True)
    assert east(filter_batch([fix(0)], said, NOON)) == [0]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_wrong_last_position_gives_way_once_three_agree(at_once):
    position, true = known(), [elsewhere(60), elsewhere(80), elsewhere(100)]
    if at_once:
        filtered = filter_batch(true, position, later(100))
        assert len(filtered.kept) == 3
    else:
        for reading in true[:2]:
            filtered = filter_batch([reading], position, reading.device_at)
            assert filtered.dropped == {"impossible_jump": 1}
            position = after(position, filtered, reading.device_at)
        filtered = filter_batch(true[2:], position, later(100))
        assert len(filtered.kept) == 1
    assert filtered.jumped, "which evidence for a place has to know"
    assert filtered.rival is None
    back = filter_batch([elsewhere(120)], after(position, filtered, later(100)), later(120))
    assert (len(back.kept), back.jumped) == (1, False)


def test_single_wrong_positions_now_and_then_never_win():
    position = known()
    for number in range(1, 30):
        batch = [fix(60 * number, 10 * number), elsewhere(60 * number + 5)]
        filtered = filter_batch(batch, position, later(60 * number + 5))
        assert east(filtered) == [10 * number]
        assert not filtered.jumped
        position = after(position, filtered, later(60 * number + 5))


def body(**changed):
    whole = {"point": {"lat": 41.0, "lon": -87.0}, "device_at": "2026-06-01T12:00:00Z", "accuracy_m": 8, "speed_mps": 5}
    return {name: value for name, value in {**whole, **changed}.items() if value != "left out"}


NAN, INF = float("nan"), float("inf")
ANYTHING = (None, "x", "", True, [], {}, -1, 1e9, NAN, INF, -INF, 10**400, "left out")


@pytest.mark.parametrize("value", ANYTHING)
def test_whatever_a_phone_says_of_its_speed_costs_not_even_the_position(value):
    assert read(body(speed_mps=value)).speed_mps in (None, value)


@pytest.mark.parametrize("value", ANYTHING)
@pytest.mark.parametrize("name", ["point", "device_at", "accuracy_m"])
def test_whatever_is_in_one_reading_is_its_own_affair(name, value):
    filtered = filter_batch([read(body(**{name: value})), fix(-5), fix(-1)], None, NOON)
    assert len(filtered.kept) + sum(filtered.dropped.values()) == 3
    assert len(filtered.kept) >= 2


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (body(point={"lat": 0, "lon": 0}), "no_place"),
        (body(point={"lat": 0.001, "lon": -0.2}), "no_place"),
        (body(point={"lat": 91, "lon": 0}), "no_place"),
        (body(point={"lat": None, "lon": 5}), "no_place"),
        (body(point={"lat": NAN, "lon": 5}), "no_place"),
        (body(point=[41, -87]), "no_place"),
        (body(point="left out"), "no_place"),
        (body(device_at=None), "no_time"),
        (body(device_at="soon"), "no_time"),
        (body(device_at="0001-01-01T00:00:00+10:00"), "no_time"),
        (body(accuracy_m=-1), "too_vague"),
        (body(accuracy_m=1e9), "too_vague"),
        (None, "invalid"),
        ([], "invalid"),
        ("fix", "invalid"),
    ],
)
def test_a_reading_that_can_not_be_used_says_why(reading, reason):
    assert read(reading) == Unusable(reason)


def test_fields_that_nobody_described_are_ignored():
    assert read(body(heading=-1, altitude=None, point={"lat": 41, "lon": -87, "alt": 3})).speed_mps == 5


@pytest.mark.parametrize(
    "ahead", [timedelta(seconds=5), timedelta(minutes=3), timedelta(hours=7), timedelta(days=4000)]
)
def test_the_newest_of_a_batch_is_as_old_as_the_batch(ahead):
    position = Position(id="drv_1", fix=fix(0), received_at=NOON, is_said=True)
    for minute in range(1, 6):
        now = later(60 * minute)
        batch = [Fix(point=at(10 * minute), device_at=now + ahead - timedelta(seconds=s)) for s in (20, 10, 0)]
        filtered = filter_batch(batch, position, now, TimeOff(until=NOON))
        assert [now - kept.device_at for kept in filtered.kept] == [timedelta(seconds=s) for s in (20, 10, 0)]
        position = after(position, filtered, now)


@pytest.mark.parametrize("behind", [timedelta(minutes=20), timedelta(hours=7), timedelta(days=9000)])
def test_a_slow_clock_is_known_by_its_second_batch_and_costs_no_position_from_then_on(behind):
    position = Position(id="drv_1", fix=fix(0), received_at=NOON, is_said=True)
    for minute in range(1, 6):
        now = later(60 * minute)
        filtered = filter_batch([Fix(point=at(0), device_at=now - behind)], position, now, TimeOff(until=NOON))
        if minute > 1:
            assert [kept.device_at for kept in filtered.kept] == [now]
        position = after(position, filtered, now)


@pytest.mark.parametrize("was", [timedelta(minutes=20), timedelta(hours=7), timedelta(days=4000)])
@pytest.mark.parametrize("fast", [True, False])
def test_a_clock_that_is_put_right_under_way_costs_no_position_for_long(was, fast):
    position = Position(id="drv_1", fix=fix(0), received_at=NOON, is_said=True)
    kept = []
    for minute in range(1, 11):
        now = later(60 * minute)
        off = timedelta(0) if minute > 5 else was if fast else -was
        filtered = filter_batch([Fix(point=at(0), device_at=now + off)], position, now, TimeOff(until=NOON))
        kept.append([now - one.device_at for one in filtered.kept])
        position = after(position, filtered, now)
    assert kept[7:] == [[timedelta(0)]] * 3


def test_what_a_phone_kept_is_not_taken_for_a_slow_clock():
    position = known()
    now = later(3600)
    for number in range(1, 5):
        batch = [fix(600 * number - 60 * n) for n in range(9, -1, -1)]
        filtered = filter_batch(batch, position, now + timedelta(seconds=number))
        assert filtered.clock.behind_s == 0
        assert filtered.kept[-1].device_at == later(600 * number)
        position = after(position, filtered, now + timedelta(seconds=number))


def test_one_time_from_the_future_says_nothing_about_the_clock():
    ahead = Fix(point=at(0), device_at=datetime(2099, 1, 1, tzinfo=UTC))
    for wrong in (
        ahead,
        fix(CLOCK_SKEW.total_seconds() + 3600),
        Fix(point=at(0), device_at=datetime.max.replace(tzinfo=UTC)),
    ):
        assert filter_batch([fix(-10), wrong], None, NOON).dropped == {"in_the_future": 1}
        filtered = filter_batch([fix(-20), fix(-10), wrong], None, NOON)
        assert [kept.device_at for kept in filtered.kept] == [later(-20), later(-10)]
        assert filtered.dropped == {"in_the_future": 1}
        assert filtered.clock == DeviceClock()


def test_one_time_from_long_ago_is_left_out():
    filtered = filter_batch(
        [Fix(point=at(0), device_at=datetime(1970, 1, 1, tzinfo=UTC)), fix(-10), fix(0)], None, NOON
    )
    assert (len(filtered.kept), filtered.dropped) == (2, {"too_old": 1})


READINGS = st.lists(
    st.one_of(
        st.builds(fix, st.integers(-90, 60), st.integers(-5000, 5000)),
        st.builds(elsewhere, st.integers(-90, 60)),
        st.builds(
            lambda moment: Fix(point=at(0), device_at=moment),
            st.datetimes(timezones=st.just(UTC)),
        ),
        st.just(Unusable("no_place")),
    ),
    max_size=20,
)


@given(READINGS, st.booleans())
def test_every_reading_is_accounted_for_and_what_is_kept_is_in_order_and_not_of_the_future(readings, knows):
    position = known(-30) if knows else None
    filtered = filter_batch(readings, position, NOON)
    times = [kept.device_at for kept in filtered.kept]
    assert len(filtered.kept) + sum(filtered.dropped.values()) == len(readings)
    assert times == sorted(set(times))
    assert all(time <= NOON + CLOCK_SKEW for time in times)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_no_reading_raises(value):
    for reading in (
        value,
        body(point=value),
        body(device_at=value),
        body(accuracy_m=value),
        body(point={"lat": value, "lon": value}),
    ):
        assert isinstance(read(reading), Fix | Unusable)
