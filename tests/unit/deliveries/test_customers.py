"""Acts that a customer is allowed by the link, and until when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.closing import settles_on, settling_events
from crowdship.deliveries.customers import (
    ACTS_WITHIN,
    MOST_CUSTOMER_TIP,
    customer_tip,
    is_allowed,
    refuse_rating,
    tip_by_customer,
)
from crowdship.deliveries.editing import CHANGEABLE_IN, Editable, refuse_late
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import State
from crowdship.kernel.errors import Conflict
from crowdship.kernel.money import Money
from crowdship.settlement.causes import posting_for
from tests.city import NOON, delivery
from tests.unit.deliveries.test_life import HAPPY, lived

DELIVERED = lived(*HAPPY)
AT = DELIVERED.newest_step(State.DELIVERED).at


@given(st.timedeltas(timedelta(), timedelta(days=30)))
def test_a_delivery_can_be_rated_and_tipped_for_seven_days(since):
    within = since <= ACTS_WITHIN
    assert is_allowed(lambda: refuse_rating(DELIVERED, AT + since)) == within
    assert is_allowed(lambda: tip_by_customer(DELIVERED, 100, AT + since, taken=True)) == within


@pytest.mark.parametrize("state", [state for state in State if state is not State.DELIVERED])
def test_what_is_not_delivered_can_neither_be_rated_nor_tipped(state):
    other = delivery().with_changes(state=state)
    for act in (lambda: refuse_rating(other, NOON), lambda: tip_by_customer(other, 100, NOON, taken=True)):
        with pytest.raises(Conflict, match="once it is delivered"):
            act()


def test_a_refusal_says_until_when_it_was_possible():
    with pytest.raises(Conflict, match=r"too_late_to_rate.*could be rated until 2026-06-08"):
        refuse_rating(DELIVERED, AT + timedelta(days=8))


def test_a_customers_tip_is_one_however_often_it_is_given():
    tipped = tip_by_customer(DELIVERED, 400, AT, taken=True)
    assert tip_by_customer(tipped, 400, AT + timedelta(days=9), taken=False) is tipped
    assert customer_tip(tipped).amount == Money(amount=400, currency="USD")
    with pytest.raises(Conflict, match=r"tipped_already.*4\.00"):
        tip_by_customer(tipped, 500, AT, taken=True)


def test_a_shop_that_takes_no_tips_is_charged_for_none():
    with pytest.raises(Conflict, match="tips_not_taken"):
        tip_by_customer(DELIVERED, 400, AT, taken=False)


@given(st.integers(1, MOST_CUSTOMER_TIP), st.integers(1, 100_000), st.booleans())
def test_a_customers_tip_is_booked_whole_beside_the_merchants_and_pay_stays(amount, merchants, customer_first):
    def by_merchant(before):
        return before.tip_later("tip_1", Money(amount=merchants, currency="USD"), AT, "mer_1")

    def by_customer(before):
        return tip_by_customer(before, amount, AT + timedelta(hours=1), taken=True)

    acts = (by_customer, by_merchant) if customer_first else (by_merchant, by_customer)
    tipped = acts[1](acts[0](DELIVERED))
    assert tipped.price == DELIVERED.price
    events = [event for event in tipped.events if event.type == "delivery.tipped"]
    entries = [entry for event in events for entry in posting_for(event).entries]
    credited = sum(e.amount.amount for e in entries if e.account.startswith("driver:"))
    charged = sum(e.amount.amount for e in entries if e.account.startswith("merchant:"))
    assert credited == charged == amount + merchants


def test_a_rating_leaves_what_the_ledger_makes_again_as_it_is():
    before = settles_on(DELIVERED), settling_events(DELIVERED)
    rating = Rating.given(None, DELIVERED, 5, AT)
    assert (settles_on(DELIVERED), settling_events(DELIVERED)) == before
    assert not {event.id for event in rating.events} & set(DELIVERED.event_ids)


def test_a_rating_is_told_once_and_again_when_it_changes():
    first = Rating.given(None, DELIVERED, 2, AT)
    assert Rating.given(first, DELIVERED, 2, AT) is first
    second = Rating.given(first, DELIVERED, 5, AT)
    told = [(event.sequence, event.data["stars"], event.data["previous_stars"]) for event in second.events]
    assert told == [(1, 2, None), (2, 5, 2)]


@pytest.mark.parametrize("state", State)
def test_a_customer_instructs_until_the_pickup(state):
    other = delivery().with_changes(state=state)
    allowed = is_allowed(lambda: refuse_late(other, frozenset({Editable.INSTRUCTIONS})))
    assert allowed == (state in CHANGEABLE_IN[Editable.INSTRUCTIONS])
    assert not (allowed and other.has_left_shop)
