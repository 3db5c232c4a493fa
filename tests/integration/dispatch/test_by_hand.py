"""Dispatchers act on many deliveries or drivers at once."""

from datetime import timedelta

import pytest

from crowdship.adapters.storage import StaleWrite
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import assignment
from crowdship.dispatch.by_hand import bulk, offer
from crowdship.dispatch.by_hand import round as hand_round
from crowdship.dispatch.by_hand.areas import Circle, Polygon
from crowdship.dispatch.by_hand.views import BulkAssignInput
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import DeclineReason, OfferState
from crowdship.dispatch.rounds import preview, ticks
from crowdship.dispatch.rounds import service as rounds
from crowdship.dispatch.rounds.ticks import TickQueue
from crowdship.dispatch.rounds.waits import Wait
from crowdship.dispatch.store import TickRow
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.routes import service as routing
from crowdship.shipment.requirements.registry import Requirements
from crowdship.zones import service as zones
from crowdship.zones.dispatch_rules import Policy
from crowdship.zones.pauses import PauseInput
from tests.city import City, DriverKind, at

pytestmark = pytest.mark.usefixtures("aws")


class Sqs:
    def __init__(self):
        self.sent = []

    def send_message(self, **message):
        self.sent.append(message)


def queue_of(city):
    return TickQueue(Sqs(), "ticks", city.clock)


def dispatch(city, ids=None):
    return hand_round.dispatch("testville", ids, queue_of(city), city.clock, wait=lambda seconds: None)


def assign(city, *rows, left_ms=lambda: 30_000, by="ana"):
    asked = BulkAssignInput.model_validate({"assignments": list(rows)})
    return bulk.assign(asked, by, city.clock, left_ms).rows


def row(delivery, driver, **more):
    return {"delivery_id": delivery.id, "driver_id": driver.id, **more}


def pause(city, **changes):
    asked = {"orders": False, "offers": True, "reason": "storm", **changes}
    zones.pause("testville", PauseInput(**asked), "ana", city.clock)


# --- many assignments


def test_each_delivery_of_a_bulk_goes_to_its_driver_and_one_that_cannot_stops_no_other():
    city = City.open()
    near, far = city.driver(east_m=100), city.driver(east_m=900)
    first, second = city.order("first"), city.order("second")
    cold = city.order("cold", requirements=Requirements(skills=("cold_box",)))
    told = assign(city, row(first, near), row(cold, near), row(second, far))
    assert [(one.status, one.driver_id) for one in told] == [(200, near.id), (409, None), (200, far.id)]
    assert told[1].problem.code == "driver_cannot_take_it"
    assert [deliveries.get(one.id).driver_id for one in (first, cold, second)] == [near.id, None, far.id]


def test_a_bulk_that_is_sent_again_changes_nothing():
    city = City.open()
    driver, order = city.driver(), city.order()
    assign(city, row(order, driver))
    before = routing.of(driver.id)
    assert [one.status for one in assign(city, row(order, driver))] == [200]
    assert routing.of(driver.id) == before


def test_a_delivery_that_another_dispatcher_assigned_meanwhile_is_not_taken_away():
    city = City.open()
    first, second, third = city.driver(), city.driver(), city.driver()
    order = city.order()
    assign(city, row(order, first), by="ana")
    (refused,) = assign(city, row(order, second), by="ben")
    assert (refused.status, refused.problem.code, refused.driver_id) == (409, "assigned_meanwhile", first.id)
    assert f"{first.id} has it since" in refused.problem.detail
    assert "by ana" in refused.problem.detail
    (moved,) = assign(city, row(order, second, from_driver_id=first.id), by="ben")
    assert (moved.status, deliveries.get(order.id).driver_id) == (200, second.id)
    (late,) = assign(city, row(order, third, from_driver_id=first.id), by="ana")
    assert late.problem.code == "assigned_meanwhile"
    with pytest.raises(Conflict, match="decide on that"):
        assignment.place_by_hand(order.id, third.id, "ana", city.clock, from_driver=None)


def test_rows_that_time_runs_out_for_are_told_and_done_when_sent_again():
    city = City.open()
    driver, first, second = city.driver(), city.order("first"), city.order("second")
    left = iter([5000, 100])
    told = assign(city, row(first, driver), row(second, driver), left_ms=lambda: next(left))
    assert [(one.status, one.problem and one.problem.code) for one in told] == [(200, None), (503, "not_reached")]
    assert [one.status for one in assign(city, row(first, driver), row(second, driver))] == [200, 200]


