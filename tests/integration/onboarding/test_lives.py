"""Whole lives of applications through the use cases, with a workflow that may die between any two steps."""

from datetime import timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.documents.kinds import PaperKind
from crowdship.documents.model import DocumentState
from crowdship.drivers import service as drivers
from crowdship.kernel.errors import Conflict, Gone, NotFound, Unauthorized, Unprocessable
from crowdship.onboarding import erasure, review, service, workflow
from crowdship.onboarding.application import ApplicationStage
from crowdship.onboarding.check import REPORT_WITHIN, CheckState
from crowdship.onboarding.decisions import DisputeDecision, RefusalInput, ScreeningDecision
from crowdship.onboarding.requests import DisputeInput
from crowdship.onboarding.screening.model import ScreeningRefused, ScreeningUnavailable
from crowdship.onboarding.store import AddressRow
from crowdship.onboarding.views import ApplicationPage, ApplicationView, OnboardingView
from crowdship.vault import service as vault
from crowdship.vault.applicants import (
    BankAccount,
    Identity,
    TaxForm,
    bank_account_token,
    identity_token,
    tax_form_token,
)

SPEEDING = {"title": "Reckless driving", "date": "2024-03-02", "place": "Cook County, IL", "outcome": "Fined"}
WORDS = "The record is three years old and about driving."


def step(office, application, name):
    view = OnboardingView.of(application.driver_id, office.clock)
    return next(one for one in view.steps if one.name == name)


def flagged(office):
    one = office.ready()
    office.run(one)
    office.report(one, "consider", [SPEEDING])
    assert office.run(one) == "wait"
    return service.get(one.id)


def test_from_the_application_to_the_first_duty(office):
    one = office.apply()
    assert office.invited == [(one.driver_id, "nia@example.com")]
    assert office.run(one) == "nothing"
    one = office.ready(email="ben@example.com")
    assert office.run(one) == "wait"
    office.report(one, "clear")
    assert office.run(one) == "nothing"
    office.give_everything_else(one)
    view = OnboardingView.of(one.driver_id, office.clock)
    assert {str(each.state) for each in view.steps[:-1]} == {"done"}
    assert (view.steps[-1].state, view.steps[-1].next_by) == ("waiting", "staff")
    office.approve(one)
    driver = drivers.get(one.driver_id)
    assert driver.may_drive(office.clock.now())
    assert {each.name for each in driver.credentials} >= {"background_check", "age_18", "age_21"}


def test_approving_with_something_missing_names_it(office):
    one = office.ready()
    office.run(one)
    office.report(one, "clear")
    with pytest.raises(Conflict, match="documents, vehicle, tax_form, bank_account, training"):
        office.approve(one)


@pytest.mark.parametrize(
    ("state", "told", "by"),
    [
        (DocumentState.CHECKED, "waiting", "staff"),
        (DocumentState.REFUSED, "refused", "you"),
        (DocumentState.APPROVED, "done", None),
    ],
)
def test_photos_of_the_vehicle_are_a_part_of_its_step(office, state, told, by):
    one = office.ready()
    office.give_everything_else(one)
    office.show(one.driver_id, PaperKind.VEHICLE_LEFT, state)
    vehicle = step(office, one, "vehicle")
    assert (vehicle.state, vehicle.next_by) == (told, by)
    assert vehicle.missing == (() if told == "done" else ("vehicle_left",))
    assert step(office, one, "documents").state == "done"


def test_applying_again_changes_nothing_and_is_not_told_apart(office):
    first = office.apply()
    assert office.apply() is None
    assert office.apply(email="NIA@example.com ".strip()) is None
    assert len(office.invited) == 1
    other = office.apply(email="ben@example.com")
    assert other.shares_phone
    assert not first.shares_phone


