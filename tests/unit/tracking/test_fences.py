"""When somebody comes near a stop, is there, and has left, by position."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.routes.stops import Stop, stop_id
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.geofences.fences import CERTAIN_AFTER, Crossing, Radii, follow, visit_to
from crowdship.tracking.model import Fix
from tests.city import NOON, at

RADII = Radii(400, 80)
APPROACHED, ARRIVED, LEFT = Crossing.APPROACHED, Crossing.ARRIVED, Crossing.LEFT


def stop(name="dlv_1", east_m=0.0, *, kind=StopKind.DROPOFF, started=True, **fields):
    given_ = {
        "stop_id": stop_id(name, kind),
        "kind": kind,
        "delivery_id": name,
        "point": at(east_m),
        "opens_at": NOON,
        "closes_at": NOON + timedelta(hours=1),
        "weight_g": 0,
        "volume_l": 0,
        "dwell_s": 120,
        "started": started,
    }
    return Stop(**{**given_, **fields})


def fix(seconds, east_m, accuracy_m=8.0):
    return Fix(point=at(east_m), device_at=NOON + timedelta(seconds=seconds), accuracy_m=accuracy_m)


def drive(*places, every_s=10, begin_s=0):
    """Return fixes at places, one after the other."""
    return [fix(begin_s + every_s * number, east_m) for number, east_m in enumerate(places)]


def told(crossed):
    return [(one.what, (one.data()["device_at"])[11:19]) for one in crossed]


THERE_AND_AWAY = (-600, -300, -60, -10, 0, 5, 0, 300, 500, 700)


def test_coming_near_arriving_and_leaving_are_told_once_with_the_devices_times():
    visits, crossed = follow((), [stop()], drive(*THERE_AND_AWAY), None, RADII)
    assert told(crossed) == [(APPROACHED, "12:00:10"), (ARRIVED, "12:00:20"), (LEFT, "12:01:10")]
    assert crossed[-1].data()["dwell_s"] == 50
    assert [visit.dwell_s for visit in visits] == [50]


def test_one_wild_position_is_neither_an_arrival_nor_a_departure():
    far_and_one_in = drive(-900, -900, 0, -900, -900, -900, -900)
    assert told(follow((), [stop(started=False)], far_and_one_in, None, RADII)[1]) == []
    there_and_one_out = drive(0, 0, 0, 0, 900, 0, 0, 0, 0)
    assert told(follow((), [stop(started=False)], there_and_one_out, None, RADII)[1]) == [(ARRIVED, "12:00:00")]


def test_who_drives_past_has_not_arrived():
    past = drive(-200, -140, -70, 0, 70, 140, 200, 300, every_s=5)
    assert told(follow((), [stop(started=False)], past, None, RADII)[1]) == []


def test_jitter_at_the_edge_changes_nothing():
    jitter = drive(0, 0, 0, *(70, 90, 110, 85, 75, 115) * 10)
    assert told(follow((), [stop(started=False)], jitter, None, RADII)[1]) == [(ARRIVED, "12:00:00")]


def test_what_the_device_is_not_sure_of_counts_for_nothing():
    vague = [fix(10 * n, 0, accuracy_m=200) for n in range(10)]
    assert follow((), [stop(started=False)], vague, None, RADII)[1] == []
    there = drive(0, 0, 0)
    vaguely_out = [fix(60 + 10 * n, 300, accuracy_m=200) for n in range(10)]
    assert told(follow((), [stop(started=False)], there + vaguely_out, None, RADII)[1]) == [(ARRIVED, "12:00:00")]


def test_a_bundle_at_one_place_is_one_visit():
    bundle = [stop("dlv_1", started=True), stop("dlv_2", 20, started=False), stop("dlv_3", 3000, started=False)]
    visits, crossed = follow((), bundle, drive(*THERE_AND_AWAY, 900), None, RADII)
    assert [one.what for one in crossed] == [APPROACHED, ARRIVED, LEFT]
    assert crossed[0].stop_ids == ("dlv_1:dropoff",), "they set out for nothing else yet"
    assert all(one.stop_ids == ("dlv_1:dropoff", "dlv_2:dropoff") for one in crossed[1:])
    assert [visit.stop_ids[0] for visit in visits] == ["dlv_1:dropoff", "dlv_3:dropoff"], "the next one is watched"


def test_the_next_order_at_the_same_place_is_near_once_the_driver_sets_out_for_it_and_once_only():
    first, second = stop("dlv_1"), stop("dlv_2", 20, started=False)
    visits, _ = follow((), [first, second], drive(-500, -300, 0, 0, 0), None, RADII)
    visits, crossed = follow(visits, [second], drive(0, begin_s=60), fix(40, 0), RADII)
    assert crossed == []
    set_out = second.model_copy(update={"started": True})
    visits, crossed = follow(visits, [set_out], drive(10, 20, begin_s=90), fix(60, 0), RADII)
    assert [(one.what, one.stop_ids) for one in crossed] == [(APPROACHED, ("dlv_2:dropoff",))]
    assert told(crossed) == [(APPROACHED, "12:01:30")]
    assert len(visits) == 1


def test_who_never_says_that_they_are_done_is_seen_at_the_next_stop_all_the_same():
    route = [stop("dlv_1"), stop("dlv_2", 2000, started=False)]
    way = drive(0, 0, 0, 500, 1000, 1500, 2000, 2000, 2000, every_s=15)
    _, crossed = follow((), route, way, None, RADII)
    arrivals = [one.visit.stop_ids for one in crossed if one.what is ARRIVED]
    assert arrivals == [("dlv_1:dropoff",), ("dlv_2:dropoff",)]


def test_who_is_done_and_still_there_is_seen_leaving_and_is_then_forgotten():
    visits, _ = follow((), [stop()], drive(-500, 0, 0, 0), None, RADII)
    away = drive(0, 300, 500, 700, begin_s=40)
    visits, crossed = follow(visits, [], away, fix(30, 0), RADII)
    assert [(what, crossed[0].visit.stop_ids) for what, _ in told(crossed)] == [(LEFT, ("dlv_1:dropoff",))]
    assert visits == ()


def test_who_comes_back_has_arrived_again_and_is_near_no_second_time():
    visits, _ = follow((), [stop()], drive(*THERE_AND_AWAY), None, RADII)
    _, crossed = follow(visits, [stop()], drive(300, 0, 0, 0, begin_s=100), fix(90, 700), RADII)
    assert told(crossed) == [(ARRIVED, "12:01:50")]


def test_how_long_somebody_stayed_is_not_known_of_a_phone_that_was_silent_as_they_left():
    way = [*drive(-500, 0, 0, 0), *drive(3000, 3100, 3200, begin_s=1800)]
    _, crossed = follow((), [stop()], way, None, RADII)
    assert crossed[-1].data() | {"dwell_s": None} == crossed[-1].data()


def test_coming_near_is_told_only_of_a_stop_that_the_driver_set_out_for():
    assert follow((), [stop(started=False)], drive(-500, -300, -200), None, RADII)[1] == []


def test_a_trail_shows_the_last_visit():
    trail = [*drive(0, 0, 0, 400, 800, 1200), *drive(400, 0, 0, 0, 0, begin_s=70)]
    visit = visit_to(at(0), trail, RADII)
    assert (visit.arrived_at, visit.left_at) == (NOON + timedelta(seconds=80), None)
    assert visit_to(at(5000), trail, RADII) is None


moves = st.lists(st.tuples(st.integers(1, 60), st.integers(-700, 700), st.integers(1, 150)), max_size=40)


@given(moves, st.integers(0, 40))
def test_however_positions_are_cut_into_batches_the_same_is_told(moved, cut):
    seconds, fixes = 0, []
    for waited, east_m, accuracy_m in moved:
        seconds += waited
        fixes.append(fix(seconds, east_m, accuracy_m))
    whole = follow((), [stop()], fixes, None, RADII)
    first, one = follow((), [stop()], fixes[:cut], None, RADII)
    rest, other = follow(first, [stop()], fixes[cut:], fixes[:cut][-1] if fixes[:cut] else None, RADII)
    assert (rest, [*one, *other]) == whole if fixes[cut:] else True


@given(moves)
def test_nobody_leaves_where_they_did_not_arrive_nor_before_they_did(moved):
    seconds, fixes = 0, []
    for waited, east_m, accuracy_m in moved:
        seconds += waited
        fixes.append(fix(seconds, east_m, accuracy_m))
    _, crossed = follow((), [stop()], fixes, None, RADII)
    turns = [one for one in crossed if one.what is not APPROACHED]
    assert [one.what for one in turns] == [(ARRIVED, LEFT)[number % 2] for number in range(len(turns))]
    assert sum(one.what is APPROACHED for one in crossed) <= 1
    for one in turns:
        assert one.what is ARRIVED or one.visit.left_at - one.visit.arrived_at >= CERTAIN_AFTER
