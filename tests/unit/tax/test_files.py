"""The agency's file, its mapping, and the year's states and deadlines."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict
from crowdship.tax import iris
from crowdship.tax.deadlines import not_done
from crowdship.tax.figures import deposit_due_on, forms_due_on, threshold_of
from crowdship.tax.iris import MOST_RECORDS, RecordRefused, cell, columns, file_of
from crowdship.tax.payments import DayBook, YearSums
from crowdship.tax.returns import InformationReturn, Party, ReturnState, is_due
from crowdship.tax.year import MonthOfTax, TaxDeposit, TaxOffset, TaxYear, Totals, YearTask, months_of, offset_among

NOW = datetime(2027, 1, 5, 17, tzinfo=UTC)
BY_FIELD = {column.field: column for column in columns()}
REQUIRED = {
    "form_type": "1099-NEC",
    "year": "2026",
    "payer_tin": "123456789",
    "payer_tin_type": "EIN",
    "payer_name": "Crowdship Sample Inc.",
    "payer_street": "1 Sample Plaza",
    "payer_city": "Chicago",
    "payer_state": "IL",
    "payer_zip": "60601",
    "payer_phone": "312-555-0100",
    "name": "Nia Okoro",
    "account": "drv_1",
    "compensation": 230_000,
}


def test_a_file_has_a_line_for_each_form_below_its_headings():
    (row,) = csv.DictReader(io.StringIO(file_of([REQUIRED]).decode()))
    assert row["Box 1 Nonemployee Compensation"] == "2300.00"
    assert list(row) == [column.column for column in columns()]


def test_a_file_has_a_hundred_forms_at_most():
    file_of([REQUIRED] * MOST_RECORDS)
    with pytest.raises(RecordRefused, match="100"):
        file_of([REQUIRED] * (MOST_RECORDS + 1))


def test_what_is_missing_or_does_not_fit_is_refused_without_being_shown():
    with pytest.raises(RecordRefused, match="Payer TIN is empty"):
        file_of([{**REQUIRED, "payer_tin": ""}])
    with pytest.raises(RecordRefused, match="digits alone") as refusal:
        cell(BY_FIELD["tin"], "12-345678")
    assert "345678" not in str(refusal.value)
    with pytest.raises(RecordRefused, match="more than 9"):
        cell(BY_FIELD["tin"], "1234567890")
    with pytest.raises(RecordRefused, match="below zero"):
        cell(BY_FIELD["compensation"], -1)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=200))
def test_no_name_breaks_a_file_or_is_taken_for_a_formula(name):
    (row,) = csv.DictReader(io.StringIO(file_of([{**REQUIRED, "name": f"N{name}", "street": name}]).decode()))
    assert row["Recipient Name"] == f"N{name}"[:40]
    assert row["Recipient Address"][:1] not in set("=+-@")


@given(st.integers(0, 10**11 - 1))
def test_amounts_are_written_in_dollars_and_cents(minor):
    assert cell(BY_FIELD["withheld"], minor) == f"{minor // 100}.{minor % 100:02d}"


def test_the_mapping_is_not_said_to_be_verified():
    assert not iris.VERIFIED


def test_thresholds_and_deadlines_follow_the_tables_of_law():
    assert (threshold_of(2025).amount, threshold_of(2026).amount) == (60_000, 200_000)
    assert (forms_due_on(2025), forms_due_on(2026)) == (date(2026, 2, 2), date(2027, 2, 1))
    assert (deposit_due_on(date(2026, 7, 31)), deposit_due_on(date(2026, 12, 1))) == (
        date(2026, 8, 17),
        date(2027, 1, 15),
    )


def test_a_form_is_due_at_the_threshold_or_where_tax_was_withheld_and_not_of_a_corporation():
    assert is_due(YearSums(compensation=200_000), Party(), 200_000)
    assert not is_due(YearSums(compensation=199_999), Party(), 200_000)
    assert is_due(YearSums(compensation=100, withheld=24), Party(), 200_000)
    assert not is_due(YearSums(compensation=900_000), Party(exempt=True), 200_000)


def test_duties_of_a_year_are_counted_from_some_days_before_they_are_late():
    year = TaxYear(id="2026")
    assert not_done(year, date(2027, 1, 26)) == 0
    assert not_done(year, date(2027, 1, 27)) == 2
    assert not_done(year.with_changes(furnished_at=NOW), date(2027, 1, 27)) == 1
    assert not_done(year.with_changes(furnished_at=NOW, filed_at=NOW), date(2027, 2, 3)) == 0


def test_months_of_withheld_tax_are_summed_over_days_and_deposits():
    days = [
        DayBook(day=date(2026, 6, 1), withheld={"2026-06": 500}),
        DayBook(day=date(2026, 6, 2), withheld={"2026-06": 100, "2026-05": -20}),
        DayBook(day=date(2027, 1, 2), withheld={"2026-12": 7, "2027-01": 9}),
    ]
    paid = TaxDeposit(
        id="dep_1",
        month="2026-06",
        amount=450,
        deposited_on=date(2026, 7, 15),
        reference="E",
        booked_by="f",
        booked_at=NOW,
    )
    found = {one.month: (one.withheld, one.deposited, one.left) for one in months_of(2026, days, [paid])}
    assert found == {"2026-05": (-20, 0, -20), "2026-06": (600, 450, 150), "2026-12": (7, 0, 7)}


def month(name, withheld, deposited, offset=0):
    return MonthOfTax(month=name, withheld=withheld, deposited=deposited, offset=offset)


def test_what_is_deposited_too_much_for_a_month_is_used_for_the_month_that_is_due_first():
    months = [month("2026-12", 90, 0), month("2026-10", 40, 10), month("2026-11", 100, 160), month("2026-09", 5, 5)]
    assert offset_among(months) == TaxOffset(over="2026-11", month="2026-10", amount=30)
    assert offset_among([month("2026-11", 100, 160), month("2026-12", 90, 0, 30)]).amount == 60
    assert offset_among([month("2026-11", 100, 160), month("2026-12", 90, 90)]) is None
    assert offset_among([month("2026-11", -20, 0), month("2026-12", 90, 0)]) is None, "nothing was deposited for it"


def test_a_month_that_an_offset_covered_and_whose_payments_came_back_too_is_used_for_the_next():
    months = [month("2026-06", 0, 100, -100), month("2026-07", 0, 0, 100), month("2026-08", 80, 0)]
    assert offset_among(months) == TaxOffset(over="2026-07", month="2026-08", amount=80)


MONTHS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=12)


@given(MONTHS)
def test_offsets_leave_too_much_or_too_little_but_not_both_and_never_more_than_there_was(sums):
    days = [DayBook(day=date(2026, 6, 1), withheld={f"2026-{n:02d}": kept for n, (kept, _) in enumerate(sums, 1)})]
    told = {"deposited_on": date(2026, 7, 15), "booked_by": "f", "booked_at": NOW}
    paid = [
        TaxDeposit(id=f"dep_{n}", month=f"2026-{n:02d}", amount=amount, reference=f"E{n}", **told)
        for n, (_, amount) in enumerate(sums, 1)
    ]
    offsets = []
    while offset := offset_among(months_of(2026, days, paid, offsets)):
        assert offset.amount > 0
        offsets.append(offset)
    left = [one.left for one in months_of(2026, days, paid, offsets)]
    assert sum(left) == sum(kept - amount for kept, amount in sums)
    assert all(one >= 0 for one in left) or all(one <= 0 for one in left)
    assert len(offsets) <= len(sums)


TASKS = st.lists(st.tuples(st.sampled_from(list(YearTask)), st.integers(-1, 1), st.booleans()), max_size=12)


@given(TASKS)
def test_in_any_order_nothing_is_furnished_or_filed_that_was_not_reviewed_and_equal(tasks):
    year, equal, reviewed = TaxYear(id="2026"), False, False
    for task, difference, ready in tasks:
        try:
            year = year.begin(task, "fay", NOW, ready=ready)
        except Conflict:
            continue
        assert task is YearTask.GENERATE or equal
        assert task in {YearTask.GENERATE, YearTask.REVIEW} or reviewed
        year = year.ended(Totals(books=difference), NOW)
        equal = difference == 0
        reviewed = {YearTask.GENERATE: False, YearTask.REVIEW: True}.get(task, reviewed)


ACTS = st.lists(
    st.sampled_from(["review", "furnish", "file", "void", "same", "more", "renamed"]),
    max_size=14,
)


@given(ACTS)
def test_what_the_agency_has_is_only_changed_by_a_correction(acts):
    party = Party(certified_at=NOW, last_four="0001")
    form = InformationReturn.drafted(2026, "drv_1", YearSums(compensation=300_000), party, due=True, now=NOW)
    filed = None
    for number, act in enumerate(acts):
        try:
            match act:
                case "review":
                    form = form.reviewed("fay", NOW)
                case "furnish":
                    form = form.furnished("fay", NOW)
                case "file":
                    before = form
                    form = form.into_file(f"f{number}", "fay", NOW)
                    if form is not before:
                        assert before.state is ReturnState.FURNISHED
                        assert form.state is (ReturnState.CORRECTED if filed else ReturnState.FILED)
                        filed = form.sums
                case "void":
                    form = form.voided("fay", NOW)
                case _:
                    sums = form.sums if act != "more" else YearSums(compensation=form.sums.compensation + 1)
                    changed = form.party.model_copy(
                        update={"last_four": f"{number:04d}", "certified_at": NOW.replace(minute=number)}
                    )
                    form = form.redrawn(sums, changed if act == "renamed" else form.party, due=True, now=NOW)
        except Conflict:
            assert act == "void"
            assert filed
        assert form.filed == filed
        if form.state in {ReturnState.FILED, ReturnState.CORRECTED}:
            assert form.sums == filed
    assert sum(change.state is ReturnState.FILED for change in form.history) == bool(filed)
