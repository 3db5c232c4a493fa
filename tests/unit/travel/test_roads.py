from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point, metres_between
from crowdship.travel.engines import roads as module
from crowdship.travel.engines.roads import NO_WAY_S, ON_FOOT_MPS, Roads
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import TravelRules
from tests.streets import ISLAND, ONE_WAY_END, SIZE, STEP, crossing

RULES = TravelRules()
CORNER, FAR = crossing(0, 0), crossing(5, 5)
OFF = (45.0, -75.0)
places = st.tuples(
    st.floats(crossing(0, 0)[0], crossing(SIZE, 0)[0]), st.floats(crossing(0, 0)[1], crossing(0, SIZE)[1])
)


def point(place):
    return Point(lat=place[0], lon=place[1])


@pytest.fixture
def roads(engine):
    return Roads(engine, RULES)


def test_a_way_follows_the_streets(roads):
    around_the_corner = metres_between(*CORNER, *crossing(5, 0)) + metres_between(*crossing(5, 0), *FAR)
    assert roads.metres(point(CORNER), point(FAR)) == pytest.approx(around_the_corner, rel=0.01)


def test_a_way_takes_no_less_than_at_the_speed_limit(roads):
    at_limit = roads.metres(point(CORNER), point(FAR)) / 10  # 36 km/h
    assert at_limit <= roads.seconds(point(CORNER), point(FAR)) < 2 * at_limit


def test_a_one_way_street_is_left_but_not_entered(roads):
    assert roads.seconds_between(ONE_WAY_END, CORNER) < 600
    assert roads.seconds_between(CORNER, ONE_WAY_END) == NO_WAY_S
    roads.check(point(ONE_WAY_END), point(CORNER), "/dropoff/point")
    with pytest.raises(Unprocessable) as refused:
        roads.check(point(CORNER), point(ONE_WAY_END), "/dropoff/point")
    assert (refused.value.code, refused.value.pointer) == ("no_way", "/dropoff/point")


def test_only_where_the_map_ends_is_a_way_estimated(roads):
    assert not roads.estimates(point(CORNER), point(FAR))
    assert not roads.estimates(point(CORNER), point(ISLAND))
    assert roads.estimates(point(OFF), point(FAR))


def test_an_island_without_a_bridge_is_not_reached_and_not_left(roads):
    assert roads.seconds_between(CORNER, ISLAND) == roads.seconds_between(ISLAND, CORNER) == NO_WAY_S


def test_a_place_beside_the_street_is_walked_to(roads):
    garden = (CORNER[0] - STEP / 2, CORNER[1])
    extra = roads.seconds_between(garden, FAR) - roads.seconds_between(CORNER, FAR)
    assert extra == pytest.approx(metres_between(*garden, *CORNER) / ON_FOOT_MPS, rel=0.01)


def test_a_place_on_no_street_of_the_map_is_refused_and_planned_by_the_great_circle(roads):
    assert roads.seconds_between(CORNER, OFF) == GreatCircle(RULES).seconds_between(CORNER, OFF)
    assert roads.metres(point(CORNER), point(OFF)) == GreatCircle(RULES).metres(point(CORNER), point(OFF))
    with pytest.raises(Unprocessable) as refused:
        roads.check(point(CORNER), point(OFF), "/dropoff/point")
    assert refused.value.code == "off_road"


def test_a_slower_hour_takes_longer_but_is_walked_as_fast(engine):
    garden = (CORNER[0] - STEP / 2, CORNER[1])
    walk = metres_between(*garden, *CORNER) / ON_FOOT_MPS
    usual, slow = (Roads(engine, RULES, pace).seconds_between(garden, FAR) - walk for pace in (1.0, 1.5))
    assert slow == pytest.approx(1.5 * usual, rel=0.01)


@given(st.lists(places, min_size=2, max_size=8), st.integers(0, 8))
def test_what_is_known_at_once_is_what_each_way_is_alone(engine, asked, first):
    """Also if some were known before."""
    together = Roads(engine, RULES)
    together.know(asked[:first])
    together.know(asked)
    for a, b in product(asked, repeat=2):
        alone = Roads(engine, RULES)
        assert together.seconds_between(a, b) == pytest.approx(alone.seconds_between(a, b), abs=0.15)
        assert together.metres(point(a), point(b)) == pytest.approx(alone.metres(point(a), point(b)), abs=0.15)


def test_the_ways_of_known_places_cost_no_further_look(engine):
    class Counting:
        asked = 0

        def Table(self, parameters):  # noqa: N802
            self.asked += 1
            return engine.Table(parameters)

    counting = Counting()
    roads = Roads(counting, RULES)
    spots = [crossing(row, column) for row, column in product(range(4), repeat=2)]
    roads.know(spots)
    for a, b in product(spots, repeat=2):
        roads.seconds_between(a, b)
    assert counting.asked == 1


def test_what_is_known_is_bounded_by_what_is_asked(roads, monkeypatch):
    monkeypatch.setattr(module, "MOST_PAIRS", 10)
    for column in range(SIZE):
        roads.know([crossing(row, column) for row in range(6)])
        assert len(roads._number) <= 12
        for row in range(SIZE):
            roads.seconds_between(crossing(row, column), OFF)
            assert len(roads._pairs) <= 10


def test_what_stays_from_one_look_to_the_next_is_not_looked_up_again(engine, monkeypatch):
    roads = Roads(engine, RULES)
    roads.know([crossing(0, column) for column in range(SIZE)])
    asked = []
    real = Roads._table
    monkeypatch.setattr(
        Roads, "_table", lambda self, *its: asked.append((len(its[1]), len(its[2]))) or real(self, *its)
    )
    roads.know([crossing(0, column) for column in range(1, SIZE)] + [crossing(1, 1)])
    assert asked == [(1, SIZE + 1), (SIZE, 1)]


def test_too_many_places_are_estimated_as_a_sample_of_them_is(roads, monkeypatch):
    monkeypatch.setattr(Roads, "MOST_KNOWN", 20)
    monkeypatch.setattr(module, "SAMPLE", 10)
    spots = [crossing(row, column) for row, column in product(range(SIZE), repeat=2)]
    roads.know(spots)
    estimated = {(a, b): roads.seconds_between(a, b) for a, b in product(spots, repeat=2) if a != b}
    roads.know(spots[:2])  # few again: exact again
    shares = [roads.seconds_between(a, b) / found for (a, b), found in list(estimated.items())[::50]]
    assert 0.8 < sum(shares) / len(shares) < 1.25
