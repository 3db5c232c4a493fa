"""Raises of offers: for want of takers, up to the law's least pay, and the same figure wherever it is shown."""

from datetime import timedelta

import pytest

from crowdship.deliveries.handing_over import paid_before
from crowdship.dispatch.offers.model import Candidate, Offer
from crowdship.dispatch.offers.raises import raised
from crowdship.dispatch.offers.trips import Trip
from crowdship.dispatch.offers.views import OfferView
from crowdship.dispatch.scoring import offered_pay, score
from crowdship.pricing.model import RateCard, price_trip
from crowdship.shipment.stop_kind import StopKind
from tests.city import NOON, at, delivery, settings
from tests.unit.dispatch.test_planning import TRAVEL, free

RULES = {"raise_percent": 50, "raise_most": 1000, "seconds": 120}
SEATTLE = ("US", "US-WA", "US-WA-seattle")


def candidate(chance=0.4, growth_s=900.0, driver_id="drv_1"):
    return Candidate(driver_id=driver_id, score=1.0, parts={"route_growth": growth_s}, acceptance=chance)


def offered(*deliveries, candidates=None, now=NOON, **rules):
    given = candidates or [candidate()]
    entries = {each.driver_id: free(each.driver_id, at(3000, 0)) for each in given}
    return raised(deliveries, given, entries, settings(offers={**RULES, **rules}), TRAVEL, now)


def late(name="dlv_1", **fields):
    """Return a delivery for which one more offer fits into the time that is left."""
    return delivery(name, search_until=NOON + timedelta(minutes=3), **fields)


def test_nothing_is_raised_where_a_zone_has_no_raises():
    (same,), _ = offered(late(), raise_percent=0)
    assert same == late()


def test_nothing_is_raised_while_there_is_time():
    ((same,), candidates) = offered(delivery(), candidates=[candidate(0.7)])
    assert same.price.raised == 0
    assert candidates[0].acceptance == 0.7


def test_a_delivery_that_runs_out_of_time_is_raised_up_to_the_zone_s_limit():
    (paid,), candidates = offered(late())
    priced = late().price.pay_total.amount
    assert paid.price.raised == priced // 2
    assert candidates[0].acceptance > 0.4
    (bounded,), _ = offered(late(), raise_most=30)
    assert bounded.price.raised == 30


def test_a_raise_stays_and_the_next_one_is_counted_from_the_priced_pay():
    (first,), _ = offered(late(), raise_percent=20)
    (again,), _ = offered(first, raise_percent=20)
    assert again.price.raised == first.price.raised > 0
    (more,), _ = offered(first, raise_percent=40)
    assert more.price.raised == late().price.pay_total.amount * 40 // 100


def test_the_offer_shows_the_raise_that_its_deliveries_keep():
    paid, _ = offered(late("dlv_1"), late("dlv_2"))
    parts = {part.code: part.amount.amount for part in offered_pay(paid).parts}
    assert parts["raise"] == sum(each.price.raised for each in paid)
    assert all(each.price.charge == late().price.charge for each in paid)


def test_refusals_raise_the_pay():
    amounts = []
    for refused in (0, 1, 2):
        waiting = late(declined_by=tuple(f"drv_{number}" for number in range(refused)), unanswered_by={})
        (paid,), _ = offered(waiting, candidates=[candidate(0.84)], fill_probability=0.8)
        amounts.append(paid.price.raised)
    assert amounts == sorted(set(amounts))


@pytest.mark.parametrize("tip", [0, 300, 1500, 20_000])
def test_a_tip_of_any_size_moves_no_raise(tip):
    far = late(dropoff=at(6000, 0))
    waiting = far.with_changes(price=far.price.with_tip(tip))
    driver = free("drv_1", at(3000, 0))
    scored = score(driver, [waiting], settings(offers=RULES), TRAVEL, NOON)
    (paid,), _ = offered(waiting, candidates=[scored], fill_probability=0.7)
    plain = score(driver, [far.with_changes(price=far.price.with_tip(0))], settings(offers=RULES), TRAVEL, NOON)
    (without,), _ = offered(far.with_changes(price=far.price.with_tip(0)), candidates=[plain], fill_probability=0.7)
    assert 0 < without.price.raised < far.price.pay_total.amount // 2
    # Chances are kept with three digits.
    assert paid.price.raised == pytest.approx(without.price.raised, abs=15)


