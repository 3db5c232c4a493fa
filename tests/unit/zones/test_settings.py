"""What staff may decide about a zone."""

import pytest
from pydantic import ValidationError

from crowdship.zones.model import ZoneSettings
from tests.city import settings


def test_settings_are_read_back_as_they_were_stored():
    given = settings(weights={"lateness": 1000.0})
    assert ZoneSettings.model_validate_json(given.model_dump_json()) == given


@pytest.mark.parametrize("number", ["1e999", "Infinity", "NaN", "1e300", "-1"])
@pytest.mark.parametrize("field", ["lateness", "rating_s"])
def test_a_weight_that_could_not_be_stored_or_reckoned_with_is_refused(field, number):
    """Infinity was stored as null, and the zone could never be read again."""
    text = settings().model_dump_json()
    before = f'"{field}":{getattr(settings().dispatch.weights, field)}'
    assert before in text
    with pytest.raises(ValidationError, match=field):
        ZoneSettings.model_validate_json(text.replace(before, f'"{field}":{number}'))


def test_a_rate_that_is_a_slip_of_the_hand_is_refused():
    with pytest.raises(ValidationError, match="charge_base"):
        settings().rates.model_validate({"charge_base": 10**9})
