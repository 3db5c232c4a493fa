"""Adjustments in the table: booked once, above the limit only by a second person."""

from datetime import date, timedelta

import pytest
from pynamodb.exceptions import PynamoDBException

from crowdship.drivers import service as drivers
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.settlement import adjusting, booking, store
from crowdship.settlement.cycle import steps
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.proposals import WAITS, ProposalState
from crowdship.settlement.views import AdjustmentRequest
from tests.api_calls import at_once
from tests.city import driver_input, put_zone, settings
from tests.faults import Lost, failing_call
from tests.integration.settlement.conftest import everything_stored
from tests.unit.settlement.test_postings import closed, usd

TODAY = date(2026, 3, 3)
LARGE = -9000

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def driver(clock):
    put_zone(settings())
    return drivers.register(driver_input(), clock, lambda *_: None).id


def propose(driver_id, clock, reference="ticket-7", amount=-50, note="lost goods", by="ana"):
    request = AdjustmentRequest(reference=reference, driver_id=driver_id, amount=usd(amount), note=note)
    return adjusting.propose(request, by, clock)


def adjustments():
    days = (TODAY + timedelta(days=number) for number in range(-1, 10))
    return [one for day in days for one in store.PostingRow.of_period(day) if one.kind is PostingKind.ADJUSTMENT]


def code_of(act):
    try:
        return str(act().state)
    except Conflict as refusal:
        return refusal.code


def test_an_adjustment_is_booked_once_per_reference(driver, clock):
    first = propose(driver, clock)
    assert (first.state, first.period, first.asked_by) == (ProposalState.BOOKED, TODAY, "ana")
    clock.advance(timedelta(days=2))
    assert propose(driver, clock) == first
    assert [one.id for one in adjustments()] == [first.posting_id]


@pytest.mark.parametrize("amount", [-50, LARGE])
@pytest.mark.parametrize("other", [{"amount": -60}, {"amount": 50}, {"note": "found goods"}, {"amount": -9001}])
def test_a_reference_of_one_adjustment_is_not_taken_for_another(amount, other, driver, clock):
    propose(driver, clock, amount=amount)
    with pytest.raises(Conflict, match="ticket-7"):
        propose(driver, clock, **{"amount": amount, **other})


def test_only_a_driver_there_is_can_be_adjusted(clock):
    with pytest.raises(NotFound, match="drv_nobody"):
        propose("drv_nobody", clock)
    assert everything_stored() == {}


def test_a_reference_keeps_no_delivery_from_being_booked(driver, clock):
    """Whatever staff call an adjustment, it is never taken for the posting of an event."""
    event = closed()
    propose(driver, clock, reference=event.id)
    assert booking.post(event).kind is PostingKind.DELIVERY


def test_above_the_limit_nothing_is_booked_before_another_person_approves(driver, clock):
    asked = propose(driver, clock, amount=LARGE)
    assert (asked.state, asked.posting_id, asked.time) == (ProposalState.PENDING, None, None)
    assert propose(driver, clock, amount=LARGE) == asked
    assert adjusting.waiting(clock).adjustments == (asked,)
    assert adjustments() == []
    with pytest.raises(Conflict, match="second_person_needed"):
        adjusting.approve(asked.adjustment_id, "ana", clock)
    assert adjustments() == []
    clock.advance(timedelta(hours=1))
    booked = adjusting.approve(asked.adjustment_id, "ben", clock)
    assert (booked.state, booked.decided_by, booked.time) == (ProposalState.BOOKED, "ben", clock.now())
    assert adjusting.waiting(clock).adjustments == ()
    (posting,) = adjustments()
    assert (posting.id, posting.booked_by, posting.note) == (booked.posting_id, "ana", "lost goods")
    assert adjusting.approve(asked.adjustment_id, "cleo", clock) == booked
    assert propose(driver, clock, amount=LARGE) == booked
    assert code_of(lambda: adjusting.refuse(asked.adjustment_id, "ben", clock)) == "adjustment_decided"
    assert len(adjustments()) == 1


