"""Every class of data about drivers is in an export, or left out for a reason."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.data_rights.collectors import COLLECTORS, NOT_OF_DRIVERS
from crowdship.data_rights.model import Correction, CorrectionInput, CorrectionState, DriverField
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.retention import CLASSES
from tests.city import NOON


def test_each_class_of_data_is_gathered_or_left_out_with_a_reason():
    gathered = Counter(name for one in COLLECTORS for name in one.classes)
    assert max(gathered.values()) == 1
    assert set(gathered) | set(NOT_OF_DRIVERS) == {one.name for one in CLASSES}
    assert not set(gathered) & set(NOT_OF_DRIVERS)


def test_each_part_of_an_export_has_a_name_of_its_own():
    names = [one.section for one in COLLECTORS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("field", "days"), [("name", 30), ("earnings", 30), ("rating", 14), ("deliveries", 14), ("standing", 14)]
)
def test_a_request_about_work_is_due_in_two_weeks_and_any_other_in_a_month(field, days):
    one = Correction.asked("cor_1", "drv_1", DriverField(field), NOON)
    assert one.due_at - one.asked_at == timedelta(days=days)


def test_a_request_is_decided_once():
    decided = Correction.asked("cor_1", "drv_1", DriverField.NAME, NOON).decide(granted=False, by="ana", now=NOON)
    assert decided.state is CorrectionState.REFUSED
    with pytest.raises(Conflict):
        decided.decide(granted=True, by="ben", now=NOON)


@pytest.mark.parametrize(
    ("field", "wanted", "fits"),
    [
        ("name", "Ana Diaz-Lee", True),
        ("name", "x" * 300, False),
        ("phone", "+13125550100", True),
        ("phone", "312 555", False),
        ("email", "ana@example.com", True),
        ("email", "ana at example", False),
        ("rating", "The one star was for the shop.", True),
    ],
)
def test_a_wanted_value_has_the_form_of_its_field(field, wanted, fits):
    asked = CorrectionInput(request_id=ID, field=field, wanted=wanted, reason="It is wrong.")
    if fits:
        asked.check()
        return
    with pytest.raises(Unprocessable) as refused:
        asked.check()
    assert refused.value.pointer == "/wanted"


ID = "3f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77"


@given(field=st.sampled_from(DriverField))
def test_no_deadline_is_later_than_a_month(field):
    assert Correction.asked("cor_1", "drv_1", field, NOON).due_at <= NOON + timedelta(days=30)