def test_a_delivery_has_one_driver_in_a_bulk():
    with pytest.raises(ValueError, match="dlv_1 is there twice"):
        BulkAssignInput.model_validate({"assignments": [{"delivery_id": "dlv_1", "driver_id": d} for d in ("a", "b")]})


# --- a round by hand


def test_a_round_by_hand_does_what_the_plan_proposes():
    city = City.open()
    city.driver(east_m=100)
    order, cold = city.order("order"), city.order("cold", requirements=Requirements(skills=("cold_box",)))
    planned = preview.of_zone("testville", city.clock)
    told = dispatch(city)
    assert [(one.delivery_ids, one.driver_ids) for one in told.offered] == [
        (planned.offers[0].delivery_ids, tuple(c.driver_id for c in planned.offers[0].asked))
    ]
    assert offering.get_offer(told.offered[0].offer_id).delivery_ids == (order.id,)
    assert [(one.delivery_id, one.code) for one in told.waits] == [(cold.id, Wait.NOBODY_CAN_TAKE_IT)]


def test_only_the_named_deliveries_are_offered_and_naming_them_again_makes_no_second_offer():
    city = City.open()
    city.driver(east_m=100), city.driver(east_m=200)
    wanted, other = city.order("wanted"), city.order("other", east_m=-3000)
    told = dispatch(city, [wanted.id])
    assert [one.delivery_ids for one in told.offered] == [(wanted.id,)]
    assert deliveries.get(other.id).state is State.CREATED
    again = dispatch(city, [wanted.id])
    assert [one.offer_id for one in again.offered] == [told.offered[0].offer_id]
    assert again.waits == ()
    assert [one.code for one in dispatch(city, ["dlv_none"]).waits] == [Wait.NOT_OPEN]


def test_a_merchants_own_driver_is_given_the_work_without_an_offer():
    city = City.open()
    own = city.driver(kind=DriverKind.DEDICATED, merchant_id=city.merchant.id)
    order = city.order()
    (given,) = dispatch(city).offered
    assert (given.offer_id, given.delivery_ids, given.driver_ids) == (None, (order.id,), (own.id,))


def test_while_a_tick_runs_a_round_by_hand_waits_and_then_asks_to_come_again():
    city = City.open()
    city.driver(), city.order()
    queue, waited = queue_of(city), []
    now = city.clock.now().timestamp()
    TickRow.ask("testville", now, "evt_1")
    lease = TickRow.begin("testville", "tick", now, queue.wall(), 90)
    with pytest.raises(Conflict, match="Try again"):
        hand_round.dispatch("testville", None, queue, city.clock, wait=waited.append)
    assert sum(waited) >= hand_round.WAITS_S
    lease.end(None)
    assert dispatch(city).offered
    waits_since = TickRow.load("testville").waits_since(queue.wall())
    assert waits_since > now, "the zone's next tick is due, as after every round"


def test_a_tick_and_a_round_by_hand_make_one_offer_of_a_delivery():
    city = City.open()
    driver, order = city.driver(), city.order()
    both = [dispatch(city), ticks.run("testville", 0, "tick", lambda z: rounds.play(z, city.clock), queue_of(city))]
    assert both[0].offered
    assert [one.delivery_ids for one in city.offers(driver)] == [(order.id,)]


def test_a_paused_zone_makes_no_offers_and_says_why():
    city = City.open()
    city.driver()
    order = city.order()
    pause(city, until=city.clock.now() + timedelta(minutes=4))
    assert [(one.delivery_id, one.code) for one in dispatch(city).waits] == [(order.id, Wait.ZONE_PAUSED)]
    city.tick()
    assert deliveries.get(order.id).state is State.CREATED
    (line,) = preview.of_zone("testville", city.clock).deliveries
    assert line.waits == "zone_paused"
    city.later(minutes=5)
    city.tick()
    assert deliveries.get(order.id).state is State.OFFERED


# --- an offer in an area

SQUARE = Polygon(polygon=(at(-500, -500), at(500, -500), at(500, 500), at(-500, 500)))


