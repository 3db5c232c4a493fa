"""Letters about background checks: who gets which, and what the law wants in them."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdship.notify.drivers.applications import ADVERSE, APPROVED, LETTERS, PRE_ADVERSE, REFUSED, ApplicationFacts
from crowdship.notify.texts import letter_for
from crowdship.onboarding.application import CONSENT_VERSION, Application, ChosenReason
from crowdship.onboarding.check import Result, decision_from
from crowdship.onboarding.report import ReportView
from crowdship.vault.applicants import ReportedRecord

NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)
REPORT = ReportView(
    provider="http",
    records=(ReportedRecord(title="Reckless driving", place="Cook County, IL", outcome="Fined"),),
    reported_at=NOW,
    dispute=None,
    assessment="The record is recent and about driving itself.",
)


def noticed():
    ready = Application.submit("app_1", "drv_1", "z", NOW).agree(CONSENT_VERSION, NOW).identify(NOW)
    return ready.order_check(NOW).report(1, "chk_1", Result.CONSIDER, NOW).notice(NOW, 5)


LATER = decision_from(NOW, 5)


@pytest.mark.parametrize(
    ("life", "letter"),
    [
        (noticed, PRE_ADVERSE),
        (lambda: noticed().decide_against("ana", LATER), ADVERSE),
        (lambda: noticed().go_on("ana", NOW).refuse(ChosenReason.DUPLICATE, "ana", NOW), REFUSED),
        (lambda: noticed().go_on("ana", NOW).approve("ana", NOW), APPROVED),
    ],
)
def test_each_end_has_its_letter_and_no_other(life, letter):
    event = life().events[-1]
    assert [one for one in LETTERS if one.is_about(event)] == [letter]


def test_the_letters_about_a_report_have_a_copy_of_it_and_the_rights():
    before = letter_for(PRE_ADVERSE, ApplicationFacts.of(noticed().events[-1], REPORT), NOW).text
    refused = noticed().decide_against("ana", LATER).events[-1]
    after = letter_for(ADVERSE, ApplicationFacts.of(refused, REPORT), LATER).text
    for text in (before, after):
        assert "Reckless driving, Cook County, IL: Fined" in text
        assert "Fair Credit Reporting Act" in text
        assert "consumerfinance.gov/learnmore" in text
    assert "not before 2026-12-08" in before
    assert REPORT.assessment in after


def test_a_refusal_for_another_reason_says_so_and_has_no_report():
    event = noticed().go_on("ana", NOW).refuse(ChosenReason.DUPLICATE, "ana", NOW).events[-1]
    text = letter_for(REFUSED, ApplicationFacts.of(event, None), NOW).text
    assert "duplicate" in text
    assert "Reckless" not in text


def test_a_notice_is_worth_sending_however_late_unless_a_dispute_or_a_decision_came_first():
    one = noticed()
    event, much_later = one.events[-1], NOW + timedelta(days=400)
    assert PRE_ADVERSE.is_due(event, one, much_later)
    assert not PRE_ADVERSE.is_due(event, one.dispute(NOW), NOW)
    assert not PRE_ADVERSE.is_due(event, one.go_on("ana", NOW), NOW)
