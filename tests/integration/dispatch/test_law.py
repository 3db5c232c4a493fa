"""An offer is open as long as the law of its pickup says, through the store and the round."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.by_hand import offer
from crowdship.dispatch.by_hand.areas import Circle
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import DeclineReason
from crowdship.drivers import duty
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange, DropoffChange
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.zones import service as zones
from tests.city import City, DriverKind, at, settings

pytestmark = pytest.mark.usefixtures("aws")

BEGINS = datetime(2025, 1, 1, 7, tzinfo=UTC)
"""Midnight in Denver, when Colorado's law on offers began."""


def in_colorado(now=None, code="US-CO"):
    """Return the city with ten seconds to answer, in a zone that was made before it named a jurisdiction."""
    city = City.open(offers={"seconds": 10})
    city.clock.moment = now or city.clock.now()
    zones.put("testville", settings(offers={"seconds": 10}).model_copy(update={"jurisdictions": (code,)}))
    return city


def open_for(made):
    return made.expires_at - made.made_at


@pytest.mark.parametrize(("now", "seconds"), [(BEGINS - timedelta(minutes=1), 10), (BEGINS, 60)])
def test_an_offer_of_a_round_lasts_as_the_law_of_its_moment_says_though_the_zone_was_made_before(now, seconds):
    city = in_colorado(now)
    driver, order = city.driver(), city.order()
    assert set(order.pickup_law) == {"US", "US-CO", "US-IN", "US-IN-jasper"}
    city.tick()
    (made,) = city.offers(driver)
    assert open_for(made) == timedelta(seconds=seconds)


def test_an_offer_by_hand_lasts_as_the_law_says():
    city = in_colorado()
    city.driver()
    told = offer.offer_in(city.order().id, Circle(centre=at(0), radius_m=4000), city.clock)
    assert open_for(offering.get_offer(told.offer_id)) == timedelta(seconds=60)


def in_seattle(**offers):
    """Return the city in a zone of Seattle that pays less than its law allows."""
    city, low = City.open(), settings(offers=offers)
    rates = low.rates.model_copy(update={"pay_base": 50, "pay_per_km": 0, "pay_per_minute": 0})
    zones.put("testville", low.model_copy(update={"jurisdictions": ("US-WA-seattle",), "rates": rates}))
    return city


def test_an_offer_by_hand_pays_the_least_that_law_allows_as_a_round_does():
    city, paid = in_seattle(), []
    for is_by_hand in (False, True):
        driver, order = city.driver(east_m=3000), city.order(f"order-{is_by_hand}")
        if is_by_hand:
            offer.offer_in(order.id, Circle(centre=at(0), radius_m=4000), city.clock)
        else:
            city.tick()
        (made,) = city.offers(driver)
        kept = deliveries.get(order.id)
        assert kept.price.raised > 0
        assert made.pay.total == kept.price.pay_total
        paid.append(made.pay.total)
        answers.decline(driver.id, made.id, DeclineReason.OTHER, city.clock)
        duty.end(driver.id, city.clock)
    by_round, by_hand = paid
    assert by_hand == by_round


def test_the_same_area_again_raises_nothing_and_another_one_pays_at_least_as_much():
    city = in_seattle()
    city.driver(east_m=100)
    order = city.order()
    areas = [Circle(centre=at(0), radius_m=radius_m) for radius_m in (400, 400, 5000)]
    told, paid = [], []
    for area in areas:
        told.append(offer.offer_in(order.id, area, city.clock).offer_id)
        paid.append(deliveries.get(order.id).price.raised)
        if len(told) == 2:
            city.driver(east_m=4000)
    assert told[0] == told[1] != told[2]
    assert 0 < paid[0] == paid[1] < paid[2]


def test_an_offer_by_hand_to_a_dedicated_driver_alone_is_not_raised():
    city = in_seattle()
    city.driver(east_m=100, kind=DriverKind.DEDICATED, merchant_id=city.merchant.id)
    order = city.order()
    offer.offer_in(order.id, Circle(centre=at(0), radius_m=4000), city.clock)
    assert deliveries.get(order.id).price.raised == 0


def test_staff_can_not_make_a_zone_below_the_law():
    city = City.open()
    hasty = settings(offers={"seconds": 59}).model_copy(update={"jurisdictions": ("US-CO",)})
    with pytest.raises(Unprocessable, match="offer_window of Colorado"):
        zones.establish("testville", hasty, city.clock)
    assert zones.latest("testville").settings.jurisdictions == ()
    zones.establish("testville", hasty, FixedClock(BEGINS - timedelta(seconds=1)))
    assert zones.latest("testville").settings.jurisdictions == ("US-CO",)


def test_an_area_of_a_continent_is_refused_for_its_size_before_its_law_is_looked_at():
    city = City.open()
    corners = tuple(Point(lat=lat, lon=lon) for lat, lon in ((30, -120), (30, -80), (45, -80), (45, -120)))
    with pytest.raises(Unprocessable, match="area_too_large"):
        zones.establish("all", settings(offers={"seconds": 10}).model_copy(update={"area": corners}), city.clock)


def test_the_law_of_a_drop_off_moves_with_the_address():
    city = in_colorado()
    order = city.order()
    there = at(5500, 5000)  # less than two kilometres from the next county
    changes.change(order.id, city.merchant.id, DeliveryChange(dropoff=DropoffChange(point=there)), city.clock)
    moved = deliveries.get(order.id)
    assert moved.dropoff_law != order.dropoff_law
    assert {"US-CO", "US-IN"} <= set(moved.dropoff_law)
    assert moved.pickup_law == order.pickup_law


def test_a_driver_in_california_is_off_work_after_twelve_hours_and_back_after_six():
    city = in_colorado(code="US-CA")
    driver = city.driver()
    city.later(hours=12)
    city.seen(driver, 500)
    city.order()
    city.tick()
    assert not city.offers(driver)
    duty.end(driver.id, city.clock)
    city.later(hours=5, minutes=59)
    with pytest.raises(Conflict, match="driving_limit"):
        duty.begin(driver.id, "testville", at(500), city.clock)
    city.later(minutes=1)
    assert duty.begin(driver.id, "testville", at(500), city.clock).duty
