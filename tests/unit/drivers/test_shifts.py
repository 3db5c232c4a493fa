"""Shifts of dedicated drivers, and what can't be asked of contractors."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.drivers.model import DriverKind
from crowdship.drivers.shifts import AHEAD, KEPT, MOST, PlannedShift
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.zones.classification import CrowdTerms, Guard, refuse_terms
from tests.city import NOON, at
from tests.unit.dispatch.test_planning import free


def shift(begins_h, hours=4, zone_id="testville"):
    on_at = NOON + timedelta(hours=begins_h)
    return PlannedShift(zone_id=zone_id, on_at=on_at, off_at=on_at + timedelta(hours=hours))


def dedicated(**fields):
    return free("drv_1", at(0), kind="dedicated", **fields).driver


def test_the_platforms_driver_works_within_the_shift_and_not_at_its_end():
    driver = dedicated().plan_shift(shift(0), NOON)
    assert driver.works("testville", NOON)
    assert driver.works("testville", NOON + timedelta(hours=4) - timedelta(microseconds=1))
    assert not driver.works("testville", NOON + timedelta(hours=4))
    assert not driver.works("elsewhere", NOON)


def test_the_same_shift_again_changes_nothing():
    driver = dedicated().plan_shift(shift(1), NOON)
    assert driver.plan_shift(shift(1), NOON) is driver


@pytest.mark.parametrize(("begins", "hours"), [(1, 4), (0, 13.5), (3, 1), (4.5, 8)])
def test_shifts_of_one_driver_never_overlap_whatever_the_zone(begins, hours):
    driver = dedicated().plan_shift(shift(1), NOON)
    with pytest.raises(Conflict) as refused:
        driver.plan_shift(shift(begins, hours + 0.5, "elsewhere"), NOON)
    assert refused.value.code == "shifts_overlap"


def test_a_shift_may_begin_when_another_ends():
    assert len(dedicated().plan_shift(shift(1), NOON).plan_shift(shift(5), NOON).shifts) == 2


def test_a_shift_that_is_over_or_too_far_ahead_is_refused():
    for begins, code in ((-5, "shift_over"), (AHEAD / timedelta(hours=1) + 1, "shift_too_far_ahead")):
        with pytest.raises(Unprocessable) as refused:
            dedicated().plan_shift(shift(begins), NOON)
        assert refused.value.code == code


@pytest.mark.parametrize("hours", [0, -1, 14.01])
def test_a_shift_has_a_length(hours):
    with pytest.raises(ValidationError):
        shift(0, hours)


def test_old_shifts_leave_the_record_and_there_are_never_too_many():
    driver = dedicated().plan_shift(shift(0), NOON)
    later = NOON + KEPT + timedelta(hours=5)
    assert [one.on_at for one in driver.plan_shift(shift(24 * 8), later).shifts] == [NOON + timedelta(days=8)]
    full = dedicated(shifts=tuple(shift(5 * number) for number in range(MOST)))
    with pytest.raises(Unprocessable) as refused:
        full.plan_shift(shift(5 * MOST + 1), NOON)
    assert refused.value.code == "too_many_shifts"


def test_a_cancelled_shift_is_gone_and_another_is_not_there():
    driver = dedicated().plan_shift(shift(1), NOON)
    assert driver.cancel_shift(NOON + timedelta(hours=1)).shifts == ()
    with pytest.raises(NotFound):
        driver.cancel_shift(NOON)


@given(st.lists(st.tuples(st.integers(-20, 200), st.integers(1, 14)), max_size=12))
def test_no_sequence_of_plans_makes_two_shifts_overlap(wishes):
    driver = dedicated()
    for begins, hours in wishes:
        try:
            driver = driver.plan_shift(shift(begins, hours), NOON)
        except (Conflict, Unprocessable):
            continue
    ends = [(one.on_at, one.off_at) for one in driver.shifts]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))


def test_a_contractor_can_be_given_no_shift():
    with pytest.raises(Unprocessable) as refused:
        free("drv_1", at(0)).driver.plan_shift(shift(1), NOON)
    assert refused.value.code == Guard.NO_REQUIRED_HOURS


def test_a_merchants_driver_has_no_shift_of_ours():
    with pytest.raises(Unprocessable) as refused:
        dedicated(merchant_id="mer_1").plan_shift(shift(1), NOON)
    assert refused.value.code == "merchants_driver"


def test_whoever_is_no_driver_of_the_platform_needs_no_shift():
    for fields in ({}, {"kind": DriverKind.DEDICATED, "merchant_id": "mer_1"}):
        assert free("drv_1", at(0), **fields).driver.works("testville", NOON)


@pytest.mark.parametrize(
    ("terms", "guard"),
    [
        ({"weekly_hours": 0.5}, Guard.NO_REQUIRED_HOURS),
        ({"acceptance_percent": 1}, Guard.NO_REQUIRED_ACCEPTANCE),
        ({"decline_pause_minutes": 1}, Guard.NO_REQUIRED_ACCEPTANCE),
        ({"exclusive": True}, Guard.NO_EXCLUSIVITY),
    ],
)
def test_each_term_that_asks_something_of_contractors_is_refused_by_the_name_of_its_rule(terms, guard):
    with pytest.raises(Unprocessable) as refused:
        refuse_terms(CrowdTerms(**terms), "/dispatch/crowd")
    assert refused.value.code == guard
    assert refused.value.pointer == f"/dispatch/crowd/{next(iter(terms))}"
    assert guard in refused.value.detail


def test_terms_that_ask_nothing_pass():
    refuse_terms(CrowdTerms(), "/dispatch/crowd")
