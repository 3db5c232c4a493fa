"""Reasons for which drivers are not offered an order: one rule, told by driver."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crowdship.dispatch.eligibility import Available, Ineligible, is_full, most_stops, unfit_by_hand, why_not
from crowdship.dispatch.rounds import preview
from crowdship.dispatch.rounds.views import INELIGIBLE_SHOWN
from crowdship.dispatch.supply import available_in
from crowdship.zones import service as zones
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city():
    return City.open(limits={"pickup_distance_m": 3000})


def entry_of(driver) -> Available:
    return next(entry for entry in available_in(zones.get("testville"), ()) if entry.driver.id == driver.id)


def asked(city, driver, order, **changes):
    zone = zones.get("testville")
    return why_not(replace(entry_of(driver), **changes), [order], zone.settings, city.clock.now())


def test_each_driver_is_named_with_the_reason_and_the_nearest_first(city):
    near, far = city.driver(200), city.driver(5000)
    city.driver(300, skills=("cold_box",))
    order = city.order(requirements={"skills": ["cold_box"]})
    (line,) = preview.of_zone("testville", city.clock).deliveries
    assert line.delivery_id == order.id
    assert [(each.driver_id, each.reason) for each in line.ineligible] == [
        (near.id, Ineligible.LACKS_SKILL),
        (far.id, Ineligible.LACKS_SKILL),
    ]


def test_many_drivers_are_counted_and_the_nearest_named(city):
    for number in range(INELIGIBLE_SHOWN + 3):
        city.driver(5000 + number)
    city.order()
    (line,) = preview.of_zone("testville", city.clock).deliveries
    assert len(line.ineligible) == INELIGIBLE_SHOWN
    assert line.cannot == {Ineligible.TOO_FAR: INELIGIBLE_SHOWN + 3}


def test_a_reason_is_found_by_the_same_rule_whoever_asks(city):
    driver, order = city.driver(200), city.order()
    assert asked(city, driver, order) is None
    assert asked(city, driver, order, at=at(3500)) is Ineligible.TOO_FAR
    assert asked(city, driver, order, asked_elsewhere=True) is Ineligible.ASKED_FOR_ANOTHER_OFFER
    long_ago = city.clock.now() - timedelta(hours=1)
    assert asked(city, driver, order, seen_at=long_ago) is Ineligible.POSITION_TOO_OLD
    declined = order.with_changes(declined_by=(driver.id,))
    assert asked(city, driver, declined) is Ineligible.DECLINED_IT
    assert unfit_by_hand(driver, declined, city.clock.now()) is None, "staff may give what the driver once declined"


def test_a_route_that_is_not_full_may_be_filled_to_the_most(city):
    limits = zones.get("testville").settings.dispatch.limits
    assert not is_full(limits.open_stops, limits)
    assert is_full(limits.open_stops + 1, limits)
    assert most_stops(limits) == limits.open_stops + 2
