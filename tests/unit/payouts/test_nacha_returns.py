"""Files of returns and corrections: what a bank sent back is read, and damage is listed beside it."""

from dataclasses import replace
from datetime import date

import achkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.payouts.bank.codes import CORRECTIONS, RETURNS
from crowdship.payouts.nacha.codes import CHANGES
from crowdship.payouts.nacha.records import BATCH_CONTROL, CHANGE_ADDENDA, ENTRY, RETURN_ADDENDA
from crowdship.payouts.nacha.returns import returns_in
from local.imitations.bank import NachaBank, Rule
from tests.unit.payouts.files import NAMES, credit, damaged, lines_of, one_file, usd, written

DUE = date(2026, 12, 3)


def answered(credits, **rules):
    """Return what a bank answers to a file of some credits; rules by the number of a credit, as ``_1``."""
    credits = list(credits)
    accounts = {credit(int(number[1:])).account_number: Rule(code) for number, code in rules.items()}
    bank = NachaBank(accounts=accounts)
    assert bank.take(one_file(credits))
    return bank.due(DUE)


def usable(content):
    return [record for record in returns_in(content) if record.fault is None]


def faults(content):
    return [(record.line, record.fault) for record in returns_in(content) if record.fault]


THREE = [credit(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("code", RETURNS)
def test_a_return_is_read_with_its_code_amount_reference_trace_and_day(code):
    (read,) = returns_in(answered(THREE, _2=code))
    assert (read.code, read.corrects, read.fault) == (code, False, None)
    assert (read.reference, read.trace) == ("REF000000000002", "091000010000002")
    assert (read.amount, read.on) == (credit(2).amount, DUE)


CORRECTED = {
    "C01": {"account_number": "40000027"},
    "C02": {"routing_number": "021000021"},
    "C03": {"routing_number": "021000021", "account_number": "40000027"},
    "C04": {"holder": "CORRECTED NAME"},
    "C05": {"kind": "savings"},
    "C06": {"account_number": "40000027", "kind": "savings"},
    "C07": {"routing_number": "021000021", "account_number": "40000027", "kind": "savings"},
    "C09": {"individual_id": "REF000000000002"},
}


@pytest.mark.parametrize("code", CHANGES)
def test_a_correction_is_read_with_the_corrected_fields_of_the_account(code):
    (read,) = returns_in(answered(THREE, _2=code))
    assert (read.code, read.corrects, read.fault, read.reference) == (code, True, None, "REF000000000002")
    assert read.corrections == CORRECTED[code]
    assert read.amount == usd(0)


def test_the_bank_imitation_writes_files_that_another_library_reads():
    answer = answered(THREE, _1="R02", _2="C03", _3="R03")
    read = achkit.parse(answer.decode())
    entries = [entry for batch in read["batches"] for entry in batch["entries"]]
    assert [entry["addenda"][0]["type"] for entry in entries] == ["99", "99", "98"]
    # It does not know the codes of returned credits, so their amounts are missing in its totals.
    told = {error["code"] for error in achkit.validate(answer.decode())["errors"]}
    assert told == {"BAD_BATCH_CREDIT", "BAD_FILE_CREDIT"}


@given(
    st.integers(1, 60),
    st.integers(0, 1000),
    st.lists(st.tuples(st.sampled_from([*RETURNS, *CHANGES]), st.floats(0, 0.5), st.integers(0, 5)), max_size=4),
)
@settings(max_examples=40)
def test_every_credit_that_a_bank_answers_is_read_once_and_no_other(count, seed, rules):
    bank = NachaBank(seed=seed, rules=tuple(Rule(code, share, days) for code, share, days in rules))
    (content,), lines = written(credit(number) for number in range(1, count + 1))
    assert bank.take(content)
    assert bank.take(content)
    amounts = {line.reference: line.amount for line in lines}
    traces = {line.reference: line.trace_number for line in lines}
    read = [record for day in bank.days() for record in returns_in(bank.due(day))]
    assert sorted(record.reference for record in read) == sorted(
        answer.entry["individual_id"] for answer in bank.answers
    )
    for record in read:
        assert record.fault is None
        assert record.trace == traces[record.reference]
        assert record.amount == (usd(0) if record.corrects else amounts[record.reference])
    returned = sum(record.amount.amount for record in read)
    assert returned + bank.paid.total() == sum(amount.amount for amount in amounts.values())


@given(st.data())
@settings(max_examples=80)
def test_a_damaged_file_is_read_as_far_as_it_goes_and_never_fails(data):
    content = bytearray(answered(THREE, _1="R02", _2="C03", _3="R03"))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert all(record.line >= 1 for record in returns_in(bytes(content)))


@given(st.binary(max_size=400))
def test_a_file_that_is_none_is_a_list_of_faults(content):
    assert all(record.fault for record in returns_in(content))


def test_a_file_in_part_gives_what_is_there_and_says_that_it_ends():
    answer = answered(THREE, _1="R02", _2="R03", _3="R02")
    part = b"".join(lines_of(answer)[:5])
    assert [record.reference for record in usable(part)] == ["REF000000000001"]
    assert faults(part) == [
        (5, "no addenda record follows the entry, so nothing says why it comes"),
        (5, "the file ends before its control record"),
    ]


def test_a_part_of_a_file_without_line_ends_gives_what_is_there_too():
    answer = answered(THREE, _1="R02", _2="R03", _3="R02").replace(b"\n", b"")
    part = answer[: 6 * 94 + 40]
    assert [record.reference for record in usable(part)] == ["REF000000000001", "REF000000000002"]
    assert faults(part)[0] == (7, "the record has 40 characters; every record has 94")


def test_one_damaged_record_loses_no_other():
    answer = answered(THREE, _1="R02", _2="R03", _3="C02")
    broken = damaged(answer, 4, RETURN_ADDENDA, "reason_code", "X99")
    assert [record.reference for record in usable(broken)] == ["REF000000000002", "REF000000000003"]
    assert faults(broken) == [(4, "the addenda record has no code of a return")]


WRONG = (
    (3, ENTRY, "record_type", "4", "no kind of record begins like this"),
    (3, ENTRY, "amount", "00000x0000", "the amount can't be read"),
    (4, RETURN_ADDENDA, "addenda_type", "05", "the addenda record has the type 05; with R02 it must be 99"),
    (4, RETURN_ADDENDA, "reason_code", "R88", "R88 is no code that is known for credits"),
    (5, BATCH_CONTROL, "entry_count", "000004", "the control counts 000004 entries and addenda, and 000002 are there"),
)


@pytest.mark.parametrize(("record", "layout", "field", "value", "fault"), WRONG)
def test_what_is_wrong_with_a_return_is_said(record, layout, field, value, fault):
    broken = damaged(answered(THREE, _1="R02"), record, layout, field, value)
    assert [told for _, told in faults(broken) if told.startswith(fault)]


UNREADABLE = (("C02", "021000022"), ("C05", "99"), ("C01", "4 0 0"), ("C03", "021000021"))


@pytest.mark.parametrize(("code", "corrected"), UNREADABLE)
def test_corrected_data_that_can_not_be_right_are_a_fault_and_correct_nothing(code, corrected):
    answer = answered(THREE, _1=code)
    broken = damaged(answer, 4, CHANGE_ADDENDA, "corrected", corrected.ljust(29))
    (read,) = returns_in(broken)
    assert read.fault is not None
    assert "can't be read" in read.fault
    assert read.corrections == {}


def test_a_return_without_its_reference_still_has_its_trace():
    broken = damaged(answered(THREE, _1="R02"), 3, ENTRY, "individual_id", " " * 15)
    (read,) = returns_in(broken)
    assert (read.reference, read.trace, read.fault) == (None, "091000010000001", None)


@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_records_may_end_otherwise_or_follow_each_other(end):
    answer = answered(THREE, _1="R02", _3="C01")
    assert returns_in(answer.replace(b"\n", end)) == returns_in(answer)


def test_a_file_twice_in_a_row_is_read_twice_with_the_same_traces():
    answer = answered(THREE, _1="R02", _3="C01")
    assert [record.trace for record in returns_in(answer + answer)] == 2 * ["091000010000001", "091000010000003"]


def test_the_text_of_a_correction_shows_no_account():
    (read,) = returns_in(answered(THREE, _2="C03"))
    assert "40000027" not in repr(read)
    assert "021000021" not in repr(read)


def test_every_correction_that_changes_an_account_is_read_with_all_its_fields():
    assert {code: set(CORRECTED[code]) for code in CORRECTIONS} == {code: set(of) for code, of in CORRECTIONS.items()}


def test_the_bank_refuses_a_damaged_file_and_pays_nothing_of_it():
    bank = NachaBank()
    assert not bank.take(damaged(one_file(THREE), 3, ENTRY, "amount", "0000099999"))
    assert (bank.paid.total(), len(bank.faults) > 0) == (0, True)


def test_a_bank_with_another_seed_answers_other_credits():
    content = one_file([credit(number) for number in range(1, 200)], names=replace(NAMES, modifier="B"))

    def chosen(seed):
        bank = NachaBank(seed=seed, rules=(Rule("R02", 0.2), Rule("C01", 0.1)))
        bank.take(content)
        return [answer.entry["individual_id"] for answer in bank.answers]

    assert chosen(1) == chosen(1) != chosen(2)
