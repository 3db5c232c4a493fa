"""What dispatchers see of a zone."""

from datetime import timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch import assignment
from crowdship.dispatch.board import service as board
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import DeclineReason, OfferState
from crowdship.dispatch.rounds import preview
from crowdship.shipment.requirements.registry import Requirements
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from crowdship.zones import service as zones
from crowdship.zones.dispatch_rules import Policy
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")


def test_the_board_has_what_waits_and_what_is_under_way_with_the_longest_silent_driver_first():
    city = City.open()
    silent, heard = city.driver(east_m=100), city.driver(east_m=3000)
    lost = assignment.assign_by_hand(city.order("lost").id, silent.id, "ana", city.clock)
    known = assignment.assign_by_hand(city.order("known").id, heard.id, "ana", city.clock)
    city.later(minutes=10)
    tracking.record(heard.id, [Fix(point=at(3000), device_at=city.clock.now())], city.clock)
    waiting = city.order("waiting")
    city.later(seconds=30)
    seen = board.of_zone("testville", city.clock)
    assert [line.delivery_id for line in seen.open] == [waiting.id]
    lines = [(line.delivery_id, line.driver_id, line.position_age_s) for line in seen.under_way]
    assert lines == [(lost.id, silent.id, 630), (known.id, heard.id, 30)]
    assert seen.under_way[0].eta == lost.eta + timedelta(seconds=630), "as if still where they were last seen"
    assert seen.under_way[0].eta_earliest < seen.under_way[0].eta < seen.under_way[0].eta_latest
    assert set(seen.on_duty) == {silent.id, heard.id}


def test_staff_still_see_whom_the_last_offer_asked_when_nobody_took_it():
    city = City.open(offers={"seconds": 30})
    driver = city.driver()
    order = city.order()
    city.tick()
    (offer,) = city.offers(driver)
    city.later(minutes=50)
    city.tick()
    ended = deliveries.get(order.id)
    assert ended.offer_id is None
    explained = offering.explain(ended)
    assert explained.id == offer.id
    assert explained.state is OfferState.EXPIRED


def test_a_driver_who_stands_at_the_pickup_and_does_not_answer_can_be_replaced():
    city = City.open()
    gone, other = city.driver(), city.driver(east_m=3000)
    order = assignment.assign_by_hand(city.order().id, gone.id, "ana", city.clock)
    for step in (lambda d: d.depart("pickup", city.clock.now()), lambda d: d.arrive("pickup", city.clock.now())):
        deliveries.change(order.id, step)
    assert assignment.assign_by_hand(order.id, other.id, "ana", city.clock).driver_id == other.id


def test_a_dispatcher_sees_what_the_next_round_would_do_and_why_and_nothing_is_written():
    city = City.open()
    near, far = city.driver(east_m=100), city.driver(east_m=3000)
    order = city.order()
    cold = city.order("cold", requirements=Requirements(skills=("cold_box",)))
    before = [deliveries.get(order.id), deliveries.get(cold.id)]
    seen = preview.of_zone("testville", city.clock)
    (offer,) = seen.offers
    assert offer.delivery_ids == (order.id,)
    assert [candidate.driver_id for candidate in offer.asked] == [near.id]
    lines = {line.delivery_id: line for line in seen.deliveries}
    assert [option.driver_id for option in lines[order.id].options] == [near.id, far.id]
    assert lines[order.id].difference_s > 0
    assert (lines[cold.id].waits, lines[cold.id].cannot) == ("nobody can take it", {"lacks_skill": 2})
    assert {line.reason for line in lines[cold.id].ineligible} == {"lacks_skill"}
    assert len({line.driver_id for line in lines[cold.id].ineligible}) == 2
    assert [(idle.driver_id, idle.delivery_id) for idle in seen.idle] == [(far.id, order.id)]
    assert [deliveries.get(order.id), deliveries.get(cold.id)] == before
    assert city.offers(near) == []
    city.tick()
    assert [offered.delivery_ids for offered in city.offers(near)] == [(order.id,)]


def test_who_declined_a_standing_offer_is_free_for_others():
    city = City.open(offers={"policy": Policy.BROADCAST, "acceptance_probability": 1})
    first, second = city.driver(east_m=100), city.driver(east_m=200)
    city.order()
    city.tick()
    (offer,) = city.offers(first)
    answers.decline(first.id, offer.id, DeclineReason.TOO_FAR, city.clock)
    standing = [offering.get_offer(offer.id)]
    asked = {e.driver.id: e.asked_elsewhere for e in preview.available_in(zones.get("testville"), standing)}
    assert asked == {first.id: False, second.id: True}
