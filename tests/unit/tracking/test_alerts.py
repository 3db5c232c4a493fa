"""What dispatchers have to look at."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.alerts import alerts_of, progress_of, silent_at, with_alerts
from crowdship.tracking.model import AlertKind, Fix, Position, Visit
from crowdship.travel.expectation import Arrival
from tests.city import NOON, at, settings
from tests.contracts import validate_event
from tests.unit.tracking.test_fences import stop

RULES = settings()
LIMIT_S = RULES.alerts.off_route_minutes * 60
DRIVER = "drv_1"


def later(**duration):
    return NOON + timedelta(**duration)


def position(heard=NOON, east_m=0.0, **fields):
    return Position(id=DRIVER, fix=Fix(point=at(east_m), device_at=heard), received_at=heard, **fields)


def expected(at_, *stops):
    return {each.stop_id: Arrival(at=at_, earliest=at_, latest=at_) for each in stops}


def kinds(*arguments):
    return [alert.kind for alert in alerts_of(*arguments)]


def test_who_says_nothing_for_too_long_while_under_way_is_silent():
    minutes = RULES.dispatch.limits.position_minutes
    assert silent_at(position(), [stop()], RULES) == later(minutes=minutes)
    assert kinds(position(), [stop()], {}, RULES, later(minutes=minutes, seconds=-1)) == []
    (alert,) = alerts_of(position(), [stop()], {}, RULES, later(minutes=2 * minutes))
    assert (alert.kind, alert.since, alert.seconds) == (AlertKind.SILENT, NOON, 120 * minutes)


def test_who_has_nothing_to_do_may_be_silent():
    night = later(hours=9)
    assert kinds(position(), [], {}, RULES, night) == []
    tomorrow = stop(kind=StopKind.PICKUP, started=False, opens_at=later(hours=20), weight_g=100)
    assert kinds(position(), [tomorrow], {}, RULES, night) == []
    assert silent_at(position(), [tomorrow], RULES) > later(hours=20)


def test_who_is_expected_too_late_is_running_late_until_most_of_it_is_made_good():
    door, limit = stop(), RULES.alerts.late_minutes
    closes, now = door.closes_at, later(minutes=1)
    assert kinds(position(), [door], expected(closes + timedelta(minutes=limit), door), RULES, now) == []
    late = alerts_of(position(), [door], expected(closes + timedelta(minutes=2 * limit), door), RULES, now)
    assert [(alert.kind, alert.seconds) for alert in late] == [(AlertKind.RUNNING_LATE, 120 * limit)]
    standing = position(alerts=late)
    nearly = expected(closes + timedelta(minutes=0.9 * limit), door)
    assert kinds(standing, [door], nearly, RULES, now) == [AlertKind.RUNNING_LATE], "no flapping"
    assert kinds(position(), [door], nearly, RULES, now) == []
    assert kinds(standing, [door], expected(closes, door), RULES, now) == []


def test_who_stays_too_long_is_told_of_but_not_who_waits_for_the_window():
    there = Visit(stop_ids=("dlv_1:pickup",), point=at(0), arrived_at=NOON)
    now = later(minutes=RULES.alerts.long_stop_minutes + 1)
    shop = stop(kind=StopKind.PICKUP)
    assert kinds(position(now, visits=(there,)), [shop], {}, RULES, now) == [AlertKind.LONG_STOP]
    closed = stop(kind=StopKind.PICKUP, opens_at=later(minutes=15))
    assert kinds(position(now, visits=(there,)), [closed], {}, RULES, now) == []
    assert kinds(position(now, visits=(there,)), [stop("dlv_2")], {}, RULES, now) == [], "what is done is no stop"
    gone = there.model_copy(update={"left_at": later(minutes=5)})
    assert kinds(position(now, visits=(gone,)), [shop], {}, RULES, now) == []


def test_by_a_slow_clock_no_stop_is_longer():
    slow = timedelta(minutes=10)
    there = Visit(stop_ids=("dlv_1:pickup",), point=at(0), arrived_at=NOON - slow)
    shop = stop(kind=StopKind.PICKUP)
    for minutes, found in ((-1, []), (1, [AlertKind.LONG_STOP])):
        now = later(minutes=RULES.alerts.long_stop_minutes + minutes)
        seen = position(now - slow, visits=(there,)).with_changes(received_at=now)
        assert kinds(seen, [shop], {}, RULES, now) == found


def driven(ways, estimated=()):
    """Return the position of a driver whose way to the stop took so many seconds, a minute apart."""
    seen = position()
    for minute, way_s in enumerate(ways):
        seen = position(later(minutes=minute), progress=seen.progress, alerts=seen.alerts)
        progress = progress_of(seen, [stop()], way_s, LIMIT_S, estimated=minute in estimated)
        seen = seen.with_changes(progress=progress)
        seen = seen.with_changes(alerts=alerts_of(seen, [stop()], {}, RULES, seen.received_at))
    return seen


def off_route(ways, estimated=()):
    return AlertKind.OFF_ROUTE in [alert.kind for alert in driven(ways, estimated).alerts]


def test_who_moves_away_for_long_enough_is_off_route_and_no_more_when_they_turn_back():
    away = [600, 540, 480, 560, 660, 760, 860]
    assert off_route(away)
    assert off_route([*away, 660]), "no flapping"
    assert not off_route([*away, 590])
    assert alerts_of(driven(away), [stop(started=False)], {}, RULES, later(minutes=7)) == ()


def test_a_detour_or_one_wild_position_is_not_off_route():
    assert not off_route([600, 540, 620, 700, 740, 640, 500, 300])
    assert not off_route([600, 540, 480, 2400, 420])
    assert not off_route([600, 540, 480, 2400])


def test_what_streets_take_is_not_compared_with_what_the_great_circle_would():
    assert off_route([900, 880, 560, 840, 820, 800])
    assert not off_route([900, 880, 560, 840, 820, 800], estimated={2})
    assert off_route([900, 880, 560, 840, 940, 1090, 1090], estimated={2})


def test_another_next_stop_begins_anew():
    seen = driven([600, 480, 660, 760, 860])
    other = stop("dlv_2", 3000)
    progress = progress_of(seen, [other], 5000, LIMIT_S, estimated=False)
    assert (progress.stop_id, progress.least_s, progress.away_since) == (other.stop_id, 5000, None)


def test_the_worst_is_first():
    minutes = RULES.dispatch.limits.position_minutes
    door = stop()
    late = expected(door.closes_at + timedelta(minutes=5 * RULES.alerts.late_minutes), door)
    found = alerts_of(position(), [door], late, RULES, later(minutes=2 * minutes))
    assert [alert.kind for alert in found] == [AlertKind.RUNNING_LATE, AlertKind.SILENT]


@given(st.lists(st.sets(st.sampled_from(["dlv_1", "dlv_2", "silent"])), min_size=1, max_size=8))
def test_each_occurrence_is_raised_once_and_cleared_once(rounds):
    seen, standing = position(), set()
    for number, wanted in enumerate([*rounds, set()]):
        now = later(minutes=number)
        doors = [stop(name) for name in sorted(wanted - {"silent"})]
        found = alerts_of(
            position(now - timedelta(hours=1) if "silent" in wanted else now),
            doors or [stop("dlv_9")],
            expected(later(days=1), *doors),
            RULES,
            now,
        )
        after = with_alerts(seen, found, "testville", now)
        for event in after.events:
            validate_event(event.model_dump(mode="json"))
        raised = [e.data["delivery_id"] for e in after.events if e.type == "tracking.alert_raised"]
        cleared = [e for e in after.events if e.type == "tracking.alert_cleared"]
        assert len(raised) == len(wanted - standing)
        assert len(cleared) == len(standing - wanted)
        assert after is seen if wanted == standing else len(after.alerts) == len(wanted)
        seen, standing = after.with_changes(events=()), set(wanted)
