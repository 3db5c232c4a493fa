"""Cases about conduct: notice, levels, appeals, emergency stops, and what time does by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crowdship.drivers.standing import Level, Standing
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable
from crowdship.standing.case import Case
from crowdship.standing.evidence import EvidenceItem, Reference, digest_of
from crowdship.standing.grounds import ConductGround
from crowdship.standing.policy import ConductPolicy, ConductPolicyInput, policy_for
from crowdship.standing.terms import OUR_NOTICE_DAYS, REVIEW_DAYS, Term, Terms, begins, day_of, effective_on, terms_in
from crowdship.standing.values import AppealOutcome, CaseWait, Change
from tests.contracts import validate_event

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SEATTLE = ("US", "US-WA", "US-WA-seattle")
COLORADO = ("US", "US-CO")
GERMANY = ("EU", "DE")
TEXT = "Grounds, evidence, notice and appeal of a deactivation."
POLICY = ConductPolicy.published(ConductPolicyInput(text=TEXT, grounds=tuple(ConductGround)), 1, "ana", NOON - 60 * DAY)
EVIDENCE = (EvidenceItem.of(Reference(kind="report", id="report-1"), None),)


def a_case(ground=ConductGround.OWN_LATENESS, by="ana", at=NOON, zone="America/Los_Angeles"):
    return Case.opened("cas_1", "drv_1", "loop", zone, ground, EVIDENCE, by, at)


def decided(level, days=None, *, case=None, standing=None, where=SEATTLE, at=NOON, by="ana"):
    case = case or a_case()
    return case.decided(level, days, POLICY, terms_in(where, at), at, by, standing or Standing())


def at_level(level):
    return Standing(level=level, since=NOON - DAY, case_id="cas_0")


@pytest.mark.parametrize(
    ("where", "at", "days", "source"),
    [
        (SEATTLE, NOON, 14, "US-WA-seattle"),
        (SEATTLE, datetime(2025, 1, 1, 7, 59, tzinfo=UTC), OUR_NOTICE_DAYS, None),
        (SEATTLE, datetime(2025, 1, 1, 8, 0, tzinfo=UTC), 14, "US-WA-seattle"),
        (("US", "US-NY", "US-NY-new-york-city"), NOON, 120, "US-NY-new-york-city"),
        (("US", "US-TX"), NOON, OUR_NOTICE_DAYS, None),
        ((), NOON, OUR_NOTICE_DAYS, None),
    ],
    ids=["Seattle", "Seattle's last minute before", "Seattle's first minute", "New York, pending", "Texas", "nowhere"],
)
def test_the_notice_is_that_of_the_drivers_home_on_the_day_of_the_decision(where, at, days, source):
    notice = terms_in(where, at).notice
    assert (notice.days, notice.jurisdiction) == (days, source)


def test_europe_answers_an_appeal_in_two_weeks():
    assert terms_in(GERMANY, datetime(2026, 12, 3, tzinfo=UTC)).answer.days == 14


@pytest.mark.parametrize("place", ["Etc/GMT+12", "America/Los_Angeles", "UTC", "Europe/Berlin", "Etc/GMT-14"])
@pytest.mark.parametrize("hour", range(24))
def test_no_day_without_work_begins_anywhere_before_the_notice_has_run(hour, place):
    for served in (
        NOON.replace(hour=hour),
        NOON.replace(hour=hour, minute=17),
        datetime(2026, 10, 30, hour, tzinfo=UTC),
    ):
        first = begins(effective_on(served, 14), place)
        assert served + 14 * DAY <= first < served + 17 * DAY


@pytest.mark.parametrize("place", ["Etc/GMT+12", "America/Los_Angeles", "UTC", "Etc/GMT-14"])
@pytest.mark.parametrize("hour", range(24))
def test_an_emergency_stop_counts_at_once_wherever_the_driver_is(hour, place):
    at = NOON.replace(hour=hour)
    stopped, standing = a_case(ConductGround.IMPAIRMENT, zone=place).stopped(at, "ana", Standing())
    assert standing.bars(day_of(at, place))
    assert at + (REVIEW_DAYS - 1) * DAY <= stopped.stop.review_by <= at + REVIEW_DAYS * DAY


def test_a_deactivation_in_seattle_takes_effect_after_fourteen_days_of_work():
    standing = at_level(Level.SUSPENSION)
    case, after = decided(Level.DEACTIVATION, standing=standing)
    assert case.decision.effective_on == date(2026, 6, 17)
    assert not after.bars((NOON + 14 * DAY).date())
    assert not after.bars(date(2026, 6, 16))
    assert after.bars(date(2026, 6, 17))
    assert case.due_at == begins(date(2026, 6, 17), "America/Los_Angeles")
    effective, changed = case.advanced(case.due_at)
    assert effective.events[-1].data["change"] == "effective"
    assert changed is None
    assert effective.advanced(case.due_at + DAY)[0] is effective


@pytest.mark.parametrize(
    ("now", "then", "ground", "goes"),
    [
        (Level.GOOD, Level.WARNING, ConductGround.OWN_LATENESS, True),
        (Level.GOOD, Level.SUSPENSION, ConductGround.OWN_LATENESS, False),
        (Level.WARNING, Level.PROBATION, ConductGround.LOW_RATING, True),
        (Level.WARNING, Level.DEACTIVATION, ConductGround.LOW_RATING, False),
        (Level.GOOD, Level.DEACTIVATION, ConductGround.THEFT, True),
        (Level.PROBATION, Level.WARNING, ConductGround.THEFT, False),
    ],
)
def test_levels_follow_one_another_and_only_grave_grounds_skip_some(now, then, ground, goes):
    days = 7 if then in (Level.PROBATION, Level.SUSPENSION) else None
    case = a_case(ground)
    if goes:
        assert decided(then, days, case=case, standing=at_level(now))[1].level is then
    else:
        with pytest.raises(Conflict, match="wrong_level"):
            decided(then, days, case=case, standing=at_level(now))


def test_a_level_that_no_longer_counts_is_no_step_of_the_next_one():
    over = at_level(Level.WARNING).model_copy(update={"until": NOON.date()})
    with pytest.raises(Conflict, match="can't follow good"):
        decided(Level.PROBATION, 30, standing=over)


@pytest.mark.parametrize(("level", "days"), [("warning", 3), ("probation", None), ("suspension", 91), ("good", None)])
def test_days_that_a_level_does_not_have_are_refused(level, days):
    with pytest.raises(Unprocessable):
        decided(Level(level), days, case=a_case(ConductGround.THEFT))


def test_of_two_people_who_decide_the_second_is_refused():
    case, standing = decided(Level.WARNING)
    with pytest.raises(Conflict, match="decided_already"):
        decided(Level.PROBATION, 30, case=case, standing=standing, by="ben")
    with pytest.raises(Conflict, match="decided_already"):
        case.dismissed(NOON, "ben")


def test_an_appeal_is_answered_by_another_person_and_overturned_gives_the_standing_back():
    before = at_level(Level.PROBATION)
    case, _ = decided(Level.SUSPENSION, 14, standing=before)
    appealed = case.appealed(NOON + DAY)
    assert appealed.waits_for is CaseWait.APPEAL
    with pytest.raises(Forbidden, match="same_person"):
        appealed.answered(AppealOutcome.UPHELD, NOON + 2 * DAY, "ana")
    answered, restored = appealed.answered(AppealOutcome.OVERTURNED, NOON + 2 * DAY, "ben")
    assert restored == before
    assert answered.due_at is None
    with pytest.raises(Conflict, match="answered_already"):
        answered.answered(AppealOutcome.UPHELD, NOON + 3 * DAY, "eve")


def test_an_appeal_is_made_once_and_in_time():
    case, _ = decided(Level.WARNING)
    end = case.decision.appeal_until
    with pytest.raises(Conflict, match="appeal_too_late"):
        case.appealed(end)
    appealed = case.appealed(end - timedelta(seconds=1))
    with pytest.raises(Conflict, match="appealed_already"):
        appealed.appealed(NOON)
    with pytest.raises(Conflict, match="not_decided"):
        a_case().appealed(NOON)


def test_an_appeal_that_nobody_answers_is_told_once_when_its_time_is_over():
    case, _ = decided(Level.WARNING)
    appealed = case.appealed(NOON + DAY)
    due = appealed.appeal.answer_by
    assert appealed.advanced(due - timedelta(seconds=1))[0] is appealed
    late, _ = appealed.advanced(due)
    assert [event.type for event in late.events][-1] == "standing.overdue"
    assert late.advanced(due + DAY)[0] is late
    assert late.answered(AppealOutcome.OVERTURNED, due + DAY, "ben")[1] == Standing()


def test_an_emergency_stop_counts_at_once_and_lifts_if_nobody_reviews_it():
    stopped, standing = a_case(ConductGround.IMPAIRMENT).stopped(NOON, "ana", Standing())
    review = stopped.stop.review_by
    assert standing.bars(NOON.date())
    assert not standing.bars(day_of(review, stopped.time_zone))
    lapsed, restored = stopped.advanced(review)
    assert restored == Standing()
    assert lapsed.events[-1].data["change"] == "lapsed"
    assert lapsed.waits_for is CaseWait.DECISION


def test_a_stop_is_for_dangers_only_and_is_made_once():
    with pytest.raises(Unprocessable, match="no_danger"):
        a_case(ConductGround.LOW_RATING).stopped(NOON, "ana", Standing())
    stopped, standing = a_case(ConductGround.IMPAIRMENT).stopped(NOON, "ana", Standing())
    with pytest.raises(Conflict, match="stopped_already"):
        stopped.stopped(NOON, "ben", standing)


def test_who_was_stopped_for_a_danger_stays_stopped_by_a_decision_and_works_again_by_a_dismissal():
    before = at_level(Level.WARNING)
    stopped, standing = a_case(ConductGround.VIOLENCE_OR_THREAT).stopped(NOON, "ana", before)
    case, after = decided(Level.DEACTIVATION, case=stopped, standing=standing, at=NOON + DAY)
    assert after.bars(day_of(NOON + DAY, case.time_zone))
    assert case.before == before
    assert stopped.dismissed(NOON + DAY, "ben")[1] == before


def test_a_suspension_ends_by_itself_and_the_standing_is_good_again():
    case, standing = decided(Level.SUSPENSION, 7, standing=at_level(Level.PROBATION))
    assert standing.until == standing.barred_from + 7 * DAY
    effective, _ = case.advanced(begins(standing.barred_from, case.time_zone))
    ended, restored = effective.advanced(begins(standing.until, case.time_zone))
    assert restored.level is Level.GOOD
    assert not standing.bars(standing.until)
    assert ended.due_at is None


@pytest.mark.parametrize(
    ("where", "published", "goes"),
    [
        (COLORADO, NOON - 30 * DAY, True),
        (COLORADO, NOON - 30 * DAY + timedelta(seconds=1), False),
        (SEATTLE, NOON, True),
    ],
    ids=["thirty days", "a second less", "no such law"],
)
def test_a_policy_is_enforceable_once_it_was_published_for_as_long_as_the_law_says(where, published, goes):
    policy = ConductPolicy.published(ConductPolicyInput(text=TEXT, grounds=(ConductGround.THEFT,)), 1, "ana", published)
    days = terms_in(where, NOON).policy.days
    if goes:
        assert policy_for([policy], ConductGround.THEFT, days, NOON) == policy
    else:
        with pytest.raises(Conflict, match="no_policy"):
            policy_for([policy], ConductGround.THEFT, days, NOON)


def test_a_decision_rests_on_the_version_that_was_in_force_then_and_on_a_ground_that_it_has():
    new = ConductPolicy.published(
        ConductPolicyInput(text=TEXT + " Newer.", grounds=(ConductGround.FRAUD,)), 2, "ana", NOON - DAY
    )
    assert policy_for([POLICY, new], ConductGround.THEFT, 30, NOON) == POLICY
    with pytest.raises(Conflict, match="not_in_policy"):
        policy_for([POLICY, new], ConductGround.THEFT, 0, NOON)
    with pytest.raises(Conflict, match="publish one"):
        policy_for([], ConductGround.THEFT, 0, NOON)


def test_the_digest_of_the_evidence_changes_with_each_part_and_with_their_order():
    other = EvidenceItem.of(Reference(kind="event", id="evt_1"), None)
    digests = {digest_of(some) for some in ((EVIDENCE[0],), (other,), (EVIDENCE[0], other), (other, EVIDENCE[0]))}
    assert len(digests) == 4


def test_terms_say_whose_law_they_are():
    assert terms_in(SEATTLE, NOON).notice == Term(days=14, jurisdiction="US-WA-seattle", source="SMC 8.40; SHRR 260")
    assert isinstance(terms_in((), NOON), Terms)


def test_what_a_case_emits_keeps_its_contracts():
    case, _ = decided(Level.SUSPENSION, 7, standing=at_level(Level.PROBATION))
    effective, _ = case.advanced(case.due_at)
    ended, _ = effective.appealed(NOON + DAY).advanced(NOON + 40 * DAY)
    stopped, _ = a_case(ConductGround.IMPAIRMENT).stopped(NOON, "ana", Standing())
    lapsed, _ = stopped.advanced(stopped.stop.review_by)
    upheld, _ = case.appealed(NOON).answered(AppealOutcome.UPHELD, NOON, "ben")
    overturned, _ = case.appealed(NOON).answered(AppealOutcome.OVERTURNED, NOON, "ben")
    lives = (ended, lapsed, stopped.dismissed(NOON, "ben")[0], upheld, overturned)
    changes = set()
    for event in (event for life in lives for event in life.events):
        validate_event(event.model_dump(mode="json"))
        changes.add(event.data.get("change"))
    assert changes >= set(Change)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=9)])
def test_who_was_stopped_and_not_reviewed_in_time_gets_the_notice_also_before_anything_swept(late):
    stopped, standing = a_case(ConductGround.IMPAIRMENT).stopped(NOON, "ana", Standing())
    now = stopped.stop.review_by + late
    case, after = decided(Level.DEACTIVATION, case=stopped, standing=standing, at=now, by="ben")
    assert case.decision.effective_on == effective_on(now, 14)
    assert not after.bars((now + 14 * DAY).date())
    assert [event.data["change"] for event in case.events[-2:]] == ["lapsed", "decided"]
