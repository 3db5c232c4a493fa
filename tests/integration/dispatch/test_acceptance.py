"""Who gets an offer: one driver, whatever happens in between."""

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.offers import answers, reading
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import DeclineReason, OfferState
from crowdship.dispatch.rounds import service as rounds
from crowdship.drivers import duty
from crowdship.drivers.model import Vehicle
from crowdship.kernel.errors import Conflict, Forbidden, NotFound, StaleWrite
from crowdship.routes import service as routing
from crowdship.shipment.vehicles import VehicleKind
from crowdship.zones import service as zones
from crowdship.zones.dispatch_rules import Policy
from tests.city import City, DriverKind, settings
from tests.faults import Lost, each_call_failing

pytestmark = pytest.mark.usefixtures("aws")


def refuse(*_):
    raise StaleWrite("somebody was faster")


def test_an_accepted_offer_moves_offer_delivery_and_route_together():
    city = City.open()
    driver = city.driver()
    order = city.order()
    city.tick()
    (offer,) = city.offers(driver)

    answers.accept(driver.id, offer.id, city.clock)

    assert offering.get_offer(offer.id).driver_id == driver.id
    assert deliveries.get(order.id).state is State.ASSIGNED
    assert [stop.kind for stop in routing.of(driver.id).stops] == ["pickup", "dropoff"]


def test_accepting_twice_is_accepting_once():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    again = answers.accept(driver.id, order.offer_id, city.clock)
    assert again.state is OfferState.ACCEPTED
    assert len(routing.of(driver.id).stops) == 2


def test_a_rival_who_accepts_between_our_look_and_our_write_wins_and_we_are_told_so(monkeypatch):
    city = City.open(offers={"policy": Policy.BROADCAST, "broadcast_drivers": 2})
    slow, quick = city.driver(east_m=100), city.driver(east_m=200)
    order = city.order()
    city.tick()
    (offer,) = city.offers(slow)
    place = assignment.tracking.start_of

    def overtaken(driver_id, *where):
        if driver_id == slow.id:
            answers.accept(quick.id, offer.id, city.clock)
        return place(driver_id, *where)

    monkeypatch.setattr(assignment.tracking, "start_of", overtaken)
    with pytest.raises(Conflict, match="offer_taken"):
        answers.accept(slow.id, offer.id, city.clock)

    assert deliveries.get(order.id).driver_id == quick.id
    assert routing.of(slow.id).stops == ()
    assert len(routing.of(quick.id).stops) == 2


def test_an_offer_that_a_rival_took_or_that_was_withdrawn_is_told_as_gone_but_not_to_whoever_answered_it():
    city = City.open(offers={"policy": Policy.BROADCAST, "broadcast_drivers": 3})
    slow, quick, unwilling = city.driver(east_m=100), city.driver(east_m=200), city.driver(east_m=300)
    city.order()
    city.tick()
    (taken,) = city.offers(slow)
    answers.decline(unwilling.id, taken.id, DeclineReason.BUSY, city.clock)
    answers.accept(quick.id, taken.id, city.clock)

    def gone(driver):
        return [(one.offer_id, one.state) for one in reading.offers_of(driver.id, city.clock).gone]

    assert gone(slow) == [(taken.id, OfferState.ACCEPTED)]
    assert gone(quick) == gone(unwilling) == []

    called_off = city.order("order-2")
    city.tick()
    (withdrawn,) = city.offers(slow)
    cancellation.cancel(called_off.id, city.merchant.id, "other", city.clock)
    assert set(gone(slow)) == {(taken.id, OfferState.ACCEPTED), (withdrawn.id, OfferState.WITHDRAWN)}
    city.later(hours=1)
    assert gone(slow) == []


def test_a_rival_who_accepts_between_our_look_at_the_offer_and_at_its_deliveries_wins_and_we_are_told_so(monkeypatch):
    city = City.open(offers={"policy": Policy.BROADCAST, "broadcast_drivers": 2})
    slow, quick = city.driver(east_m=100), city.driver(east_m=200)
    city.order()
    city.tick()
    (offer,) = city.offers(slow)
    look_up = answers.drivers.get

    def overtaken(driver_id):
        if driver_id == slow.id and offering.get_offer(offer.id).state is OfferState.OPEN:
            answers.accept(quick.id, offer.id, city.clock)
        return look_up(driver_id)

    monkeypatch.setattr(answers.drivers, "get", overtaken)
    with pytest.raises(Conflict, match="offer_taken"):
        answers.accept(slow.id, offer.id, city.clock)


def test_a_declined_offer_goes_to_the_next_best_driver_and_never_back():
    city = City.open()
    near, far = city.driver(east_m=200), city.driver(east_m=1500)
    city.order()
    city.tick()
    (offer,) = city.offers(near)
    assert city.offers(far) == []

    answers.decline(near.id, offer.id, DeclineReason.TOO_FAR, city.clock)
    city.tick()

    assert city.offers(near) == []
    assert len(city.offers(far)) == 1


