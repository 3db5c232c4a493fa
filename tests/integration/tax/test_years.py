"""A year's forms: from the ledger to drivers and the agency, corrected, and killed anywhere on the way."""

import csv
import io
from datetime import date

import pytest

from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.settlement import store
from crowdship.settlement.accounts import TAX_WITHHELD
from crowdship.settlement.clearing.store import OpenRow
from crowdship.tax import acts, deposits, years
from crowdship.tax.requests import DepositInput, YearInput
from crowdship.tax.returns import ReturnState
from crowdship.tax.store import PaymentRow, ReturnRow
from crowdship.tax.views import OwnTax, YearView
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, return_token
from tests.integration.tax.conftest import usd

JUNE_1, JUNE_2 = date(2026, 6, 1), date(2026, 6, 2)
JANUARY = date(2027, 1, 5)


@pytest.fixture
def paid(office):
    """Three payees: one over the threshold with tips, one without a form, and one below the threshold."""
    office.on(JUNE_1)
    rich = office.payee(electronic_forms=True)
    nameless = office.city.driver().id
    poor = office.payee(tin="123-45-0001")
    for driver_id, pay, tip in ((rich, 200_000, 30_000), (nameless, 40_000, 0), (poor, 50_000, 5_000)):
        office.earned(driver_id, JUNE_1, pay, tip)
        office.paid(driver_id, JUNE_2, pay + tip)
    office.on(JANUARY)
    assert office.close(JUNE_1, JUNE_2) == 2
    return rich, nameless, poor


def change(office, **asked):
    acts.change(2026, YearInput.model_validate({"change": asked}), "fin", office.jobs.append, office.clock)
    office.go_on()


def filed(office, paid):
    for task in ("generate", "review", "furnish", "file"):
        office.run(2026, task)
    return [ReturnRow.load(2026, driver_id) for driver_id in paid]


def rows(office):
    (text,) = [body.decode() for key, body in sorted(office.files.kept.items()) if key.startswith("iris/")][-1:]
    return list(csv.DictReader(io.StringIO(text)))


def test_forms_are_due_from_the_threshold_on_and_below_it_where_tax_was_withheld(office, paid):
    office.run(2026, "generate")
    rich, nameless, poor = (ReturnRow.load(2026, driver_id) for driver_id in paid)
    assert [one.state for one in (rich, nameless, poor)] == [ReturnState.DRAFT, ReturnState.DRAFT, ReturnState.NOT_DUE]
    assert (rich.sums.compensation, rich.sums.tips, rich.sums.withheld) == (230_000, 30_000, 0)
    assert (nameless.sums.compensation, nameless.sums.withheld) == (40_000, 9_600)
    view = YearView.of(2026, None, 50, office.files)
    assert (view.totals.difference, view.totals.compensation) == (usd(0), usd(325_000))
    assert (view.totals.by_mail, view.totals.nameless) == (1, 1)
    assert view.due_on == date(2027, 2, 1)
    assert view.mapping_verified_by is None


def test_a_year_is_made_reviewed_furnished_and_filed_in_this_order(office, paid):
    with pytest.raises(Conflict, match="no forms"):
        office.run(2026, "review")
    office.run(2026, "generate")
    with pytest.raises(Conflict, match="not reviewed"):
        office.run(2026, "furnish")
    office.run(2026, "review")
    office.run(2026, "furnish")
    assert ReturnRow.load(2026, paid[0]).state is ReturnState.FURNISHED
    assert office.files.kept[f"copies/2026/{paid[0]}/0.pdf"].startswith(b"%PDF")
    office.run(2026, "file")
    assert ReturnRow.load(2026, paid[0]).state is ReturnState.FILED
    first, second = sorted(rows(office), key=lambda row: row["Recipient TIN"], reverse=True)
    assert first["Recipient TIN"] == "123456789"
    assert (first["Box 1 Nonemployee Compensation"], first["Cash Tips"]) == ("2300.00", "300.00")
    assert (second["Recipient TIN"], second["Box 4 Federal Income Tax Withheld"]) == ("", "96.00")
    assert vault.record(return_token(2026, paid[0]), TaxForm).kept_until.year == 2031
    (own,) = OwnTax.of(paid[0], office.files, office.clock).forms
    assert (own.year, own.compensation, own.tips) == (2026, usd(230_000), usd(30_000))
    assert OwnTax.of(paid[2], office.files, office.clock).forms == ()


