"""Exports of the journal: other programs balance it, and it is told in the columns that they ask for."""

import csv
import io
import shutil
import subprocess
from datetime import timedelta

import pytest
from beancount import loader
from beancount.core.amount import Amount
from beancount.core.data import Transaction
from beancount.core.number import D
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import CHART, PAYOUTS_IN_FLIGHT
from crowdship.settlement.causes import posting_for
from crowdship.settlement.exports import formats
from crowdship.settlement.exports.naming import CODE_OF, group_name, ledger_name
from crowdship.settlement.ledger import PAID_OUT, Posting, PostingKind, entry
from crowdship.settlement.pending import pending_one, posted_one, voided_one
from crowdship.settlement.sums import Tally, groups_of
from tests.unit.settlement.test_postings import DAY, NOON, adjustment, closed, usd

HLEDGER = shutil.which("hledger")
WILD = 'a "note"; with | marks \\ and\nlines, 中文 =1+1'


def in_currency(currency, amount, number):
    money = Money(amount=amount, currency=currency)
    return adjustment(f"adj_{number}", f"drv_{number}", money, WILD, NOON, "ana")


def reserved(number=1):
    flight = entry(PAYOUTS_IN_FLIGHT.group, usd(-700), PAID_OUT, f"pay_{number}")
    entries = (*entry("driver:drv_1:payable", usd(700), PAID_OUT), *flight)
    return pending_one(Posting.caused_by(f"ipy_{number}", PostingKind.INSTANT_PAYOUT, NOON, entries))


def journal():
    """One of each phase, and amounts of currencies with no, two and three decimals."""
    first, second, third = reserved(1), reserved(2), reserved(3)
    return [
        posting_for(closed()),
        in_currency("JPY", 1234, 1),
        in_currency("KWD", -1234, 2),
        first,
        posted_one(first, NOON),
        second,
        voided_one(second, NOON),
        third,
    ]


def as_beancount(postings):
    names = {name for posting in postings for name, _ in formats.lines_of(posting)}
    texts = [formats.beancount_head(DAY, DAY), *map(formats.beancount_posting, postings)]
    return "".join([*texts, formats.beancount_foot(names, DAY)])


def as_hledger(postings):
    return formats.hledger_head(DAY, DAY) + "".join(map(formats.hledger_posting, postings))


def balances_of(entries):
    found = {}
    for one in entries:
        if isinstance(one, Transaction):
            for line in one.postings:
                key = line.account, line.units.currency
                found[key] = found.get(key, D(0)) + line.units.number
    return {key: number for key, number in found.items() if number}


def expected_balances(postings):
    return {
        (ledger_name(key.name), key.currency): Money(amount=columns.balance, currency=key.currency).decimal
        for key, columns in Tally.of(postings).accounts.items()
        if columns.balance
    }


def test_beancount_reads_the_journal_without_an_error_and_has_our_balances():
    entries, errors, _ = loader.load_string(as_beancount(journal()))
    assert errors == []
    posted = {key: number for key, number in balances_of(entries).items() if not key[0].endswith(":Pending")}
    assert posted == expected_balances(journal())


def test_a_reservation_is_marked_and_stands_beside_the_posted_balance_until_it_is_resolved():
    entries, _, _ = loader.load_string(as_beancount(journal()))
    flags = [one.flag for one in entries if isinstance(one, Transaction)]
    assert flags.count("!") == 3
    pending = {key: number for key, number in balances_of(entries).items() if key[0].endswith(":Pending")}
    assert pending == {
        ("Liabilities:Drivers:Drv-1:Payable:Pending", "USD"): D("7.00"),
        ("Liabilities:Platform:Payouts-In-Flight:Pending", "USD"): D("-7.00"),
    }


def test_amounts_have_the_decimals_of_their_currency():
    text = as_beancount(journal())
    entries, _, _ = loader.load_string(text)
    amounts = [line.units for one in entries if isinstance(one, Transaction) for line in one.postings]
    assert Amount(D("-1234"), "JPY") in amounts
    assert Amount(D("1.234"), "KWD") in amounts


