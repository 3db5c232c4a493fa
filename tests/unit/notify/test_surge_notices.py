"""Drivers on duty are told once that a surge starts, and not at night."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdship.kernel.clock import FixedClock
from crowdship.notify.drivers.surge import SURGE_STARTED, Crew
from crowdship.pricing.surge import Measure, Surge, SurgeOverride, SurgeRules

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RULES = SurgeRules(curve=[{"pressure": 1, "percent": 100}, {"pressure": 3, "percent": 200}], notice_seconds=0)
CREW = Crew("UTC", ("drv_1", "drv_2"))


def events(at=NOON, measures=3):
    surge = Surge(id="loop")
    for number in range(measures):
        surge = surge.measured(Measure(at=at + timedelta(minutes=3 * number), orders=9, drivers=1), RULES)
    return surge.events


def test_a_start_is_told_and_a_further_step_is_not():
    assert [SURGE_STARTED.is_about(event) for event in events()] == [True, False, False]


def test_an_end_is_told_to_nobody():
    stop = SurgeOverride(percent=100, until=NOON + timedelta(hours=1), reason="flood")
    stopped = (
        Surge(id="loop")
        .measured(Measure(at=NOON, orders=9, drivers=1), RULES)
        .overridden(stop, "kim", RULES, NOON + timedelta(minutes=2))
    )
    assert not SURGE_STARTED.is_about(stopped.events[-1])


@pytest.mark.parametrize(("hour", "due"), [(6, False), (7, True), (21, True), (22, False), (3, False)])
def test_no_phone_rings_at_night(hour, due):
    at = NOON.replace(hour=hour)
    (event,) = events(at, 1)
    assert SURGE_STARTED.is_due(event, CREW, at) == due


def test_the_hours_are_those_of_the_zone():
    (event,) = events(NOON, 1)
    assert not SURGE_STARTED.is_due(event, CREW._replace(time_zone="Pacific/Auckland"), NOON)


def test_a_surge_that_is_over_is_told_to_nobody():
    (event,) = events(NOON, 1)
    assert not SURGE_STARTED.is_due(event, CREW, NOON + timedelta(hours=1))


def test_everybody_on_duty_is_told_what_holds_until_when():
    (event,) = events(NOON, 1)
    assert SURGE_STARTED.told(event, CREW) == CREW.driver_ids
    message = SURGE_STARTED.push.message(event, FixedClock(NOON))
    assert '"percent":125' in str(message.body if hasattr(message, "body") else message).replace(" ", "")
