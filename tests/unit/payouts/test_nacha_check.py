"""Our check of bank files: what we write passes it and two others, and each damage is refused at its place."""

from pathlib import Path

import achkit
import pytest
from achlens.core import validate
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crowdship.payouts.nacha.check import MOST_FAULTS, check
from crowdship.payouts.nacha.records import ENTRY
from tests.unit.payouts.files import (
    DAMAGES,
    NOTE_DAMAGES,
    THREE,
    WITH_NOTE,
    credit,
    damaged,
    lines_of,
    one_file,
)

FILE = one_file(THREE)


def faults(content):
    return [(fault.record, fault.field, fault.rule) for fault in check(lines_of(content))]


def others_refuse(content):
    """Return whether achlens and achkit find an error in a file."""
    text = content.decode("latin-1")
    lens = validate(text)
    return not lens.valid, not achkit.validate(text)["ok"]


@pytest.mark.parametrize(
    "credits", [THREE, WITH_NOTE, [credit(1)], [credit(number) for number in range(1, 9)]], ids=len
)
def test_a_file_as_it_is_written_passes_our_check_and_both_others(credits):
    content = one_file(credits)
    assert check(lines_of(content)) == []
    assert others_refuse(content) == (False, False)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_is_refused_with_its_record_field_and_rule(name):
    damage, *told = DAMAGES[name]
    assert tuple(told) in faults(damage(FILE))


@pytest.mark.parametrize("name", NOTE_DAMAGES)
def test_a_damage_of_an_addenda_record_is_refused(name):
    damage, *told = NOTE_DAMAGES[name]
    assert tuple(told) in faults(damage(one_file(WITH_NOTE)))


@given(st.integers(0, len(FILE) - 1), st.sampled_from(b"\x00 09AZaz\xff~"))
@settings(max_examples=60)
@example(place=2 * 95 + 93, byte=ord("0"))
def test_no_byte_of_an_amount_a_bank_or_the_bank_of_a_trace_can_change_unseen(place, byte):
    record, column = divmod(place, 95)
    field = ENTRY.at(column + 1) if 2 <= record <= 4 and column < 94 else None
    changed = FILE[:place] + bytes([byte]) + FILE[place + 1 :]
    # Numbers of traces only have to rise, so another last digit may be as right as the one that was there.
    is_bank_of_trace = field == "trace_number" and column < ENTRY.fields[field].first - 1 + 8
    if (field in ("receiving_bank", "check_digit", "amount") or is_bank_of_trace) and changed != FILE:
        assert check(lines_of(changed))
    else:
        check(lines_of(changed))  # whatever it says, it does not fail


def test_what_a_fault_says_has_no_account_and_no_name_in_it():
    told = [fault.detail for damage, *_ in DAMAGES.values() for fault in check(lines_of(damage(FILE)))]
    assert told
    assert not [detail for detail in told for secret in ("400000", "NUNEZ", "OHARA", "LUKASIK") if secret in detail]


def test_the_guide_says_who_finds_which_damage():
    guide = (Path(__file__).parents[3] / "docs" / "payout-providers.md").read_text()
    table = guide.partition("<!-- damages -->")[2].partition("<!-- /damages -->")[0]
    rows = [row.strip("| ").split(" | ") for row in table.strip().splitlines()[2:]]
    found = []
    for name, (damage, _, field, rule) in DAMAGES.items():
        others = ("yes" if refuses else "no" for refuses in others_refuse(damage(FILE)))
        found.append([name, f"`{field}`: `{rule}`", *others])
    assert rows == found
    counts = [sum(row[column] == "yes" for row in found) for column in (2, 3)]
    assert f"Of {len(found)} damages ours refuses all, achlens {counts[0]} and achkit {counts[1]}." in guide


def test_a_file_of_nonsense_has_a_bounded_list_of_faults():
    assert len(check([b"nonsense\n"] * 10_000)) == MOST_FAULTS


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", FILE[:95], FILE[:500]])
def test_a_file_that_is_cut_off_is_refused(content):
    assert check(lines_of(content))


def test_ten_thousand_credits_pass_all_three_checks():
    content = one_file(credit(number) for number in range(1, 10_001))
    assert check(lines_of(content)) == []
    assert others_refuse(content) == (False, False)


def test_a_trace_number_of_a_far_earlier_entry_is_told_as_a_duplicate():
    content = one_file([credit(number) for number in range(1, 6)])
    first = content.splitlines()[2][79:94].decode()
    assert (7, "trace_number", "trace_duplicate") in faults(damaged(content, 7, ENTRY, "trace_number", first))
