"""Goods on board change hands: who has them, what may happen meanwhile, and who is paid."""

from datetime import timedelta

import pytest

from crowdship.deliveries.editing import Editable, refuse_late
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import FailureReason, State
from crowdship.kernel.errors import Conflict
from crowdship.pricing.terms import CancelReason
from crowdship.routes.stops import stops_of
from crowdship.shipment.stop_kind import StopKind
from crowdship.zones.model import TravelRules
from tests.city import NOON, at, delivery

ASIDE = at(900)
RULES = TravelRules()


def on_board():
    assigned = delivery().assign("drv_old", NOON, "dispatch", None)
    return assigned.depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, NOON).pick_up(NOON)


def handed_on(before=None):
    return (before or on_board()).transfer("drv_new", ASIDE, NOON, "ana", None)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_goods_on_board_are_fetched_by_the_new_driver_where_they_are(steps):
    before = on_board()
    for step in (lambda d: d.depart(StopKind.DROPOFF, NOON), lambda d: d.arrive(StopKind.DROPOFF, NOON))[:steps]:
        before = step(before)
    after = handed_on(before)
    assert (after.state, after.driver_id, after.transfer_point) == (State.ASSIGNED, "drv_new", ASIDE)
    told = after.events[-1]
    assert (told.type, told.data["reason"]) == ("delivery.reassigned", "transferred")
    assert told.data["previous_driver_id"] == "drv_old"
    pickup, dropoff = stops_of(after, RULES)
    assert (pickup.kind, pickup.point, dropoff.point) == (StopKind.PICKUP, ASIDE, after.dropoff)
    assert pickup.closes_at == after.dropoff_window.closes_at, "the shop's window says nothing of it"


def test_once_fetched_they_are_on_board_as_if_they_came_from_the_shop():
    fetched = handed_on().depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, NOON).pick_up(NOON)
    assert (fetched.state, fetched.transfer_point, fetched.was_transferred) == (State.PICKED_UP, None, True)
    brought = fetched.depart(StopKind.DROPOFF, NOON).arrive(StopKind.DROPOFF, NOON).deliver(NOON)
    assert brought.driver_id == "drv_new", "who brings it is who is paid"
    back = fetched.cancel("mer_1", CancelReason.OTHER, NOON)
    assert (back.state, [stop.point for stop in stops_of(back, RULES)]) == (State.RETURNING, [back.pickup])


def test_the_customer_is_told_of_the_new_driver_nearby_again():
    near = on_board().depart(StopKind.DROPOFF, NOON).approach(NOON)
    again = handed_on(near).depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, NOON).pick_up(NOON)
    again = again.depart(StopKind.DROPOFF, NOON)
    assert again.approach(NOON + timedelta(minutes=5)).approaching_at == NOON + timedelta(minutes=5)


def test_until_they_are_fetched_nothing_may_happen_that_needs_them_at_the_shop():
    waiting = handed_on()
    at_point = waiting.depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, NOON)
    lead = timedelta(minutes=5)
    for deed in (
        lambda: waiting.cancel("mer_1", CancelReason.OTHER, NOON),
        lambda: waiting.unassign(NOON),
        lambda: waiting.reopen(NOON, "driver_relieved"),
        lambda: at_point.fail(FailureReason.GOODS_NOT_FOUND, ASIDE, NOON),
        lambda: waiting.announce_ready(NOON + lead, NOON, lead, lead, "mer_1"),
        lambda: refuse_late(waiting, frozenset({Editable.POINT})),
    ):
        with pytest.raises(Conflict):
            deed()
    refuse_late(waiting, frozenset({Editable.NOTES}))
    assert waiting.if_cancelled(CancelReason.OTHER, NOON) is None


def test_they_may_be_moved_on_to_a_third_driver_and_stay_where_they_are():
    third = handed_on().reassign("drv_third", NOON, "ana", "moved_by_hand", None)
    assert (third.driver_id, third.transfer_point, third.has_left_shop) == ("drv_third", ASIDE, True)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_staff_note_goods_that_got_lost_between_two_drivers_and_nobody_pays(steps):
    waiting = handed_on()
    for step in (lambda d: d.depart(StopKind.PICKUP, NOON), lambda d: d.arrive(StopKind.PICKUP, NOON))[:steps]:
        waiting = step(waiting)
    lost = waiting.fail_by_hand(FailureReason.GOODS_LOST, NOON, "ana")
    assert lost.state is State.FAILED
    assert outcome(waiting.state, lost.state, FailureReason.GOODS_LOST) is None


def test_what_was_never_on_board_can_not_be_handed_on_nor_lost():
    assigned = delivery().assign("drv_old", NOON, "dispatch", None)
    with pytest.raises(Conflict, match="only goods on board"):
        assigned.transfer("drv_new", ASIDE, NOON, "ana", None)
    with pytest.raises(Conflict, match="reassign it to another driver"):
        assigned.fail_by_hand(FailureReason.GOODS_LOST, NOON, "ana")


def test_what_goes_back_to_the_shop_stays_with_its_driver():
    with pytest.raises(Conflict, match="can't become assigned"):
        handed_on(on_board().cancel("mer_1", CancelReason.OTHER, NOON))