@pytest.mark.skipif(HLEDGER is None, reason="hledger is not installed")
def test_hledger_reads_the_journal_and_has_our_balances(tmp_path):
    file = tmp_path / "books.journal"
    file.write_text(as_hledger(journal()))
    subprocess.run([HLEDGER, "check", "-f", file], check=True, capture_output=True)
    asked = [HLEDGER, "balance", "-f", file, "-N", "--flat", "-O", "csv", "--layout=bare"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)
    rows = csv.reader(io.StringIO(told.stdout))
    found = {(name, currency): D(number) for name, currency, number in list(rows)[1:] if "Pending" not in name}
    assert {key: number for key, number in found.items() if number} == expected_balances(journal())


def test_each_line_of_the_csv_is_one_entry_and_no_cell_is_a_formula():
    text = formats.csv_head() + "".join(map(formats.csv_posting, journal()))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == sum(len(one.entries) + len(one.releases) for one in journal())
    assert {row["phase"] for row in rows} == {"posted", "pending", "voided", "released"}
    for currency in ("USD", "JPY", "KWD"):
        mine = [row for row in rows if row["currency"] == currency]
        assert sum(D(row["debit"] or "0") for row in mine) == sum(D(row["credit"] or "0") for row in mine) > 0
    formula = posting_for(closed()).model_copy(update={"note": "=HYPERLINK(1)", "external_id": "@cmd"})
    line = next(csv.DictReader(io.StringIO(formats.csv_head() + formats.csv_posting(formula))))
    assert (line["note"], line["external_id"]) == ("'=HYPERLINK(1)", "'@cmd")


@pytest.mark.parametrize("note", ["-2+3+cmd|' /C calc'!A0", "-1", "-1.50 USD", "+1", "-cmd", "-١"])
def test_a_note_that_begins_like_an_amount_is_no_formula_either(note):
    posting = posting_for(closed()).model_copy(update={"note": note})
    line = next(csv.DictReader(io.StringIO(formats.csv_head() + formats.csv_posting(posting))))
    assert line["note"] == (note if note == "-1" else f"'{note}")


def day_sums():
    return groups_of(Tally.of(journal()).accounts)


def test_a_day_for_quickbooks_is_a_journal_for_each_currency_that_balances():
    rows = list(csv.DictReader(io.StringIO(formats.quickbooks_head() + formats.quickbooks_day(DAY, day_sums()))))
    assert {row["JournalNo"] for row in rows} == {"20260302-JPY", "20260302-KWD", "20260302-USD"}
    assert {row["JournalDate"] for row in rows} == {"03/02/2026"}
    for number in {row["JournalNo"] for row in rows}:
        mine = [row for row in rows if row["JournalNo"] == number]
        assert sum(D(row["Debits"] or "0") - D(row["Credits"] or "0") for row in mine) == 0
        assert all(bool(row["Debits"]) is not bool(row["Credits"]) for row in mine)


def test_a_day_for_xero_is_a_manual_journal_for_each_currency_that_adds_up_to_zero():
    rows = list(csv.DictReader(io.StringIO(formats.xero_head() + formats.xero_day(DAY, day_sums()))))
    assert {row["*Date"] for row in rows} == {"02 Mar 2026"}
    for narration in {row["*Narration"] for row in rows}:
        assert sum(D(row["*Amount"]) for row in rows if row["*Narration"] == narration) == 0
    assert {row["*AccountCode"] for row in rows} <= set(CODE_OF.values())


@pytest.mark.parametrize("kind", CHART, ids=lambda kind: kind.group)
def test_each_kind_of_account_has_a_name_and_a_code_of_its_own(kind):
    assert [other for other in CHART if group_name(other.group) == group_name(kind.group)] == [kind]
    assert kind.group in CODE_OF


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["USD", "JPY", "KWD"]), st.integers(-(10**9), 10**9).filter(bool), st.text(max_size=30)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_booked_beancount_reads_it_with_our_balances(booked):
    postings = [
        adjustment(f"r{n}", "drv_1", Money(amount=amount, currency=currency), note, NOON + timedelta(hours=n), "ana")
        for n, (currency, amount, note) in enumerate(booked)
    ]
    entries, errors, _ = loader.load_string(as_beancount(postings))
    assert errors == []
    assert balances_of(entries) == expected_balances(postings)