def test_the_law_s_least_pay_of_an_offer_counts_where_it_is_picked_up_whatever_the_zone_says():
    there = delivery(pickup_law=SEATTLE)
    (paid,), _ = offered(there, candidates=[candidate(0.8, growth_s=3600.0)], raise_percent=0)
    # 64 minutes at 0.45 USD and 3.1 miles at 0.77 USD, as that year's rows of law have it, are more than the pay.
    assert paid.price.pay_total.amount > there.price.pay_total.amount
    (tipped,), _ = offered(
        there.with_changes(price=there.price.with_tip(5000)),
        candidates=[candidate(0.8, growth_s=3600.0)],
        raise_percent=0,
    )
    assert tipped.price.pay_total == paid.price.pay_total


def test_the_farthest_of_the_drivers_who_are_asked_decides_the_law_s_least_pay():
    there = delivery(pickup_law=SEATTLE)
    near, far = candidate(0.8, growth_s=600.0), candidate(0.8, growth_s=3600.0, driver_id="drv_2")
    both, _ = offered(there, candidates=[near, far], raise_percent=0)
    alone, _ = offered(there, candidates=[far], raise_percent=0)
    assert both == alone


def test_what_a_driver_was_paid_before_for_the_delivery_counts_for_no_least_pay_of_its_next_offer():
    new = delivery(pickup_law=SEATTLE)
    taken = new.assign("drv_1", NOON, "drv_1", None).depart(StopKind.PICKUP, NOON)
    again = taken.reopen(NOON, "driver_relieved", actor="ana")
    before = paid_before(again.hand_overs, "drv_1")
    asked = [candidate(0.8, growth_s=3600.0)]
    (first,), _ = offered(new, candidates=asked, raise_percent=0)
    (second,), _ = offered(again, candidates=asked, raise_percent=0)
    assert second.price.raised == first.price.raised + before > before > 0


def cheaper_since():
    """Return a delivery of which a driver was paid more than it pays now: its drop-off was moved since."""
    taken = delivery(pickup_law=SEATTLE).assign("drv_1", NOON, "drv_1", None).depart(StopKind.PICKUP, NOON)
    again = taken.arrive(StopKind.PICKUP, NOON).reopen(NOON, "driver_relieved", actor="ana")
    small = price_trip(RateCard(pay_base=10, pay_per_km=0, pay_per_minute=0), 100, 60)
    return again.with_changes(price=small)


def test_what_was_paid_before_takes_nothing_from_the_other_deliveries_of_an_offer():
    known, other = cheaper_since(), delivery("dlv_2", pickup_law=SEATTLE)
    assert paid_before(known.hand_overs, "drv_1") > known.price.pay_total.amount
    times = {"made_at": NOON, "expires_at": NOON, "first_created_at": NOON}
    about = {"id": "ofr_1", "zone_id": "testville", "policy": "directed", "candidates": (candidate(),)}
    offer = Offer.make(**about, **times, delivery_ids=("dlv_1", "dlv_2"), pay=offered_pay((known, other)))
    found = {each.id: each for each in (known, other)}
    view = OfferView.of(offer, "drv_1", found, Trip(distance_m=0, duration_s=0), ())
    assert view.pay_total - view.tip == other.price.pay_total


@pytest.mark.parametrize("codes", [("US", "US-IL"), ()])
def test_elsewhere_no_law_sets_a_least_pay_of_an_offer(codes):
    (same,), _ = offered(delivery(pickup_law=codes), raise_percent=0)
    assert same.price.raised == 0
