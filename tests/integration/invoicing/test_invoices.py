"""Invoices from the ledger: sums, numbers, files, mails, payments, and what a second run changes."""

import csv
import email
import io
from datetime import UTC, date, datetime, timedelta

import boto3
import pypdfium2
import pytest

from crowdship.invoicing import making, queue, service
from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.files import InvoiceFiles
from crowdship.invoicing.inputs import PaymentInput
from crowdship.invoicing.invoice import InvoiceState
from crowdship.invoicing.mailing import SesMails, message_of
from crowdship.invoicing.store import InvoiceRow
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Refusal
from crowdship.kernel.money import Money
from crowdship.merchants import service as merchants
from crowdship.merchants.billing import Billing, BillingCycle, Tax
from crowdship.merchants.model import MerchantInput, Scope
from crowdship.settlement import booking
from crowdship.settlement.ledger import Posting, PostingKind, entry
from crowdship.settlement.store import PostingRow, book
from tests.faults import Lost, each_call_failing
from tests.integration.settlement.conftest import close_day
from tests.integration.settlement.test_functions import Context, ask, function

pytestmark = pytest.mark.usefixtures("aws")

MONDAY = date(2026, 6, 1)
SUNDAY = date(2026, 6, 7)


class Outbox:
    """Keeps what would be mailed."""

    def __init__(self):
        self.sent = []

    def send(self, invoice, address, pdf):
        self.sent.append((invoice.number, address, pdf))


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 6, 1, 9, tzinfo=UTC))


@pytest.fixture
def files(monkeypatch):
    monkeypatch.setenv("STAGE", "prod")
    boto3.client("s3").create_bucket(Bucket="invoices")
    monkeypatch.setenv("INVOICES_BUCKET", "invoices")
    return InvoiceFiles("invoices")


@pytest.fixture
def outbox():
    return Outbox()


@pytest.fixture
def merchant(clock):
    return signed_up(clock)


def signed_up(clock, name="Corner Bakery", **billing):
    merchant = merchants.sign_up(MerchantInput(name=name, billing_email="books@example.com"), clock)
    terms = Billing(cycle=BillingCycle.WEEKLY, **billing)
    return merchants.change(merchant.id, lambda one: ((two := one.with_changes(billing=terms)), two))


def usd(amount, currency="USD"):
    return Money(amount=amount, currency=currency)


def charged(merchant, number, day=MONDAY, amount=1250, tip=300, currency="USD", kind=PostingKind.DELIVERY):
    """Book a charge of a merchant on a day; below zero it is a refund."""
    time = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    receivable, whole = f"merchant:{merchant.id}:receivable", usd(amount + tip, currency)
    entries = (
        *entry(receivable, usd(amount, currency), "base"),
        *entry(receivable, usd(tip, currency), "tip"),
        *entry("platform:fees", -whole, "fee"),
    )
    about = {"delivery_id": f"dlv_{number}", "external_id": f"=order-{number}"}
    return book(Posting.caused_by(f"evt_{merchant.id}_{number}", kind, time, entries, **about))


def settle(clock, first=MONDAY, last=SUNDAY):
    """Let the days be over and settled."""
    clock.moment = datetime(last.year, last.month, last.day, 6, tzinfo=UTC) + timedelta(days=1)
    day = first
    while day <= last:
        close_day(day, clock)
        day += timedelta(days=1)


