from datetime import UTC, datetime, timedelta
from itertools import permutations
from math import cos, radians
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.travel.passages import Passage, Sighting, passages
from crowdship.travel.times import GreatCircle
from crowdship.travel.traffic import HALF_LIFE, HOURS, KIND_OF, KINDS, MOST_CELLS, QUICKEST, SLOWEST, Traffic
from crowdship.zones.model import TravelRules

patiently = settings(max_examples=60)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HERE, THERE, ELSEWHERE = "882a100001fffff", "882a100003fffff", "882a100005fffff"
RULES = TravelRules(speed_mps=8, detour_factor=1)
FREE = GreatCircle(RULES)
LAT, LON = 40.0, -75.0

moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 3, 2)).map(lambda moment: moment.replace(tzinfo=UTC))
passed = st.builds(Passage, st.sampled_from((HERE, THERE, ELSEWHERE)), moments, st.floats(1, 4000), st.floats(10, 400))
some = st.lists(passed, max_size=12)


def at(hour, day=0):
    return MONDAY + timedelta(days=day, hours=hour)


def slow(ratio, moment, cell=HERE, times=1):
    return [Passage(cell, moment, 60 * ratio, 60)] * times


def drive(mps, seconds, begins=MONDAY, every=15, start_m=0.0):
    """Return sightings of somebody who goes north at an even speed."""
    metre = 180 / (3.141592653589793 * 6_371_008.8)
    return [
        Sighting(LAT + (start_m + mps * passed) * metre, LON, begins + timedelta(seconds=passed))
        for passed in range(0, seconds + 1, every)
    ]


def stand(sighting, seconds, every=15):
    return [sighting._replace(at=sighting.at + timedelta(seconds=passed)) for passed in range(every, seconds, every)]


def pace(found):
    return sum(one.seconds for one in found) / sum(one.free_flow_s for one in found)


def same(a, b):
    assert a.as_of == b.as_of
    for one, other in zip(a.hours, b.hours, strict=True):
        assert one == pytest.approx(other)
    assert a.cells.keys() == b.cells.keys()
    for cell in a.cells:
        for one, other in zip(a.cells[cell], b.cells[cell], strict=True):
            assert one == pytest.approx(other)


# What a leg tells


def test_half_the_speed_is_twice_the_time_in_every_cell_passed():
    found = passages(drive(4, 900), FREE)
    assert len({one.cell for one in found}) > 1
    assert [one.seconds / one.free_flow_s for one in found] == pytest.approx([2] * len(found))


def test_a_winding_street_counts_as_slow_where_there_is_no_map():
    there, back = drive(8, 300), drive(8, 300)
    east = [
        one._replace(
            lat=there[-1].lat, lon=LON + (one.lat - LAT) / cos(radians(LAT)), at=one.at + timedelta(seconds=300)
        )
        for one in back[1:]
    ]
    assert pace(passages([*there, *east], FREE)) == pytest.approx(2**0.5, rel=0.05)


def test_a_round_trip_tells_nothing_without_a_map():
    out = drive(8, 300)
    home = [one._replace(at=MONDAY + timedelta(seconds=315 + 15 * number)) for number, one in enumerate(reversed(out))]
    assert passages([*out, *home], FREE) == []


def test_standing_at_both_doors_is_no_traffic():
    way = drive(8, 600, MONDAY + timedelta(minutes=10))
    early = way[0]._replace(at=MONDAY)
    assert pace(passages([early, *stand(early, 600), *way, *stand(way[-1], 900)], FREE)) == pytest.approx(1)


def test_the_walk_to_the_door_is_no_traffic():
    way = drive(8, 600)
    on_foot = drive(1.2, 300, way[-1].at + timedelta(seconds=15), start_m=4800)
    assert pace(passages([*way, *on_foot], FREE)) == pytest.approx(1, rel=0.02)


def test_where_drivers_walk_walking_is_driving():
    rules = TravelRules(speed_mps=1.4, detour_factor=1)
    assert passages(drive(1.4, 900), GreatCircle(rules)) == []
    assert pace(passages(drive(1.4, 900), GreatCircle(rules), walking_mps=0)) == pytest.approx(1)


def test_a_break_under_way_is_no_traffic_but_a_red_light_is():
    first = drive(8, 450)
    for seconds, expected in ((600, 1.0), (90, 1.1)):
        rest = drive(8, 450, first[-1].at + timedelta(seconds=seconds), start_m=3600)
        assert pace(passages([*first, *stand(first[-1], seconds), *rest], FREE)) == pytest.approx(expected, rel=0.04)


def test_a_silence_is_not_guessed_over():
    first, rest = drive(8, 300), drive(8, 300, MONDAY + timedelta(minutes=30), start_m=3000)
    assert pace(passages([*first, *rest], FREE)) == pytest.approx(1)


