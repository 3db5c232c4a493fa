"""Bank files: the same bytes for the same run, at most as large as allowed, in memory that does not grow."""

import io
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.money import Money
from crowdship.payouts.nacha.check import check
from crowdship.payouts.nacha.model import FORMAT, FileNames, Limits, Originator, UnfitCredit, capitals, fit
from crowdship.payouts.nacha.records import BATCH_HEADER, ENTRY, FILE_HEADER, Layout
from crowdship.payouts.nacha.writer import TooManyCredits, write
from tests.unit.payouts.files import NAMES, ORIGINATOR, THREE, credit, lines_of, one_file, usd, written


def test_a_file_has_these_very_bytes():
    lines = one_file(THREE).decode().splitlines()
    assert lines[0] == "101 09100001913644556672611300830A094101FIRST BANK OF THE LAKESCROWDSHIP INC".ljust(94)
    assert lines[1] == "5220CROWDSHIP INC                       1364455667PPDPAYROLL         261201   1091000010000001"
    assert lines[2] == "6320114015334000001          0000012346REF000000000001BEN O'HARA              0091000010000001"
    assert lines[3] == "6220910000194000002          0000012347REF000000000002ZOE LUKASIK-MULLER      0091000010000002"
    assert lines[4] == "6321210428824000003          0000012348REF000000000003ANA NUNEZ               0091000010000003"
    assert lines[5] == "82200000030022344442000000000000000000037041" + "1364455667".ljust(35) + "091000010000001"
    assert lines[6] == "9000001000001000000030022344442000000000000000000037041".ljust(94)
    assert lines[7:] == ["9" * 94] * 3


credits = st.builds(
    lambda number, cents, name, note: credit(number, amount=usd(cents), name=f"A{name}", note=note),
    st.integers(1, 10**12 - 1),
    st.integers(1, 10**9),
    st.text(max_size=40),
    st.text(max_size=100),
)


@given(st.lists(credits, min_size=1, max_size=40), st.integers(1, 9_000_000))
@settings(max_examples=40)
def test_whatever_is_paid_to_whomever_the_file_passes_the_check_and_is_the_same_twice(credits, first):
    names = replace(NAMES, first_sequence=first)
    files, lines = written(credits, names)
    assert [check(lines_of(file)) for file in files] == [[] for _ in files]
    assert written(credits, names)[0] == files
    assert sum(line.amount.amount for line in lines) == sum(credit.amount.amount for credit in credits)
    traces = [line.trace_number for line in lines]
    assert traces == sorted(set(traces))
    assert [line.reference for line in lines] == [credit.reference for credit in credits]


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=40))
@settings(max_examples=40)
def test_files_are_cut_at_their_limits_and_no_credit_is_lost_or_twice(amounts):
    limits = Limits(entry=50_000, total=60_000, records=5)
    files, lines = written([credit(number, amount=usd(cents)) for number, cents in enumerate(amounts)], limits=limits)
    assert [check(lines_of(file)) for file in files] == [[] for _ in files]
    assert [line.amount.amount for line in lines] == amounts
    assert [line.file for line in lines] == sorted(line.file for line in lines)
    for number, file in enumerate(files):
        records = file.decode().splitlines()
        entries = [ENTRY.read(record) for record in records if record[0] == "6"]
        assert FILE_HEADER.read(records[0])["file_id_modifier"] == "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[number]
        assert 1 <= len(entries) <= limits.records
        assert sum(int(entry["amount"]) for entry in entries) <= limits.total
        assert [entry["trace_number"] for entry in entries] == [
            line.trace_number for line in lines if line.file == number
        ]


