"""Ways of a zone: observations learned once, incidents reported and ended, arrivals with an interval."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.states import State
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.routes.arrivals import arrivals
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Start, free_after, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from crowdship.tracking.learning.observations import leg_of, stay_of
from crowdship.travel.conditions import MOST_INCIDENTS, OBSERVATIONS_KEPT, Incidents, Learned, Observation, place_key
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.incidents import Incident
from crowdship.travel.passages import Passage
from crowdship.travel.times import GreatCircle
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import Zone, cell_of
from tests.city import CENTRE, NOON, at, delivery, settings

ZONE = Zone(id="testville", settings=settings())
RULES = ZONE.settings.travel
TRAVEL = InTraffic(GreatCircle(RULES), Traffic(), NOON)
NOTHING = Learned.nothing(ZONE)
HERE = Start(at(-1000), NOON)


def replace_travel(**changes):
    return RULES.model_copy(update=changes)


def stay(number, seconds, point=CENTRE):
    return Observation(id=f"evt_{number}", ended_at=NOON, stay_at=place_key(point), stay_s=seconds)


def leg(number, foretold_s, took_s, ratio=1.0):
    passed = (Passage(cell_of(CENTRE), NOON, 60 * ratio, 60),)
    return Observation(id=f"evt_{number}", ended_at=NOON, passed=passed, foretold_s=foretold_s, took_s=took_s)


def incident(minutes=60, **fields):
    given_ = {"centre": CENTRE, "radius_m": 500, "begins_at": NOON, "ends_at": NOON + timedelta(minutes=minutes)}
    return Incident(**{**given_, "closed": True, **fields})


def test_with_nothing_learned_arrivals_are_those_of_the_plan():
    stops = stops_of(delivery(), RULES)
    planned = timed(stops, HERE, TRAVEL)
    found = arrivals(stops, HERE, TRAVEL, NOTHING)
    for stop in planned:
        assert found[stop.stop_id].at == stop.eta
        assert found[stop.stop_id].earliest < stop.eta < found[stop.stop_id].latest


@given(st.lists(st.tuples(st.floats(30, 4000), st.floats(0.3, 3)), max_size=40))
def test_plans_and_arrivals_tell_the_same_times_whatever_was_learned(seen):
    legs = [leg(n, foretold, foretold * ratio) for n, (foretold, ratio) in enumerate(seen)]
    known = NOTHING.learn(legs, NOON)
    travel = InTraffic(GreatCircle(RULES), known.traffic, NOON, errors=known.errors)
    stops = [
        stop for n in range(3) for stop in stops_of(delivery(f"dlv_{n}", dropoff=at(900 * n)), RULES, known.stay_s)
    ]
    found = arrivals(stops, HERE, travel, known)
    for stop in timed(stops, HERE, travel):
        assert found[stop.stop_id].at == stop.eta


@pytest.mark.parametrize(("minutes", "left_s"), [(0, 120), (1, 60), (3, 30), (60, 30)])
def test_of_a_stay_that_has_begun_only_the_rest_is_to_come(minutes, left_s):
    pickup, dropoff = stops_of(delivery(), RULES)
    there = (pickup.model_copy(update={"started": True, "arrived_at": NOON}), dropoff)
    now = NOON + timedelta(minutes=minutes)
    first, second = timed(there, Start(at(-300), now), TRAVEL)
    leg_s = TRAVEL.seconds(pickup.point, dropoff.point)
    assert first.eta == NOON
    assert second.eta == (now + timedelta(seconds=left_s + leg_s)).replace(microsecond=0)
    assert arrivals(there, Start(at(-300), now), TRAVEL, NOTHING)[second.stop_id].at == second.eta
    assert free_after(there, Start(at(-300), now), TRAVEL).at == second.eta + timedelta(seconds=second.dwell_s)


def test_behind_a_way_that_does_not_exist_nobody_is_expected():
    class Island(GreatCircle):
        def seconds_between(self, a, b):
            return NO_WAY_S

    nowhere = InTraffic(Island(RULES), Traffic(), NOON)
    assert arrivals(stops_of(delivery(), RULES), HERE, nowhere, NOTHING) == {}


def test_who_is_early_waits_and_the_way_before_counts_no_more():
    opens = NOON + timedelta(hours=1)
    window = Window(opens_at=opens, closes_at=opens + timedelta(hours=1))
    stops = stops_of(delivery(pickup_window=window, dropoff_window=window), RULES)
    found = arrivals(stops, HERE, TRAVEL, NOTHING)
    first, second = (found[stop.stop_id] for stop in stops)
    assert first.earliest == first.at == first.latest == opens
    soon = arrivals(stops, Start(CENTRE, opens), TRAVEL, NOTHING)[stops[1].stop_id]
    assert (second.earliest, second.latest) == (soon.earliest, soon.latest)


def test_a_slow_kitchen_makes_its_customers_wait_longer_and_no_others():
    slow = NOTHING.learn([stay(n, 900) for n in range(20)], NOON)
    assert slow.stay_s(StopKind.PICKUP, CENTRE) > 800
    assert slow.stay_s(StopKind.PICKUP, CENTRE) > 1.2 * slow.stay_s(StopKind.PICKUP, at(3000))
    assert slow.stay_s(StopKind.DROPOFF, CENTRE) == NOTHING.stay_s(StopKind.DROPOFF, CENTRE) == RULES.dropoff_dwell_s


def test_other_settings_reach_what_was_learned():
    known = NOTHING.learn([*(leg(n, 600, 1200, ratio=2.0) for n in range(50)), stay(99, 900)], NOON)
    slower = ZONE.with_changes(settings=settings().model_copy(update={"travel": replace_travel(speed_mps=4)}))
    anew = known.as_set_in(slower)
    assert anew.traffic.factor(cell_of(CENTRE), NOON) == 1, "twice as slow as something else"
    assert anew.errors == NOTHING.errors
    assert anew.pickups == known.pickups
    assert anew.observations == known.observations, "what taught something once does not teach it again"
    longer = ZONE.with_changes(settings=settings().model_copy(update={"travel": replace_travel(dropoff_dwell_s=300)}))
    assert known.as_set_in(longer).stay_s(StopKind.DROPOFF, CENTRE) == 300
    assert known.as_set_in(longer).traffic == known.traffic
    assert known.as_set_in(ZONE) is known


def test_slow_legs_slow_the_zones_streets_down_and_explained_ones_leave_no_error():
    slow = NOTHING.learn([leg(n, 600, 1200, ratio=2.0) for n in range(50)], NOON)
    assert slow.traffic.factor(cell_of(CENTRE), NOON) > 1.5
    assert slow.errors.expected(600).seconds > 700, "as these were foretold badly"
    assert NOTHING.traffic.factor(cell_of(CENTRE), NOON) == 1


@given(st.lists(st.integers(0, 9), max_size=30))
def test_an_observation_is_learned_once_however_often_it_comes(numbers):
    one_by_one = NOTHING
    for number in numbers:
        one_by_one = one_by_one.learn([stay(number, 100 + number)], NOON)
    at_once = NOTHING.learn([stay(number, 100 + number) for number in dict.fromkeys(numbers)], NOON)
    assert set(one_by_one.observations) == set(at_once.observations) == {f"evt_{number}" for number in numbers}
    assert one_by_one.pickups.zone.weight == pytest.approx(len(set(numbers)))
    assert one_by_one.stay(StopKind.PICKUP, CENTRE) == pytest.approx(at_once.stay(StopKind.PICKUP, CENTRE))


def test_the_same_observation_twice_in_a_batch_is_one():
    assert NOTHING.learn([stay(1, 300), stay(1, 300)], NOON) == NOTHING.learn([stay(1, 300)], NOON)


def test_nothing_new_changes_nothing():
    known = NOTHING.learn([stay(1, 300)], NOON)
    assert known.learn([stay(1, 300)], NOON) is known


def test_only_so_many_ids_are_kept():
    many = NOTHING.learn([stay(n, 300) for n in range(OBSERVATIONS_KEPT + 10)], NOON)
    assert len(many.observations) == OBSERVATIONS_KEPT
    assert many.observations[-1] == f"evt_{OBSERVATIONS_KEPT + 9}"


def test_what_was_learned_survives_its_storage():
    known = NOTHING.learn([leg(1, 600, 900, 1.5), stay(2, 400)], NOON)
    again = Learned.model_validate_json(known.model_dump_json())
    assert again.traffic.factor(cell_of(CENTRE), NOON) == pytest.approx(
        known.traffic.factor(cell_of(CENTRE), NOON), rel=1e-3
    )
    assert again.stay_s(StopKind.PICKUP, CENTRE) == known.stay_s(StopKind.PICKUP, CENTRE)
    assert again.observations == known.observations


def at_minute(minutes):
    return NOON + timedelta(minutes=minutes)


def lived():
    ordered = delivery(pickup_window=Window(opens_at=at_minute(5), closes_at=at_minute(60)))
    given_ = ordered.assign("drv_1", at_minute(1), "drv_1", at_minute(20))
    there = given_.depart(StopKind.PICKUP, at_minute(2)).arrive(StopKind.PICKUP, at_minute(4))
    return there.pick_up(at_minute(8)).depart(StopKind.DROPOFF, at_minute(9)).arrive(StopKind.DROPOFF, at_minute(15))


def test_legs_and_stays_are_read_off_the_timeline_and_waiting_is_no_stay():
    life = lived()
    assert leg_of(life, State.EN_ROUTE_TO_PICKUP, State.ARRIVED_AT_PICKUP) == (at_minute(2), at_minute(4))
    assert leg_of(life, State.EN_ROUTE_TO_DROPOFF, State.ARRIVED_AT_DROPOFF) == (at_minute(9), at_minute(15))
    assert stay_of(life, State.ARRIVED_AT_PICKUP, State.PICKED_UP) == (at_minute(8), 180)
    assert stay_of(life, State.ARRIVED_AT_DROPOFF, State.DELIVERED) is None


def test_a_phone_that_was_offline_tells_when_it_was_there():
    ordered = delivery().assign("drv_1", at_minute(1), "drv_1", at_minute(20))
    late = ordered.depart(StopKind.PICKUP, at_minute(30), at_minute(2)).arrive(
        StopKind.PICKUP, at_minute(30), at_minute(9)
    )
    assert leg_of(late, State.EN_ROUTE_TO_PICKUP, State.ARRIVED_AT_PICKUP) == (at_minute(2), at_minute(9))


def test_one_drivers_arrival_and_anothers_pickup_are_no_stay():
    ordered = delivery().assign("drv_1", at_minute(1), "drv_1", at_minute(20))
    there = ordered.depart(StopKind.PICKUP, at_minute(2)).arrive(StopKind.PICKUP, at_minute(4))
    moved = there.reassign("drv_2", at_minute(5), "ana", "moved_by_hand", None)
    assert leg_of(moved, State.EN_ROUTE_TO_PICKUP, State.ARRIVED_AT_PICKUP) == (at_minute(2), at_minute(4))
    assert stay_of(moved, State.ARRIVED_AT_PICKUP, State.PICKED_UP) is None


def test_incidents_are_reported_ended_and_dropped_when_they_are_over():
    none = Incidents(id="testville")
    short = none.report(incident(10), "burst pipe", "ana", NOON)
    both = short.with_changes(stored_version=1).report(incident(60), "market", "ben", NOON)
    assert [one.note for one in both.known] == ["burst pipe", "market"]
    assert both.known[0].id != both.known[1].id
    later = both.report(incident(90), "parade", "ana", NOON + timedelta(minutes=20))
    assert [one.note for one in later.known] == ["market", "parade"]
    assert [one.note for one in later.end(both.known[1].id, NOON + timedelta(minutes=20)).known] == ["parade"]


def test_an_incident_that_is_not_there_or_is_over_can_not_be_ended():
    known = Incidents(id="testville").report(incident(10), "burst pipe", "ana", NOON)
    with pytest.raises(NotFound):
        known.end("inc_other", NOON)
    with pytest.raises(NotFound):
        known.end(known.known[0].id, NOON + timedelta(minutes=10))


def test_there_may_be_only_so_many_incidents():
    full = Incidents(id="testville")
    for number in range(MOST_INCIDENTS):
        full = full.report(incident(), f"hole {number}", "ana", NOON + timedelta(seconds=number))
    with pytest.raises(Conflict, match=str(MOST_INCIDENTS)):
        full.report(incident(), "one more", "ana", NOON)


def test_hours_are_those_of_the_zones_clock():
    rome = settings().model_copy(update={"hours": None})
    assert Learned.nothing(Zone(id="z", settings=rome)).traffic.time_zone == "UTC"
    assert datetime(2026, 6, 1, 12, tzinfo=UTC) == NOON
