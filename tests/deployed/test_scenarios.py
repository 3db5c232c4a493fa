"""The stories of ``make scenarios``, each with its end."""

import pytest

from local import scenarios
from tests.deployed.conftest import Stories


@pytest.mark.parametrize("name", scenarios.names())
def test_the_story_ends_as_it_should(stories: Stories, name: str) -> None:
    stories.end_of(name)