def receivable_of(merchant, first, last):
    """Return what the ledger says of a merchant's receivable over some days."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    entries = (entry for day in days for posting in PostingRow.of_period(day) for entry in posting.entries)
    return sum(entry.signed for entry in entries if entry.account == f"merchant:{merchant.id}:receivable")


def test_an_invoice_and_a_credit_note_sum_to_the_ledgers_lines_exactly(clock, files, outbox, merchant):
    for number in range(5):
        charged(merchant, number, MONDAY + timedelta(days=number))
    charged(merchant, 9, MONDAY, amount=-400, tip=0, kind=PostingKind.REFUND)
    settle(clock)
    made = making.make_due(merchant.id, files, outbox, clock)
    assert {one.kind for one in made} == set(InvoiceKind)
    assert sum(one.net.amount for one in made) == receivable_of(merchant, MONDAY, SUNDAY) == 5 * 1550 - 400
    invoice = next(one for one in made if one.kind is InvoiceKind.INVOICE)
    assert (invoice.number, invoice.applied_credit) == ("US-I-000001", usd(400)), "the credit note pays a part of it"
    lines = list(csv.DictReader(io.StringIO(files.read(invoice.csv_key).decode())))
    assert len(lines) == 5
    assert {line["external_id"] for line in lines} == {f"'=order-{number}" for number in range(5)}
    assert lines[0]["total"] == "15.50"
    note = next(one for one in made if one.kind is InvoiceKind.CREDIT_NOTE)
    assert note.days[0].charges == usd(-400), "what is given back of charges lowers their tax"
    page = pypdfium2.PdfDocument(files.read(invoice.pdf_key))[0].get_textpage().get_text_bounded()
    assert "77.50 USD" in page
    assert sorted(number for number, _, _ in outbox.sent) == ["US-C-000001", "US-I-000001"]
    assert {address for _, address, _ in outbox.sent} == {"books@example.com"}


def test_a_second_run_changes_nothing_and_mails_nothing(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock)
    (first,) = making.make_due(merchant.id, files, outbox, clock)
    assert making.make_due(merchant.id, files, outbox, clock) == []
    again = making.make(merchant.id, first.span, files, outbox, clock)
    assert [one.number for one in again] == [first.number]
    assert len(outbox.sent) == 1
    assert InvoiceRow.load(first.id).sequence == first.sequence


def test_a_span_waits_until_each_of_its_days_is_settled(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock, MONDAY, SUNDAY - timedelta(days=1))
    clock.moment += timedelta(days=1)
    assert making.make_due(merchant.id, files, outbox, clock) == []
    settle(clock, SUNDAY, SUNDAY)
    assert len(making.make_due(merchant.id, files, outbox, clock)) == 1


def test_weeks_in_which_nothing_ran_are_caught_up_in_their_order(clock, files, outbox, merchant):
    for week in range(3):
        charged(merchant, week, MONDAY + timedelta(weeks=week))
    settle(clock, MONDAY, SUNDAY + timedelta(weeks=2))
    assert list(making.due(clock)) == [merchant.id]
    made = making.make_due(merchant.id, files, outbox, clock)
    assert [one.span.first for one in made] == [MONDAY + timedelta(weeks=week) for week in range(3)]
    assert [one.number for one in made] == ["US-I-000001", "US-I-000002", "US-I-000003"]
    assert list(making.due(clock)) == []


def test_each_currency_has_its_own_invoice_from_its_own_entity(clock, files, outbox, merchant):
    charged(merchant, 1)
    charged(merchant, 2, currency="EUR")
    settle(clock)
    made = making.make_due(merchant.id, files, outbox, clock)
    assert {(one.currency, one.number) for one in made} == {("USD", "US-I-000001"), ("EUR", "EU-I-000001")}


def test_a_week_without_lines_has_no_document_and_is_billed(clock, files, outbox, merchant):
    settle(clock)
    assert making.make_due(merchant.id, files, outbox, clock) == []
    assert making.account_of(merchant.id).billed_to == SUNDAY


@pytest.mark.parametrize("lost", Lost)
def test_a_run_that_stops_anywhere_is_finished_by_the_next_and_no_number_is_missing(clock, files, outbox, lost):
    runs = 0
    for number, faulty in enumerate(each_call_failing(lost, at_least=8)):
        if number % 3:
            continue
        clock.moment = _sunday(number)
        merchant, day = signed_up(clock, f"Bakery {number}"), clock.moment.date()
        charged(merchant, number, day)
        settle(clock, day, day)
        with faulty:
            making.make_due(merchant.id, files, outbox, clock)
        making.make_due(merchant.id, files, outbox, clock)
        (done,), _ = service.of_merchant(merchant.id, None, 10)
        assert (done.state, done.mailed_at is not None) == (InvoiceState.ISSUED, True)
        runs += 1
        assert done.number == f"US-I-{runs:06d}"
    assert runs > 3


def _sunday(number):
    day = SUNDAY + timedelta(weeks=number)
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def test_payments_are_booked_by_their_events_and_close_the_invoice(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    half = PaymentInput(act="announced", reference="E2E-1", amount=usd(550))
    service.record_payment(made.id, half, "ann", clock)
    assert service.get(made.id).state is InvoiceState.PARTLY_PAID
    service.record_payment(made.id, PaymentInput(act="settled", reference="E2E-1"), "ann", clock)
    rest = PaymentInput(act="paid", reference="E2E-2", amount=usd(2000))
    service.record_payment(made.id, rest, "ann", clock)
    service.record_payment(made.id, rest, "ann", clock)
    assert service.get(made.id).state is InvoiceState.PAID
    assert making.account_of(merchant.id).credit_in("USD") == usd(1000)
    for event in _events_of(made.id):
        booking.post(event)
        booking.post(event)
    assert receivable_of(merchant, MONDAY, MONDAY + timedelta(days=10)) == -1000


def _events_of(invoice_id):
    """Return the events of an invoice, as its rows emitted them, by playing it again."""
    return [event for event in EMITTED if event.subject == invoice_id]


EMITTED = []


@pytest.fixture(autouse=True)
def emitted(monkeypatch, request):
    """Note what documents emit; a test that reads no PDF file does not wait for one to be drawn."""
    if "files" in request.fixturenames and "sum_to" not in request.node.name:
        monkeypatch.setattr(making, "pdf_of", lambda invoice, entity: f"%PDF {invoice.number}".encode())
    EMITTED.clear()
    original = InvoiceRow.of.__func__

    def noting(cls, invoice):
        EMITTED.extend(invoice.events)
        return original(cls, invoice)

    monkeypatch.setattr(InvoiceRow, "of", classmethod(noting))


def test_a_payment_that_comes_back_and_a_write_off_need_what_they_need(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    with pytest.raises(Refusal, match="no_such_payment"):
        service.record_payment(made.id, PaymentInput(act="returned", reference="E2E-9"), "ann", clock)
    service.record_payment(made.id, PaymentInput(act="written_off"), "ann", clock)
    with pytest.raises(Refusal, match="second_person_needed"):
        service.record_payment(made.id, PaymentInput(act="written_off"), "ann", clock)
    assert service.record_payment(made.id, PaymentInput(act="written_off"), "bo", clock).state == "written_off"


def test_the_sweep_reminds_of_what_is_overdue_and_lists_it_first(clock, files, outbox, merchant):
    patient = signed_up(clock, "Patient", terms_days=90)
    for one in (merchant, patient):
        charged(one, 1)
    settle(clock)
    making.make_due(patient.id, files, outbox, clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    assert service.remind(clock) == 0
    clock.advance(timedelta(days=18))
    assert service.remind(clock) == 1
    assert service.remind(clock) == 0
    shown = service.shown_to_staff(None, None, None, 50, lambda: files)
    assert [(one.merchant_name, one.state) for one in shown.invoices] == [(made.name, "overdue"), ("Patient", "issued")]
    clock.advance(timedelta(days=60))
    assert service.remind(clock) == 1
    shown = service.shown_to_staff(None, None, None, 50, lambda: files).invoices
    assert [one.flagged for one in shown] == [True, False]


def test_all_that_are_due_at_one_moment_are_reminded_of_in_one_sweep(clock, files, outbox, monkeypatch):
    many = [signed_up(clock, f"Shop {number}") for number in range(130)]
    for one in many:
        charged(one, 1)
    settle(clock)
    for one in many:
        making.make_due(one.id, files, outbox, clock)
    clock.advance(timedelta(days=18))
    assert service.remind(clock) == 130
    assert service.remind(clock) == 0


def test_staff_read_all_open_invoices_page_by_page_though_they_are_due_at_one_moment(clock, files, outbox):
    many = [signed_up(clock, f"Shop {number}") for number in range(7)]
    for one in many:
        charged(one, 1)
    settle(clock)
    made = {making.make_due(one.id, files, outbox, clock)[0].id for one in many}
    found, cursor = [], None
    while True:
        page = service.shown_to_staff(None, None, cursor, 3, lambda: files)
        found += [one.invoice_id for one in page.invoices]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(found) == 7
    assert set(found) == made
    with pytest.raises(Refusal, match="bad_cursor"):
        service.shown_to_staff(None, None, "nonsense", 3, lambda: files)


def test_a_merchant_reads_its_own_invoices_with_links(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    module = function("merchant/invoices")
    key = merchants.issue_key(merchant.id, frozenset(Scope), clock)
    status, told = ask(module, "GET", "/v1/invoices", key=key)
    assert (status, told["account"][0]["open"]["amount"]) == (200, 1550)
    assert told["invoices"][0]["pdf_url"] is None
    status, told = ask(module, "GET", "/v1/invoices", key=key, id=made.id)
    assert "https://" in told["invoices"][0]["pdf_url"]
    assert told["invoices"][0]["days"][0]["lines"] == 1
    other = signed_up(clock, "Other")
    key = merchants.issue_key(other.id, frozenset(Scope), clock)
    status, told = ask(module, "GET", "/v1/invoices", key=key, id=made.id)
    assert (status, told["code"]) == (404, "no_such_invoice")


def test_staff_record_a_payment_and_are_told_what_is_wrong_with_one(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    module = function("console/invoices", clock)
    path = f"/v1/staff/invoices/{made.id}/payments"
    body = {"act": "paid", "reference": "E2E-1", "amount": {"amount": 1550, "currency": "USD"}}
    status, told = ask(module, "POST", path, group="finance", body=body)
    assert (status, told["state"]) == (200, "paid")
    assert ask(module, "POST", path, group="support", body=body)[0] == 403
    wrong = {"act": "paid", "reference": "E2E-2", "amount": {"amount": 10, "currency": "EUR"}}
    status, told = ask(module, "POST", path, group="finance", body=wrong)
    assert (status, told["code"]) == (422, "other_currency")
    assert ask(module, "POST", path, group="finance", body={"act": "paid"})[0] == 422
    assert ask(module, "GET", "/v1/staff/invoices", group="finance", merchant_id=merchant.id)[0] == 200


def test_the_daily_sweep_asks_for_merchants_and_the_queues_function_bills_them(clock, files, merchant, monkeypatch):
    charged(merchant, 1)
    settle(clock)
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="invoices")["QueueUrl"]
    monkeypatch.setenv("INVOICES_QUEUE_URL", url)
    monkeypatch.setenv("SENDER_EMAIL", "hello@example.com")
    boto3.client("ses").verify_email_identity(EmailAddress="hello@example.com")
    queue._sqs.cache_clear()
    assert function("tasks/invoicing", clock).handler({}, Context()) == {"asked": 1, "reminded": 0}
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    record = {"messageId": "m1", "body": message["Body"], "eventSource": "aws:sqs"}
    module = function("tasks/make_invoices", clock)
    assert module.handler({"Records": [record]}, Context()) == {"batchItemFailures": []}
    (made,) = service.of_merchant(merchant.id, None, 10)[0]
    assert made.mailed_at is not None


def test_the_mail_has_the_pdf_as_an_attachment(clock, files, outbox, merchant):
    charged(merchant, 1)
    settle(clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    written = message_of(made, "hello@example.com", "books@example.com", b"%PDF-")
    read = email.message_from_bytes(written.as_bytes())
    parts = [part.get_content_type() for part in read.walk()]
    assert parts == ["multipart/mixed", "text/plain", "application/pdf"]
    assert made.number in read["Subject"]
    assert SesMails


def test_tax_and_terms_are_those_of_the_merchant(clock, files, outbox):
    merchant = signed_up(clock, tax=Tax(name="VAT", rate_bp=1900), terms_days=30)
    charged(merchant, 1)
    settle(clock)
    (made,) = making.make_due(merchant.id, files, outbox, clock)
    assert made.tax_amount == usd(238)
    assert made.due_on == clock.now().date() + timedelta(days=30)
