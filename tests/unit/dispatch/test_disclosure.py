"""Disclosure to drivers: nothing by which they are compared is left out, and nothing is denied that counts."""

import pytest

from crowdship.dispatch.disclosure import FACTOR_OF, Factor, disclosed
from crowdship.dispatch.scoring import ACCEPTANCE, SCORE_PARTS
from crowdship.zones.dispatch_rules import FleetRules
from crowdship.zones.model import Zone
from tests.city import settings


def told(**dispatch):
    return disclosed(Zone(id="testville", settings=settings(**dispatch)))


def test_every_part_of_a_score_is_told_to_drivers():
    assert set(FACTOR_OF) == set(SCORE_PARTS)
    assert set(FACTOR_OF.values()) <= {one.factor for one in told().weights}


def test_hours_on_duty_make_an_offer_less_likely_to_be_taken_and_are_not_denied():
    assert ACCEPTANCE.willingness(0.0, on_duty_h=10) < ACCEPTANCE.willingness(0.0, on_duty_h=2)
    assert "hours_on_duty" not in told().never_counted
    (said,) = (one.explanation for one in told().weights if one.factor is Factor.EXPECTED_REFUSAL)
    assert "hours on duty beyond 4" in said


@pytest.mark.parametrize(("hold", "listed"), [(0, False), (7, True)])
def test_that_orders_wait_for_dedicated_drivers_is_told_where_they_do(hold, listed):
    found = [one for one in told(fleet=FleetRules(hold_minutes=hold)).weights if one.factor == "kept_for_dedicated"]
    assert [one.at_most_s for one in found] == ([420] if listed else [])
