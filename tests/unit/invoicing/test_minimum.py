"""The minimum of a month: which contracts ask for it by which days, and what charges are short of it."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.invoicing.minimum import (
    Month,
    MonthlyMinimum,
    charge_of,
    contract_for,
    day_of,
    in_order,
    is_delivered,
    minimums_of,
    short_of,
)
from crowdship.invoicing.spans import spans_due
from crowdship.merchants.billing import BillingCycle
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.accounts import kind_of
from crowdship.settlement.causes.minimums import minimum_id_for, minimum_posting
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.statements import StatementLine, line_for
from crowdship.settlement.trial_balance import trial_balance
from crowdship.tariffs.model import Contract, Validity
from tests.unit.invoicing.documents import NOW, VAT, document, money
from tests.unit.invoicing.documents import day_of as document_day

JUNE = Month.of(date(2026, 6, 1))
ZONES = {"loop": "USD", "north": "USD"}
CHICAGO = ZoneInfo("America/Chicago")


def contract(starts, minimum=20_000, ends=None, zones=(), currency="USD"):
    named = {"table_id": f"ptb_{starts}", "currency": currency, "zone_ids": zones}
    return Contract(validity=Validity(**named, starts_on=starts, ends_on=ends), monthly_minimum=minimum)


def june(day):
    return date(2026, 6, day)


def line(amount=1250, tip=300, time=datetime(2026, 6, 30, 23, 30, tzinfo=UTC), currency="USD"):
    parts = PricePart(code="base", amount=money(amount, currency)), PricePart(code="tip", amount=money(tip, currency))
    return StatementLine(
        posting_id="pst_1", kind=PostingKind.DELIVERY, time=time, parts=parts, outcome=Outcome.DELIVERED
    )


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        ([], {}),
        ([contract(date(2026, 1, 1))], {"USD": 20_000}),
        ([contract(date(2026, 1, 1), None)], {}),
        ([contract(date(2026, 1, 1), 0)], {}),
        ([contract(june(16))], {"USD": 10_000}),
        ([contract(june(1), ends=june(4))], {"USD": 2_000}),
        ([contract(date(2026, 7, 1))], {}),
        ([contract(june(1)), contract(june(16), 40_000)], {"USD": 30_000}),
        ([contract(june(1)), contract(june(16), None)], {"USD": 10_000}),
        ([contract(june(1)), contract(june(10), 0, ends=june(13))], {"USD": 18_000}),
        ([contract(date(2026, 5, 1)), contract(june(1), 6_000, zones=("north",))], {"USD": 26_000}),
        ([contract(june(1), zones=("loop",)), contract(june(16), 3_000, zones=("north",))], {"USD": 21_500}),
        ([contract(june(1), zones=("elsewhere",))], {}),
        ([contract(june(1), currency="EUR")], {}),
    ],
)
def test_a_months_minimum_is_that_of_the_contracts_in_force_by_their_days(contracts, expected):
    minimums = minimums_of(JUNE, contracts, ZONES)
    assert {currency: minimum.amount for currency, minimum in minimums.items()} == expected


@pytest.mark.parametrize(("minimum", "days", "expected"), [(15, 1, 0), (45, 1, 2), (75, 1, 2), (1, 16, 1), (1, 15, 0)])
def test_a_share_of_a_month_is_rounded_half_to_even_once(minimum, days, expected):
    minimums = minimums_of(JUNE, [contract(june(1), minimum, ends=june(1) + timedelta(days=days))], ZONES)
    assert sum(one.amount for one in minimums.values()) == expected


@given(st.integers(1, 10_000_000), st.lists(st.integers(2, 30), max_size=5, unique=True))
def test_a_contract_that_is_renewed_within_the_month_asks_for_the_whole_minimum(minimum, days):
    contracts = [contract(june(day), minimum) for day in (1, *days)]
    assert minimums_of(JUNE, contracts, ZONES) == {"USD": money(minimum)}


@given(st.integers(1, 10_000_000), st.integers(1, 30), st.integers(1, 30))
def test_a_minimum_is_within_half_a_minor_unit_of_its_days(minimum, begins, length):
    ends = min(june(begins) + timedelta(days=length), date(2026, 7, 1))
    minimums = minimums_of(JUNE, [contract(june(begins), minimum, ends=ends)], ZONES)
    exact = Fraction(minimum * (ends - june(begins)).days, 30)
    assert abs(sum(one.amount for one in minimums.values()) - exact) <= Fraction(1, 2)


@given(
    st.integers(1, 100_000),
    st.lists(st.tuples(st.integers(1, 30), st.integers(-5_000, 20_000)), max_size=40),
    st.sampled_from(BillingCycle),
    st.integers(1, 28),
)
def test_what_the_spans_of_a_month_charge_is_the_minimum_if_the_orders_are_below_it(minimum, orders, cycle, signed_up):
    orders = [(june(day), money(amount)) for day, amount in orders]
    spans = list(spans_due(date(2026, 5, signed_up), date(2026, 8, 1), cycle))
    lifted = [
        short_of(money(minimum), [amount for _, amount in in_order(("dlv", amount) for _, amount in orders)])
        for span in spans
        if Month.ending_in(span) == JUNE
    ]
    assert len(lifted) == 1, "one span alone ends the month"
    charged = sum(amount.amount for _, amount in orders)
    assert charged + lifted[0].amount == max(minimum, charged)


def test_charges_are_read_until_the_minimum_is_reached_and_no_further():
    charges = in_order([("a", money(500)), ("b", money(-200)), ("c", money(9_000)), ("d", money(700))])
    assert short_of(money(8_000), (amount for _, amount in charges)) == money(0)
    assert [name for name, _ in charges] == ["d", "a"]


def test_tips_are_no_charges():
    assert charge_of(line(amount=1250, tip=300)) == money(1250)


def test_orders_that_were_not_delivered_and_refunds_do_not_count():
    assert is_delivered(PostingKind.DELIVERY, Outcome.DELIVERED)
    assert is_delivered(PostingKind.DELIVERY_REVERSAL, Outcome.DELIVERED)
    assert not is_delivered(PostingKind.DELIVERY, Outcome.CANCELLED_AT_PICKUP)
    assert not is_delivered(PostingKind.REFUND, None)


def test_an_order_counts_in_the_month_of_the_merchants_time_zone():
    late = line(time=datetime(2026, 7, 1, 3, 0, tzinfo=UTC))
    assert day_of(late, date(2026, 7, 1), CHICAGO) == june(30)
    assert day_of(late, date(2026, 7, 1), ZoneInfo("UTC")) == date(2026, 7, 1)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(0, 3), st.sampled_from(
    ["UTC", "America/Chicago", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
))  # fmt: skip
def test_each_line_counts_in_one_month_that_reads_its_day(time, late, zone):
    time, local = time.replace(tzinfo=UTC), ZoneInfo(zone)
    period = time.date() + timedelta(days=late)
    day = day_of(line(time=time), period, local)
    assert period in Month.of(day).utc_days(local)


def test_an_order_is_under_the_contract_that_holds_in_its_zone_and_currency_on_the_day_of_its_pickup():
    general, north = contract(june(1), ends=june(20)), contract(june(10), zones=("north",))
    both = [general, north]
    assert contract_for(both, "north", june(9), "USD") == general
    assert contract_for(both, "north", june(10), "USD") == north
    assert contract_for(both, "loop", june(10), "USD") == general
    assert contract_for(both, "loop", june(20), "USD") is None
    assert contract_for(both, "loop", june(10), "EUR") is None


def test_a_later_contract_in_another_currency_takes_no_order_and_no_minimum_from_the_one_before():
    dollars, euros = contract(june(1)), contract(june(10), currency="EUR")
    both = [dollars, euros]
    assert contract_for(both, "north", june(20), "USD") == dollars
    assert contract_for(both, "paris", june(20), "EUR") == euros


def test_the_posting_of_a_minimum_is_one_for_each_month_and_balances_without_a_statement():
    posting = minimum_posting("mer_1", "2026-06", money(750), NOW)
    assert posting.id == minimum_id_for("mer_1", "2026-06", "USD")
    assert posting.id not in {minimum_id_for("mer_1", "2026-07", "USD"), minimum_id_for("mer_2", "2026-06", "USD")}
    assert {entry.account: entry.signed for entry in posting.entries} == {
        "merchant:mer_1:receivable": 750,
        "platform:fees": -750,
    }
    assert trial_balance([posting]).off_by == 0
    assert not any(kind_of(entry.account).clearing for entry in posting.entries)
    assert line_for("merchant:mer_1", posting) is None


def test_a_minimum_is_a_part_of_the_net_and_is_taxed_as_charges_are():
    minimum = MonthlyMinimum(month="2026-06", amount=money(1_000))
    invoice = document(tax=VAT, days=[document_day(charges=1_000, tips=300)], minimum=minimum)
    assert invoice.net == money(2_300)
    assert invoice.tax_amount == money(380)
