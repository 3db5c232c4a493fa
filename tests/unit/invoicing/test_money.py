"""Money of invoices: whatever is paid, comes back or is written off in whatever order, the books agree."""

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.invoice import InvoiceState, PaymentState
from crowdship.invoicing.lines import empty_day
from crowdship.invoicing.minimum import MonthlyMinimum
from crowdship.kernel.errors import Refusal
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.merchants.billing import Tax
from crowdship.settlement.accounts import COLLECTIONS_IN_FLIGHT, kind_of
from crowdship.settlement.causes import posting_for
from crowdship.settlement.causes.reversals import is_reversible, reversal_posting
from crowdship.settlement.ledger import SETTLING, PostingKind
from crowdship.settlement.statements import line_for
from infra.settings import ROOT
from tests.contracts import validate_event
from tests.unit.invoicing.documents import FIRST, NOW, VAT, day_of, document, issued, money
from tests.unit.settlement.test_postings import closed


def sample(event):
    """The sample of an event."""
    return DomainEvent.model_validate_json((ROOT / f"events/samples/{event}.json").read_text())


references = st.sampled_from(["a", "b", "c"])
acts = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["paid", "announced"]), references, st.integers(1, 4000)),
        st.tuples(st.sampled_from(["settled", "returned", "charged_back"]), references),
        st.tuples(st.just("remind"), st.integers(0, 40)),
        st.tuples(st.just("write off"), st.sampled_from(["ann", "bo"])),
    ),
    max_size=14,
)


def after(invoice, credit, act, now):
    match act:
        case ("paid" | "announced" as how, reference, amount):
            changed, more = invoice.with_payment(reference, money(amount), how == "announced", "ann", now)
            return changed, credit + more
        case ("settled", reference):
            return invoice.with_payment_settled(reference, now), credit
        case ("returned" | "charged_back" as how, reference):
            changed, less = invoice.with_payment_returned(reference, PaymentState(how), now)
            return changed, credit + less
        case ("remind", _):
            return invoice.reminded(now), credit
    return invoice.written_off_by(act[1], now), credit


@pytest.mark.parametrize("minimum", [None, MonthlyMinimum(month="2026-06", amount=money(4_000))])
def test_the_event_of_an_invoice_keeps_its_contract_and_has_the_minimum_that_was_charged(minimum):
    made, _ = issued(minimum=minimum)
    [event] = made.events
    validate_event(event.model_dump(mode="json"))
    assert event.data.get("minimum") == (
        minimum and {"month": "2026-06", "amount": {"amount": 4_000, "currency": "USD"}}
    )


@given(st.integers(1, 3000), st.integers(0, 500), st.integers(-600, 2000), acts)
@settings(max_examples=80)
def test_what_is_open_less_credit_is_what_the_ledger_says_the_merchant_owes(charges, tips, credit_before, doings):
    days = [day_of(charges=charges, tips=tips)]
    invoice, credit = issued(days=days, credit=credit_before, tax=VAT)
    now = NOW
    for act in doings:
        now += timedelta(days=act[1] if act[0] == "remind" else 0, hours=1)
        try:
            invoice, credit = after(invoice, credit, act, now)
        except Refusal:
            continue
    postings = {posting.id: posting for event in invoice.events if (posting := posting_for(event))}
    owed, flights = charges + tips - credit_before, defaultdict(int)
    for posting in postings.values():
        for entry in posting.entries:
            if entry.account == "merchant:mer_1:receivable":
                owed += entry.signed
                assert entry.code in SETTLING, "no statement shows it as a line of its day"
            if kind_of(entry.account) is COLLECTIONS_IN_FLIGHT:
                flights[entry.item] += entry.signed
    assert owed == invoice.open.amount - credit.amount
    in_flight = {one.id: one.amount.amount for one in invoice.payments if one.state is PaymentState.IN_FLIGHT}
    assert {item: amount for item, amount in flights.items() if amount} == in_flight


def test_a_payment_under_the_same_reference_is_booked_once():
    invoice, _ = issued()
    paid, _ = invoice.with_payment("E2E-1", money(500), False, "ann", NOW)
    again, more = paid.with_payment("E2E-1", money(500), False, "ann", NOW)
    assert again is paid
    assert more == money(0)
    with pytest.raises(Refusal, match="reference_used"):
        paid.with_payment("E2E-1", money(501), False, "ann", NOW)


