"""Urgency of deliveries: the need of a dispatcher."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crowdship.dispatch.overview.urgency import FLAT, MOST, Facts, Reason, urgency

seconds = st.floats(min_value=0, max_value=1e6)
facts = st.builds(
    Facts,
    late_s=seconds,
    overdue_s=seconds,
    search_left_s=st.none() | st.floats(min_value=-1e6, max_value=1e6),
    refusals=st.integers(min_value=0, max_value=1000),
    flat=st.frozensets(st.sampled_from(sorted(FLAT))),
)


@given(facts)
def test_urgency_is_between_0_and_100_and_has_a_reason_if_it_is_not_0(known):
    found = urgency(known)
    assert 0 <= found.points <= MOST
    assert found.reasons or found.points == 0
    assert len(set(found.reasons)) == len(found.reasons)


@given(facts, seconds, seconds)
def test_a_delivery_that_is_later_is_never_less_urgent(known, more_late, more_overdue):
    later = replace(known, late_s=known.late_s + more_late, overdue_s=known.overdue_s + more_overdue)
    assert urgency(later).points >= urgency(known).points


@given(facts, st.sampled_from(sorted(FLAT)))
def test_one_reason_more_never_makes_a_delivery_less_urgent(known, reason):
    more = urgency(replace(known, flat=known.flat | {reason}))
    assert more.points >= urgency(known).points
    assert reason in more.reasons


@given(facts, st.floats(min_value=0, max_value=1e6))
def test_the_nearer_the_end_of_the_search_the_more_urgent(known, passed):
    before = replace(known, search_left_s=known.search_left_s or 0.0)
    after = replace(before, search_left_s=before.search_left_s - passed)
    assert urgency(after).points >= urgency(before).points


def test_a_broken_promise_is_late_and_one_that_will_be_broken_will_be_late():
    assert urgency(Facts(late_s=600)).reasons == (Reason.WILL_BE_LATE,)
    assert urgency(Facts(late_s=600, overdue_s=1)).reasons == (Reason.LATE,)
    assert urgency(Facts(late_s=600, overdue_s=1)).points > urgency(Facts(late_s=600)).points


def test_the_weightiest_reason_comes_first():
    found = urgency(Facts(late_s=1800, flat=frozenset({Reason.URGENT_PRIORITY, Reason.NO_DRIVER})))
    assert found.reasons == (Reason.WILL_BE_LATE, Reason.NO_DRIVER, Reason.URGENT_PRIORITY)
    assert found.points == 95


def test_a_locked_pin_weighs_more_than_a_missing_driver_because_somebody_stands_at_the_door():
    locked, lonely = (urgency(Facts(flat=frozenset({reason}))) for reason in (Reason.PIN_LOCKED, Reason.NO_DRIVER))
    assert locked.points > lonely.points
    assert locked.reasons == (Reason.PIN_LOCKED,)
