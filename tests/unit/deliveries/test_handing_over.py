"""A driver from whom the platform takes a delivery is owed the part that they did, once."""

from datetime import timedelta
from decimal import ROUND_CEILING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.closing import settles_on, settling_events
from crowdship.deliveries.handing_over import share_of
from crowdship.deliveries.states import CorrectionReason, FailureReason, State
from crowdship.kernel.money import Money
from crowdship.pay_floors.reading import tenures_of
from crowdship.pricing.model import WAIT, Outcome, due_of, settle_price
from crowdship.pricing.terms import CancellationTerms, CancelReason, Shares, Stage, StageShares
from crowdship.pricing.waiting import WaitTerms
from crowdship.settlement.causes import posting_for
from crowdship.settlement.ledger import PostingKind
from crowdship.shipment.stop_kind import StopKind
from tests.city import NOON, at, delivery

MINUTE = timedelta(minutes=1)
PAY = delivery().price.pay_total.amount


def minute(number):
    return NOON + number * MINUTE


def assigned(**fields):
    return delivery(**fields).assign("drv_1", NOON, "drv_1", None)


def on_the_way(**fields):
    return assigned(**fields).depart(StopKind.PICKUP, minute(1))


def at_the_shop(**fields):
    return on_the_way(**fields).arrive(StopKind.PICKUP, minute(5))


def on_board(**fields):
    return at_the_shop(**fields).pick_up(minute(7)).depart(StopKind.DROPOFF, minute(8))


def ended(life, by="drv_2"):
    """Return a delivery that its present driver fetches and delivers."""
    assert life.driver_id == by
    fetched = life.depart(StopKind.PICKUP, minute(40)).arrive(StopKind.PICKUP, minute(41)).pick_up(minute(42))
    return fetched.depart(StopKind.DROPOFF, minute(43)).arrive(StopKind.DROPOFF, minute(50)).deliver(minute(51))


def earned(life, driver_id, events=None):
    """Return the minor units that the postings of a delivery's events, each booked once, owe a driver."""
    postings = {posting.id: posting for event in events or life.events if (posting := posting_for(event))}
    account = f"driver:{driver_id}:payable"
    return -sum(e.signed for posting in postings.values() for e in posting.entries if e.account == account)


def test_who_had_not_set_out_did_nothing_that_is_owed():
    moved = assigned().reassign("drv_2", minute(2), "ana", "moved_by_hand", None)
    assert moved.hand_overs[0].pay == ()
    assert [event.type for event in moved.events][-1] == "delivery.reassigned"
    assert "delivery.handed_over" not in {event.type for event in moved.events}
    assert settles_on(moved) is None


@pytest.mark.parametrize(("before", "percent"), [(on_the_way, 25), (at_the_shop, 50)])
def test_before_the_pickup_the_share_is_that_of_a_delivery_which_the_platform_calls_off(before, percent):
    moved = before().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    made = moved.hand_overs[0]
    assert (made.driver_id, made.percent, made.since) == ("drv_1", percent, NOON)
    assert PAY * percent / 100 <= earned(moved, "drv_1") < PAY * percent / 100 + 3, "each part is rounded up"


@pytest.mark.parametrize(("where", "percent"), [(at(0), 50), (at(1000), 75), (at(2000), 100), (at(-900), 50)])
def test_with_goods_on_board_the_way_that_was_covered_counts(where, percent):
    moved = on_board().transfer("drv_2", where, minute(20), "ana", None)
    assert moved.hand_overs[0].percent == percent


def test_the_second_driver_gets_the_whole_pay_and_the_merchant_is_charged_once():
    life = ended(on_board().transfer("drv_2", at(1000), minute(20), "ana", None))
    assert earned(life, "drv_2") == PAY + life.price.tip.amount
    assert earned(life, "drv_1") >= PAY * 0.75
    postings = [posting for event in life.events if (posting := posting_for(event))]
    assert [posting.kind for posting in postings] == [PostingKind.HAND_OVER, PostingKind.DELIVERY]
    charged = [e.signed for posting in postings for e in posting.entries if e.account == "merchant:mer_1:receivable"]
    assert sum(charged) == life.price.charge_total.amount + life.price.tip.amount


