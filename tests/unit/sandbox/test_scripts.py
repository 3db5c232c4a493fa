"""Scripts: every outcome is reached through the states and events of a real delivery."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.sandbox import Sandbox, SandboxOutcome
from crowdship.deliveries.states import NEXT_STATES, FailureReason, State
from crowdship.deliveries.store import DeliveryRow
from crowdship.insight.kpis import measurements
from crowdship.sandbox.model import MADE, SCRIPTS, Move, next_move, play, seen
from crowdship.shipment.options import Undeliverable
from tests.city import NOON, delivery
from tests.contracts import validate_event

ENDS = {
    SandboxOutcome.HAPPY: (State.DELIVERED, None),
    SandboxOutcome.NO_DRIVER: (State.EXPIRED, "no_driver_found"),
    SandboxOutcome.DRIVER_CANCELS: (State.DELIVERED, None),
    SandboxOutcome.AGE_CHECK_FAILS: (State.RETURNED, "underage"),
    SandboxOutcome.DAMAGED: (State.RETURNED, "goods_damaged"),
    SandboxOutcome.LOST: (State.FAILED, "goods_lost"),
    SandboxOutcome.RETURN: (State.RETURNED, "customer_refused"),
    SandboxOutcome.CUSTOMER_AWAY: (State.RETURNED, "customer_absent"),
}


def a_test(outcome=SandboxOutcome.HAPPY, **fields):
    return delivery(
        "dlv_2jq9gen0f8k61eav5frmftkt", sandbox=Sandbox(outcome=outcome), merchant_id="mer_sandbox1", **fields
    )


def played(order):
    moment = NOON
    while next_move(order):
        moment += timedelta(seconds=2)
        order = play(order, moment)
    return order


@pytest.mark.parametrize("outcome", SandboxOutcome)
def test_every_outcome_reaches_its_end(outcome):
    order = played(a_test(outcome))
    state, reason = ENDS[outcome]
    assert order.state is state
    assert reason in {None, *(step.reason for step in order.timeline)}
    assert order.sandbox.steps_done == len(SCRIPTS[outcome])


@pytest.mark.parametrize("outcome", SandboxOutcome)
def test_all_its_events_keep_their_contracts_and_say_that_they_are_a_test(outcome):
    events = played(a_test(outcome)).events
    for event in events:
        validate_event(event.model_dump(mode="json"))
        assert event.livemode is False
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("outcome", SandboxOutcome)
def test_none_of_it_is_counted_and_no_test_is_in_the_index_of_what_waits(outcome):
    assert not [event for event in played(a_test(outcome)).events if measurements(event)]
    order = a_test(outcome)
    while next_move(order):
        assert "open_zone" not in DeliveryRow.indexed(order)
        order = play(order, NOON)


@pytest.mark.parametrize(
    ("outcome", "policy", "end"),
    [
        (SandboxOutcome.CUSTOMER_AWAY, Undeliverable.LEAVE_AT_DOOR, (State.DELIVERED, "left_at_door")),
        (SandboxOutcome.RETURN, Undeliverable.LEAVE_AT_DOOR, (State.RETURNED, None)),
        (SandboxOutcome.CUSTOMER_AWAY, Undeliverable.DISPOSE, (State.FAILED, "customer_absent")),
    ],
)
def test_what_cannot_be_handed_over_ends_as_a_real_delivery_would(outcome, policy, end):
    order = played(a_test(outcome, undeliverable=policy))
    assert (order.state, order.timeline[-1].reason) == end
    assert next_move(order) is None


@pytest.mark.parametrize("outcome", [SandboxOutcome.NO_DRIVER, SandboxOutcome.HAPPY])
def test_a_change_that_takes_the_offer_back_does_not_end_the_script(outcome):
    offered = play(a_test(outcome), NOON)
    assert offered.state is State.OFFERED
    assert played(offered.reopen(NOON, "delivery_updated")).state is ENDS[outcome][0]


def test_a_real_delivery_says_so_and_has_no_next_move():
    order = delivery()
    assert order.livemode
    assert order.events[0].livemode
    assert next_move(order) is None
    assert play(order, NOON) is order
    assert DeliveryRow.indexed(order)


def test_every_move_can_be_made_and_is_in_some_script():
    assert set(MADE) == set(Move) == {move for script in SCRIPTS.values() for move in script}


def test_a_driver_who_cancels_is_replaced_by_another():
    drivers = {event.data["driver_id"] for event in played(a_test(SandboxOutcome.DRIVER_CANCELS)).events}
    assert drivers == {None, "drv_test1", "drv_test2"}


@given(st.sampled_from(SandboxOutcome), st.integers(0, 12))
def test_what_is_called_off_plays_no_further(outcome, steps):
    order = a_test(outcome)
    for _ in range(steps):
        order = play(order, NOON)
    if State.CANCELLED in NEXT_STATES[order.state]:
        order = order.cancel("mer_sandbox1", "other", NOON)
        assert next_move(order) is None
        assert play(order, NOON) is order


def test_what_somebody_sends_back_is_given_back():
    order = a_test()
    while order.state is not State.ARRIVED_AT_DROPOFF:
        order = play(order, NOON)
    order = order.fail(FailureReason.CUSTOMER_REFUSED, order.dropoff, NOON)
    assert next_move(order) is Move.RETURN_GOODS
    assert played(order).state is State.RETURNED


@pytest.mark.parametrize("outcome", SandboxOutcome)
def test_a_driver_is_seen_only_while_there_is_one(outcome):
    order = a_test(outcome)
    while next_move(order):
        assert seen(order) is None or order.driver_id
        order = play(order, NOON)
    assert seen(order) is None
