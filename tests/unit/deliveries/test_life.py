"""The life of a delivery, as a state machine."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.model import (
    BY_HAND,
    FAILURE_REASONS,
    NEXT_STATES,
    ON_BOARD,
    OPEN,
    WITH_DRIVER,
    CompletionReason,
    FailureReason,
    State,
    StopKind,
    outcome,
)
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.pricing.model import Outcome
from tests.city import NOON, at, delivery

STEPS = {
    "offer": lambda d, at: d.offer("ofr_1", at),
    "reopen": lambda d, at: d.reopen(at, "offer_declined", declined_by=("drv_9",)),
    "assign": lambda d, at: d.assign("drv_1", at, "drv_1", None),
    "reassign": lambda d, at: d.reassign("drv_2", at, "dispatch", "polished", None),
    "leave for the shop": lambda d, at: d.depart(StopKind.PICKUP, at),
    "reach the shop": lambda d, at: d.arrive(StopKind.PICKUP, at),
    "hand_back": lambda d, at: d.hand_back(at),
    "leave for the door": lambda d, at: d.depart(StopKind.DROPOFF, at),
    "reach the door": lambda d, at: d.arrive(StopKind.DROPOFF, at),
    "pick_up": lambda d, at: d.pick_up(at),
    "approach": lambda d, at: d.approach(at),
    "hand_over": lambda d, at: d.hand_over(at),
    "fail": lambda d, at: d.fail(FailureReason.GOODS_DAMAGED, d.dropoff if d.state in ON_BOARD else d.pickup, at),
    "staff fail": lambda d, at: d.fail_by_hand(FailureReason.GOODS_DAMAGED, at, "ana"),
    "staff give up": lambda d, at: d.fail_by_hand(FailureReason.GOODS_LOST, at, "ana"),
    "staff complete": lambda d, at: d.complete_by_hand(CompletionReason.APP_FAILED, at, "ana"),
    "give_back": lambda d, at: d.give_back(at),
    "cancel": lambda d, at: d.cancel("mer_1", "changed_mind", at),
    "expire": lambda d, at: d.expire(at),
}
TO_THE_SHOP = ("offer", "assign", "leave for the shop", "reach the shop")
HAPPY = (*TO_THE_SHOP, "pick_up", "leave for the door", "reach the door", "hand_over")


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
        except (Conflict, Unprocessable):
            life = before
        states = [entry.state for entry in life.timeline]
        assert states[0] is State.CREATED
        assert states[-1] is life.state
        for earlier, later in pairwise(states):
            assert later in NEXT_STATES[earlier] | BY_HAND.get(earlier, frozenset())
        assert [event.sequence for event in life.events] == list(range(1, len(life.events) + 1))
        assert len({event.id for event in life.events}) == len(life.events)
        if life.state in WITH_DRIVER:
            assert life.driver_id
        if life.state in OPEN:
            assert life.driver_id is None


@pytest.mark.parametrize("steps", [TO_THE_SHOP[:2], TO_THE_SHOP[:3], TO_THE_SHOP])
def test_a_delivery_that_nobody_has_fetched_moves_to_another_driver_without_waiting_in_between(steps):
    moved = lived(*steps, "reassign")
    assert (moved.state, moved.driver_id, moved.offer_id) == (State.ASSIGNED, "drv_2", None)
    told = moved.events[-1]
    assert told.type == "delivery.reassigned"
    assert (told.data["previous_driver_id"], told.data["driver_id"]) == ("drv_1", "drv_2")
    assert moved.given == moved.timeline[-1]
    assert (moved.given.actor, moved.given.reason) == ("dispatch", "polished")
    assert not moved.has_been(State.ARRIVED_AT_PICKUP)


def test_what_is_on_board_waits_or_is_over_moves_to_nobody():
    for steps in ((), ("offer",), HAPPY[:5], HAPPY[:6], HAPPY[:7], HAPPY):
        with pytest.raises(Conflict, match=r"wrong_state|no_driver"):
            lived(*steps, "reassign")


def test_what_a_driver_has_is_not_given_away_as_if_nobody_had_it():
    with pytest.raises(Conflict, match="wrong_state"):
        lived("assign", "assign")


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


def test_no_driver_ends_a_delivery_on_the_way_but_staff_can():
    for state in (State.PICKED_UP, State.EN_ROUTE_TO_DROPOFF):
        life = lived(*HAPPY[: 5 if state is State.PICKED_UP else 6])
        assert life.state is state
        for step in ("fail", "hand_over"):
            with pytest.raises(Conflict, match="wrong_state"):
                STEPS[step](life, NOON)
        assert STEPS["staff fail"](life, NOON).state is State.RETURNING
        assert STEPS["staff give up"](life, NOON).state is State.FAILED
        assert STEPS["staff complete"](life, NOON).state is State.DELIVERED


def test_goods_that_were_lost_on_the_way_back_end_it_without_a_return():
    life = lived(*HAPPY[:7], "fail", "staff give up")
    assert (life.state, life.timeline[-1].reason) == (State.FAILED, "goods_lost")
    assert outcome(State.RETURNING, State.FAILED) is None


def test_what_staff_complete_on_its_way_back_is_with_the_shop():
    assert lived(*HAPPY[:7], "fail", "staff complete").state is State.RETURNED


@pytest.mark.parametrize("reason", FailureReason)
def test_a_reason_counts_only_where_it_can_be_one(reason):
    for kind, steps in ((StopKind.PICKUP, TO_THE_SHOP), (StopKind.DROPOFF, HAPPY[:7])):
        life = lived(*steps)
        here = life.pickup if kind is StopKind.PICKUP else life.dropoff
        if reason in FAILURE_REASONS[kind]:
            life.fail(reason, here, NOON)
        else:
            with pytest.raises(Unprocessable, match="wrong_reason"):
                life.fail(reason, here, NOON)


def test_giving_up_from_afar_is_refused_and_from_near_the_distance_is_kept():
    life = lived(*HAPPY[:7])
    with pytest.raises(Unprocessable, match="not_at_stop"):
        life.fail(FailureReason.CUSTOMER_ABSENT, at(1400), NOON)
    failed = life.fail(FailureReason.CUSTOMER_ABSENT, at(1900), NOON)
    assert failed.timeline[-2].distance_m == pytest.approx(100, abs=1)


@pytest.mark.parametrize("steps", [TO_THE_SHOP[:2], TO_THE_SHOP[:3], TO_THE_SHOP])
def test_a_driver_can_hand_back_until_the_goods_are_on_board_and_is_not_asked_again(steps):
    waiting = STEPS["hand_back"](lived(*steps), NOON)
    assert (waiting.state, waiting.driver_id, waiting.declined_by) == (State.CREATED, None, ("drv_1",))
    with pytest.raises(Conflict, match="wrong_state"):
        lived(*HAPPY[:5], "hand_back")


def test_what_a_driver_handed_back_is_searched_for_as_long_as_at_first():
    late = NOON + timedelta(minutes=44)
    assert lived(*TO_THE_SHOP).hand_back(late).search_until == late + timedelta(minutes=45)


def test_a_step_named_for_another_stop_is_refused():
    for step in ("leave for the shop", "reach the door"):
        with pytest.raises(Conflict, match="wrong_state"):
            STEPS[step](lived(*HAPPY[:5]), NOON)


def test_a_step_counts_as_made_only_for_the_driver_who_has_the_delivery():
    moved = lived(*TO_THE_SHOP, "hand_back", "assign")
    assert not moved.has_been(State.ARRIVED_AT_PICKUP)
    assert lived(*HAPPY).has_been(State.ARRIVED_AT_PICKUP)


def test_the_last_offer_is_remembered_when_nobody_took_it():
    for ending in ("reopen", "expire"):
        assert lived("offer", ending).last_offer_id == "ofr_1"


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