def test_all_eligible_drivers_in_an_area_are_asked_at_once_and_each_other_one_there_has_a_reason():
    city = City.open()
    inside, outside = city.driver(east_m=100), city.driver(east_m=1000)
    busy = city.driver(east_m=200, skills=("cold_box",))
    order = city.order()
    told = offer.offer_in(order.id, SQUARE, city.clock)
    assert set(told.asked) == {inside.id, busy.id}
    assert outside.id not in {one.driver_id for one in told.left_out}
    made = offering.get_offer(told.offer_id)
    assert (made.policy, made.expires_at - made.made_at) == (Policy.BROADCAST, timedelta(seconds=120))
    cold = city.order("cold", requirements=Requirements(skills=("cold_box",)))
    told = offer.offer_in(cold.id, Circle(centre=at(0), radius_m=400), city.clock)
    assert told.asked == (busy.id,)
    assert [(one.driver_id, one.reason) for one in told.left_out] == [(inside.id, "lacks_skill")]


def test_an_offer_in_an_area_takes_the_place_of_the_one_that_stands():
    city = City.open()
    near, far = city.driver(east_m=100), city.driver(east_m=400)
    order = city.order()
    city.tick()
    (before,) = city.offers(near)
    told = offer.offer_in(order.id, SQUARE, city.clock)
    assert set(told.asked) == {near.id, far.id}
    assert offering.get_offer(before.id).state is OfferState.WITHDRAWN
    assert offering.get_offer(before.id).reason == offer.REASON
    answers.accept(far.id, told.offer_id, city.clock)
    taken = deliveries.get(order.id)
    assert (taken.driver_id, taken.offer_ids) == (far.id, (before.id, told.offer_id))
    assert [one.id for one in offering.offers_of(taken)] == [told.offer_id, before.id]


def test_the_same_area_again_is_the_same_offer():
    city = City.open()
    city.driver(east_m=100)
    order = city.order()
    first, again = (offer.offer_in(order.id, SQUARE, city.clock) for _ in range(2))
    assert again == first


def test_who_declined_is_not_asked_again_and_an_area_with_nobody_is_refused():
    city = City.open()
    driver, order = city.driver(east_m=100), city.order()
    told = offer.offer_in(order.id, SQUARE, city.clock)
    answers.decline(driver.id, told.offer_id, DeclineReason.TOO_FAR, city.clock)
    with pytest.raises(Conflict, match="the driver has declined it"):
        offer.offer_in(order.id, SQUARE, city.clock)
    with pytest.raises(Conflict, match="nobody on duty is there"):
        offer.offer_in(order.id, Circle(centre=at(3000), radius_m=100), city.clock)


def test_only_a_delivery_that_waits_is_offered_and_not_while_the_zone_is_paused():
    city = City.open()
    driver, order = city.driver(east_m=100), city.order()
    pause(city)
    with pytest.raises(Conflict, match="until staff end the pause"):
        offer.offer_in(order.id, SQUARE, city.clock)
    zones.go_on("testville")
    assignment.assign_by_hand(order.id, driver.id, "ana", city.clock)
    with pytest.raises(Conflict, match="only a delivery that waits"):
        offer.offer_in(order.id, SQUARE, city.clock)


def test_a_polygon_that_crosses_itself_is_no_area():
    city = City.open()
    bow = Polygon(polygon=(at(0, 0), at(500, 500), at(500, 0), at(0, 500)))
    with pytest.raises(Unprocessable, match="cross"):
        offer.offer_in(city.order().id, bow, city.clock)


def test_an_offer_in_an_area_that_somebody_elses_write_overtakes_is_not_made(monkeypatch):
    city = City.open()
    driver, other = city.driver(east_m=100), city.driver(east_m=200)
    order = city.order()
    make = offer._make

    def overtaken(*given):
        monkeypatch.setattr(offer, "_make", make)
        assignment.assign_by_hand(order.id, other.id, "ben", city.clock)
        return make(*given)

    monkeypatch.setattr(offer, "_make", overtaken)
    with pytest.raises((Conflict, StaleWrite), match="assigned"):
        offer.offer_in(order.id, SQUARE, city.clock)
    assert deliveries.get(order.id).driver_id == other.id
    assert city.offers(driver) == []
