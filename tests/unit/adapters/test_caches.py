from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, rule

from crowdship.adapters.caches import UNKNOWN, Cache


@dataclass
class Timer:
    """Seconds that go up only when they are told to."""

    now: float = 1000.0

    def __call__(self):
        return self.now


@dataclass
class Source:
    """What is cached, and how often it was read."""

    value: object = "first"
    reads: int = 0

    def read(self):
        self.reads += 1
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def source():
    return Source()


def test_a_value_is_believed_for_its_time_and_then_read_anew(timer, source):
    cache = Cache(20, timer=timer)
    assert cache.get("a", source.read) == "first"
    source.value = "second"
    timer.now += 19.9
    assert cache.get("a", source.read) == "first"
    timer.now += 0.2
    assert cache.get("a", source.read) == "second"


def test_its_time_begins_when_it_was_read_however_often_it_is_used(timer, source):
    cache = Cache(20, timer=timer)
    for _ in range(5):
        cache.get("a", source.read)
        timer.now += 9
    assert source.reads == 2


def test_that_there_is_none_is_asked_again_unless_it_may_be_believed(timer):
    nothing = Source(value=None)
    cache = Cache(20, timer=timer)
    cache.get("a", nothing.read)
    assert cache.get("a", nothing.read) is None
    assert (nothing.reads, cache.find("a")) == (2, UNKNOWN)


def test_that_there_is_none_is_believed_for_a_time_of_its_own(timer):
    nothing = Source(value=None)
    cache = Cache(300, absent_s=10, timer=timer)
    for _ in range(3):
        assert cache.get("a", nothing.read) is None
    assert (nothing.reads, cache.find("a")) == (1, None)
    timer.now += 10
    cache.get("a", nothing.read)
    assert nothing.reads == 2


def test_a_value_that_is_gone_takes_the_place_of_one_that_was_there(timer):
    cache = Cache(300, timer=timer)
    cache.put("a", 1)
    cache.put("a", None)
    assert cache.find("a") is UNKNOWN


def test_what_could_not_be_read_is_not_remembered(timer):
    failing = Source(value=LookupError("no answer"))
    cache = Cache(20, timer=timer)
    for _ in range(2):
        with pytest.raises(LookupError):
            cache.get("a", failing.read)
    failing.value = "there"
    assert cache.get("a", failing.read) == "there"


def test_what_somebody_changed_is_read_anew_at_once(timer, source):
    cache = Cache(20, timer=timer)
    cache.get("a", source.read)
    cache.forget("a")
    cache.forget("never there")
    cache.get("a", source.read)
    assert source.reads == 2


def test_it_never_grows_beyond_its_size_and_keeps_what_is_used(timer):
    cache = Cache(20, most=3, timer=timer)
    for key in range(100):
        cache.get("often", lambda: "used")
        cache.put(key, key)
    assert len(cache) == 3
    assert cache.find("often") == "used"
    assert cache.find(0) is UNKNOWN


def test_threads_may_share_one(timer):
    cache = Cache(20, most=50, timer=timer)
    together = Barrier(8)

    def work(seed):
        together.wait()
        for number in range(2000):
            key = (seed * 7919 + number * 104729) % 200
            assert cache.get(key, lambda key=key: key) == key
            if number % 3 == 0:
                cache.forget(key)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert len(cache) <= 50


class AsADictionary(RuleBasedStateMachine):
    """Against the simplest cache there is: a dictionary with the moment of each entry."""

    keys = strategies.integers(0, 5)

    def __init__(self):
        super().__init__()
        self.timer, self.kept = Timer(), {}
        self.cache = Cache(20, absent_s=5, timer=self.timer)

    @rule(key=keys, value=strategies.none() | strategies.integers())
    def put(self, key, value):
        self.cache.put(key, value)
        self.kept[key] = (self.timer.now + (5 if value is None else 20), value)

    @rule(key=keys)
    def forget(self, key):
        self.cache.forget(key)
        self.kept.pop(key, None)

    @rule(seconds=strategies.integers(1, 25))
    def wait(self, seconds):
        self.timer.now += seconds

    @rule(key=keys)
    def find(self, key):
        ends, value = self.kept.get(key, (0, None))
        assert self.cache.find(key) == (value if self.timer.now < ends else UNKNOWN)


TestAsADictionary = AsADictionary.TestCase
