"""Payees through forms, the agency, notices and withholding, as the store has them."""

from datetime import date, timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.errors import Conflict, NotFound, StaleWrite, Unprocessable
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.tax import TaxFormInput
from crowdship.tax import notices, service
from crowdship.tax.model import FormState, NoticeKind, WithholdingReason
from crowdship.tax.notices import NoticesInput
from crowdship.tax.payee import Payee
from crowdship.tax.store import PayeeRow
from crowdship.tax.views import OwnTax, PayeePage
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, tax_form_token
from tests.integration.tax.conftest import W9, usd

LISTED, NOVEMBER_18 = date(2026, 10, 5), date(2026, 11, 18)


def listed(office, *driver_ids, day=LISTED, **more):
    payees = [{"driver_id": one, **more} for one in driver_ids]
    change = {"action": "list", "dated_on": day.isoformat(), "received_on": day.isoformat(), "payees": payees}
    return notices.change(NoticesInput.model_validate({"change": change}), "ana", office.clock).results


def changed(office, **change):
    return notices.change(NoticesInput.model_validate({"change": change}), "ana", office.clock).results


def test_a_driver_without_a_form_is_withheld_from_and_one_with_a_form_is_not(office):
    stranger, payee = office.city.driver().id, office.payee()
    day = office.clock.now().date()
    assert service.withholding_for(stranger, day, usd(1_000)).reason is WithholdingReason.NUMBER_MISSING
    assert service.withholding_for(payee, day, usd(1_000)) is None


def test_a_form_that_was_given_before_payees_were_kept_counts(office):
    driver_id = office.city.driver().id
    onboarding.give_tax_form(driver_id, TaxFormInput.model_validate(W9), office.clock)
    assert PayeeRow.load(driver_id) is None
    assert service.of_driver(driver_id).form_state is FormState.GIVEN
    assert service.withholding_for(driver_id, office.clock.now().date(), usd(1_000)) is None


def test_the_number_is_in_the_vault_alone(office):
    driver_id = office.payee()
    assert vault.record(tax_form_token(driver_id), TaxForm).tin == "123456789"
    assert "123456789" not in "".join(row.body + (row.events or "") for row in PayeeRow.scan())


def test_the_agency_is_asked_once_and_its_answer_is_taken_when_it_is_there(office):
    driver_id = office.payee()
    office.agency.codes[f"{driver_id}.1"] = None
    office.sweep()
    office.sweep()
    assert len(office.agency.asked) == 1
    office.clock.moment += timedelta(hours=1)
    office.sweep()
    assert service.of_driver(driver_id).form_state is FormState.PENDING
    office.agency.codes[f"{driver_id}.1"] = 0
    office.clock.moment += timedelta(hours=1)
    office.sweep()
    assert service.of_driver(driver_id).form_state is FormState.MATCHED
    office.agency.codes[f"{driver_id}.1"] = 3
    office.clock.moment += timedelta(hours=1)
    office.sweep()
    assert service.of_driver(driver_id).form_state is FormState.MATCHED


def test_an_agency_that_is_down_is_asked_again_later(office):
    driver_id = office.payee()
    office.agency.down = 1
    office.sweep()
    assert not office.agency.asked
    office.clock.moment += timedelta(minutes=15)
    office.sweep()
    assert [one.reference for one in office.agency.asked] == [f"{driver_id}.1"]


def test_a_payee_whose_wait_can_t_be_written_does_not_keep_the_others_from_their_time(office, monkeypatch):
    payees = {office.payee(), office.payee()}
    office.agency.down = 2
    tried = set()

    def lost(payee, now):
        tried.add(payee.id)
        raise StaleWrite("somebody else keeps writing")

    monkeypatch.setattr(Payee, "wait", lost)
    with pytest.raises(ExceptionGroup, match="failed in part"):
        office.sweep()
    assert tried == payees


def test_a_foreign_person_is_refused_and_left_to_staff(office):
    driver_id = office.city.driver().id
    with pytest.raises(Conflict, match="W-8BEN"):
        office.certify(driver_id, us_person=False)
    assert vault.record(tax_form_token(driver_id), TaxForm) is None
    assert service.of_driver(driver_id).form_state is FormState.FOREIGN
    assert OwnTax.of(driver_id, office.files, office.clock).todo == "wait_for_staff"


