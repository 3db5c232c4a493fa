"""The life of a delivery, as a state machine.

Longer than other files, because one state machine of Hypothesis holds all rules of a life, and the single cases
beside it share its events.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.closing import settles_on, settling_events
from crowdship.deliveries.editing import BEFORE_PICKUP, CHANGEABLE_IN, Editable, refuse_late, refuse_lower_tip
from crowdship.deliveries.holds import Doubt, Ground, Verdict
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import (
    BY_HAND,
    CLOSED,
    CORRECTED_TO,
    FAILURE_REASONS,
    NEXT_STATES,
    ON_BOARD,
    OPEN,
    WITH_DRIVER,
    CompletionReason,
    CorrectionReason,
    FailureReason,
    State,
)
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, RateCard, price_trip, settle_price
from crowdship.pricing.terms import CancelReason, Fault, Stage
from crowdship.pricing.waiting import WaitTerms
from crowdship.settlement.causes import posting_for
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements, refuse_unattended
from crowdship.shipment.stop_kind import StopKind
from tests.city import NOON, at, delivery

LEAD, SEARCH = timedelta(minutes=60), timedelta(minutes=45)


def edited(life, now):
    refuse_late(life, frozenset({Editable.PARCEL}))
    return life.update({"parcel": Parcel(weight_g=life.parcel.weight_g + 1)}, {"parcel"}, now, "mer_1")


STEPS = {
    "offer": lambda d, at: d.offer("ofr_1", at),
    "reopen": lambda d, at: d.reopen(at, "offer_declined", declined_by=("drv_9",)),
    "assign": lambda d, at: d.assign("drv_1", at, "drv_1", None),
    "reassign": lambda d, at: d.reassign("drv_2", at, "dispatch", "polished", None),
    "leave for the shop": lambda d, at: d.depart(StopKind.PICKUP, at),
    "reach the shop": lambda d, at: d.arrive(StopKind.PICKUP, at),
    "unassign": lambda d, at: d.unassign(at),
    "leave for the door": lambda d, at: d.depart(StopKind.DROPOFF, at),
    "reach the door": lambda d, at: d.arrive(StopKind.DROPOFF, at),
    "pick_up": lambda d, at: d.pick_up(at),
    "approach": lambda d, at: d.approach(at),
    "deliver": lambda d, at: d.deliver(at),
    "fail": lambda d, at: d.fail(FailureReason.GOODS_DAMAGED, d.dropoff if d.state in ON_BOARD else d.pickup, at),
    "staff fail": lambda d, at: d.fail_by_hand(FailureReason.GOODS_DAMAGED, at, "ana"),
    "staff give up": lambda d, at: d.fail_by_hand(FailureReason.GOODS_LOST, at, "ana"),
    "staff complete": lambda d, at: d.complete_by_hand(CompletionReason.APP_FAILED, at, "ana"),
    "return_goods": lambda d, at: d.return_goods(at),
    "cancel": lambda d, at: d.cancel("mer_1", CancelReason.CUSTOMER_CHANGED_MIND, at),
    "late cancel": lambda d, at: d.cancel("mer_1", CancelReason.TAKES_TOO_LONG, at, at + timedelta(days=1)),
    "ready": lambda d, at: d.announce_ready(at, at, LEAD, SEARCH, "mer_1"),
    "ready later": lambda d, at: d.announce_ready(at + timedelta(minutes=20), at, LEAD, SEARCH, "mer_1"),
    "leave": lambda d, at: d.leave(d.dropoff, at),
    "tip": lambda d, at: d.tip_later(f"tip_{at}", Money(amount=100, currency="USD"), at, "mer_1"),
    "edit": lambda d, at: edited(d, at),
    "expire": lambda d, at: d.expire(at),
    "deliver in doubt": lambda d, at: d.deliver(at, doubt=Doubt.NO_RECENT_POSITION),
    "return_goods in doubt": lambda d, at: d.return_goods(at, doubt=Doubt.FAR_FROM_STOP),
    "correct": lambda d, at: d.correct(CorrectionReason.PRESSED_BY_MISTAKE, at),
    "release": lambda d, at: d.decide(Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS, at, "ana"),
    "refuse": lambda d, at: d.decide(Verdict.REFUSED, Ground.WAS_ELSEWHERE, at, "ana"),
}
TO_THE_SHOP = ("offer", "assign", "leave for the shop", "reach the shop")
HAPPY = (*TO_THE_SHOP, "pick_up", "leave for the door", "reach the door", "deliver")
DOUBTFUL = (*HAPPY[:-1], "deliver in doubt")


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
        assert life.timeline[0].state is State.CREATED
        assert life.timeline[-1].state is life.state
        for earlier, later in pairwise(life.timeline):
            allowed = NEXT_STATES[earlier.state] | BY_HAND.get(earlier.state, frozenset())
            assert later.state in (CORRECTED_TO[earlier.state] if later.corrects else allowed)
        for earlier, later in pairwise(life.standing):
            assert later.state in NEXT_STATES[earlier.state] | BY_HAND.get(earlier.state, frozenset())
        assert [event.sequence for event in life.events] == list(range(1, len(life.events) + 1))
        assert len({event.id for event in life.events}) == len(life.events)
        if life.state in WITH_DRIVER:
            assert life.driver_id
        if life.state in OPEN:
            assert life.driver_id is None


@given(
    st.lists(st.sampled_from(sorted(STEPS)), max_size=12),
    st.sampled_from([(), TO_THE_SHOP, HAPPY[:7], HAPPY, DOUBTFUL]),
)
def test_what_it_told_when_it_closed_can_be_told_anew_under_the_same_ids(steps, begun):
    life, now = delivery(wait=WaitTerms(pay_per_minute=7, charge_per_minute=9, grace_minutes=0)), NOON
    for step in (*begun, *steps):
        now += timedelta(minutes=1)
        with suppress(Conflict, Unprocessable):
            life = STEPS[step](life, now)
    again = {event.id: posting_for(event) for event in settling_events(life)}
    told = {event.id: posting_for(event) for event in life.events}
    due = {name: posting for name, posting in told.items() if posting}
    assert due == {name: posting for name, posting in again.items() if posting}
    assert bool(due) <= (settles_on(life) is not None)


CORRECTING = (*HAPPY[:7], "fail", "deliver", "leave", "deliver in doubt", "correct", "correct", "edit", "cancel", "tip")


def net(postings):
    """Return the sums of postings by account and code, without those that are zero."""
    sums = Counter()
    for posting in postings:
        assert sum(entry.signed for entry in posting.entries) == 0
        for entry in posting.entries:
            sums[entry.account, entry.code] += entry.signed
    return {key: amount for key, amount in sums.items() if amount}


@given(
    st.sampled_from([TO_THE_SHOP, HAPPY[:7], HAPPY, DOUBTFUL]),
    st.lists(st.sampled_from(CORRECTING), max_size=15),
    st.sampled_from(list(Undeliverable)),
    st.randoms(use_true_random=False),
)
def test_only_the_ending_that_stands_is_booked_net_in_whatever_order_and_number_events_come(
    begun, steps, undeliverable, random
):
    life, now = delivery(undeliverable=undeliverable), NOON
    for step in (*begun, *steps):
        now += timedelta(minutes=1)
        with suppress(Conflict, Unprocessable):
            life = STEPS[step](life, now)
    told = [*life.events, *settling_events(life)]
    random.shuffle(told)
    booked = {posting.id: posting for event in told if (posting := posting_for(event))}
    ends = [event for event in life.events if life.state in CLOSED and event.type == f"delivery.{life.state}"]
    tips = [event for event in life.events if event.type == "delivery.tipped"]
    due = [posting for event in (*ends[-1:], *tips) if (posting := posting_for(event))]
    assert net(booked.values()) == net(due)


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


def test_goods_on_board_are_never_cancelled_but_turn_back():
    for state in ON_BOARD:
        assert State.CANCELLED not in NEXT_STATES[state]
    for count in (5, 6, 7):
        called_off = lived(*HAPPY[:count], "cancel")
        assert (called_off.state, called_off.cancellation.stage) == (State.RETURNING, Stage.ON_BOARD)
        assert called_off.events[-1].type == "delivery.returning"
        assert STEPS["return_goods"](called_off, NOON).cancellation == called_off.cancellation
    with pytest.raises(Conflict, match="wrong_state"):
        lived(*HAPPY[:7], "fail", "cancel")


@pytest.mark.parametrize(
    ("steps", "reason", "percent"),
    [
        ((), CancelReason.OUT_OF_STOCK, 0),
        (("offer",), CancelReason.CUSTOMER_CHANGED_MIND, 0),
        (TO_THE_SHOP[:2], CancelReason.CUSTOMER_CHANGED_MIND, 25),
        (TO_THE_SHOP[:3], CancelReason.SHOP_CLOSED, 25),
        (TO_THE_SHOP, CancelReason.OUT_OF_STOCK, 50),
        (TO_THE_SHOP, CancelReason.DRIVER_AT_FAULT, 0),
        (TO_THE_SHOP, CancelReason.PLATFORM_AT_FAULT, 0),
        (HAPPY[:5], CancelReason.CUSTOMER_CHANGED_MIND, 160),
    ],
)
def test_the_fee_is_what_the_terms_say_and_is_told_before_and_after(steps, reason, percent):
    life = lived(*steps)
    before = life.if_cancelled(reason, NOON)
    told = life.cancel("mer_1", reason, NOON).cancellation
    assert told == before
    assert told.fee.amount == pytest.approx(life.price.charge_total.amount * percent / 100, abs=2)


def test_that_it_takes_too_long_counts_as_ours_only_if_the_promise_is_missed():
    life = lived(*TO_THE_SHOP[:3])
    closes = life.dropoff_window.closes_at
    for expected, fault in ((None, Fault.MERCHANT), (closes, Fault.MERCHANT), (closes + timedelta(1), Fault.PLATFORM)):
        assert life.if_cancelled(CancelReason.TAKES_TOO_LONG, NOON, expected).fault is fault


def test_the_terms_are_those_of_the_day_it_was_created():
    dear = delivery().terms.model_copy(update={"customer": delivery().terms.driver})
    assert delivery(terms=dear).terms.shares(Fault.CUSTOMER, Stage.AT_PICKUP).charge == 0


def test_each_part_can_be_changed_until_it_is_too_late():
    for part, states in CHANGEABLE_IN.items():
        for state in State:
            life = delivery().with_changes(state=state)
            if state in states:
                refuse_late(life, frozenset({part}))
            else:
                with pytest.raises(Conflict, match="too_late_to_change"):
                    refuse_late(life, frozenset({part}))
    assert not BEFORE_PICKUP & ON_BOARD


def test_a_tip_is_not_lowered_under_the_driver_who_took_it():
    refuse_lower_tip(delivery(), 0)
    refuse_lower_tip(lived("offer", "assign"), 150)
    with pytest.raises(Unprocessable, match="tip_lowered"):
        refuse_lower_tip(lived("offer", "assign"), 149)


def test_what_changed_is_told_with_the_charge_before_and_after_and_no_value_of_a_person():
    longer = price_trip(RateCard(), 3000, 600, tip=150)
    event = delivery().update({"price": longer}, {"point", "contact"}, NOON, "mer_1").events[-1]
    assert event.data["changed"] == ["contact", "point"]
    assert event.data["charge_before"]["amount"] == 789
    assert event.data["charge_after"]["amount"] == 884


def test_who_is_ready_earlier_is_planned_earlier_and_who_is_late_later():
    opens = NOON + timedelta(hours=2)
    window = delivery().pickup_window.model_copy(update={"opens_at": opens, "closes_at": opens + timedelta(hours=1)})
    promise = window.model_copy(update={"closes_at": opens + timedelta(hours=2)})
    life = delivery(pickup_window=window, dropoff_window=promise, plan_from=opens - LEAD, search_until=opens + SEARCH)
    early = life.announce_ready(NOON + timedelta(minutes=90), NOON, LEAD, SEARCH, "mer_1")
    assert early.plan_from == NOON + timedelta(minutes=30)
    assert early.search_until == life.search_until
    late = early.announce_ready(opens + timedelta(minutes=55), NOON, LEAD, SEARCH, "mer_1")
    assert late.plan_from == opens - timedelta(minutes=5)
    assert late.pickup_window.closes_at == opens + timedelta(minutes=65)
    assert late.search_until == opens + timedelta(minutes=100)
    assert late.announce_ready(late.ready_at, NOON, LEAD, SEARCH, "mer_1") is late
    with pytest.raises(Unprocessable, match="windows_crossed"):
        life.announce_ready(promise.closes_at, NOON, LEAD, SEARCH, "mer_1")
    with pytest.raises(Conflict, match="too_late_to_change"):
        lived(*HAPPY[:5], "ready")


@pytest.mark.parametrize("needs", [{"pin": True}, {"signature": True}, {"minimum_age": 18}])
def test_what_needs_somebody_at_the_door_is_not_left_there(needs):
    for policy in (Undeliverable.RETURN, Undeliverable.DISPOSE):
        refuse_unattended(Requirements(**needs), policy)
    with pytest.raises(Unprocessable, match="cannot_be_left"):
        refuse_unattended(Requirements(**needs), Undeliverable.LEAVE_AT_DOOR)
    refuse_unattended(Requirements(photo=True), Undeliverable.LEAVE_AT_DOOR)


def at_the_door(policy):
    return lived(*HAPPY[:7]).with_changes(undeliverable=policy)


def test_goods_are_left_only_when_nobody_is_there():
    door = at_the_door(Undeliverable.LEAVE_AT_DOOR)
    assert [reason for reason in FailureReason if door.is_left(reason)] == [FailureReason.CUSTOMER_ABSENT]
    left = door.leave(door.dropoff, NOON)
    assert (left.state, left.timeline[-1].reason) == (State.DELIVERED, "left_at_door")
    with pytest.raises(Unprocessable, match="not_at_stop"):
        door.leave(at(1400), NOON)
    assert STEPS["fail"](door, NOON).state is State.RETURNING


def test_what_is_disposed_of_ends_there():
    door = at_the_door(Undeliverable.DISPOSE)
    disposed = STEPS["fail"](door, NOON)
    assert (disposed.state, disposed.events[-1].type) == (State.FAILED, "delivery.failed")


def test_a_tip_follows_the_hand_over_for_a_fortnight_and_counts_once():
    done, five = lived(*HAPPY), Money(amount=500, currency="USD")
    ended = done.timeline[-1].at
    tipped = done.tip_later("tip_1", five, ended + timedelta(days=14), "mer_1")
    assert [tip.amount for tip in tipped.late_tips] == [five]
    assert tipped.tip_later("tip_1", five, ended + timedelta(days=99), "mer_1") is tipped
    with pytest.raises(Unprocessable, match="key_reused"):
        tipped.tip_later("tip_1", Money(amount=501, currency="USD"), ended, "mer_1")
    with pytest.raises(Unprocessable, match="wrong_currency"):
        done.tip_later("tip_1", Money(amount=500, currency="EUR"), ended, "mer_1")
    with pytest.raises(Conflict, match="too_late_to_tip"):
        done.tip_later("tip_1", five, ended + timedelta(days=14, seconds=1), "mer_1")
    with pytest.raises(Conflict, match="wrong_state"):
        lived(*HAPPY[:7], "tip")


def test_only_what_came_back_or_failed_is_tried_again_and_once():
    back = lived(*HAPPY[:7], "fail", "return_goods").redelivered("dlv_2")
    with pytest.raises(Conflict, match="redelivered"):
        back.redelivered("dlv_3")
    for steps in ((), HAPPY, (*TO_THE_SHOP, "cancel")):
        with pytest.raises(Conflict, match="wrong_state"):
            lived(*steps).redelivered("dlv_2")


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=30), st.sampled_from(Undeliverable))
def test_however_it_ends_it_is_settled_once_and_a_fee_that_was_told_is_what_is_due(steps, policy):
    life, now = delivery(undeliverable=policy), NOON
    for step in steps:
        now += timedelta(minutes=1)
        before = life
        try:
            life = STEPS[step](life, now)
        except (Conflict, Unprocessable):
            life = before
    ends = []
    for event in life.events:
        told = event.data
        if event.type in ("delivery.tipped", "delivery.updated", "delivery.ready") or not told["previous_state"]:
            continue
        states = State(told["previous_state"]), State(told["state"])
        if end := outcome(*states, told["reason"], Undeliverable(told["undeliverable"])):
            ends.append(end)
    assert len(ends) <= 1
    if life.cancellation and ends:
        due = settle_price(life.price, ends[0], life.cancellation.shares)
        assert due.charge_total == life.cancellation.fee


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
        for step in ("fail", "deliver"):
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
    waiting = STEPS["unassign"](lived(*steps), NOON)
    assert (waiting.state, waiting.driver_id, waiting.declined_by) == (State.CREATED, None, ("drv_1",))
    with pytest.raises(Conflict, match="wrong_state"):
        lived(*HAPPY[:5], "unassign")


def test_what_a_driver_handed_back_is_searched_for_as_long_as_at_first():
    late = NOON + timedelta(minutes=44)
    assert lived(*TO_THE_SHOP).unassign(late).search_until == late + timedelta(minutes=45)


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans()), min_size=1, max_size=12))
def test_however_often_it_is_handed_back_each_search_is_as_long_as_the_first(hand_backs):
    life, now = lived(), NOON
    for minutes, is_ready_anew in hand_backs:
        now += timedelta(minutes=minutes)
        before = life.search_until
        if is_ready_anew and now < life.dropoff_window.closes_at:
            life = STEPS["ready"](life, now)
        life = STEPS["unassign"](STEPS["assign"](life, now), now)
        assert before <= life.search_until <= max(NOON, now) + timedelta(minutes=45)


def test_a_step_named_for_another_stop_is_refused():
    for step in ("leave for the shop", "reach the door"):
        with pytest.raises(Conflict, match="wrong_state"):
            STEPS[step](lived(*HAPPY[:5]), NOON)


def test_a_step_counts_as_made_only_for_the_driver_who_has_the_delivery():
    moved = lived(*TO_THE_SHOP, "unassign", "assign")
    assert not moved.has_been(State.ARRIVED_AT_PICKUP)
    assert lived(*HAPPY).has_been(State.ARRIVED_AT_PICKUP)


def test_the_last_offer_is_remembered_when_nobody_took_it():
    for ending in ("reopen", "expire"):
        assert lived("offer", ending).last_offer_id == "ofr_1"


def test_approaching_is_announced_once():
    near = lived(*HAPPY[:6], "approach", "approach")
    assert [event.type for event in near.events].count("delivery.approaching") == 1


def test_a_shop_is_told_of_each_driver_who_comes_near_once():
    near = lived(*HAPPY[:3]).approach_pickup(NOON).approach_pickup(NOON)
    other = near.reassign("drv_2", NOON, "ana", "moved_by_hand", None).depart(StopKind.PICKUP, NOON)
    again = other.approach_pickup(NOON)
    assert [event.type for event in again.events].count("delivery.approaching_pickup") == 2
    assert lived(*HAPPY[:4]).approach_pickup(NOON).approaching_pickup_at is None


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