def test_an_offer_that_runs_out_is_refused_and_put_to_someone_else():
    city = City.open(offers={"seconds": 60})
    near, far = city.driver(east_m=200), city.driver(east_m=1500)
    order = city.order()
    city.tick()
    (offer,) = city.offers(near)
    city.later(seconds=61)

    with pytest.raises(Conflict, match="offer_expired"):
        answers.accept(near.id, offer.id, city.clock)
    city.tick()

    assert offering.get_offer(offer.id).state is OfferState.EXPIRED
    assert len(city.offers(far)) == 1
    assert deliveries.get(order.id).state is State.OFFERED


def test_a_driver_who_was_not_asked_does_not_see_the_offer():
    city = City.open()
    asked, other = city.driver(east_m=200), city.driver(east_m=3000)
    city.order()
    city.tick()
    (offer,) = city.offers(asked)
    with pytest.raises(NotFound):
        answers.accept(other.id, offer.id, city.clock)


def test_a_driver_off_duty_can_not_accept():
    city = City.open()
    driver = city.driver()
    city.order()
    city.tick()
    (offer,) = city.offers(driver)
    duty.end(driver.id, city.clock)
    with pytest.raises(Forbidden, match="not_on_duty"):
        answers.accept(driver.id, offer.id, city.clock)


def test_nobody_goes_off_duty_while_an_acceptance_is_being_written(monkeypatch):
    city = City.open()
    driver = city.driver()
    order = city.order()
    city.tick()
    (offer,) = city.offers(driver)
    place, gone = assignment.tracking.start_of, []

    def leaving(driver_id, *where):
        if not gone:
            gone.append(duty.end(driver_id, city.clock))
        return place(driver_id, *where)

    monkeypatch.setattr(assignment.tracking, "start_of", leaving)
    with pytest.raises(Forbidden, match="not_on_duty"):
        answers.accept(driver.id, offer.id, city.clock)
    assert deliveries.get(order.id).driver_id is None
    assert routing.of(driver.id).stops == ()


def test_a_driver_with_a_full_route_can_not_accept_more():
    city = City.open(offers={"policy": Policy.BROADCAST, "broadcast_drivers": 1}, limits={"open_stops": 1})
    driver = city.driver()
    city.order("o-1")
    city.tick()
    (first,) = city.offers(driver)
    city.order("o-2", east_m=-3000)
    city.tick()
    second = next(offer for offer in city.offers(driver) if offer.id != first.id)
    answers.accept(driver.id, first.id, city.clock)
    with pytest.raises(Conflict, match="route_full"):
        answers.accept(driver.id, second.id, city.clock)


def test_an_offer_that_could_not_be_ended_is_looked_at_again(monkeypatch):
    city = City.open(offers={"seconds": 60})
    city.driver()
    city.order()
    city.tick()
    city.later(seconds=61)
    monkeypatch.setattr(rounds.offering, "expire_offer", refuse)
    assert city.tick() is not None


def test_one_broken_delivery_does_not_keep_the_others_from_being_offered(monkeypatch):
    city = City.open()
    drivers = [city.driver(east_m=200), city.driver(east_m=300)]
    broken = city.order("broken", east_m=-2500)
    city.order("sound", east_m=2500)
    keep = rounds.deliveries.keep

    def fragile(delivery, work):
        if delivery.id == broken.id:
            raise ZeroDivisionError
        keep(delivery, work)

    monkeypatch.setattr(rounds.deliveries, "keep", fragile)
    city.tick()
    assert sum(len(city.offers(driver)) for driver in drivers) == 1


def test_a_delivery_nobody_can_take_expires_with_a_reason():
    city = City.open(rounds={"search_minutes": 10})
    order = city.order()
    assert city.tick() is not None
    city.later(minutes=11)
    assert city.tick() is None
    expired = deliveries.get(order.id)
    assert expired.state is State.EXPIRED
    assert expired.timeline[-1].reason == "no_driver_found"


def test_a_zone_with_nothing_open_asks_for_no_further_tick():
    city = City.open()
    city.driver()
    assert city.tick() is None


def test_orders_of_one_shop_to_one_corner_are_offered_together():
    city = City.open()
    driver = city.driver()
    for number in range(3):
        city.order(f"order-{number}", east_m=2000 + 100 * number)
    city.tick()
    (offer,) = city.offers(driver)
    assert len(offer.delivery_ids) == 3
    assert offer.pay.total.amount == sum(deliveries.get(d).price.pay_total.amount for d in offer.delivery_ids)


def test_a_dedicated_driver_is_given_the_merchants_delivery_without_an_offer():
    city = City.open()
    crowd = city.driver(east_m=50)
    own = city.driver(east_m=3000, kind="dedicated", merchant_id=city.merchant.id)
    order = city.order()
    city.tick()
    assert deliveries.get(order.id).driver_id == own.id
    assert city.offers(crowd) == []


def test_a_driver_with_expired_papers_is_not_asked():
    city = City.open()
    driver = city.driver()
    city.later(days=365 * 5)
    city.order()
    city.tick()
    assert city.offers(driver) == []