def test_a_task_runs_once_at_a_time_and_a_message_that_comes_again_changes_nothing(office, paid):
    years.begin(2026, years.YearTask.GENERATE, "fin", office.jobs.append, office.clock)
    with pytest.raises(Conflict, match="wait for its end"):
        years.begin(2026, years.YearTask.GENERATE, "fin", office.jobs.append, office.clock)
    (job,) = office.jobs
    office.go_on()
    assert years.go_on(job, None, None, office.clock) is None


def test_a_lost_message_is_sent_again_by_the_sweep(office, paid):
    years.begin(2026, years.YearTask.GENERATE, "fin", lambda job: None, office.clock)
    assert years.again(office.jobs.append, office.clock) == 1
    office.go_on()
    assert years.of(2026).totals.difference == 0


def test_a_page_may_be_killed_at_any_write_and_ends_with_the_same_files(office, paid, monkeypatch):
    for task in ("generate", "review"):
        office.run(2026, task)
    monkeypatch.setattr(years, "PAGE", 2)
    real, calls = years.change_form, []

    def dies(*given):
        calls.append(given)
        if len(calls) in {1, 3}:
            raise RuntimeError("killed")
        return real(*given)

    monkeypatch.setattr(years, "change_form", dies)
    years.begin(2026, years.YearTask.FURNISH, "fin", office.jobs.append, office.clock)
    job = office.jobs[0]
    for _ in range(20):
        try:
            following = years.go_on(job, lambda: years_payer(), lambda: office.files, office.clock)
        except RuntimeError:
            continue
        if following is None:
            break
        job = following
    office.jobs.clear()
    monkeypatch.setattr(years, "change_form", real)
    real_filed, died = years._filed, []

    def dies_once(*given):
        if not died:
            died.append(True)
            real_filed(*given)
            raise RuntimeError("killed")
        real_filed(*given)

    monkeypatch.setattr(years, "_filed", dies_once)
    years.begin(2026, years.YearTask.FILE, "fin", office.jobs.append, office.clock)
    job = office.jobs.pop()
    with pytest.raises(RuntimeError):
        years.go_on(job, lambda: years_payer(), lambda: office.files, office.clock)
    office.jobs.append(job)
    office.go_on()
    states = {ReturnRow.load(2026, driver_id).state for driver_id in paid}
    assert states == {ReturnState.FILED, ReturnState.NOT_DUE}
    lines = [key for key in office.files.kept if key.startswith("iris/")]
    total = sum(len(office.files.kept[key].decode().splitlines()) - 1 for key in lines)
    assert total == 2
    assert sum(file.records for file in years.of(2026).files) == 2


def years_payer():
    from tests.integration.tax.conftest import PAYER

    return PAYER


def test_figures_that_change_after_filing_become_a_correction_of_type_1(office, paid, monkeypatch):
    filed(office, paid)
    payment = PaymentRow.of_driver(paid[0])[0]
    work = years.UnitOfWork()
    work.store(PaymentRow.of(payment.with_changes(back_on=date(2027, 1, 4))))
    work.commit()
    change(office, action="form", act="correct", driver_id=paid[0])
    form = ReturnRow.load(2026, paid[0])
    assert (form.state, form.correction, form.revision) == (ReturnState.DRAFT, "type_1", 1)
    for task in ("review", "furnish", "file"):
        office.run(2026, task)
    form = ReturnRow.load(2026, paid[0])
    assert form.state is ReturnState.CORRECTED
    (row,) = rows(office)
    assert (row["Correction"], row["Box 1 Nonemployee Compensation"]) == ("C", "0.00")
    assert f"copies/2026/{paid[0]}/1.pdf" in office.files.kept


def test_a_number_that_changes_after_filing_becomes_two_lines_of_type_2(office, paid):
    filed(office, paid)
    office.certify(paid[0], tin="123-45-9999", electronic_forms=True)
    for task in ("generate", "review", "furnish", "file"):
        office.run(2026, task)
    wrong, right = rows(office)
    assert (wrong["Recipient TIN"], wrong["Box 1 Nonemployee Compensation"], wrong["Correction"]) == (
        "123456789",
        "0.00",
        "C",
    )
    assert (right["Recipient TIN"], right["Box 1 Nonemployee Compensation"]) == ("123459999", "2300.00")