def test_a_wrong_or_vague_position_is_left_out():
    way = drive(8, 900)
    for wrong in (way[30]._replace(lat=LAT + 1), way[30]._replace(lat=LAT + 0.01, accuracy_m=800.0)):
        assert pace(passages([*way[:30], wrong, *way[31:]], FREE)) == pytest.approx(1, rel=0.01)


def test_nothing_comes_of_nothing_and_order_does_not_matter():
    assert passages([], FREE) == passages(drive(8, 0), FREE) == []
    assert passages(reversed(drive(5, 900)), FREE) == passages(drive(5, 900), FREE)


@patiently
@given(
    st.lists(
        st.builds(
            Sighting,
            st.floats(LAT, LAT + 0.05),
            st.floats(LON, LON + 0.05),
            st.integers(0, 3000).map(lambda passed: MONDAY + timedelta(seconds=passed)),
            st.floats(0, 200),
        ),
        max_size=30,
    )
)
def test_no_trace_however_wild_makes_time_out_of_nothing(seen):
    found = passages(seen, FREE)
    assert all(one.seconds > 0 and one.free_flow_s > 0 for one in found)
    if seen:
        whole = (max(one.at for one in seen) - min(one.at for one in seen)).total_seconds()
        assert sum(one.seconds for one in found) <= whole + 1e-6


# What is known


@patiently
@given(moments)
def test_nothing_known_is_free_flow_to_the_bit(moment):
    assert Traffic().factor(HERE, moment) == 1.0


@patiently
@given(some, moments)
def test_a_factor_is_bounded_whatever_was_seen(seen, moment):
    known = Traffic().learn(seen, MONDAY)
    for cell in (HERE, "882a100007fffff"):
        assert QUICKEST <= known.factor(cell, moment) <= SLOWEST


@patiently
@given(some, some)
def test_what_is_learned_does_not_depend_on_the_order(early, late):
    start = Traffic()
    same(start.learn(early, MONDAY).learn(late, MONDAY), start.learn([*late, *early], MONDAY))


@patiently
@given(some, some, some, moments)
def test_merging_does_not_depend_on_order_or_grouping(one, two, three, moment):
    parts = [Traffic().learn(seen, MONDAY + timedelta(days=day)) for day, seen in enumerate((one, two, three))]
    first = parts[0].merge(parts[1]).merge(parts[2])
    for a, b, c in permutations(parts):
        other = a.merge(b.merge(c))
        same(first, other)
        assert first.factor(HERE, moment) == pytest.approx(other.factor(HERE, moment))


@patiently
@given(some, some)
def test_what_two_learned_apart_is_what_one_learns_of_both(one, two):
    apart = Traffic().learn(one, MONDAY).merge(Traffic().learn(two, MONDAY))
    same(apart, Traffic().learn([*one, *two], MONDAY))


def test_hours_of_different_time_zones_are_not_mixed():
    with pytest.raises(ValueError, match="Europe/Paris"):
        Traffic().merge(Traffic(time_zone="Europe/Paris"))


@patiently
@given(some, st.integers(0, 200))
def test_evidence_fades_by_its_half_life(seen, days):
    known = Traffic().learn(seen, MONDAY)
    later = known.learn([], MONDAY + timedelta(days=days))
    assert later.weight == pytest.approx(known.weight * 0.5 ** (timedelta(days=days) / HALF_LIFE))


@patiently
@given(passed, st.integers(1, 30))
def test_late_evidence_counts_as_if_it_had_come_in_time(late, days):
    end = MONDAY + timedelta(days=days)
    same(Traffic().learn([late], end), Traffic().learn([late], late.at).learn([], end))


@patiently
@given(st.floats(1.1, 5), st.integers(1, 30), st.integers(1, 30))
def test_more_evidence_moves_closer_to_it(ratio, few, more):
    moment = at(8.5)
    known = [
        # Long ago, so that today's difference plays no part.
        Traffic().learn(slow(ratio, moment - timedelta(days=7), times=many), moment).factor(HERE, moment)
        for many in (few, few + more)
    ]
    assert 1 < known[0] < known[1]


@patiently
@given(st.floats(0.4, 5))
def test_much_evidence_is_believed(ratio):
    known = Traffic().learn(slow(ratio, at(8.5, -7), times=2000), at(8.5))
    assert known.factor(HERE, at(8.5)) == pytest.approx(ratio, rel=0.1)


def test_a_slow_cell_is_known_at_other_hours_and_leaves_others_in_peace():
    seen = slow(2, at(8.5, -7), HERE, 50) + slow(1, at(8.5, -7), THERE, 50)
    known = Traffic().learn(seen, MONDAY)
    for hour in (8.5, 13.5):
        assert known.factor(HERE, at(hour)) > 1.15 * known.factor(THERE, at(hour))
    assert known.factor(THERE, at(8.5)) < known.factor(ELSEWHERE, at(8.5)) < known.factor(HERE, at(8.5))


