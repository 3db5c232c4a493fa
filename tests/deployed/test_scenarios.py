"""The stories of ``make scenarios``, each with its end."""

import pytest

from local import scenarios
from local.receivers import Receivers
from local.running import RunningStack


@pytest.mark.parametrize("name", scenarios.names())
def test_the_story_ends_as_it_should(stack: RunningStack, receivers: Receivers, name: str) -> None:
    scenarios.run(name, stack, tell=print)