def test_a_form_is_withdrawn_before_it_is_filed_and_not_after(office, paid):
    office.run(2026, "generate")
    change(office, action="form", act="void", driver_id=paid[1])
    office.run(2026, "generate")
    assert ReturnRow.load(2026, paid[1]).state is ReturnState.VOID
    for task in ("review", "furnish", "file"):
        office.run(2026, task)
    with pytest.raises(Conflict, match="correct it instead"):
        change(office, action="form", act="void", driver_id=paid[0])
    with pytest.raises(NotFound):
        change(office, action="form", act="correct", driver_id="drv_nobody")


def test_a_year_is_not_made_before_it_is_over_or_while_a_day_is_open(office, paid):
    with pytest.raises(Conflict, match="not over"):
        office.run(2027, "generate")
    office.earned(paid[0], date(2026, 7, 1), 500)
    work = years.UnitOfWork()
    work.store(store.SettlementRow.of(store.Settlement.of(date(2026, 7, 1), office.clock.now())))
    work.commit()
    with pytest.raises(Conflict, match="not closed"):
        office.run(2026, "generate")


def test_forms_that_differ_from_the_books_are_not_filed(office, paid):
    work = years.UnitOfWork()
    (payment,) = PaymentRow.of_driver(paid[0])
    work.store(PaymentRow.of(payment.with_changes(gross=payment.gross + 7)))
    work.commit()
    office.run(2026, "generate")
    assert YearView.of(2026, None, 50, office.files).totals.difference == usd(7)
    with pytest.raises(Conflict, match="differ from the books by 7"):
        office.run(2026, "review")


def test_two_deposits_at_once_are_no_more_than_was_withheld_either(office, paid, monkeypatch):
    deposit = {"action": "deposit", "month": "2026-06", "deposited_on": "2027-01-04"}
    amount, look, others = {"amount": 9_600, "currency": "USD"}, deposits.months, ["EFT-2707"]

    def months(year):
        found = look(year)
        if others:
            change(office, **deposit, amount=amount, reference=others.pop())
        return found

    monkeypatch.setattr(deposits, "months", months)
    with pytest.raises(Conflict, match="more_than_withheld"):
        change(office, **deposit, amount=amount, reference="EFT-2706")
    assert [one.deposited for one in look(2026)] == [9_600]


def test_a_deposit_is_booked_once_and_no_more_than_was_withheld(office, paid):
    deposit = {"action": "deposit", "month": "2026-06", "deposited_on": "2027-01-04", "reference": "EFT-2706"}
    with pytest.raises(Conflict, match=r"96.00 USD is left"):
        change(office, **deposit, amount={"amount": 9_601, "currency": "USD"})
    for _ in range(2):
        change(office, **deposit, amount={"amount": 9_600, "currency": "USD"})
    (month,) = deposits.months(2026)
    assert (month.withheld, month.deposited, month.left) == (9_600, 9_600, 0)
    with pytest.raises(Conflict, match="give another one"):
        change(office, **deposit, amount={"amount": 1, "currency": "USD"})
    for wrong in ({"month": "2025-06"}, {"deposited_on": "2027-02-01"}):
        with pytest.raises(Unprocessable):
            change(office, **{**deposit, **wrong}, amount={"amount": 1, "currency": "USD"})
    booked = [one for one in store.PostingRow.of_period(JANUARY) if one.kind == "tax_deposit"]
    assert [one.entries[0].item for one in booked] == ["2026-06"]


JULY_1 = date(2026, 7, 1)


def withheld_items():
    """Return the open items of withheld tax: minor units, debit less credit, by month."""
    return {item.item: item.amount.amount for item in OpenRow.oldest() if item.account == TAX_WITHHELD.group}