def test_what_was_refused_or_withdrawn_is_never_booked(driver, clock):
    for number, by in enumerate(("ben", "ana")):
        asked = propose(driver, clock, reference=f"ticket-{number}", amount=LARGE)
        refused = adjusting.refuse(asked.adjustment_id, by, clock)
        assert (refused.state, refused.decided_by) == (ProposalState.REFUSED, by)
        assert adjusting.refuse(asked.adjustment_id, "cleo", clock) == refused
        assert (
            code_of(lambda asked=asked: adjusting.approve(asked.adjustment_id, "cleo", clock)) == "adjustment_decided"
        )
    assert adjusting.waiting(clock).adjustments == ()
    assert adjustments() == []


def test_a_proposal_that_nobody_decided_on_expires(driver, clock):
    asked = propose(driver, clock, amount=LARGE)
    clock.advance(WAITS)
    assert adjusting.waiting(clock).adjustments == ()
    assert code_of(lambda: adjusting.approve(asked.adjustment_id, "ben", clock)) == "adjustment_decided"
    assert propose(driver, clock, amount=LARGE).state is ProposalState.EXPIRED
    assert adjustments() == []


def test_those_that_expire_first_are_listed_first(driver, clock):
    asked = []
    for number in range(3):
        asked.append(propose(driver, clock, reference=f"ticket-{number}", amount=LARGE).reference)
        clock.advance(timedelta(hours=1))
    assert [one.reference for one in adjusting.waiting(clock).adjustments] == asked


def test_many_small_ones_of_a_day_are_one_large_one(driver, clock):
    states = [propose(driver, clock, reference=f"part-{number}", amount=2000).state for number in range(4)]
    assert states == ["booked", "booked", "pending", "pending"]
    assert propose(driver, clock, reference="by another", amount=2000, by="ben").state == "pending"
    clock.advance(timedelta(days=1))
    assert propose(driver, clock, reference="tomorrow", amount=2000).state == "booked"


def test_small_ones_at_once_are_not_more_than_the_limit(driver, clock):
    def small(number):
        return lambda: propose(driver, clock, reference=f"part-{number}", amount=2000).state

    states = at_once([small(number) for number in range(4)])
    assert sorted(states) == ["booked", "booked", "pending", "pending"]
    assert len(adjustments()) == 2


def test_of_those_who_decide_at_once_one_does_and_it_is_booked_at_most_once(driver, clock):
    for number in range(4):
        asked = propose(driver, clock, reference=f"race-{number}", amount=LARGE).adjustment_id
        before = len(adjustments())
        acts = [
            lambda asked=asked: code_of(lambda: adjusting.approve(asked, "ben", clock)),
            lambda asked=asked: code_of(lambda: adjusting.refuse(asked, "cleo", clock)),
            lambda asked=asked: code_of(lambda: adjusting.approve(asked, "cleo", clock)),
            lambda asked=asked: code_of(lambda: adjusting.approve(asked, "ana", clock)),
        ]
        told = at_once(acts)
        booked = len(adjustments()) - before
        one_way, other_way = ["booked", "adjustment_decided", "booked"], ["adjustment_decided", "refused"]
        assert told[:3] in (one_way, [*other_way, "adjustment_decided"])
        assert booked == (1 if told[0] == "booked" else 0)
        assert told[3] in ("second_person_needed", "adjustment_decided", "booked")
    assert adjusting.waiting(clock).adjustments == ()


def test_an_approval_after_the_day_was_closed_is_booked_on_the_next(driver, clock):
    asked = propose(driver, clock, amount=LARGE)
    clock.advance(timedelta(days=1))
    steps.open_period(TODAY, clock)
    steps.close_period(TODAY, clock)
    assert adjusting.approve(asked.adjustment_id, "ben", clock).period == TODAY + timedelta(days=1)


@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_an_approval_fails_a_retry_books_it_once(lost, driver, clock):
    asked = propose(driver, clock, reference="faultless", amount=LARGE).adjustment_id
    with failing_call() as calls:
        adjusting.approve(asked, "ben", clock)
    for number in range(1, len(calls.made) + 1):
        asked = propose(driver, clock, reference=f"faulty-{number}", amount=LARGE).adjustment_id
        before = len(adjustments())
        with failing_call(number, lost), pytest.raises(PynamoDBException):
            adjusting.approve(asked, "ben", clock)
        assert adjusting.approve(asked, "ben", clock).state is ProposalState.BOOKED
        assert len(adjustments()) == before + 1
