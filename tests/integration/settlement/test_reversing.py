"""Staff reverse a posting as a whole, once; what is above the limit waits for a second person."""

from datetime import timedelta

import pytest

from crowdship.drivers import service as drivers
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.settlement import adjusting, booking, queries, reversing, store
from crowdship.settlement.ledger import PAID_OUT, Posting, PostingKind, entry
from crowdship.settlement.proposals import ProposalState
from crowdship.settlement.views import ReversalRequest
from crowdship.zones import service as zones
from tests.city import driver_input, put_zone, settings
from tests.faults import Lost, each_call_failing
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.settlement.conftest import close_day
from tests.unit.settlement.test_postings import NOON, closed, usd

pytestmark = pytest.mark.usefixtures("aws")


def asking(reference="ticket-1"):
    return ReversalRequest(reference=reference, note="booked twice")


@pytest.fixture
def driver_id(clock):
    zones.put("testville", settings())  # read anew, as the tests before left other limits in this process
    return drivers.register(driver_input(), clock, lambda *_: None).id


@pytest.fixture
def posting(driver_id):
    return booking.post(closed(driver_id=driver_id))


def sums(*accounts, days):
    postings = [one for day in days for one in store.PostingRow.of_period(day)]
    return [sum(e.signed for one in postings for e in one.entries if e.account == account) for account in accounts]


def test_a_posting_is_reversed_as_a_whole_and_only_once(posting, driver_id, clock):
    told = reversing.reverse(posting.id, asking(), "ana", clock)
    assert (told.state, told.amount, told.reverses) == (ProposalState.BOOKED, usd(1300), posting.id)
    reversal = queries.posting(told.posting_id)
    assert (reversal.kind, reversal.booked_by, reversal.note) == (PostingKind.REVERSAL, "ana", "booked twice")
    accounts = (f"driver:{driver_id}:payable", "merchant:mer_1:receivable", "platform:fees")
    assert sums(*accounts, days={posting.period, reversal.period}) == [0, 0, 0]
    assert reversing.reverse(posting.id, asking(), "ana", clock) == told
    with pytest.raises(Conflict, match="already_reversed"):
        reversing.reverse(posting.id, asking("ticket-2"), "ana", clock)
    view = queries.posting_view(posting.id)
    assert (view.reversed_by, view.reversible) == (reversal.id, False)


def test_above_the_limit_a_second_person_books_it(posting, clock, monkeypatch):
    put_zone(settings().model_copy(update={"adjusted_alone": 1000}))
    told = reversing.reverse(posting.id, asking(), "ana", clock)
    assert told.state is ProposalState.PENDING
    assert [one.reverses for one in adjusting.waiting(clock).adjustments] == [posting.id]
    with pytest.raises(Conflict, match="second_person_needed"):
        adjusting.approve(told.adjustment_id, "ana", clock)
    clock.advance(timedelta(hours=1))
    booked = adjusting.approve(told.adjustment_id, "ben", clock)
    assert (booked.state, booked.decided_by) == (ProposalState.BOOKED, "ben")
    assert queries.posting(booked.posting_id).time == clock.now()
    assert adjusting.approve(told.adjustment_id, "ben", clock) == booked


def test_of_two_that_wait_for_one_posting_only_the_first_is_booked(posting, clock):
    put_zone(settings().model_copy(update={"adjusted_alone": 0}))
    first, second = (reversing.reverse(posting.id, asking(f"ticket-{n}"), "ana", clock) for n in (1, 2))
    adjusting.approve(first.adjustment_id, "ben", clock)
    with pytest.raises(Conflict, match="already_reversed"):
        adjusting.approve(second.adjustment_id, "ben", clock)
    assert adjusting.refuse(second.adjustment_id, "ben", clock).state is ProposalState.REFUSED


def test_a_posting_without_a_driver_always_needs_a_second_person(clock):
    entries = (*entry("merchant:mer_1:receivable", usd(-5), "refund"), *entry("platform:claims", usd(5), "refund"))
    refund = store.book(Posting.caused_by("ref_1", PostingKind.REFUND, clock.now(), entries))
    told = reversing.reverse(refund.id, asking(), "ana", clock)
    assert (told.state, told.driver_id) == (ProposalState.PENDING, None)
    adjusting.approve(told.adjustment_id, "ben", clock)
    assert sums("platform:claims", days=[clock.now().date()]) == [0]