def test_a_driver_who_gives_it_back_is_owed_nothing():
    back = at_the_shop().unassign(minute(9))
    assert back.hand_overs == ()
    assert earned(back, "drv_1") == 0


def test_a_driver_who_is_relieved_by_staff_is_owed_the_part():
    back = at_the_shop().reopen(minute(9), "driver_relieved", actor="ana")
    assert back.driver_id is None
    assert earned(back, "drv_1") > 0
    assert settles_on(back) == NOON.date()


def test_the_same_driver_is_paid_for_one_hand_over_of_a_delivery():
    there = on_the_way().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    back = there.depart(StopKind.PICKUP, minute(10)).reassign("drv_1", minute(11), "ana", "moved_by_hand", None)
    again = back.depart(StopKind.PICKUP, minute(12)).reassign("drv_3", minute(13), "ana", "moved_by_hand", None)
    assert [(made.driver_id, bool(made.pay)) for made in again.hand_overs] == [
        ("drv_1", True),
        ("drv_2", True),
        ("drv_1", False),
    ]


def test_a_driver_who_gets_it_again_and_ends_it_is_paid_for_it_once():
    there = at_the_shop().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    life = ended(there.reassign("drv_1", minute(11), "ana", "moved_by_hand", None), by="drv_1")
    assert life.hand_overs[0].pay
    assert earned(life, "drv_1") == PAY + life.price.tip.amount
    assert earned(life, "drv_1", settling_events(life)) == earned(life, "drv_1")
    kinds = [posting.kind for event in life.events if (posting := posting_for(event))]
    assert kinds == [PostingKind.HAND_OVER, PostingKind.DELIVERY]


def test_a_driver_who_has_it_again_and_comes_farther_is_owed_the_rest_of_the_larger_part():
    there = on_the_way().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    back = there.reassign("drv_1", minute(11), "ana", "moved_by_hand", None)
    at_shop = back.depart(StopKind.PICKUP, minute(12)).arrive(StopKind.PICKUP, minute(13))
    again = at_shop.reassign("drv_3", minute(14), "ana", "moved_by_hand", None)
    once = at_the_shop().reassign("drv_3", minute(14), "ana", "moved_by_hand", None)
    assert earned(again, "drv_1") == earned(once, "drv_1") > earned(there, "drv_1")


def test_each_wait_is_paid_though_the_rest_was_paid_before():
    terms = WaitTerms(pay_per_minute=20, grace_minutes=0)
    there = at_the_shop(wait=terms).reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    life = ended(there.reassign("drv_1", minute(11), "ana", "moved_by_hand", None), by="drv_1")
    first, second, door = 4 * 20, 1 * 20, 1 * 20
    assert earned(life, "drv_1") == PAY + life.price.tip.amount + first + second + door


def test_who_was_paid_before_and_is_due_no_more_for_its_end_pays_nothing_back():
    there = at_the_shop().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    back = there.reassign("drv_1", minute(11), "ana", "moved_by_hand", None).depart(StopKind.PICKUP, minute(12))
    called_off = back.cancel("mer_1", CancelReason.OTHER, minute(13))
    assert called_off.cancellation.shares.pay == 25
    assert earned(called_off, "drv_1") == earned(there, "drv_1")


def test_the_floor_is_compared_with_what_a_driver_was_paid_in_all():
    there = at_the_shop().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    life = ended(there.reassign("drv_1", minute(11), "ana", "moved_by_hand", None), by="drv_1")
    mine = [tenure.pay.amount for tenure in tenures_of(life) if tenure.driver_id == "drv_1"]
    assert len(mine) == 2
    assert sum(mine) == PAY


def test_an_end_that_is_taken_back_takes_back_what_it_paid():
    there = at_the_shop().reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    life = ended(there.reassign("drv_1", minute(11), "ana", "moved_by_hand", None), by="drv_1")
    assert earned(life.correct(CorrectionReason.PRESSED_BY_MISTAKE, minute(52)), "drv_1") == earned(there, "drv_1")


DRIVERS = ("drv_1", "drv_2", "drv_3")