def test_memory_does_not_grow_with_the_number_of_credits():
    class Sink(io.RawIOBase):
        def write(self, content):
            return len(content)

    def peak(count):
        tracemalloc.start()
        for _ in write(ORIGINATOR, NAMES, (credit(number) for number in range(1, count)), lambda number: Sink()):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(4_000) < peak(400) * 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Money(amount=100, currency="EUR")}, "currency"),
        ({"amount": usd(0)}, "amount"),
        ({"amount": usd(-1)}, "amount"),
        ({"amount": usd(10**10)}, "limit"),
        ({"routing_number": "021000022"}, "routing_number"),
        ({"routing_number": "02100002"}, "routing_number"),
        ({"account_number": ""}, "account_number"),
        ({"account_number": "123456789012345678"}, "account_number"),
        ({"account_number": "12 34"}, "account_number"),
        ({"kind": "loan"}, "account_kind"),
        ({"name": "***"}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_a_credit_that_no_file_can_have_is_refused_with_its_reason_and_without_its_account(changes, code):
    unfit = credit(77, **changes)
    with pytest.raises(UnfitCredit) as refused:
        fit(unfit, FORMAT)
    assert refused.value.code == code
    assert refused.value.reference == unfit.reference
    for secret in (unfit.account_number, unfit.routing_number, unfit.name):
        assert not secret or secret not in str(refused.value)


def test_another_currency_is_refused_with_its_name():
    with pytest.raises(UnfitCredit, match="EUR can't be sent; a Nacha file pays USD only"):
        one_file([credit(amount=Money(amount=100, currency="EUR"))])


def test_on_the_same_day_a_million_is_the_most_and_the_cent_above_is_refused():
    today = FileNames(datetime(2026, 12, 1, 9, tzinfo=UTC), date(2026, 12, 1))
    assert check(lines_of(one_file([credit(amount=usd(100_000_000))], names=today))) == []
    with pytest.raises(UnfitCredit, match=r"1000000\.00 USD are the most"):
        one_file([credit(amount=usd(100_000_001))], names=today)
    assert check(lines_of(one_file([credit(amount=usd(100_000_001))]))) == []


def test_nothing_of_an_account_or_a_name_is_in_the_text_of_a_credit():
    assert all(secret not in repr(credit()) for secret in (credit().account_number, credit().routing_number, "Ben"))


@pytest.mark.parametrize("day", ["2026-12-25", "2026-11-28", "2026-11-27"])
def test_no_file_has_an_effective_date_without_banking_or_before_its_day(day):
    with pytest.raises(ValueError, match=r"no banking day|before"):
        FileNames(NAMES.created_at, date.fromisoformat(day))


@pytest.mark.parametrize("modifier", ["a", "", "AB", "-"])
def test_no_file_has_a_modifier_that_is_no_capital_and_no_digit(modifier):
    with pytest.raises(ValueError, match="no file id modifier"):
        FileNames(NAMES.created_at, NAMES.effective_on, modifier)


def test_a_run_with_more_files_than_modifiers_or_more_credits_than_trace_numbers_stops():
    with pytest.raises(TooManyCredits, match="36 files"):
        written([credit(number) for number in range(40)], limits=Limits(entry=10**6, total=10**9, records=1))
    with pytest.raises(TooManyCredits, match="9999999"):
        written(THREE, replace(NAMES, first_sequence=9_999_999))


@pytest.mark.parametrize(
    "wrong",
    [
        {"company_name": ""},
        {"company_name": "crowdship"},
        {"company_name": "A" * 17},
        {"company_id": "123"},
        {"bank_routing_number": "091000018"},
        {"destination": "12345678"},
        {"description": "LONG"},
        {"origin": "1"},
    ],
)
def test_an_originator_whom_no_bank_would_know_is_refused(wrong):
    with pytest.raises(ValidationError):
        Originator.model_validate({**ORIGINATOR.model_dump(), **wrong})


def test_the_description_begins_with_payroll_and_has_room_for_three_characters():
    batch = one_file(THREE, originator=ORIGINATOR.model_copy(update={"description": "WK1"})).decode().splitlines()[1]
    assert BATCH_HEADER.read(batch)["entry_description"] == "PAYROLLWK1"


@given(st.text(max_size=60), st.integers(0, 30))
def test_capitals_are_a_text_that_stays_as_it_is(text, length):
    once = capitals(text, length)
    assert len(once) <= length
    assert capitals(once, length) == once
    assert once == once.strip()


def test_a_layout_that_has_not_94_characters_is_refused_and_so_is_a_value_that_does_not_fit():
    with pytest.raises(ValueError, match="has 3 characters"):
        Layout("short", ("a", 3, "N"))
    with pytest.raises(ValueError, match="has 11 characters; the field has 10"):
        ENTRY.record(amount="12345678901")
    with pytest.raises(ValueError, match="amount is no number"):
        ENTRY.record(amount="12.50")
    with pytest.raises(KeyError):
        ENTRY.record(price=1)