def taken_back(posting, driver_id, clock):
    """Book that the driver took the ending of a posting back."""
    event = closed(driver_id=driver_id).model_copy(update={"type": "delivery.corrected", "time": clock.now()})
    return booking.post(event.model_copy(update={"id": "evt_back", "data": {**event.data, "reverses": "delivered"}}))


def test_an_ending_that_its_driver_took_back_is_not_taken_back_once_more(posting, driver_id, clock):
    back = taken_back(posting, driver_id, clock)
    with pytest.raises(Conflict, match="already_reversed"):
        reversing.reverse(posting.id, asking(), "ana", clock)
    assert sums(f"driver:{driver_id}:payable", days={posting.period, back.period}) == [0]


def test_an_ending_that_its_driver_takes_back_while_a_second_person_is_waited_for_is_not_either(
    posting, driver_id, clock
):
    put_zone(settings().model_copy(update={"adjusted_alone": 0}))
    told = reversing.reverse(posting.id, asking(), "ana", clock)
    taken_back(posting, driver_id, clock)
    with pytest.raises(Conflict, match="already_reversed"):
        adjusting.approve(told.adjustment_id, "ben", clock)


def extra(name, amount, sequence, driver_id, subject="prm_1"):
    """Return an event of a promise by which extra pay is earned or taken back."""
    told = {"driver_id": driver_id, "kind": "quest", "amount": usd(amount).model_dump(), "title": "Weekend"}
    known = {"id": f"evt_{subject}_{sequence}", "subject": subject, "sequence": sequence, "time": NOON}
    return DomainEvent(type=f"incentive.{name}", data=told, **known)


def owed(driver_id, *postings):
    days = {one.period for one in postings if one} | {NOON.date() + timedelta(days=ahead) for ahead in range(3)}
    return sums(f"driver:{driver_id}:payable", "platform:incentives", days=days)


def test_extra_pay_that_staff_have_taken_back_is_not_taken_back_by_its_promise_once_more(driver_id, clock):
    paid = booking.post(extra("earned", 700, 1, driver_id))
    taken = reversing.reverse(paid.id, asking(), "ana", clock)
    assert taken.state is ProposalState.BOOKED
    for _ in range(2):  # the second one is the same event again
        assert booking.post(extra("reversed", 700, 2, driver_id)) is None
    assert owed(driver_id, paid, queries.posting(taken.posting_id)) == [0, 0]
    again = booking.post(extra("earned", 700, 3, driver_id))
    assert owed(driver_id, paid, again, queries.posting(taken.posting_id)) == [-700, 700]


def test_extra_pay_that_its_promise_has_taken_back_is_not_taken_back_by_staff_once_more(driver_id, clock):
    paid = booking.post(extra("earned", 700, 1, driver_id))
    gone = booking.post(extra("reversed", 700, 2, driver_id))
    with pytest.raises(Conflict, match="already_reversed"):
        reversing.reverse(paid.id, asking(), "ana", clock)
    assert owed(driver_id, paid, gone) == [0, 0]


def test_extra_pay_that_its_promise_takes_back_while_a_second_person_is_waited_for_is_not_either(driver_id, clock):
    put_zone(settings().model_copy(update={"adjusted_alone": 0}))
    paid = booking.post(extra("earned", 700, 1, driver_id))
    told = reversing.reverse(paid.id, asking(), "ana", clock)
    assert told.state is ProposalState.PENDING
    gone = booking.post(extra("reversed", 700, 2, driver_id))
    with pytest.raises(Conflict, match="already_reversed"):
        adjusting.approve(told.adjustment_id, "bo", clock)
    assert owed(driver_id, paid, gone) == [0, 0]


