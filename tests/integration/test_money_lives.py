"""Worlds of money's lives keep all invariants, the same seed is the same world, and planted faults are found."""

from functools import cache

import pytest

from benchmarks.money import play
from benchmarks.money.invariants import first_violations
from benchmarks.money.planted import PLANTED, seeds_for

WORLDS_UNTIL_FOUND = 8
SEEDS = (2, 3, 7)
"""Worlds of each place whose law sets a floor for pay; the first goes over a month's end, the second pays by file."""


@cache
def played(seed):
    return play.played(seed, 250)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_invariants_hold_after_some_hundred_lives_with_faults_and_kills(seed):
    world = played(seed)
    assert world.violated == {}
    assert world.faults["killed"] > 0
    assert world.postings > 250


def test_a_month_is_closed_once_its_days_are_and_late_events_leave_it_as_it_was():
    faults = played(SEEDS[0]).faults
    assert faults["refused: days_not_finished"] > 0
    assert faults["event after its month was closed"] > 0


def test_a_world_that_pays_by_file_has_credits_returned_and_accounts_corrected():
    faults = played(SEEDS[1]).faults
    assert any(fault.startswith("bank: R") for fault in faults)
    assert any(fault.startswith("bank: C") for fault in faults)


def test_weeks_are_reckoned_and_told_of_late_wherever_law_sets_a_floor():
    for seed in SEEDS:
        assert played(seed).acts["reckon floor"] > 0
        assert played(seed).acts["book pay_floor.due"] > 0
    assert sum(played(seed).faults["work told of after its week"] for seed in SEEDS) > 0


def test_the_same_seed_is_the_same_world():
    worlds = [play.world_of(7, 40)[0] for _ in range(2)]
    assert worlds[0].hash == worlds[1].hash
    assert worlds[0].hash != play.world_of(8, 20)[0].hash


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.__name__)
def test_a_planted_fault_is_found_within_a_few_worlds(planted):
    found = []
    for seed in seeds_for(planted, WORLDS_UNTIL_FOUND):
        with planted():
            _, found = play.world_of(seed, 80, look=first_violations)
        if found:
            break
    assert found
    assert "--seed" in play.told(1, 80, found)