def test_a_notice_goes_from_the_list_to_the_letter_and_to_withholding(office):
    driver_id = office.payee()
    office.on(LISTED)
    (result,) = listed(office, driver_id, last_four="6789")
    assert (result.outcome, result.notice.kind) == ("notice", NoticeKind.FIRST)
    office.sweep()
    (page,) = PayeePage.of("notice_due", None, 50, office.clock).payees
    assert page.name == "Ana Diaz"
    (one,) = PayeePage.one(driver_id, office.files, office.clock).payees
    assert one.notices[0].letter.endswith(f"letters/{result.notice.id}.pdf")
    assert office.files.kept[f"letters/{result.notice.id}.pdf"].startswith(b"%PDF")
    (sent,) = changed(office, action="sent", sent_on="2026-10-05", driver_ids=[driver_id])
    assert sent.notice.sent_on == LISTED
    assert PayeePage.of("notice_due", None, 50, office.clock).payees == ()
    own = OwnTax.of(driver_id, office.files, office.clock)
    assert (own.todo, own.withhold_from, own.withheld_for) == ("certify_again", NOVEMBER_18, None)
    office.on(NOVEMBER_18)
    office.sweep()
    assert service.of_driver(driver_id).told is WithholdingReason.NOTICE
    assert service.withholding_for(driver_id, NOVEMBER_18, usd(1_000)).amount == usd(240)
    office.certify(driver_id)
    assert OwnTax.of(driver_id, office.files, office.clock).todo is None


def test_a_list_is_answered_one_by_one_and_may_be_sent_again(office):
    one, other = office.payee(), office.payee(tin="123-45-0001")
    office.on(LISTED)
    results = listed(office, one, other, "drv_nobody", last_four="6789")
    assert [result.outcome for result in results] == ["notice", "replaced_since", "refused"]
    assert results[2].code == "no_such_driver"
    assert [result.outcome for result in listed(office, one)] == ["listed_already"]


def test_a_list_may_be_csv(office):
    driver_id = office.payee()
    office.on(LISTED)
    given = {"action": "list", "dated_on": "2026-10-01", "received_on": "2026-10-05"}
    (result,) = changed(office, **given, csv=f"driver_id,last_four\n{driver_id},6789\n")
    assert result.notice.received_on == LISTED
    for wrong in ("", "name\nNia\n", "driver_id,last_four\ndrv 1,12\n"):
        with pytest.raises(Unprocessable):
            changed(office, **given, csv=wrong)
    with pytest.raises(Unprocessable, match="not both"):
        changed(office, **given, csv="driver_id\ndrv_1\n", payees=[{"driver_id": driver_id}])


def test_days_to_come_and_unknown_drivers_are_refused(office):
    office.on(LISTED)
    with pytest.raises(Unprocessable, match="is to come"):
        listed(office, "drv_1", day=date(2026, 10, 6))
    with pytest.raises(Unprocessable, match="the tables of law have no days"):
        listed(office, "drv_1", day=date(2015, 10, 6))
    with pytest.raises(Conflict, match="no notice"):
        changed(office, action="certified", driver_id="drv_1", received_on="2026-10-05", proof="w9")
    with pytest.raises(NotFound):
        PayeePage.one("drv_nobody", office.files, office.clock)


def test_a_payment_without_a_form_has_its_driver_told(office):
    driver_id, day = office.city.driver().id, date(2026, 6, 1)
    office.earned(driver_id, day, 10_000)
    assert office.paid(driver_id, day, 10_000) == 2_400
    office.on(date(2026, 6, 2))
    office.close(day)
    row = PayeeRow.find(driver_id, "PAYEE")
    assert '"tax.withholding_began"' in row.events
    office.certify(driver_id)
    assert '"tax.withholding_ended"' in PayeeRow.find(driver_id, "PAYEE").events


def test_a_form_that_is_given_while_the_payee_changes_is_kept_once(office, monkeypatch):
    driver_id = office.payee()
    real, raced = service.of_driver, []

    def slow(one):
        payee = real(one)
        if not raced:
            raced.append(True)
            work = UnitOfWork()
            service.keep(payee.checked(office.clock.now() + timedelta(days=1)), work)
            work.commit()
        return payee

    monkeypatch.setattr(service, "of_driver", slow)
    office.certify(driver_id, tin="123-45-0001")
    assert real(driver_id).form.last_four == "0001"
    assert real(driver_id).match.number == 2