def test_cancelling_withdraws_the_offer():
    city = City.open()
    driver = city.driver()
    order = city.order()
    city.tick()
    (offer,) = city.offers(driver)
    cancellation.cancel(order.id, city.merchant.id, "customer_changed_mind", city.clock)
    assert city.offers(driver) == []
    with pytest.raises(Conflict, match="offer_withdrawn"):
        answers.accept(driver.id, offer.id, city.clock)


def test_cancelling_takes_the_stops_off_the_route():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    cancellation.cancel(order.id, city.merchant.id, "customer_changed_mind", city.clock)
    assert routing.of(driver.id).stops == ()
    assert deliveries.get(order.id).state is State.CANCELLED


def test_a_round_that_looked_before_a_dispatcher_gave_a_delivery_away_leaves_it_there(monkeypatch):
    city = City.open()
    own = city.driver(kind=DriverKind.DEDICATED, merchant_id=city.merchant.id)
    chosen = city.driver(east_m=2500)
    order = city.order()
    plan = rounds.plan_round

    def overtaken(*given, **more):
        found = plan(*given, **more)
        assignment.assign_by_hand(order.id, chosen.id, "ana", city.clock)
        return found

    monkeypatch.setattr(rounds, "plan_round", overtaken)
    city.tick()
    assert deliveries.get(order.id).driver_id == chosen.id
    assert routing.of(own.id).stops == ()


def test_moving_a_delivery_by_hand_empties_one_route_and_fills_the_other():
    city = City.open()
    first, second = city.driver(east_m=100), city.driver(east_m=2500)
    order = city.assigned(first)
    assignment.assign_by_hand(order.id, second.id, "staff", city.clock)
    assert routing.of(first.id).stops == ()
    assert len(routing.of(second.id).stops) == 2
    moved = deliveries.get(order.id)
    assert (moved.state, moved.driver_id, moved.offer_id) == (State.ASSIGNED, second.id, None)
    assert (moved.given.actor, moved.given.reason) == ("staff", "moved_by_hand")
    assert State.CREATED not in [step.state for step in moved.timeline[1:]]


@pytest.mark.parametrize("lost", list(Lost))
def test_an_acceptance_that_dies_at_any_call_ends_whole_after_a_retry(lost):
    for n, faulty in enumerate(each_call_failing(lost, at_least=4)):
        city = City.open()
        driver = city.driver(east_m=100 + n)
        order = city.order(f"order-{lost}-{n}")
        city.tick()
        (offer,) = city.offers(driver)
        with faulty:
            answers.accept(driver.id, offer.id, city.clock)
        answers.accept(driver.id, offer.id, city.clock)
        accepted = deliveries.get(order.id)
        assert (accepted.state, accepted.driver_id) == (State.ASSIGNED, driver.id)
        assert [event.state for event in accepted.timeline].count(State.ASSIGNED) == 1
        assert [s.delivery_id for s in routing.of(driver.id).stops] == [order.id, order.id]
        cancellation.cancel(order.id, "staff", "other", city.clock)
        duty.end(driver.id, city.clock)


@pytest.mark.parametrize("lost", list(Lost))
def test_a_tick_that_dies_at_any_call_loses_no_order_and_offers_none_twice(lost):
    for n, faulty in enumerate(each_call_failing(lost, at_least=6)):
        city = City.open()
        driver = city.driver(east_m=100 + n)
        order = city.order(f"order-{lost}-{n}")
        with faulty:
            city.tick()
        city.tick()
        (offer,) = city.offers(driver)
        assert offer.delivery_ids == (order.id,)
        assert deliveries.get(order.id).offer_id == offer.id
        cancellation.cancel(order.id, "staff", "other", city.clock)
        duty.end(driver.id, city.clock)


def test_what_only_own_drivers_may_carry_is_given_to_the_crowd_by_nobodys_hand():
    city = City.open()
    zones.put("testville", settings().model_copy(update={"goods": frozenset({"cannabis"})}))
    zones._cache.clear()
    own = city.driver(kind=DriverKind.DEDICATED, merchant_id=city.merchant.id)
    crowd, order = city.driver(), city.order(goods="cannabis")
    with pytest.raises(Conflict, match="only a merchant's own drivers"):
        assignment.assign_by_hand(order.id, crowd.id, "staff", city.clock)
    assert assignment.assign_by_hand(order.id, own.id, "staff", city.clock).driver_id == own.id


@pytest.mark.parametrize(
    ("whose", "why"),
    [
        ({"kind": DriverKind.DEDICATED, "merchant_id": "mer_other"}, "works for another merchant only"),
        ({"vehicle": Vehicle(kind=VehicleKind.CAR, max_weight_g=100, max_volume_l=200)}, "too heavy for the vehicle"),
    ],
)
def test_what_a_driver_can_not_take_is_given_to_them_by_nobodys_hand(whose, why):
    city = City.open()
    unable, order = city.driver(**whose), city.order()
    with pytest.raises(Conflict, match=f"can't take it: .*{why}") as refused:
        assignment.assign_by_hand(order.id, unable.id, "staff", city.clock)
    assert refused.value.code == "driver_cannot_take_it"
    assert assignment.assign_by_hand(order.id, city.driver().id, "staff", city.clock).state is State.ASSIGNED