def test_an_overpayment_is_credit_that_pays_the_next_invoice():
    first, credit = issued()
    first, more = first.with_payment("E2E-1", money(first.total.amount + 700), False, "ann", NOW)
    assert first.state is InvoiceState.PAID
    following, left = issued(credit=(credit + more).amount)
    assert following.open == following.total - money(700)
    assert left == money(0)


def test_a_credit_note_becomes_credit_and_asks_for_nothing():
    note, credit = issued(kind=InvoiceKind.CREDIT_NOTE, days=[day_of(charges=0, tips=0, other=-500)])
    assert (note.open, note.state, credit) == (money(0), InvoiceState.CREDITED, money(500))


def test_a_payment_that_comes_back_opens_the_invoice_again():
    invoice, _ = issued()
    paid, _ = invoice.with_payment("E2E-1", invoice.total, False, "ann", NOW)
    back, _ = paid.with_payment_returned("E2E-1", PaymentState.CHARGED_BACK, NOW)
    assert back.open == invoice.total
    assert posting_for(back.events[-1]).kind is PostingKind.CHARGEBACK


def test_what_an_invoice_books_is_taken_back_by_calls_about_the_invoice_alone():
    invoice, _ = issued(tax=VAT)
    paid, _ = invoice.with_payment("E2E-1", invoice.total, False, "ann", NOW)
    back, _ = paid.with_payment_returned("E2E-1", PaymentState.CHARGED_BACK, NOW)
    gone = back.written_off_by("ann", NOW).written_off_by("bo", NOW)
    postings = {posting.id: posting for event in gone.events if (posting := posting_for(event))}.values()
    assert {one.kind for one in postings} == {
        *(PostingKind.SALES_TAX, PostingKind.MERCHANT_PAYMENT, PostingKind.CHARGEBACK, PostingKind.WRITE_OFF)
    }
    assert not any(map(is_reversible, postings))


@pytest.mark.parametrize(
    ("event", "is_charge"), [(closed(), True), (sample("refund.granted"), True), (sample("claim.decided"), False)]
)
def test_a_reversal_by_staff_takes_charges_back_as_charges_and_compensation_as_what_it_was(event, is_charge):
    posting = posting_for(event)
    (merchant,) = (one for one in posting.owners if one.startswith("merchant:"))
    first, back = (line_for(merchant, one) for one in (posting, reversal_posting(posting, NOW, "no", "ann")))
    once = empty_day(FIRST, posting.currency).and_also(first)
    assert bool(once.charges.amount) is is_charge
    both = once.and_also(back)
    assert (both.charges.amount, both.tips.amount, both.other.amount) == (0, 0, 0)


def test_reminders_come_on_their_days_and_a_late_sweep_sends_one():
    invoice, _ = issued()
    assert invoice.reminded(NOW + timedelta(days=16)) is invoice
    first = invoice.reminded(NOW + timedelta(days=17))
    assert first.state is InvoiceState.OVERDUE
    assert first.events[-1].data["step"] == 1
    assert first.reminded(NOW + timedelta(days=18)) is first
    late = first.reminded(NOW + timedelta(days=90))
    assert late.is_flagged
    assert late.due_at is None
    assert len(late.events) == len(first.events) + 1


def test_one_person_writes_nothing_off():
    invoice, _ = issued()
    asked = invoice.written_off_by("ann", NOW)
    assert asked.open == invoice.open
    with pytest.raises(Refusal, match="second_person_needed"):
        asked.written_off_by("Ann", NOW)
    assert asked.written_off_by("bo", NOW).state is InvoiceState.WRITTEN_OFF


def test_tax_is_on_charges_and_not_on_tips_and_compensation():
    invoice = document(tax=Tax(name="VAT", rate_bp=2000), days=[day_of(charges=1000, tips=300, other=50)])
    assert invoice.tax_amount == money(200)
    assert invoice.total == money(1550)


def test_days_without_lines_are_not_on_it():
    assert empty_day(FIRST, "USD").total == Money.zero("USD")
    assert document(days=[]).net == Money.zero("USD")
