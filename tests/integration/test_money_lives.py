"""Worlds of money's lives keep all invariants, the same seed is the same world, and planted faults are found."""

import pytest

from benchmarks.money import play
from benchmarks.money.planted import PLANTED, seeds_for

WORLDS_UNTIL_FOUND = 8


@pytest.mark.parametrize("seed", [1, 3, 6])
def test_all_invariants_hold_after_some_hundred_lives_with_faults_and_kills(seed):
    played = play.played(seed, 300)
    assert played.violated == {}
    assert played.faults["killed"] > 0
    assert played.postings > 300


def test_the_same_seed_is_the_same_world():
    worlds = [play.world_of(7, 60)[0] for _ in range(2)]
    assert worlds[0].hash == worlds[1].hash
    assert worlds[0].hash != play.world_of(8, 60)[0].hash


def test_late_events_of_a_closed_month_leave_it_as_it_was():
    played = play.played(2, 300)
    assert played.violated == {}
    assert played.faults["event after its month was closed"] > 0
    assert played.faults["refused: days_not_finished"] > 0


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.__name__)
def test_a_planted_fault_is_found_within_a_few_worlds(planted):
    found = []
    for seed in seeds_for(planted, WORLDS_UNTIL_FOUND):
        with planted():
            _, found = play.world_of(seed, 100)
        if found:
            break
    assert found
    assert "--seed" in play.told(1, 100, found)