def test_a_promise_takes_back_only_what_staff_have_left_of_it(driver_id, clock):
    first = booking.post(extra("earned", 700, 1, driver_id))
    second = booking.post(extra("earned", 300, 2, driver_id))
    taken = queries.posting(reversing.reverse(first.id, asking(), "ana", clock).posting_id)
    gone = booking.post(extra("reversed", 800, 3, driver_id))
    assert owed(driver_id, first, second, taken, gone) == [-200, 200], "of 1000 that were paid 800 are no longer due"
    assert booking.post(extra("reversed", 800, 3, driver_id)) == gone


def test_a_step_that_staff_took_back_and_that_its_promise_takes_back_leaves_the_steps_below_it(driver_id, clock):
    first = booking.post(extra("earned", 300, 1, driver_id))
    second = booking.post(extra("earned", 200, 2, driver_id))
    taken = queries.posting(reversing.reverse(second.id, asking(), "ana", clock).posting_id)
    assert booking.post(extra("reversed", 200, 3, driver_id)) is None
    assert owed(driver_id, first, second, taken) == [-300, 300]
    again = booking.post(extra("earned", 200, 4, driver_id))
    assert owed(driver_id, first, second, taken, again) == [-500, 500], "the step was reached after all"


def test_what_a_promise_pays_and_takes_back_is_booked_in_any_order_as_long_as_staff_did_nothing(driver_id):
    gone = booking.post(extra("reversed", 700, 2, driver_id))
    paid = booking.post(extra("earned", 700, 1, driver_id))
    assert owed(driver_id, paid, gone) == [0, 0]
    assert len({paid.id, gone.id}) == 2


def test_promises_are_counted_apart(driver_id, clock):
    paid = booking.post(extra("earned", 700, 1, driver_id))
    other = booking.post(extra("earned", 700, 1, driver_id, "prm_2"))
    taken = queries.posting(reversing.reverse(paid.id, asking(), "ana", clock).posting_id)
    gone = booking.post(extra("reversed", 700, 2, driver_id, "prm_2"))
    assert owed(driver_id, paid, other, taken, gone) == [0, 0]


def test_an_ending_after_one_that_was_taken_back_is_reversed(posting, driver_id, clock):
    taken_back(posting, driver_id, clock)
    clock.advance(timedelta(hours=1))
    again = closed(driver_id=driver_id).model_copy(update={"id": "evt_again", "time": clock.now()})
    told = reversing.reverse(booking.post(again).id, asking(), "ana", clock)
    assert told.state is ProposalState.BOOKED


def test_the_day_of_the_posting_stays_as_it_was_closed(posting, clock):
    totals = close_day(posting.period, clock)
    told = reversing.reverse(posting.id, asking(), "ana", clock)
    assert told.period == clock.now().date() != posting.period
    assert close_day(posting.period, clock) == totals


def test_what_is_not_there_or_is_taken_back_in_another_way_is_refused(driver_id, clock):
    with pytest.raises(NotFound, match="no_such_posting"):
        reversing.reverse("pst_nothing", asking(), "ana", clock)
    entries = (*entry(f"driver:{driver_id}:payable", usd(5), PAID_OUT), *entry("platform:cash", usd(-5), PAID_OUT))
    payout = store.book(Posting.caused_by("pay_1", PostingKind.PAYOUT, clock.now(), entries))
    with pytest.raises(Conflict, match="not_reversible"):
        reversing.reverse(payout.id, asking(), "ana", clock)


def test_a_reference_names_one_thing(posting, driver_id, clock):
    reversing.reverse(posting.id, asking(), "ana", clock)
    other = booking.post(closed(number=2, driver_id=driver_id))
    with pytest.raises(Conflict, match="reference_used"):
        reversing.reverse(other.id, asking(), "ana", clock)


@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_fails_it_is_reversed_once(lost, two_shards, posting, driver_id, clock):
    before = saved_tables()
    for faulty in each_call_failing(lost, at_least=5):
        restore_tables(before)
        with faulty:
            reversing.reverse(posting.id, asking(), "ana", clock)
        assert reversing.reverse(posting.id, asking(), "ana", clock).state is ProposalState.BOOKED
        days = {posting.period, clock.now().date()}
        assert sums(f"driver:{driver_id}:payable", days=days) == [0]
