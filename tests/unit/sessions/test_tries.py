"""Tries of a secret: guesses are bounded in every span, and the right secret costs nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.buckets import Tries
from crowdship.sessions.tries import codes_of, network_of, tries_of

SECOND = 1_000_000
LIMITS = st.builds(Tries, burst=st.integers(1, 12), interval_s=st.integers(1, 300))
TRIES = st.lists(st.tuples(st.integers(0, 400 * SECOND), st.booleans(), st.integers(0, 3)), max_size=120)
"""A pause, whether the secret is right, and how many tries begin before the answer to this one."""


class Door:
    """One bucket, and what comes to it."""

    def __init__(self, limit):
        self.limit, self.full_at, self.now = limit, 0, 10 * SECOND

    def take(self):
        moved = self.limit.draw(self.full_at, self.now)
        self.full_at = moved if moved is not None else self.full_at
        return moved is not None

    def give_back(self, taken_at):
        left = self.limit.interval_us - (self.now - taken_at)
        if left > 0 and self.full_at > self.now:
            self.full_at -= left


def wrong_tries(limit, tries):
    """Return when wrong tries were let in, whose answers overlap; a right one gives its token back."""
    door, inside, open_right = Door(limit), [], []
    for pause, right, overlapping in tries:
        if not overlapping:
            for taken_at in open_right:
                door.give_back(taken_at)
            open_right = []
        door.now += pause
        if door.take():
            if right:
                open_right.append(door.now)
            else:
                inside.append(door.now)
    return inside


@given(LIMITS, TRIES)
def test_in_no_span_are_there_more_wrong_tries_than_come_back_and_the_burst(limit, tries):
    inside = wrong_tries(limit, tries)
    for first, began in enumerate(inside):
        for last in range(first, len(inside)):
            most = limit.burst + (inside[last] - began) / limit.interval_us
            assert last - first + 1 <= most + 1e-9


@given(LIMITS, st.lists(st.integers(0, 400 * SECOND), max_size=60))
def test_whoever_always_knows_the_secret_is_never_refused(limit, pauses):
    door = Door(limit)
    for pause in pauses:
        door.now += pause
        assert door.take()
        door.give_back(door.now)
    assert door.limit.left(door.full_at, door.now) == limit.burst


@given(LIMITS, st.integers(0, 30))
def test_whoever_waits_as_long_as_was_said_may_try_again(limit, more):
    door = Door(limit)
    for _ in range(limit.burst + more):
        door.take()
    assert not door.take()
    door.now += limit.wait_s(door.full_at, door.now) * SECOND
    assert door.take()


def test_a_name_has_one_bucket_in_whatever_case_it_is_written():
    assert tries_of("Ana@Drivers.Example", "192.0.2.1")[0] == tries_of("ana@drivers.example", "192.0.2.2")[0]
    assert tries_of("ana", "192.0.2.1")[0] != tries_of("bob", "192.0.2.1")[0]


def test_buckets_are_named_by_no_name_and_no_address():
    keys = [one.key for one in (*tries_of("ana", "192.0.2.1"), *codes_of("ana", "192.0.2.1"))]
    assert len(set(keys)) == 4
    assert not [key for key in keys if "ana" in key or "192" in key]


@pytest.mark.parametrize("other", ["2001:db8:1:2::9", "2001:db8:1:2:ffff::1"])
def test_all_addresses_of_a_household_are_one(other):
    assert network_of("2001:db8:1:2::1") == network_of(other)
    assert network_of("2001:db8:1:3::1") != network_of(other)
