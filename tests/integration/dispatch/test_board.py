"""What dispatchers see of a zone."""

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch import board
from crowdship.dispatch import service as dispatch
from crowdship.dispatch.model import OfferState
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")


def test_the_board_has_what_waits_and_what_is_under_way_with_the_longest_silent_driver_first():
    city = City.open()
    silent, heard = city.driver(east_m=100), city.driver(east_m=3000)
    lost = dispatch.assign_by_hand(city.order("lost").id, silent.id, "ana", city.clock)
    known = dispatch.assign_by_hand(city.order("known").id, heard.id, "ana", city.clock)
    city.later(minutes=10)
    tracking.record(heard.id, [Fix(point=at(3000), device_at=city.clock.now())], city.clock)
    waiting = city.order("waiting")
    city.later(seconds=30)
    seen = board.of_zone("testville", city.clock)
    assert [line.delivery_id for line in seen.open] == [waiting.id]
    lines = [(line.delivery_id, line.driver_id, line.position_age_s) for line in seen.under_way]
    assert lines == [(lost.id, silent.id, 630), (known.id, heard.id, 30)]
    assert seen.under_way[0].eta == lost.eta
    assert set(seen.on_duty) == {silent.id, heard.id}


def test_staff_still_see_whom_the_last_offer_asked_when_nobody_took_it():
    city = City.open(offer_seconds=30)
    driver = city.driver()
    order = city.order()
    city.tick()
    (offer,) = city.offers(driver)
    city.later(minutes=50)
    city.tick()
    ended = deliveries.get(order.id)
    assert ended.offer_id is None
    explained = dispatch.explain(ended)
    assert explained.id == offer.id
    assert explained.state is OfferState.EXPIRED


def test_a_driver_who_stands_at_the_pickup_and_does_not_answer_can_be_replaced():
    city = City.open()
    gone, other = city.driver(), city.driver(east_m=3000)
    order = dispatch.assign_by_hand(city.order().id, gone.id, "ana", city.clock)
    for step in (lambda d: d.depart("pickup", city.clock.now()), lambda d: d.arrive("pickup", city.clock.now())):
        deliveries.change(order.id, step)
    assert dispatch.assign_by_hand(order.id, other.id, "ana", city.clock).driver_id == other.id
