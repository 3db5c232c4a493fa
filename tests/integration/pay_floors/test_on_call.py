"""Time on call in New York: whoever works is not on call, wherever the pickup is and in whatever order it is told."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdship.pay_floors.store import WorkRow
from tests.integration.pay_floors.test_pay_floors import NYC, Town, in_new_york, town

__all__ = ["town"]  # the fixture

MONDAY = datetime(2026, 4, 6, 14, tzinfo=UTC)
FIRST = MONDAY.date()
HOUR = timedelta(hours=1)
ACROSS = ("US", "US-NJ")


def on_call_hours(town: Town, driver_id, first=FIRST):
    return town.reckoned(driver_id, NYC[-1], first).figures.on_call_us / 3_600_000_000


@pytest.fixture
def ana(town):
    in_new_york()
    town.clock.moment = MONDAY
    return town.driver()


def test_work_with_a_pickup_outside_of_the_city_is_not_on_call(town, ana):
    town.duty(ana, MONDAY, 2)
    town.delivered(ana, law=ACROSS, begins=MONDAY, minutes=60)
    town.clock.moment = MONDAY + timedelta(days=9)
    town.look(times=2)
    assert on_call_hours(town, ana) == 1
    assert town.paid == {ana: 2213}


def test_work_outside_that_is_told_of_after_the_week_makes_the_week_due_again(town, ana):
    town.duty(ana, MONDAY, 2)
    town.clock.moment = MONDAY + timedelta(days=9)
    town.look(times=2)
    assert on_call_hours(town, ana) == 2
    town.delivered(ana, law=ACROSS, begins=MONDAY, minutes=60)
    town.look(times=2)
    assert on_call_hours(town, ana) == 1


def test_late_work_that_began_in_the_week_before_shortens_the_time_on_call_of_both(town, ana):
    midnight = datetime(2026, 4, 13, 4, tzinfo=UTC)
    town.duty(ana, midnight - HOUR, 2)
    town.clock.moment = MONDAY + timedelta(days=16)
    town.look(times=2)
    weeks = FIRST, FIRST + timedelta(days=7)
    assert [on_call_hours(town, ana, first) for first in weeks] == [1, 1]
    town.delivered(ana, law=NYC, begins=midnight - HOUR / 2, minutes=60)
    town.look(times=2)
    assert [on_call_hours(town, ana, first) for first in weeks] == [0.5, 0.5]


def test_work_outside_is_not_noted_in_a_zone_that_does_not_touch_the_city(town):
    town.clock.moment = MONDAY
    ana = town.driver()
    town.delivered(ana, law=ACROSS, begins=MONDAY, minutes=60)
    assert list(WorkRow.around(ana, MONDAY, MONDAY + HOUR)) == []
