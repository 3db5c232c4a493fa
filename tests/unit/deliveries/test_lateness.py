"""What takes too long is free for the merchant only if the platform is late against a promise that could be kept."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.lateness import Way, due_at, is_late
from crowdship.deliveries.model import Delivery
from crowdship.pricing.terms import CancelReason, Fault
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from tests.city import NOON, delivery

LEAD = timedelta(hours=1)
MINUTES = st.integers(0, 600)


def after(minutes: float):
    return NOON + timedelta(minutes=minutes)


def order(opens: float, closes: float, way: Way, asked: float = 0) -> Delivery:
    ends = after(closes)
    return delivery(
        pickup_window=Window(opens_at=after(opens), closes_at=after(opens + 600)),
        dropoff_window=Window(opens_at=after(min(opens, closes - 1)), closes_at=ends),
        way=way,
        due_at=due_at(ends, after(opens), way, after(asked)),
    )


def fault(of: Delivery, expected: float) -> Fault:
    return of.if_cancelled(CancelReason.TAKES_TOO_LONG, NOON, after(expected)).fault


@given(MINUTES, st.integers(1, 1200), st.integers(0, 10), MINUTES, MINUTES)
def test_who_is_brought_it_as_soon_as_the_way_allows_never_cancels_for_nothing(opens, closes, stay, travel, asked):
    way = Way(stay_s=stay * 60, travel_s=travel * 60)
    it = order(opens, closes, way, asked).assign("drv_1", NOON, "x", None)
    soonest = max(opens, asked) + stay + travel
    assert fault(it, soonest) is Fault.MERCHANT
    assert fault(it, min(soonest, closes)) is Fault.MERCHANT
    assert fault(it, max(soonest, closes) + 1) is Fault.PLATFORM


@given(st.integers(1, 600), MINUTES, MINUTES, st.integers(0, 10))
def test_a_merchant_whose_goods_are_ready_later_pays_for_what_that_costs(closes, ready, travel, stay):
    way = Way(stay_s=stay * 60, travel_s=travel * 60)
    it = order(0, closes, way).assign("drv_1", NOON, "x", None)
    if ready >= closes:
        return
    it = it.announce_ready(after(ready), NOON, LEAD, LEAD, "mer_1")
    assert fault(it, ready + stay + travel) is Fault.MERCHANT


@given(st.integers(0, 120), st.integers(0, 240), st.integers(0, 10), st.integers(0, 60), st.booleans())
def test_a_driver_who_waits_at_the_counter_is_not_late_by_that(came, waits, stay, travel, fetched):
    """The driver comes in time for the promise; whatever the shop takes beyond the usual stay is the shop's."""
    way = Way(stay_s=stay * 60, travel_s=travel * 60)
    it = order(0, came + stay + travel, way).assign("drv_1", NOON, "x", None)
    it = it.depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, after(came))
    if fetched:
        it = it.pick_up(after(came + waits))
    expected = came + max(waits, stay) + travel
    assert fault(it, expected) is Fault.MERCHANT
    if fetched:
        assert fault(it, expected + 1) is Fault.PLATFORM


def test_a_driver_who_comes_late_is_late_whatever_the_shop_does_then():
    it = order(0, 60, Way(stay_s=120, travel_s=600)).assign("drv_1", NOON, "x", None)
    it = it.depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, after(70))
    assert fault(it, 82) is Fault.PLATFORM
    assert fault(it.pick_up(after(90)), 100) is Fault.PLATFORM


def test_what_nobody_is_expected_with_is_not_late():
    assert not is_late(order(0, 60, Way()), None)
