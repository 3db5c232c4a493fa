"""The minimum of a month: booked once, on the invoice that ends the month, whatever stops or changes in between."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from crowdship.invoicing import making, month_end, service
from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.files import InvoiceFiles
from crowdship.invoicing.spans import Span
from crowdship.kernel.errors import Refusal
from crowdship.kernel.hours import OpeningHours
from crowdship.kernel.money import Money
from crowdship.merchants import service as merchants
from crowdship.merchants.billing import Billing, BillingCycle
from crowdship.merchants.model import MerchantInput, Store
from crowdship.pricing.model import Outcome
from crowdship.settlement.causes.minimums import minimum_id_for
from crowdship.settlement.causes.reversals import reversal_posting
from crowdship.settlement.ledger import Posting, PostingKind, entry
from crowdship.settlement.store import PostingRow, book, booked
from crowdship.settlement.trial_balance import trial_balance
from crowdship.tariffs.model import TableVerdict
from tests.city import BAKER, CENTRE
from tests.faults import Lost, each_call_failing
from tests.integration.invoicing.test_invoices import Outbox
from tests.integration.settlement.conftest import close_day
from tests.integration.tariffs.conftest import Prices

SIGNED_UP = date(2026, 6, 22)
FIRST_WEEK = Span(first=SIGNED_UP, last=date(2026, 6, 28))
SECOND_WEEK = Span(first=date(2026, 6, 29), last=date(2026, 7, 5))
SHARE = 9
"""Days of June from the sign-up on; with 100 a day the minimum of the month is 900."""


def usd(amount):
    return Money(amount=amount, currency="USD")


def moment(day, hour=12):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class Books:
    """A bakery with a contract from the day of its sign-up on, its orders, and the days of its books."""

    def __init__(self, prices, files):
        self.prices, self.files, self.outbox = prices, files, Outbox()
        self.clock = prices.city.clock
        self.clock.moment = moment(SIGNED_UP)
        prices.approved()
        self.number = 0
        self.merchant = None

    def sign_up(self, minimum=3_000, cycle=BillingCycle.WEEKLY, hours=None, **fields):
        store = Store(contact=BAKER, point=CENTRE)
        made = merchants.sign_up(MerchantInput(name="Bakery", billing_email="b@example.com", store=store), self.clock)
        changes = {"billing": Billing(cycle=cycle), "hours": hours}
        self.merchant = merchants.change(made.id, lambda one: ((two := one.with_changes(**changes)), two))
        self.prices.city.merchant = self.merchant
        its = {"merchant_id": self.merchant.id, "monthly_minimum": minimum}
        return self.prices.contract({"charge_base": "5.00"}, **its, **fields)

    def charge(self, day, amount, tip=300, currency="USD", outcome=Outcome.DELIVERED, hour=12, order=True):
        """Book the charge of an order on a day; one that is no longer stored is not ``order``."""
        self.number += 1
        delivery_id = self.prices.city.order(f"order-{self.number}").id if order else f"dlv_{self.number}"
        charge, given = Money(amount=amount, currency=currency), Money(amount=tip, currency=currency)
        receivable = f"merchant:{self.merchant.id}:receivable"
        entries = (
            *entry(receivable, charge, "base"),
            *entry(receivable, given, "tip"),
            *entry("platform:fees", -(charge + given), "fee"),
        )
        about = {"delivery_id": delivery_id, "external_id": f"order-{self.number}", "outcome": outcome}
        return book(Posting.caused_by(f"evt_{delivery_id}", PostingKind.DELIVERY, moment(day, hour), entries, **about))

    def settle(self, first, last):
        self.clock.moment = moment(last, 7) + timedelta(days=1)
        for day in Span(first=first, last=last).days:
            close_day(day, self.clock)

    def bill(self):
        return making.make_due(self.merchant.id, self.files, self.outbox, self.clock)

    def minimum(self, month="2026-06"):
        return booked(minimum_id_for(self.merchant.id, month, "USD"))

    def owed(self):
        """Return what the ledger says that the merchant owes, over all days."""
        days = Span(first=SIGNED_UP, last=date(2026, 9, 30)).days
        postings = [posting for day in days for posting in PostingRow.of_period(day)]
        assert trial_balance(postings).off_by == 0
        account = f"merchant:{self.merchant.id}:receivable"
        return sum(one.signed for posting in postings for one in posting.entries if one.account == account)


@pytest.fixture
def books(prices, monkeypatch):
    monkeypatch.setattr(making, "pdf_of", lambda invoice, entity: b"%PDF")
    monkeypatch.setenv("INVOICES_BUCKET", "invoices")
    monkeypatch.setenv("STAGE", "prod")
    boto3.client("s3").create_bucket(Bucket="invoices")
    return Books(prices, InvoiceFiles("invoices"))


@pytest.fixture
def prices(aws):
    return Prices()


def test_what_a_month_is_short_of_the_minimum_is_on_the_weekly_invoice_that_ends_it(books):
    books.sign_up()
    books.charge(SIGNED_UP, 250)
    books.charge(date(2026, 6, 30), 250)
    books.charge(date(2026, 7, 1), 250)
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    first, second = books.bill()
    assert (first.minimum, first.net) == (None, usd(550))
    assert second.minimum.amount == usd(400), "900 for nine days, less 500"
    assert second.net == usd(1_100 + 400)
    assert books.owed() == 1_650 + 400
    lines = list(csv.DictReader(io.StringIO(books.files.read(second.csv_key).decode())))
    assert [line["kind"] for line in lines] == ["delivery", "delivery", "monthly_minimum"]
    assert (lines[-1]["charge"], lines[-1]["tip"], lines[-1]["note"]) == ("4.00", "0.00", "2026-06")
    assert sum(float(line["total"]) for line in lines) == 15.00
    shown = service.shown_to_merchant(books.merchant.id, second.id, None, 10, lambda: books.files)
    assert shown.invoices[0].minimum.model_dump() == {"month": "2026-06", "amount": {"amount": 400, "currency": "USD"}}


def test_a_month_without_orders_has_an_invoice_of_the_minimum_alone(books):
    books.sign_up(cycle=BillingCycle.MONTHLY)
    books.settle(SIGNED_UP, date(2026, 6, 30))
    (made,) = books.bill()
    assert (made.net, made.days, made.number) == (usd(900), (), "US-I-000001")
    assert len(books.files.read(made.csv_key).splitlines()) == 2


def test_a_month_that_reaches_the_minimum_is_charged_nothing_more(books):
    books.sign_up()
    books.charge(SIGNED_UP, 900)
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    (made,) = books.bill()
    assert made.minimum is None
    assert books.minimum() is None


def test_the_next_invoice_does_not_have_the_minimum_again_and_the_next_month_has_its_own(books):
    books.sign_up(cycle=BillingCycle.MONTHLY)
    books.settle(SIGNED_UP, date(2026, 6, 30))
    books.bill()
    books.settle(date(2026, 7, 1), date(2026, 7, 31))
    (july,) = books.bill()
    assert july.minimum.model_dump()["month"] == "2026-07"
    assert july.net == usd(3_000)
    assert books.owed() == 3_900


def test_orders_of_another_currency_and_such_as_were_not_delivered_do_not_count(books):
    books.sign_up()
    books.charge(SIGNED_UP, 5_000, currency="EUR")
    books.charge(SIGNED_UP, 700, outcome=Outcome.CANCELLED_AT_PICKUP)
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    books.bill()
    assert books.minimum().entries[0].amount == usd(900)


def test_a_reversed_delivery_counts_no_longer_and_a_refund_takes_nothing_away(books):
    books.sign_up()
    reversed_one, kept = books.charge(SIGNED_UP, 600), books.charge(SIGNED_UP, 200)
    book(reversal_posting(reversed_one, moment(SIGNED_UP, 14), "not theirs", "ana"))
    receivable, back = f"merchant:{books.merchant.id}:receivable", usd(200)
    refund = (*entry("platform:claims", back, "refunded"), *entry(receivable, -back, "refunded"))
    about = {"delivery_id": kept.delivery_id}
    book(Posting.caused_by("evt_refund", PostingKind.REFUND, moment(SIGNED_UP, 15), refund, **about))
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    books.bill()
    assert books.minimum().entries[0].amount == usd(900 - 200)


def test_orders_from_before_the_contract_do_not_count(books):
    books.sign_up(starts_on="2026-06-26")
    books.charge(SIGNED_UP, 5_000)
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    books.bill()
    assert books.minimum().entries[0].amount == usd(500)


def test_an_order_that_is_no_longer_stored_counts_for_the_merchant(books):
    books.sign_up()
    books.charge(SIGNED_UP, 900, order=False)
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    books.bill()
    assert books.minimum() is None


def test_a_merchant_west_of_utc_waits_for_the_day_in_which_its_month_ends(books):
    week = tuple({"day": day, "opens": "06:00", "closes": "20:00"} for day in ("monday", "tuesday"))
    hours = OpeningHours(time_zone="America/Chicago", week=week)
    books.sign_up(cycle=BillingCycle.MONTHLY, hours=hours)
    books.charge(date(2026, 7, 1), 300, hour=3)
    books.charge(date(2026, 7, 1), 300, hour=6)
    books.settle(SIGNED_UP, date(2026, 6, 30))
    assert books.bill() == []
    books.settle(date(2026, 7, 1), date(2026, 7, 1))
    (made,) = books.bill()
    assert made.minimum.amount == usd(600), "of the two orders one is still in June there"


def test_a_second_run_finds_what_was_booked_though_the_contract_was_withdrawn_meanwhile(books, monkeypatch):
    contract = books.sign_up(cycle=BillingCycle.MONTHLY)
    books.settle(SIGNED_UP, date(2026, 6, 30))
    numbered = making._numbered

    def stops(*_):
        raise RuntimeError("stopped")

    monkeypatch.setattr(making, "_numbered", stops)
    with pytest.raises(RuntimeError, match="stopped"):
        books.bill()
    monkeypatch.setattr(making, "_numbered", numbered)
    before = books.minimum()
    books.prices.decide(contract, TableVerdict.WITHDRAW)
    (made,) = books.bill()
    assert made.minimum.amount == usd(900)
    assert books.minimum() == before


def test_nothing_is_booked_for_a_span_that_another_run_bills_meanwhile(books, monkeypatch):
    contract = books.sign_up(cycle=BillingCycle.MONTHLY)
    books.charge(SIGNED_UP, 250)
    books.settle(SIGNED_UP, date(2026, 6, 30))
    short_of = month_end.short_of

    def slow(*about):
        monkeypatch.setattr(month_end, "short_of", short_of)
        books.prices.decide(contract, TableVerdict.WITHDRAW)
        (made,) = books.bill()
        assert made.minimum is None
        return short_of(*about)

    monkeypatch.setattr(month_end, "short_of", slow)
    books.bill()
    assert books.minimum() is None
    assert books.owed() == 550


def test_a_span_that_is_billed_gets_no_minimum_afterwards(books):
    books.sign_up(minimum=None)
    books.charge(SIGNED_UP, 100)
    books.charge(date(2026, 6, 30), 100)
    books.settle(SIGNED_UP, SECOND_WEEK.last)
    books.bill()
    monthly = {"merchant_id": books.merchant.id, "monthly_minimum": 3_000}
    with pytest.raises(Refusal, match="starts_in_the_past"):
        books.prices.contract({"charge_base": "5.00"}, starts_on="2026-06-22", **monthly)
    (again,) = making.make(books.merchant.id, SECOND_WEEK, books.files, books.outbox, books.clock)
    assert again.minimum is None
    assert books.minimum() is None


@pytest.mark.parametrize("lost", Lost)
def test_a_run_that_stops_anywhere_charges_the_minimum_once(books, lost):
    contract = books.sign_up(cycle=BillingCycle.MONTHLY)
    assert contract.monthly_minimum == 3_000
    books.charge(SIGNED_UP, 250)
    books.settle(SIGNED_UP, date(2026, 6, 30))
    first = books.merchant
    for number, faulty in enumerate(each_call_failing(lost, at_least=20)):
        if number % 3:
            continue
        books.clock.moment = moment(SIGNED_UP)
        books.sign_up(cycle=BillingCycle.MONTHLY)
        assert books.merchant.id != first.id
        books.clock.moment = moment(date(2026, 7, 1), 7)
        with faulty:
            books.bill()
        books.bill()
        (made,), _ = service.of_merchant(books.merchant.id, None, 10)
        assert (made.kind, made.net, made.issued_at is not None) == (InvoiceKind.INVOICE, usd(900), True)
        assert books.owed() == 900
