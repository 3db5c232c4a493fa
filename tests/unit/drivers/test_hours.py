"""Hours on duty: a law's limit within 24 hours ends a driver's work, and a rest begins the count anew."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.dispatch.eligibility import Ineligible, off_work, unavailable
from crowdship.drivers.hours import MOST_SPELLS, DrivingLimit, Spell, may_drive_until, rested_at, with_spell
from crowdship.drivers.limits import driving_limit
from crowdship.drivers.model import Duty
from crowdship.kernel.errors import Conflict
from crowdship.zones.model import ZoneSettings
from tests.city import CENTRE, NOON, settings
from tests.unit.dispatch.test_planning import free
from tests.unit.drivers.test_drivers import driver

DAY = datetime(2026, 6, 1, tzinfo=UTC)
LIMIT = DrivingLimit(hours=12, rest_hours=6)


def hour(number):
    return DAY + timedelta(hours=number)


def spells(*hours):
    return tuple(Spell(since=hour(since), until=hour(until)) for since, until in hours)


@pytest.mark.parametrize(
    ("before", "since", "until"),
    [
        ((), 8, 20),
        (((0, 5),), 8, 15),  # 5 hours before, so 7 more
        (((0, 5),), 11, 23),  # a rest of exactly 6 hours
        (((0, 5),), 10.99, 17.99),  # one that was too short
        (((0, 4), (5, 9), (10, 14)), 15, 15),  # used up
        (((0, 4), (5, 9), (10, 13.9)), 15, 15.1),
        (((0, 4), (10, 14)), 15, 23),  # the rest in between was 6 hours
        (((0, 4), (9, 12), (17, 20)), 23, 29),  # 2 hours are left, and the first 4 leave from 24 to 28
        (((0, 1), (5, 6), (10, 11), (15, 16)), 20, 29),  # the first hour leaves from 24 to 25
    ],
)
def test_a_driver_may_drive_until_the_limit_is_reached(before, since, until):
    assert abs(may_drive_until(spells(*before), hour(since), LIMIT) - hour(until)) < timedelta(seconds=1)


def reckoned(before, since):
    """Return the same minute by minute: the first one that ends with the hours used up."""
    on = {minute for start, end in before for minute in range(start, end)}
    begins = since
    for start, end in reversed(before):
        if begins - end >= 360:
            on = {minute for minute in on if minute >= begins}
            break
        begins = start
    now = since
    while sum(minute in on or minute >= since for minute in range(now - 1440, now)) < 720:
        now += 1
    return now


GAPS = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 400)), max_size=6)


@given(GAPS, st.integers(1, 500))
def test_the_limit_is_that_of_a_count_minute_by_minute(gaps, last):
    before, now = [], 0
    for off, on in gaps:
        before.append((now + off, now + off + on))
        now += off + on
    since = now + last
    kept = ()
    for start, end in before:
        kept = with_spell(kept, Spell(since=hour(start / 60), until=hour(end / 60)))
    found = may_drive_until(kept, hour(since / 60), LIMIT)
    assert abs(found - hour(reckoned(before, since) / 60)) < timedelta(seconds=1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=MOST_SPELLS, max_size=3 * MOST_SPELLS))
def test_going_on_and_off_again_and_again_keeps_few_spells_and_hides_no_hours(steps):
    kept, now, on = (), 0, timedelta()
    for off, duty in steps:
        kept = with_spell(kept, Spell(since=hour((now + off) / 60), until=hour((now + off + duty) / 60)))
        now += off + duty
        on += timedelta(minutes=duty)
    assert len(kept) <= MOST_SPELLS
    assert sum((one.until - one.since for one in kept), timedelta()) >= on


def test_a_driver_whose_hours_are_used_up_is_refused_duty_until_rested_and_then_taken():
    on = driver().go_on_duty("z", NOON, limit=LIMIT)
    assert on.drive_until == NOON + timedelta(hours=12)
    off = on.go_off_duty(NOON + timedelta(hours=12), open_stops=0)
    assert off.drive_until is None
    with pytest.raises(Conflict) as refused:
        off.go_on_duty("z", NOON + timedelta(hours=17, minutes=59), limit=LIMIT)
    assert refused.value.code == "driving_limit"
    assert "rest until 2026-06-02T06:00:00Z" in refused.value.detail
    assert rested_at(off.spells, LIMIT) == NOON + timedelta(hours=18)
    again = off.go_on_duty("z", NOON + timedelta(hours=18), limit=LIMIT)
    assert again.drive_until == NOON + timedelta(hours=30)


def test_hours_in_a_place_without_a_limit_count_where_there_is_one():
    worked = driver().go_on_duty("z", NOON).go_off_duty(NOON + timedelta(hours=10), open_stops=0)
    on = worked.go_on_duty("y", NOON + timedelta(hours=11), limit=LIMIT)
    assert on.drive_until == NOON + timedelta(hours=13)


def test_at_the_limit_a_driver_on_duty_is_asked_and_given_nothing_more():
    entry = free("drv_1", CENTRE, duty=Duty(zone_id="testville", since=NOON), drive_until=NOON)
    assert unavailable(entry, settings(), NOON) is Ineligible.HOURS_USED_UP
    assert off_work(entry.driver, NOON) == "drv_1 was on duty for as many hours as the law allows."
    before = NOON - timedelta(seconds=1)
    assert unavailable(entry, settings(), before) is not Ineligible.HOURS_USED_UP
    assert off_work(entry.driver, before) is None


def zone(lat, lon, *named):
    corners = ((-0.02, -0.02), (-0.02, 0.02), (0.02, 0.02), (0.02, -0.02))
    area = [{"lat": lat + north, "lon": lon + east} for north, east in corners]
    return ZoneSettings.model_validate({"name": "Z", "area": area, "jurisdictions": named})


def test_california_has_the_limit_and_illinois_has_none():
    assert driving_limit(zone(37.7749, -122.4194), NOON) == LIMIT
    assert driving_limit(zone(41.88, -87.63), NOON) is None
    assert driving_limit(zone(41.88, -87.63, "US-CA"), NOON) == LIMIT
    assert driving_limit(zone(37.7749, -122.4194), datetime(2020, 12, 15, tzinfo=UTC)) is None
