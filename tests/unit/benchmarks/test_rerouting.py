"""The zones of the rerouting benchmark are real ones, and its checks see what is broken."""

import random
from functools import cache

import pytest

from benchmarks import rerouting
from benchmarks.rerouting import KINDS, afresh, happen, wrong
from crowdship.planner.polish import by_vroom
from crowdship.routes.stops import fixed_head
from crowdship.shipment.stop_kind import StopKind

# One process plans the zones for all these tests.
pytestmark = pytest.mark.xdist_group("zones under way")


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    """What a strong search finds is not the question here."""
    monkeypatch.setattr(by_vroom, "vroom", lambda: None)
    monkeypatch.setattr(rerouting, "STEPS", 20)


@cache
def zone_of(seed):
    """A zone, planned once: what happens in it leaves it as it was."""
    return rerouting.zone_of(seed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_repair_touches_nothing_that_is_fixed_and_loses_nothing(kind):
    seen = 0
    for seed in range(6):
        event = happen(kind, zone_of(seed), random.Random(seed))
        if event:
            mended = event.mend()
            assert wrong(event, mended) == []
            assert wrong(event, afresh(event, mended, rerouting.FIXED)) == []
            seen += 1
    assert seen


def test_the_checks_see_a_moved_pin_goods_that_left_and_a_lost_stop():
    zone = next(z for z in map(zone_of, range(99)) if any(_carries_first(z, name) for name in z.drivers))
    name = next(name for name in zone.drivers if _carries_first(zone, name))
    routes = zone.routes()
    event = rerouting.Event(zone, lambda: routes)
    assert wrong(event, routes) == []
    first, *rest = routes[name]
    assert "a stop that has begun or is pinned moved" in wrong(event, {**routes, name: (*rest, first)})
    other = next(each for each in routes if each != name)
    gone = {**routes, name: tuple(rest), other: (*routes[other], replace_started(first))}
    assert "goods left their vehicle" in wrong(event, gone)
    assert "other stops than before" in wrong(event, {**routes, name: tuple(rest)})


def replace_started(stop):
    return stop.model_copy(update={"started": False})


def _carries_first(zone, name):
    stops = zone.drivers[name].route.stops
    return len(stops) > 1 and fixed_head(stops) == 1 and stops[0].kind is StopKind.DROPOFF
