"""Wait pay: what counts of a wait at a door, who earns it and who is charged."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.states import CorrectionReason, FailureReason, State
from crowdship.kernel.money import Money
from crowdship.pricing.model import WAIT, Outcome, settle_price
from crowdship.pricing.terms import CancelReason, Shares
from crowdship.pricing.waiting import WaitTerms, with_waits
from crowdship.settlement.causes import posting_for
from crowdship.shipment.stop_kind import StopKind
from tests.city import NOON, at, delivery

TERMS = WaitTerms(pay_per_minute=20, charge_per_minute=30, grace_minutes=5, most_minutes=30)
MINUTE = timedelta(minutes=1)
LEAD = timedelta(hours=1)


def minute(number):
    return NOON + number * MINUTE


def wait_of(parts):
    """Return the minor units of the part for waiting; 0 if there is none."""
    return sum(part.amount.amount for part in parts if part.code == WAIT)


def waits(life):
    return wait_of(life.price.pay), wait_of(life.price.charge)


def at_the_shop(arrived=10, **fields):
    """Return a delivery whose driver has come to the shop at some minute; the goods are promised at minute 0."""
    given = delivery(wait=TERMS, **fields).assign("drv_1", NOON, "drv_1", None)
    return given.depart(StopKind.PICKUP, minute(1)).arrive(StopKind.PICKUP, minute(arrived))


def at_the_door(picked_up=12, arrived=20):
    fetched = at_the_shop().pick_up(minute(picked_up))
    return fetched.depart(StopKind.DROPOFF, minute(picked_up)).arrive(StopKind.DROPOFF, minute(arrived))


@pytest.mark.parametrize(("picked_up", "pay", "charge"), [(15, 0, 0), (16, 20, 30), (25, 200, 300), (90, 600, 900)])
def test_a_wait_at_the_shop_is_paid_and_charged_beyond_the_grace_and_up_to_the_most(picked_up, pay, charge):
    assert waits(at_the_shop().pick_up(minute(picked_up))) == (pay, charge)


def test_a_wait_at_the_customers_is_paid_and_not_charged():
    assert waits(at_the_door().deliver(minute(35))) == (200, 0)


def test_parts_of_a_minute_are_paid_rounded_up():
    left = minute(16) + timedelta(seconds=1)
    assert waits(at_the_shop().pick_up(left)) == (21, 30)


def test_who_comes_early_waits_from_the_promised_moment_on():
    window = delivery().pickup_window.model_copy(update={"opens_at": minute(10)})
    assert waits(at_the_shop(arrived=2, pickup_window=window).pick_up(minute(17))) == (40, 60)


def test_goods_that_are_ready_later_than_the_driver_was_told_are_waited_for():
    later = at_the_shop(arrived=2).announce_ready(minute(20), minute(3), LEAD, LEAD, "mer_1")
    assert waits(later.pick_up(minute(20))) == (260, 390)


def test_goods_that_are_ready_earlier_are_waited_for_from_then_on():
    window = delivery().pickup_window.model_copy(update={"opens_at": minute(30)})
    told = delivery(wait=TERMS, pickup_window=window).assign("drv_1", NOON, "drv_1", None)
    earlier = told.announce_ready(minute(5), minute(1), LEAD, LEAD, "mer_1")
    there = earlier.depart(StopKind.PICKUP, minute(1)).arrive(StopKind.PICKUP, minute(6))
    assert waits(there.pick_up(minute(16))) == (100, 150)


def test_a_driver_who_was_given_it_late_is_held_to_the_moment_of_their_own_plan():
    window = delivery().pickup_window.model_copy(update={"opens_at": minute(10)})
    later = delivery(wait=TERMS, pickup_window=window).announce_ready(minute(20), NOON, LEAD, LEAD, "mer_1")
    given_to = later.assign("drv_1", minute(1), "drv_1", None).depart(StopKind.PICKUP, minute(2))
    assert waits(given_to.arrive(StopKind.PICKUP, minute(15)).pick_up(minute(26))) == (20, 30)


def test_a_shop_that_is_closed_after_all_is_charged_for_the_wait_whole():
    failed = at_the_shop().fail(FailureReason.PICKUP_CLOSED, delivery().pickup, minute(25))
    due = settle_price(failed.price, Outcome.FAILED_AT_PICKUP)
    assert (wait_of(due.pay), wait_of(due.charge)) == (200, 300)
    assert sum(part.amount.amount for part in due.pay if part.code == "base") == 163, "half of the base"


def test_the_fee_of_a_cancellation_has_the_wait_in_it_before_and_after():
    waiting = at_the_shop()
    told = waiting.if_cancelled(CancelReason.OUT_OF_STOCK, minute(25))
    gone = waiting.cancel("mer_1", CancelReason.OUT_OF_STOCK, minute(25))
    assert gone.cancellation == told
    without = delivery().assign("drv_1", NOON, "drv_1", None).depart(StopKind.PICKUP, minute(1))
    usual = without.arrive(StopKind.PICKUP, minute(10)).if_cancelled(CancelReason.OUT_OF_STOCK, minute(25))
    assert told.fee == usual.fee + Money(amount=300, currency="USD")


def test_where_nothing_is_due_no_wait_is_due_either():
    priced = at_the_shop().pick_up(minute(25)).price
    due = settle_price(priced, Outcome.CANCELLED_AT_PICKUP, Shares(charge=0, pay=100))
    assert (wait_of(due.charge), wait_of(due.pay)) == (0, 200)


def test_the_way_back_does_not_pay_the_wait_again():
    back = at_the_door(picked_up=25).fail(FailureReason.CUSTOMER_ABSENT, delivery().dropoff, minute(40))
    due = settle_price(back.return_goods(minute(60)).price, Outcome.RETURNED)
    assert (wait_of(due.pay), wait_of(due.charge)) == (200 + 300, 300)
    assert not [part for part in due.pay if part.code == f"return_{WAIT}"]


def test_an_ending_that_is_taken_back_takes_its_wait_back_and_the_next_one_counts_anew():
    delivered = at_the_door().deliver(minute(35))
    corrected = delivered.correct(CorrectionReason.PRESSED_BY_MISTAKE, minute(36))
    again = corrected.deliver(minute(45))
    assert (waits(delivered), waits(again)) == ((200, 0), (400, 0))
    postings = [posting for event in again.events if (posting := posting_for(event))]
    balance = {}
    for entry in (entry for posting in postings for entry in posting.entries):
        balance[entry.account, entry.code] = balance.get((entry.account, entry.code), 0) + entry.signed
    assert balance["driver:drv_1:payable", WAIT] == -400


def test_who_gives_it_back_is_not_paid_for_waiting_and_the_shop_is_not_charged():
    back = at_the_shop().unassign(minute(40))
    assert (back.state, waits(back)) == (State.CREATED, (0, 0))
    again = back.assign("drv_2", minute(41), "drv_2", None).depart(StopKind.PICKUP, minute(42))
    assert waits(again.arrive(StopKind.PICKUP, minute(50)).pick_up(minute(56))) == (20, 30)


def test_the_posting_has_the_same_figures_as_the_delivery():
    ended = at_the_door(picked_up=25, arrived=26).deliver(minute(27))
    entries = {(entry.account, entry.code): entry.signed for entry in posting_for(ended.events[-1]).entries}
    assert entries["driver:drv_1:payable", WAIT] == -wait_of(ended.price.pay) == -200
    assert entries["merchant:mer_1:receivable", WAIT] == wait_of(ended.price.charge) == 300


def test_a_zone_that_pays_no_waiting_leaves_prices_alone():
    plain = delivery().assign("drv_1", NOON, "drv_1", None).depart(StopKind.PICKUP, NOON)
    assert plain.arrive(StopKind.PICKUP, NOON).pick_up(minute(90)).price == plain.price


@given(
    arrived=st.integers(0, 6000),
    waited=st.integers(0, 30_000),
    more=st.integers(0, 30_000),
    promised=st.integers(-3000, 9000),
    grace=st.integers(0, 60),
    most=st.integers(0, 120),
)
def test_more_waiting_never_counts_less_and_a_wait_never_counts_more_than_it_lasted(
    arrived, waited, more, promised, grace, most
):
    terms = WaitTerms(pay_per_minute=1, grace_minutes=grace, most_minutes=most)
    came, second = NOON + timedelta(seconds=arrived), timedelta(seconds=1)
    ready = NOON + timedelta(seconds=promised)
    counted = terms.counted(came, came + waited * second, ready)
    assert timedelta() <= counted <= min(waited * second, most * MINUTE)
    assert counted <= terms.counted(came, came + (waited + more) * second, ready)
    assert counted <= terms.counted(came, came + waited * second)
    assert terms.counted(came, came + waited * second, ready + more * second) <= counted


@given(st.lists(st.integers(0, 36_000), max_size=4), st.integers(0, 500), st.integers(0, 500))
def test_a_price_with_waits_has_one_part_for_them_whichever_it_had_before(seconds, pay, charge):
    terms = WaitTerms(pay_per_minute=pay, charge_per_minute=charge)
    waited = [timedelta(seconds=number) for number in seconds]
    price = delivery().price
    once = with_waits(price, terms, waited, waited)
    assert with_waits(with_waits(price, terms, waited[:1], waited), terms, waited, waited) == once
    assert once.agreed == price
    exact = sum(seconds) * pay
    assert exact / 60 <= wait_of(once.pay) < exact / 60 + 1
    assert abs(wait_of(once.charge) - sum(seconds) * charge / 60) <= 0.5


def test_goods_on_another_vehicle_are_no_wait_at_the_shop():
    moved = at_the_shop().pick_up(minute(25)).transfer("drv_2", at(900), minute(30), "ana", None)
    there = moved.depart(StopKind.PICKUP, minute(31)).arrive(StopKind.PICKUP, minute(35)).pick_up(minute(59))
    assert waits(there) == (0, 300), "the first driver is paid with the hand-over, the shop is charged once"
    assert wait_of(there.hand_overs[0].pay) == 200