def test_an_application_that_broke_off_after_the_invitation_is_finished_by_the_next_call(office, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(drivers, "enter", broken)
        with pytest.raises(RuntimeError):
            office.apply()
    one = office.apply()
    assert one is not None
    assert {driver_id for driver_id, _ in office.invited} == {one.driver_id}, "two sign-ins for one person"


def test_who_signs_in_already_is_answered_like_everybody(office):
    def refuse(*_):
        raise Conflict("email_in_use", "taken")

    office.invited = type("Refusing", (), {"append": lambda self, who: refuse()})()
    assert office.apply() is None
    assert not list(AddressRow.scan()), "a digest that nothing erases"


def test_a_zone_that_is_not_there_and_a_vehicle_that_is_not_driven_there_are_refused(office):
    with pytest.raises(Unprocessable, match="no_such_zone"):
        office.apply(zone_id="atlantis")


def test_a_report_that_stands_against_somebody_is_shown_to_them_with_the_notice_and_not_before(office):
    one = office.ready()
    office.run(one)
    office.report(one, "consider", [SPEEDING])
    before = OnboardingView.of(one.driver_id, office.clock)
    assert (before.report, before.check) == (None, "ordered")
    office.run(one)
    after = OnboardingView.of(one.driver_id, office.clock)
    assert after.report.records[0].title == "Reckless driving"
    assert step(office, one, "background_check").why == "pre_adverse"


def test_a_person_decides_against_them_only_after_the_wait_and_with_an_assessment(office):
    one = flagged(office)
    adverse = ScreeningDecision(verdict="adverse", assessment=WORDS)
    with pytest.raises(Conflict, match="wait_not_over"):
        review.decide(one.id, adverse, "ana", office.clock)
    office.later(days=9)
    assert office.run(one) == "nothing"
    assert service.get(one.id).check.state is CheckState.DUE
    with pytest.raises(Unprocessable, match="assessment_missing"):
        review.decide(one.id, ScreeningDecision(verdict="adverse"), "ana", office.clock)
    review.decide(one.id, adverse, "ana", office.clock)
    with pytest.raises(Conflict, match="by ana"):
        review.decide(one.id, ScreeningDecision(verdict="go_on"), "ben", office.clock)
    view = OnboardingView.of(one.driver_id, office.clock)
    assert (view.state, view.refusal, view.report.assessment) == ("refused", "background_check", WORDS)
    assert not drivers.get(one.driver_id).may_drive(office.clock.now())


def test_a_dispute_stops_the_clock_until_staff_close_it(office):
    one = flagged(office)
    service.dispute(one.driver_id, DisputeInput(text="That is another person of my name."), office.clock)
    office.later(days=60)
    assert office.run(one) == "nothing"
    assert service.get(one.id).stage is ApplicationStage.FOR_STAFF
    review.close_dispute(one.id, DisputeDecision(outcome="upheld"), "ana", office.clock)
    assert office.run(one) == "wait"
    assert service.get(one.id).check.decide_from > office.clock.now() + timedelta(days=5)
    view = ApplicationView.of(one.id, office.clock)
    assert view.report.dispute == "That is another person of my name."


def test_a_report_that_comes_once_more_does_not_end_the_dispute_about_it(office):
    one = flagged(office)
    service.dispute(one.driver_id, DisputeInput(text="That is another person of my name."), office.clock)
    assert office.report(one, "consider", [SPEEDING]).check.state is CheckState.DISPUTED
    assert service.get(one.id).stage is ApplicationStage.FOR_STAFF
    assert office.report(one, "consider", [SPEEDING], message="msg_2").check.state is CheckState.FLAGGED


@pytest.mark.parametrize("dies_after", [1, 2, 3])
def test_a_workflow_that_dies_while_it_orders_goes_on_with_the_same_order(office, dies_after):
    one = office.ready()
    office.provider.down = dies_after
    for _ in range(dies_after):
        with pytest.raises(ScreeningUnavailable):
            office.run(one)
        office.later(minutes=11)
        started: list[str] = []
        swept = workflow.sweep(lambda each, suffix, to=started: to.append(each.id) or True, office.clock)
        assert swept["started"] == 1
        assert started == [one.id]
    assert office.run(one) == "wait"
    assert list(office.provider.orders) == [f"{one.id}.1"]


def test_a_workflow_that_dies_after_the_provider_took_the_order_orders_no_second_check(office, monkeypatch):
    one = office.ready()
    real = service.change

    def dies(id, decide):
        after = real(id, decide)
        if office.provider.orders:
            raise RuntimeError("killed")
        return after

    with monkeypatch.context() as patch:
        patch.setattr(service, "change", dies)
        with pytest.raises(RuntimeError):
            office.run(one)
    office.run(one)
    assert list(office.provider.orders) == [f"{one.id}.1"]


def test_nothing_that_waits_for_a_person_or_a_moment_is_started_again(office):
    flagged(office)
    office.apply(email="ben@example.com")
    office.later(minutes=30)
    assert workflow.sweep(lambda *_: True, office.clock) == {"stood_still": 0, "started": 0}


@pytest.mark.parametrize("meanwhile", ["reported", "refused"])
def test_an_order_that_is_given_again_too_late_is_none(office, meanwhile):
    one = office.ready()
    ordered = service.change(one.id, lambda found: found.order_check(office.clock.now()))
    if meanwhile == "reported":
        office.report(ordered, "consider", [SPEEDING])
    else:
        review.refuse(one.id, RefusalInput(reason="duplicate"), "ana", office.clock)
    before = service.get(one.id)
    workflow.order(one.id, office.provider, office.clock)
    assert service.get(one.id) == before
    assert not office.provider.orders


def test_two_executions_at_once_do_each_step_once(office):
    one = office.ready()
    office.run(one)
    office.run(one)
    office.report(one, "consider", [SPEEDING])
    workflow.notice(one.id, office.clock)
    until = service.get(one.id).check.decide_from
    office.later(hours=1)
    workflow.notice(one.id, office.clock)
    assert service.get(one.id).check.decide_from == until
    assert office.provider.asked == 1


def test_an_order_that_the_provider_refuses_waits_for_staff_who_may_order_again(office, monkeypatch):
    one = office.ready()

    def refuse(order):
        raise ScreeningRefused("unknown person")

    monkeypatch.setattr(office.provider, "order", refuse)
    assert office.run(one) == "nothing"
    assert service.get(one.id).stage is ApplicationStage.FOR_STAFF
    monkeypatch.undo()
    assert review.order_anew(one.id, office.clock).check.number == 2
    assert office.run(one) == "wait"


def test_a_provider_that_never_reports_is_found_after_a_week(office):
    one = office.ready()
    office.run(one)
    with pytest.raises(Conflict, match="not_overdue"):
        review.order_anew(one.id, office.clock)
    office.later(seconds=REPORT_WITHIN.total_seconds())
    assert office.run(one) == "nothing"
    page = ApplicationPage.of(ApplicationStage.FOR_STAFF, None, 10)
    assert [(line.application_id, line.overdue) for line in page.applications] == [(one.id, True)]
    assert office.report(one, "clear").check.state is CheckState.CLEAR, "a late report still counts"


WRONG = {
    "of another person": ({"candidate_id": "drv_other"}, Conflict, "another_person"),
    "of another check": ({"check_id": "chk-other"}, Conflict, "another_check"),
    "of an unknown application": ({"reference": "app_none.1"}, NotFound, "no_such_check"),
    "without a number": ({"reference": "app_none"}, NotFound, "no_such_check"),
    "with an id that is none": ({"check_id": ""}, Unprocessable, "unreadable_report"),
    "signed by somebody else": ({"secret": "whsec_c29tZWJvZHkgZWxzZQ=="}, Unauthorized, "bad_signature"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_report_changes_nothing_and_is_refused_with_its_code(office, wrong):
    changes, kind, code = WRONG[wrong]
    one = office.ready()
    office.run(one)
    before = service.get(one.id)
    with pytest.raises(kind, match=code):
        office.report(one, "consider", **changes)
    assert service.get(one.id) == before


def test_a_report_is_taken_within_five_minutes_of_its_signature(office):
    one = office.ready()
    office.run(one)
    late = type(office.clock)(office.clock.now() + timedelta(minutes=6))
    with pytest.raises(Unauthorized, match="stale_timestamp"):
        office.report(one, "clear", wall=late)


def test_the_same_report_twice_is_one_report_and_the_opposite_one_is_refused(office):
    one = office.ready()
    office.run(one)
    office.report(one, "clear")
    sequence = service.get(one.id).sequence
    assert office.report(one, "clear").sequence == sequence
    with pytest.raises(Conflict, match="reported_already"):
        office.report(one, "consider", [SPEEDING])


def test_staff_see_numbers_by_their_last_four_digits_alone(office):
    one = office.ready()
    office.give_everything_else(one)
    told = ApplicationView.of(one.id, office.clock).model_dump_json()
    assert "6789" in told
    assert "123456789" not in told
    assert "000123456" not in told
    assert "021000021" not in told


def test_erasure_takes_identity_and_account_keeps_the_tax_form_its_time_and_frees_the_address(office):
    one = office.ready()
    office.run(one)
    office.report(one, "clear")
    office.give_everything_else(one)
    office.approve(one)
    erasure.erase_person(one.driver_id, office.clock)
    erasure.erase_person(one.driver_id, office.clock)
    assert vault.record(identity_token(one.driver_id), Identity) is None
    assert vault.record(bank_account_token(one.driver_id), BankAccount) is None
    assert vault.record(tax_form_token(one.driver_id), TaxForm).kept_until == office.clock.now() + timedelta(days=1461)
    again = office.apply()
    assert again is not None
    assert again.driver_id != one.driver_id


def test_a_phone_that_is_still_signed_in_gives_nothing_after_the_erasure(office):
    one = office.ready()
    office.give_everything_else(one)
    work = UnitOfWork()
    drivers.keep(drivers.get(one.driver_id).with_changes(closed=True), work)
    work.commit()
    erasure.erase_person(one.driver_id, office.clock)
    with pytest.raises(Gone):
        office.give_money(one)
    assert vault.record(bank_account_token(one.driver_id), BankAccount) is None


def test_the_tax_form_of_somebody_who_never_drove_goes_at_once(office):
    one = office.ready()
    office.give_everything_else(one)
    erasure.erase_person(one.driver_id, office.clock)
    assert vault.record(tax_form_token(one.driver_id), TaxForm) is None


def test_nobody_is_erased_while_a_report_waits_for_a_decision(office):
    one = flagged(office)
    with pytest.raises(Conflict, match="report_undecided"):
        erasure.erase_person(one.driver_id, office.clock)


def test_a_changed_account_counts_from_the_next_period_and_the_same_one_again_is_no_change(office):
    one = office.ready()
    office.give_everything_else(one)
    office.give_everything_else(one)
    token = bank_account_token(one.driver_id)
    first = vault.record(token, BankAccount)
    assert first.payable_from == office.clock.now().date()
