"""The life of a delivery, as a state machine."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.model import (
    NEXT_STATES,
    ON_BOARD,
    OPEN,
    WITH_DRIVER,
    FailureReason,
    State,
    outcome,
)
from crowdship.kernel.errors import Conflict
from crowdship.pricing.model import Outcome
from tests.city import NOON, delivery

STEPS = {
    "offer": lambda d, at: d.offer("ofr_1", at),
    "reopen": lambda d, at: d.reopen(at, "offer_declined", declined_by=("drv_9",)),
    "assign": lambda d, at: d.assign("drv_1", at, "drv_1", None),
    "depart": lambda d, at: d.depart(at),
    "arrive": lambda d, at: d.arrive(at),
    "pick_up": lambda d, at: d.pick_up(at),
    "approach": lambda d, at: d.approach(at),
    "hand_over": lambda d, at: d.hand_over(at),
    "fail": lambda d, at: d.fail(FailureReason.CUSTOMER_ABSENT, at),
    "give_back": lambda d, at: d.give_back(at),
    "cancel": lambda d, at: d.cancel("mer_1", "changed_mind", at),
    "expire": lambda d, at: d.expire(at),
}
HAPPY = ("offer", "assign", "depart", "arrive", "pick_up", "depart", "arrive", "hand_over")


def lived(*steps):
    now, life = NOON, delivery()
    for step in steps:
        now += timedelta(minutes=1)
        life = STEPS[step](life, now)
    return life


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=30))
def test_whatever_is_asked_only_allowed_states_follow_and_refusals_change_nothing(steps):
    life, now = delivery(), NOON
    for step in steps:
        now += timedelta(minutes=1)
        before = life
        try:
            life = STEPS[step](life, now)
        except Conflict:
            life = before
        states = [entry.state for entry in life.timeline]
        assert states[0] is State.CREATED
        assert states[-1] is life.state
        for earlier, later in pairwise(states):
            assert later in NEXT_STATES[earlier]
        assert [event.sequence for event in life.events] == list(range(1, len(life.events) + 1))
        assert len({event.id for event in life.events}) == len(life.events)
        if life.state in WITH_DRIVER:
            assert life.driver_id
        if life.state in OPEN:
            assert life.driver_id is None


def test_a_closed_delivery_stays_closed():
    for state, following in NEXT_STATES.items():
        if state in (State.DELIVERED, State.CANCELLED, State.EXPIRED, State.RETURNED):
            assert not following


def test_goods_on_board_are_never_cancelled():
    for state in ON_BOARD:
        assert State.CANCELLED not in NEXT_STATES[state]
    with pytest.raises(Conflict, match="wrong_state"):
        lived(*HAPPY[:5], "cancel")


def test_every_state_can_be_left_or_is_an_end_and_every_end_can_be_reached():
    reached, queue = {State.CREATED}, [State.CREATED]
    while queue:
        for state in NEXT_STATES[queue.pop()] - reached:
            reached.add(state)
            queue.append(state)
    assert reached == set(State)


def test_failing_with_goods_on_board_turns_back_in_the_same_change():
    failed = lived(*HAPPY[:7], "fail")
    assert failed.state is State.RETURNING
    assert [event.type for event in failed.events][-2:] == ["delivery.failed", "delivery.returning"]


def test_approaching_is_announced_once():
    near = lived(*HAPPY[:6], "approach", "approach")
    assert [event.type for event in near.events].count("delivery.approaching") == 1


def test_a_driver_who_declined_is_remembered_when_the_delivery_waits_again():
    waiting = lived("offer", "reopen")
    assert waiting.declined_by == ("drv_9",)
    assert (waiting.state, waiting.offer_id) == (State.CREATED, None)


def test_nothing_personal_is_in_an_event():
    life = lived(*HAPPY)
    for event in life.events:
        assert "contacts_token" not in event.data
        assert "dropoff" not in event.data


@pytest.mark.parametrize(
    ("before", "after", "ends_as"),
    [
        (State.ARRIVED_AT_DROPOFF, State.DELIVERED, Outcome.DELIVERED),
        (State.RETURNING, State.RETURNED, Outcome.RETURNED),
        (State.ARRIVED_AT_PICKUP, State.FAILED, Outcome.FAILED_AT_PICKUP),
        (State.ARRIVED_AT_DROPOFF, State.FAILED, None),
        (State.ARRIVED_AT_PICKUP, State.CANCELLED, Outcome.CANCELLED_AT_PICKUP),
        (State.ASSIGNED, State.CANCELLED, Outcome.CANCELLED_ON_THE_WAY),
        (State.OFFERED, State.CANCELLED, Outcome.NO_SERVICE),
        (State.OFFERED, State.EXPIRED, Outcome.NO_SERVICE),
        (State.CREATED, State.OFFERED, None),
    ],
)
def test_how_a_delivery_ended_decides_how_it_is_settled(before, after, ends_as):
    assert outcome(before, after) is ends_as
