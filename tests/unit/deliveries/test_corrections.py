"""A driver takes back an ending that they stated too early."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.delivery.corrections import CORRECTABLE_FOR
from crowdship.deliveries.holds import Doubt, Ground, Verdict
from crowdship.deliveries.states import CompletionReason, CorrectionReason, FailureReason, State
from crowdship.kernel.errors import Conflict
from crowdship.kernel.money import Money
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.page.views import TrackedStep, was_left_at_door
from tests.city import NOON, delivery

MISTAKE = CorrectionReason.PRESSED_BY_MISTAKE
ENDED = NOON + timedelta(minutes=20)


def at_the_shop(**fields):
    taken = delivery(**fields).assign("drv_1", NOON, "drv_1", None)
    return taken.depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, NOON + timedelta(minutes=5))


def at_the_door(**fields):
    fetched = at_the_shop(**fields).pick_up(NOON + timedelta(minutes=6))
    left = fetched.depart(StopKind.DROPOFF, NOON + timedelta(minutes=7))
    return left.arrive(StopKind.DROPOFF, ENDED - timedelta(minutes=1))


def failed(life, at=ENDED):
    there = life.dropoff if life.state is State.ARRIVED_AT_DROPOFF else life.pickup
    return life.fail(FailureReason.GOODS_DAMAGED, there, at)


ENDINGS = {
    "delivered": lambda: at_the_door().deliver(ENDED),
    "left": lambda: at_the_door(undeliverable=Undeliverable.LEAVE_AT_DOOR).leave(None, ENDED),
    "returning": lambda: failed(at_the_door()),
    "disposed of": lambda: failed(at_the_door(undeliverable=Undeliverable.DISPOSE)),
    "failed at the pickup": lambda: failed(at_the_shop()),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_the_delivery_is_at_its_stop_again_and_both_steps_stay_in_its_timeline(how):
    ended = ENDINGS[how]()
    again = ended.correct(MISTAKE, ENDED + timedelta(minutes=3))
    stop = State.ARRIVED_AT_PICKUP if how == "failed at the pickup" else State.ARRIVED_AT_DROPOFF
    assert (again.state, again.driver_id, again.hold, again.doubts) == (stop, "drv_1", None, {})
    assert again.timeline[:-1] == ended.timeline
    assert again.timeline[-1].corrects is ended.ending.state
    assert again.newest_step(stop) == ended.newest_step(stop), "the driver has been there all the time"
    assert not again.has_been(ended.state)
    assert [each.state for each in TrackedStep.all_of(again)][-1] == stop
    assert not was_left_at_door(again)
    assert again.correctable_until is None
    second = failed(again, ENDED + timedelta(minutes=4))
    assert second.corrected == [str(ended.ending.state)]
    assert second.ending.at == ENDED + timedelta(minutes=4)


@given(st.integers(0, 3600), st.integers(0, 3600))
def test_fifteen_minutes_count_from_when_the_step_was_made_whenever_both_came_in(offline_s, later_s):
    came_in = ENDED + timedelta(seconds=offline_s)
    ended = at_the_door().deliver(came_in, device_at=ENDED)
    made = ENDED + timedelta(seconds=later_s)
    received = max(came_in, made)
    if made - ENDED <= CORRECTABLE_FOR:
        assert ended.correct(MISTAKE, received, device_at=made).state is State.ARRIVED_AT_DROPOFF
    else:
        with pytest.raises(Conflict, match="too_late_to_correct"):
            ended.correct(MISTAKE, received, device_at=made)


def test_what_more_than_the_drivers_word_rests_on_is_not_taken_back():
    delivered = at_the_door().deliver(ENDED)
    doubtful = at_the_door().deliver(ENDED, doubt=Doubt.FAR_FROM_STOP)
    lives = [
        at_the_door(),
        at_the_door().complete_by_hand(CompletionReason.OTHER, ENDED, "ana"),
        failed(at_the_door()).return_goods(ENDED),
        delivered.tip_later("tip_1", Money(amount=100, currency="USD"), ENDED, "mer_1"),
        doubtful.decide(Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS, ENDED, "ana"),
        failed(at_the_shop()).with_changes(redelivered_as="dlv_2"),
        delivered.with_changes(driver_id="drv_2"),
    ]
    for life in lives:
        assert life.correctable_until is None
        with pytest.raises(Conflict, match="not_correctable") as refused:
            life.correct(MISTAKE, ENDED)
        assert refused.value.detail
    assert doubtful.correct(MISTAKE, ENDED).hold is None, "nothing was booked, and nobody has decided"


def test_a_late_copy_of_an_ending_is_recognised_after_it_was_taken_back():
    ended = at_the_door().deliver(ENDED, device_at=ENDED).stated(ENDED)
    again = ended.correct(MISTAKE, ENDED + timedelta(minutes=1), said_at=ENDED + timedelta(minutes=1))
    assert again.is_taken_back(ENDED)
    assert again.is_corrected(ENDED + timedelta(minutes=1))
    for other in (None, ENDED + timedelta(milliseconds=1)):
        assert not again.is_taken_back(other)
        assert not again.is_corrected(other)
    assert again.has_taken_back(ended.sequence)
    assert not again.has_taken_back(again.sequence)
