from itertools import combinations

import pytest

from local import scenarios
from local.city.plans.geometry import distance_m
from local.scenarios.scene import HALF_SIDE_M, _place_of


def test_each_scenario_tells_its_story_in_one_line():
    assert {"first-delivery", "broadcast-race", "settle-twice"} <= set(scenarios.names())
    for name in scenarios.names():
        assert 20 < len(scenarios.story(name)) < 120


def test_no_two_scenarios_share_drivers():
    for one, other in combinations(scenarios.names(), 2):
        assert distance_m(_place_of(one), _place_of(other)) > 4 * HALF_SIDE_M, (one, other)


def test_an_unknown_scenario_is_refused_with_those_there_are():
    with pytest.raises(LookupError, match="first-delivery"):
        scenarios.story("no-such-story")
