import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from crowdship.kernel.events import DomainEvent
from crowdship.pricing.model import Outcome
from crowdship.pricing.terms import Shares
from crowdship.settlement.causes import POSTING_OF, posting_for
from crowdship.settlement.causes.deliveries import ClosedDelivery, LateTip
from tests.contracts import EVENTS, event_types, sample
from tests.unit.settlement.test_postings import NOON, called_off, closed, event_of, tipped, usd


def test_a_closed_delivery_is_read_with_its_outcome_and_the_shares_that_were_told():
    cause = ClosedDelivery.from_event(closed("cancelled", "arrived_at_pickup", cancellation=called_off(50, 25)))
    assert isinstance(cause, ClosedDelivery)
    assert (cause.outcome, cause.shares) == (Outcome.CANCELLED_AT_PICKUP, Shares(charge=50, pay=25))
    assert (cause.driver_id, cause.merchant_id, cause.time) == ("drv_1", "mer_1", NOON)


def test_a_late_tip_is_read_with_its_amount():
    cause = LateTip.from_event(tipped(250))
    assert isinstance(cause, LateTip)
    assert cause.amount == usd(250)


@pytest.mark.parametrize("event_type", sorted(set(event_types()) - set(POSTING_OF)))
def test_other_events_cause_nothing(event_type):
    assert posting_for(DomainEvent.model_validate(sample(event_type))) is None


def test_what_a_delivery_tells_under_another_name_is_not_booked_twice():
    assert posting_for(event_of("delivery.updated", closed())) is None


@pytest.mark.parametrize("changes", [{"price": {"charge": "?"}}, {"merchant_id": None}, {"undeliverable": "keep"}])
def test_an_event_that_breaks_its_contract_is_refused(changes):
    with pytest.raises(ValidationError):
        posting_for(closed(**changes))


def test_a_hold_keeps_a_delivery_from_being_due_until_it_is_released():
    hold = {"doubts": {}, "since": str(NOON), "previous_state": "picked_up", "reason": None}
    decision = {"ground": "other", "actor": "ana", "at": str(NOON + timedelta(days=1))}
    assert posting_for(closed(hold={**hold, "decision": None})) is None
    assert posting_for(closed(hold={**hold, "decision": {**decision, "verdict": "refused"}})) is None
    released = closed(hold={**hold, "decision": {**decision, "verdict": "released"}})
    assert posting_for(event_of("delivery.pay_released", released)) is not None


def test_the_events_that_are_read_are_those_that_the_catalogue_sends_to_settlement():
    rows = re.findall(r"^\| `([a-z_.]+)` \|.*\|([^|]+)\|$", (EVENTS / "README.md").read_text(), re.MULTILINE)
    assert {name for name, consumers in rows if "settlement" in consumers} == set(POSTING_OF)