@given(
    st.lists(st.tuples(st.sampled_from(DRIVERS), st.integers(0, 2), st.booleans()), max_size=6),
    st.sampled_from(DRIVERS),
    st.sampled_from(("delivered", "returned", "called off")),
)
def test_a_driver_is_owed_the_most_that_they_did_of_a_delivery_and_never_more(moves, last, end):
    life, most = assigned(), dict.fromkeys(DRIVERS, 0)
    whole = life.price.pay
    for number, (driver, steps, is_searched) in enumerate(moves):
        now = minute(3 * number)
        if life.driver_id == driver:
            continue
        if steps > 0 and life.state is State.ASSIGNED:
            life = life.depart(StopKind.PICKUP, now)
        if steps > 1 and life.state is State.EN_ROUTE_TO_PICKUP:
            life = life.arrive(StopKind.PICKUP, now)
        share = {State.ASSIGNED: 0, State.EN_ROUTE_TO_PICKUP: 25, State.ARRIVED_AT_PICKUP: 50}[life.state]
        due = sum(part.amount.amount for part in due_of(whole, share, ROUND_CEILING))
        most[life.driver_id] = max(most[life.driver_id], due)
        if is_searched:
            life = life.reopen(now, "driver_relieved", actor="ana").assign(driver, now, driver, None)
        else:
            life = life.reassign(driver, now, "ana", "moved_by_hand", None)
    if life.driver_id != last:
        life = life.reassign(last, minute(39), "ana", "moved_by_hand", None)
    if life.state is State.ASSIGNED:
        life = life.depart(StopKind.PICKUP, minute(40))
    if end == "called off":
        life = life.cancel("mer_1", CancelReason.OTHER, minute(41))
        price = settle_price(life.price.undivided, Outcome.CANCELLED_ON_THE_WAY, life.cancellation.shares)
    else:
        if life.state is State.EN_ROUTE_TO_PICKUP:
            life = life.arrive(StopKind.PICKUP, minute(41))
        life = life.pick_up(minute(42)).depart(StopKind.DROPOFF, minute(43)).arrive(StopKind.DROPOFF, minute(50))
        if end == "delivered":
            life, price = life.deliver(minute(51)), life.price
        else:
            life = life.fail(FailureReason.CUSTOMER_REFUSED, None, minute(51)).return_goods(minute(60))
            price = settle_price(life.price.undivided, Outcome.RETURNED)
    tip = life.price.tip.amount if end == "delivered" else 0
    most[last] = max(most[last], price.undivided.pay_total.amount)
    for driver in DRIVERS:
        assert earned(life, driver) == most[driver] + (tip if driver == last else 0)
        assert earned(life, driver) == earned(life, driver, settling_events(life))
    assert posted_zero(life)


def posted_zero(life):
    postings = [posting for event in life.events if (posting := posting_for(event))]
    return all(sum(e.signed for e in posting.entries) == 0 for posting in postings)


def test_waiting_at_the_shop_is_paid_with_the_hand_over():
    terms = WaitTerms(pay_per_minute=20, grace_minutes=5)
    moved = at_the_shop(wait=terms).reassign("drv_2", minute(20), "ana", "moved_by_hand", None)
    assert {part.code: part.amount for part in moved.hand_overs[0].pay}[WAIT] == Money(amount=200, currency="USD")
    assert earned(ended(moved), "drv_2") == PAY + moved.price.tip.amount


def test_a_zone_may_give_another_share():
    terms = CancellationTerms(platform=StageShares(en_route_to_pickup=Shares(charge=0, pay=40)))
    moved = on_the_way(terms=terms).reassign("drv_2", minute(9), "ana", "moved_by_hand", None)
    assert moved.hand_overs[0].percent == 40


def test_a_lost_event_of_a_hand_over_is_made_up_for():
    life = ended(on_board().transfer("drv_2", at(1000), minute(20), "ana", None))
    assert earned(life, "drv_1", settling_events(life)) == earned(life, "drv_1") > 0


@given(st.sampled_from([*Stage]), st.integers(0, 100), st.integers(0, 100), st.floats(0, 1), st.floats(0, 1))
def test_the_share_is_a_percentage_and_never_falls_with_the_way(stage, at_pickup, whole, one, other):
    terms = StageShares(at_pickup=Shares(charge=0, pay=at_pickup), on_board=Shares(charge=0, pay=whole))
    less, more = (share_of(terms, stage, part) for part in sorted((one, other)))
    assert 0 <= less <= more <= 100
