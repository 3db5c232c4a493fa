"""Lives of applications: a machine decides nothing, and nobody is refused before notice and wait."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crowdship.kernel.errors import Conflict
from crowdship.notify.drivers.applications import is_noticed
from crowdship.onboarding.application import (
    CONSENT_VERSION,
    Act,
    Application,
    ApplicationRefusal,
    ApplicationStage,
    ApplicationState,
    ChosenReason,
)
from crowdship.onboarding.check import REPORT_WITHIN, CheckState, Result, decision_from
from tests.contracts import validate_event

MONDAY = datetime(2026, 11, 30, 18, tzinfo=UTC)
DAYS = 5


def submitted(now=MONDAY):
    return Application.submit("app_1", "drv_1", "san-francisco", now)


def ready():
    return submitted().agree(CONSENT_VERSION, MONDAY).identify(MONDAY)


def ordered():
    return ready().order_check(MONDAY).taken_by_provider(1, "chk_1")


def noticed():
    return ordered().report(1, "chk_1", Result.CONSIDER, MONDAY).notice(MONDAY, DAYS)


OVER = decision_from(MONDAY, DAYS)


def test_nothing_is_ordered_before_consent_and_identity():
    assert submitted().next_act(MONDAY).act is Act.NOTHING
    with pytest.raises(Conflict, match="agree to the check"):
        submitted().identify(MONDAY).order_check(MONDAY)
    assert ready().next_act(MONDAY).act is Act.ORDER


def test_a_text_that_has_changed_is_not_agreed_to():
    with pytest.raises(Conflict, match="text_changed"):
        submitted().agree("2020-01", MONDAY)


def test_a_clear_report_needs_nobody():
    clear = ordered().report(1, "chk_1", Result.CLEAR, MONDAY)
    assert clear.check.state is CheckState.CLEAR
    assert clear.next_act(MONDAY).act is Act.NOTHING
    assert clear.approve("ana", MONDAY).state is ApplicationState.APPROVED


def test_a_report_that_comes_twice_changes_nothing_the_second_time():
    first = ordered().report(1, "chk_1", Result.CONSIDER, MONDAY)
    assert first.report(1, "chk_1", Result.CONSIDER, MONDAY + timedelta(hours=1)) is first
    assert noticed().report(1, "chk_1", Result.CONSIDER, OVER) == noticed()


def test_a_report_that_comes_before_the_provider_answered_the_order_counts():
    one = ready().order_check(MONDAY).report(1, "chk_1", Result.CLEAR, MONDAY)
    assert one.taken_by_provider(1, "chk_1") is one


@pytest.mark.parametrize(("number", "check_id"), [(2, "chk_1"), (1, "chk_2"), (0, "chk_1")])
def test_a_report_about_another_check_is_refused(number, check_id):
    with pytest.raises(Conflict, match="another_check"):
        ordered().report(number, check_id, Result.CLEAR, MONDAY)


def test_a_report_that_contradicts_an_earlier_one_is_refused():
    with pytest.raises(Conflict, match="reported_already"):
        noticed().report(1, "chk_1", Result.CLEAR, MONDAY)


def test_five_business_days_after_a_monday_end_with_the_next_monday_everywhere_in_the_country():
    assert datetime(2026, 12, 8, 12, tzinfo=UTC) == OVER
    assert noticed().next_act(MONDAY) == noticed().next_act(OVER - timedelta(seconds=1))
    assert noticed().next_act(OVER).act is Act.END_WAIT


def test_a_holiday_and_a_weekend_are_no_business_days():
    wednesday_before_thanksgiving = datetime(2026, 11, 25, 18, tzinfo=UTC)
    assert decision_from(wednesday_before_thanksgiving, DAYS) == datetime(2026, 12, 4, 12, tzinfo=UTC)


def test_nobody_is_refused_because_of_a_report_before_the_wait_is_over():
    for early in (MONDAY, OVER - timedelta(microseconds=1)):
        with pytest.raises(Conflict, match="wait_not_over"):
            noticed().decide_against("ana", early)
    refused = noticed().decide_against("ana", OVER)
    assert (refused.state, refused.refusal) == (ApplicationState.REFUSED, ApplicationRefusal.BACKGROUND_CHECK)


def test_no_other_reason_goes_round_the_wait():
    with pytest.raises(Conflict, match="report_undecided"):
        noticed().refuse(ChosenReason.NOT_ELIGIBLE, "ana", MONDAY)


def test_a_dispute_stops_the_clock_and_the_whole_wait_comes_again():
    disputed = noticed().dispute(MONDAY + timedelta(days=1))
    assert disputed.next_act(OVER + timedelta(days=99)).act is Act.NOTHING
    with pytest.raises(Conflict, match="wait_not_over"):
        disputed.decide_against("ana", OVER + timedelta(days=99))
    later = OVER + timedelta(days=10)
    again = disputed.uphold(later).notice(later, DAYS)
    assert again.check.decide_from == decision_from(later, DAYS)


def test_a_late_letter_of_a_notice_before_the_dispute_is_not_sent():
    first = noticed()
    again = first.dispute(MONDAY).uphold(MONDAY + timedelta(days=2)).notice(MONDAY + timedelta(days=2), DAYS)
    early, late = first.events[-1], again.events[-1]
    assert is_noticed(early, first, MONDAY)
    assert is_noticed(late, again, MONDAY)
    assert not is_noticed(early, again, MONDAY)


def test_a_dispute_that_the_provider_agrees_with_clears_the_check():
    disputed = noticed().dispute(MONDAY)
    assert disputed.report(1, "chk_1", Result.CLEAR, MONDAY).check.state is CheckState.CLEAR


def test_the_second_of_two_decisions_hears_who_decided():
    refused = noticed().decide_against("ana", OVER)
    with pytest.raises(Conflict, match="refused by ana"):
        refused.go_on("ben", OVER)


def test_a_provider_that_does_not_report_is_looked_after_by_staff_and_may_be_asked_anew():
    one = ordered()
    late = MONDAY + REPORT_WITHIN
    assert one.next_act(late - timedelta(seconds=1)).act is Act.WAIT
    assert one.next_act(late).act is Act.REMIND
    overdue = one.call_overdue(late)
    assert overdue.stage is ApplicationStage.FOR_STAFF
    assert overdue.call_overdue(late) is overdue
    assert overdue.next_act(late).act is Act.NOTHING
    anew = overdue.order_check(late)
    assert (anew.check.number, anew.reference, anew.next_act(late).act) == (2, "app_1.2", Act.ORDER)
    with pytest.raises(Conflict, match="another_check"):
        anew.report(1, "chk_1", Result.CLEAR, late)


def test_an_order_that_the_provider_refused_waits_for_staff():
    refused = ready().order_check(MONDAY).call_overdue(MONDAY, refused=True)
    assert refused.next_act(MONDAY).act is Act.NOTHING
    assert refused.order_check(MONDAY).check.number == 2


def test_an_order_that_is_repeated_is_the_same_order():
    once = ready().order_check(MONDAY)
    assert once.order_check(MONDAY + timedelta(minutes=1)) is once


def test_identity_is_changed_only_until_the_check_is_ordered_with_it():
    ready().identify(MONDAY)
    with pytest.raises(Conflict, match="identity_used"):
        ordered().identify(MONDAY)


class Lives(RuleBasedStateMachine):
    """Every order of what applicants, staff, provider, workflow and clock may do."""

    def __init__(self):
        super().__init__()
        self.now = MONDAY
        self.one = submitted(self.now)
        self.told_at = None
        self.persons_decisions = 0

    def _try(self, act):
        with suppress(Conflict):
            after = act(self.one)
            for event in after.events[len(self.one.events) :]:
                validate_event(event.model_dump(mode="json"))
                if event.type == "application.pre_adverse":
                    self.told_at = self.now
                if event.type in ("application.disputed", "application.check_flagged"):
                    self.told_at = None
            self.one = after
            return True
        return False

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def applicant_agrees(self):
        self._try(lambda one: one.agree(CONSENT_VERSION, self.now))

    @rule()
    def applicant_says_who_they_are(self):
        self._try(lambda one: one.identify(self.now))

    @rule()
    def applicant_disputes(self):
        self._try(lambda one: one.dispute(self.now))

    @rule(number=st.integers(1, 2), result=st.sampled_from(Result))
    def provider_reports(self, number, result):
        self._try(lambda one: one.report(number, f"chk_{number}", result, self.now))

    @rule()
    def workflow_goes_on(self):
        acts = {
            Act.ORDER: lambda one: one.order_check(self.now).taken_by_provider(
                one.check.number + (one.check.state is CheckState.AWAITED), "chk_1"
            ),
            Act.REMIND: lambda one: one.call_overdue(self.now),
            Act.NOTICE: lambda one: one.notice(self.now, DAYS),
            Act.END_WAIT: lambda one: one.end_wait(self.now),
        }
        act = self.one.next_act(self.now).act
        before = self.one
        if act in acts:
            self._try(acts[act])
            assert self.one != before, f"{act} changed nothing: the workflow would run in a circle"

    @rule()
    def staff_go_on(self):
        self._try(lambda one: one.go_on("ana", self.now))

    @rule()
    def staff_uphold(self):
        self._try(lambda one: one.uphold(self.now))

    @rule()
    def staff_order_anew(self):
        self._try(lambda one: one.order_check(self.now))

    @rule(reason=st.sampled_from(ChosenReason))
    def staff_refuse(self, reason):
        self.persons_decisions += self._try(lambda one: one.refuse(reason, "ana", self.now))

    @rule()
    def staff_decide_against(self):
        told_at = self.told_at
        if self._try(lambda one: one.decide_against("ana", self.now)):
            self.persons_decisions += 1
            assert told_at is not None, "refused without notice"
            assert self.now >= decision_from(told_at, DAYS), "refused before the wait was over"

    @rule()
    def staff_approve(self):
        before = self.one.check.state
        if self._try(lambda one: one.approve("ana", self.now)):
            self.persons_decisions += 1
            assert before is CheckState.CLEAR

    @invariant()
    def only_a_person_decides(self):
        over = self.one.state is not ApplicationState.OPEN
        assert over == bool(self.persons_decisions)
        assert over == bool(self.one.decided_by)

    @invariant()
    def nothing_waits_for_nobody(self):
        if self.one.state is not ApplicationState.OPEN:
            assert self.one.due_at is None


Lives.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, suppress_health_check=[HealthCheck.filter_too_much]
)
TestLives = Lives.TestCase