def test_mondays_rush_hour_tells_of_tuesdays_but_not_of_sundays():
    seen = slow(2, at(8.5, -7), times=100) + slow(1, at(12.5, -7), times=100) + slow(1, at(8.5, -1), times=100)
    known = Traffic().learn(seen, MONDAY)
    assert known.factor(HERE, at(8.5, 1)) > 1.4
    assert known.factor(HERE, at(8.5, 6)) < 1.1
    assert known.factor(HERE, at(8.5)) > known.factor(HERE, at(12.5)) + 0.3


def test_rush_hours_keep_to_the_clock_on_the_wall():
    chicago = ZoneInfo("America/Chicago")
    winter = datetime(2026, 3, 2, 8, 30, tzinfo=chicago)
    summer = datetime(2026, 3, 9, 8, 30, tzinfo=chicago)  # clocks changed on the 8th
    known = Traffic(time_zone="America/Chicago").learn(slow(2, winter, times=50), winter + timedelta(days=2))
    assert known.hours[8].weight > 0
    assert known.factor(HERE, summer) == pytest.approx(known.factor(HERE, winter))
    assert known.factor(HERE, summer.replace(hour=7)) < known.factor(HERE, summer)


@patiently
@given(some, moments, st.integers(1, 59), st.floats(60, 2400))
def test_who_leaves_later_arrives_later(seen, moment, minutes, free_flow_s):
    """On ways of 40 minutes, unless rush hours are beyond all measure."""
    mild = [one._replace(seconds=one.free_flow_s * min(1.5, max(0.8, one.seconds / one.free_flow_s))) for one in seen]
    known = Traffic().learn(mild, MONDAY)
    after = moment + timedelta(minutes=minutes)
    first, second = free_flow_s * known.factor(HERE, moment), free_flow_s * known.factor(HERE, after)
    assert first <= 60 * minutes + second


def test_an_unusual_day_shows_at_once_and_is_forgotten_by_tomorrow():
    usual = Traffic().learn([one for week in (1, 2, 3) for one in slow(1, at(12.5, -7 * week), times=200)], MONDAY)
    now = at(12.9)
    jam = usual.learn(slow(1.8, at(12.5), times=60), now)
    assert usual.factor(HERE, now) < 1.1
    assert jam.factor(HERE, now) > 1.5
    assert usual.factor(HERE, at(20)) < jam.factor(HERE, at(20)) < jam.factor(HERE, now)
    assert jam.factor(HERE, at(12.9, 1)) < 1.2
    assert jam.learn([], at(12, 1)).recent.weight < 0.01


def test_a_local_jam_is_local():
    usual = Traffic().learn(slow(1, at(12.5, -7), HERE, 200) + slow(1, at(12.5, -7), THERE, 200), MONDAY)
    jam = usual.learn(slow(3, at(12.5), HERE, 20) + slow(1, at(12.5), THERE, 20), at(12.6))
    assert jam.factor(HERE, at(12.7)) > 1.4 * jam.factor(THERE, at(12.7))


@patiently
@given(some)
def test_it_comes_back_from_json_as_it_was_to_many_digits(seen):
    known = Traffic(time_zone="America/Chicago").learn(seen, MONDAY)
    back = Traffic.model_validate_json(known.model_dump_json())
    assert back.time_zone == known.time_zone
    for moment in (at(8), at(20, 5)):
        assert back.factor(HERE, moment) == pytest.approx(known.factor(HERE, moment), rel=1e-3)


def test_it_stays_small_however_much_is_seen(monkeypatch):
    monkeypatch.setattr("crowdship.travel.traffic.MOST_CELLS", 5)
    known = Traffic()
    for number in range(20):
        known = known.learn(slow(2, at(8, -1), cell=f"cell-{number:02}", times=number + 1), MONDAY)
    assert sorted(known.cells) == [f"cell-{number}" for number in range(15, 20)]


def test_a_full_zone_fits_into_a_dynamodb_item():
    seen = [
        Passage(f"88{number:013x}", MONDAY - timedelta(hours=hour), 60 + number * 0.12345, 60.0)
        for number in range(MOST_CELLS)
        for hour in (0.2, 3, 7, 12, 36, 64, 67, 70, 72 + 60)
    ]
    known = Traffic().learn(seen, MONDAY)
    assert len(known.cells) == MOST_CELLS
    assert len(known.model_dump_json()) < 300_000  # of 400 kB


def test_every_hour_of_the_week_is_of_one_kind():
    assert len(KIND_OF) == HOURS
    assert set(KIND_OF) == set(range(KINDS))
