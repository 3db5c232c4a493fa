"""The registry of requirements: what each wish means for an order, a stop and a proof."""

import pkgutil

import pytest
from pydantic import TypeAdapter

from crowdship.kernel.errors import Unprocessable
from crowdship.shipment import requirements
from crowdship.shipment.demands import completed, requirements_of
from crowdship.shipment.goods import categories
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import (
    REQUIREMENTS,
    PartialRequirements,
    Requirements,
    asked,
    refuse_unattended,
)
from crowdship.shipment.requirements.temperature import Range
from tests.city import NOON

SHARED = {"picture", "registry", "requirement"}
ONE_OF_EACH = Requirements(
    photo=True,
    signature=True,
    pin=True,
    minimum_age=18,
    skills=("cold_box",),
    barcode=True,
    id_check=True,
    affirmations=("of_age",),
    printed_name=True,
    recipient_relation=True,
    temperature=Range(least_c=2, most_c=8),
    custody_scan=True,
)
PLACES = [(), ("US",), ("US", "US-TX"), ("US", "US-CA")]


def test_every_module_is_registered_and_every_field_has_its_rules():
    modules = {module.name for module in pkgutil.iter_modules(requirements.__path__)} - SHARED
    assert modules == {requirement.name for requirement in REQUIREMENTS} == set(Requirements.model_fields)


def test_only_what_is_asked_for_is_looked_at():
    assert list(asked(Requirements())) == []
    assert [requirement.name for requirement, _ in asked(ONE_OF_EACH)] == list(ONE_OF_EACH.model_dump())


def test_a_wish_that_was_never_set_has_the_value_of_the_default():
    defaults = Requirements(photo=True, pin=True, minimum_age=21)
    assert Requirements(pin=False).over(defaults) == Requirements(photo=True, minimum_age=21)
    assert Requirements().over(defaults) == defaults


def test_defaults_are_stored_as_they_were_set_and_nothing_else():
    stored = TypeAdapter(PartialRequirements)
    assert stored.dump_python(Requirements(pin=False, skills=("cold_box",))) == {"pin": False, "skills": ["cold_box"]}
    read = stored.validate_json(stored.dump_json(Requirements(pin=False)))
    assert read.model_fields_set == {"pin"}


@pytest.mark.parametrize("goods", categories())
@pytest.mark.parametrize("law", PLACES)
@pytest.mark.parametrize(
    "said", [Requirements(), Requirements(minimum_age=18), Requirements(minimum_age=25), ONE_OF_EACH]
)
def test_goods_make_requirements_stricter_and_never_laxer(goods, law, said):
    demanded, after = requirements_of(goods, law, law, NOON), completed(said, goods, law, law, NOON)
    assert (after.minimum_age or 0) == max(said.minimum_age or 0, demanded.minimum_age or 0)
    for flag in ("signature", "id_check", "printed_name", "recipient_relation", "custody_scan"):
        assert getattr(after, flag) == (getattr(said, flag) or getattr(demanded, flag))
    assert set(after.affirmations) == {*said.affirmations, *demanded.affirmations}
    untouched = {"photo", "pin", "skills", "barcode"}
    assert after.model_dump(include=untouched) == said.model_dump(include=untouched)


def test_skills_of_both_wishes_are_asked_for():
    both = Requirements(skills=("two_people",)).with_demands(Requirements(skills=("cold_box",)))
    assert both.skills == ("cold_box", "two_people")


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_goods_are_left_at_the_door_if_and_only_if_nobody_has_to_be_there(requirement):
    wish = Requirements(**{requirement.name: getattr(ONE_OF_EACH, requirement.name)})
    refuse_unattended(wish, Undeliverable.RETURN)
    if requirement.name not in {"photo", "skills", "barcode", "temperature", "custody_scan"}:
        with pytest.raises(Unprocessable, match="cannot_be_left"):
            refuse_unattended(wish, Undeliverable.LEAVE_AT_DOOR)
    else:
        refuse_unattended(wish, Undeliverable.LEAVE_AT_DOOR)


def test_the_law_may_forbid_to_leave_goods_for_which_nobody_has_to_be_there():
    refuse_unattended(Requirements(), Undeliverable.RETURN, attended=True)
    with pytest.raises(Unprocessable, match="cannot_be_left"):
        refuse_unattended(Requirements(), Undeliverable.LEAVE_AT_DOOR, attended=True)