@pytest.fixture
def returned(office, paid):
    """A payout whose tax was deposited and that came back a month later, and one of that month with tax withheld."""
    deposit = {"action": "deposit", "month": "2026-06", "deposited_on": "2026-07-15", "reference": "EFT-2706"}
    change(office, **deposit, amount={"amount": 9_600, "currency": "USD"})
    assert withheld_items() == {}
    nameless = paid[1]
    office.came_back(nameless, JUNE_2, JULY_1, 40_000, 9_600, "2026-06")
    return nameless


def test_tax_of_a_payout_that_came_back_after_its_deposit_lowers_the_next_deposit_of_the_year(office, returned):
    office.paid(returned, JULY_1, 50_000)
    office.close(JULY_1)
    assert withheld_items() == {"2026-06": 9_600, "2026-07": -12_000}
    assert [deposits.use_over_deposits(office.clock) for _ in range(2)] == [1, 0]
    assert withheld_items() == {"2026-07": -2_400}
    months = {one.month: (one.withheld, one.deposited, one.offset, one.left) for one in deposits.months(2026)}
    assert months == {"2026-06": (0, 9_600, -9_600, 0), "2026-07": (12_000, 0, 9_600, 2_400)}
    july = {"action": "deposit", "month": "2026-07", "deposited_on": "2027-01-04", "reference": "EFT-2707"}
    with pytest.raises(Conflict, match=r"24.00 USD is left"):
        change(office, **july, amount={"amount": 12_000, "currency": "USD"})
    change(office, **july, amount={"amount": 2_400, "currency": "USD"})
    assert withheld_items() == {}
    (shown, _) = YearView.of(2026, None, 50, office.files).months
    assert (shown.offset, shown.left) == (usd(-9_600), usd(0))


def test_too_much_that_no_month_can_use_yet_stays_open_until_one_can(office, returned):
    office.paid(returned, JULY_1, 10_000)
    office.close(JULY_1)
    assert deposits.use_over_deposits(office.clock) == 1
    assert withheld_items() == {"2026-06": 7_200}
    august = date(2026, 8, 3)
    office.paid(returned, august, 100_000)
    office.close(august)
    assert deposits.use_over_deposits(office.clock) == 1
    assert withheld_items() == {"2026-08": -16_800}


def test_what_an_offset_covered_is_used_again_if_its_payout_comes_back_as_well(office, returned):
    office.paid(returned, JULY_1, 40_000)
    office.close(JULY_1)
    assert deposits.use_over_deposits(office.clock) == 1
    back_on, august = date(2026, 8, 3), date(2026, 8, 4)
    office.came_back(returned, JULY_1, back_on, 40_000, 9_600, "2026-07")
    office.paid(returned, august, 50_000)
    office.close(back_on, august)
    assert deposits.use_over_deposits(office.clock) == 1
    assert withheld_items() == {"2026-08": -2_400}


def test_a_reference_of_another_year_s_deposit_is_refused_and_not_answered_as_if_it_were_booked(office, returned):
    january = date(2027, 1, 4)
    office.paid(returned, january, 100_000)
    office.close(january)
    given = {"month": "2027-01", "deposited_on": "2027-01-04", "reference": "EFT-2706", "amount": usd(9_600)}
    with pytest.raises(Conflict) as refusal:
        deposits.record(2027, DepositInput(action="deposit", **given), "fin", office.clock)
    assert refusal.value.code == "reference_used"


def test_too_much_of_a_year_is_used_for_no_month_of_the_next(office, returned):
    january = date(2027, 1, 4)
    office.paid(returned, january, 100_000)
    office.close(JULY_1, january)
    assert deposits.use_over_deposits(office.clock) == 0
    assert withheld_items() == {"2026-06": 9_600, "2027-01": -24_000}


def test_a_deposit_at_the_moment_of_an_offset_is_looked_at_again(office, returned, monkeypatch):
    office.paid(returned, JULY_1, 50_000)
    office.close(JULY_1)
    look, others = deposits.months, ["EFT-2707"]

    def months(year):
        found = look(year)
        if others and year == 2026:
            july = {"action": "deposit", "month": "2026-07", "deposited_on": "2027-01-04"}
            change(office, **july, amount={"amount": 5_000, "currency": "USD"}, reference=others.pop())
        return found

    monkeypatch.setattr(deposits, "months", months)
    deposits.use_over_deposits(office.clock)
    assert withheld_items() == {"2026-06": 2_600}
