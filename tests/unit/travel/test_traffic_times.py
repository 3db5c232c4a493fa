"""Travel times in traffic, and around incidents."""

from datetime import UTC, datetime, timedelta
from math import hypot, pi

import h3
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.geo import Point, metres_between
from crowdship.travel.engines.roads import NO_WAY_S, Roads
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.incidents import INSIDE, Incident
from crowdship.travel.passages import Passage, Sighting, passages
from crowdship.travel.times import GreatCircle
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import TravelRules, cell_of
from tests.streets import crossing

patiently = settings(max_examples=60)

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
RULES = TravelRules()
BASE = GreatCircle(RULES)
CENTRE = (40.0, -75.0)
places = st.tuples(st.floats(39.9, 40.1), st.floats(-75.1, -74.9))
radii = st.floats(20, 3000)
DEGREE_M = metres_between(40, -75, 41, -75)


def point(place):
    return Point(lat=place[0], lon=place[1])


def incident(radius_m=500.0, begins=-1, ends=1, **kind):
    hours = {"begins_at": NOW + timedelta(hours=begins), "ends_at": NOW + timedelta(hours=ends)}
    return Incident(centre=point(CENTRE), radius_m=radius_m, **hours, **kind)


def around(*incidents, traffic=None):
    return InTraffic(BASE, traffic or Traffic(), NOW, incidents)


def north(metres, east=0.0):
    return CENTRE[0] + metres / DEGREE_M, CENTRE[1] + east / DEGREE_M / 0.7660444431


def known(ratio, places, times=50):
    seen = [Passage(cell_of(point(place)), NOW - timedelta(days=7), 60 * ratio, 60) for place in places]
    return Traffic().learn(seen * times, NOW)


# Traffic


@patiently
@given(places, places)
def test_without_knowledge_it_is_its_base_to_the_bit(a, b):
    port = around()
    assert port.seconds_between(a, b) == BASE.seconds_between(a, b)
    assert port.seconds(point(a), point(b)) == BASE.seconds_between(a, b)
    assert port.metres(point(a), point(b)) == BASE.metres(point(a), point(b))


@patiently
@given(places, places, st.floats(0.5, 4))
def test_a_way_takes_no_less_than_at_its_best_place_and_no_more_than_at_its_worst(a, b, ratio):
    traffic = known(ratio, [CENTRE, a])
    port = around(traffic=traffic)
    factors = [traffic.factor(cell, NOW) for cell in (*traffic.cells, "882a100001fffff")]
    slack = 1e-9
    assert min(factors) - slack <= port.factor(a, b) <= max(factors) + slack
    assert port.factor(a, b) == pytest.approx(port.factor(b, a))


def test_a_way_through_a_slow_place_is_slower_than_one_beside_it():
    traffic = Traffic().learn(
        [Passage(cell_of(point(CENTRE)), NOW - timedelta(days=7), 180, 60)] * 50
        + [Passage(cell_of(point(north(0, 5000))), NOW - timedelta(days=7), 60, 60)] * 50,
        NOW,
    )
    port = around(traffic=traffic)
    through = port.factor(north(-1500), north(1500))
    beside = port.factor(north(-1500, 5000), north(1500, 5000))
    assert through > 1.2 * beside
    cell = cell_of(point(CENTRE))
    middle = h3.cell_to_latlng(cell)
    assert port.factor(middle, middle) == pytest.approx(traffic.factor(cell, NOW))


def test_where_no_way_leads_traffic_makes_none():
    class Island(GreatCircle):
        def seconds_between(self, a, b):
            return NO_WAY_S

    for ratio in (0.5, 3):
        port = InTraffic(Island(RULES), known(ratio, [CENTRE]), NOW)
        assert port.seconds_between(CENTRE, north(500)) == NO_WAY_S


def test_another_departure_is_another_time_of_the_same_zone():
    seen = [Passage(cell_of(point(CENTRE)), NOW - timedelta(days=7), 120, 60)] * 50
    free = [Passage(cell_of(point(CENTRE)), NOW - timedelta(days=7, hours=-5), 60, 60)] * 50
    port = around(traffic=Traffic().learn(seen + free, NOW))
    noon = port.at(NOW + timedelta(hours=5))
    assert noon.seconds_between(CENTRE, north(500)) < port.seconds_between(CENTRE, north(500))


def test_it_prepares_and_checks_as_its_base_does():
    class Recording(GreatCircle):
        def know(self, places):
            told.append(list(places))

        know_legs = know

        def check(self, a, b, pointer):
            told.append(pointer)

    told = []
    port = InTraffic(Recording(RULES), Traffic(), NOW)
    port.know([CENTRE])
    port.know_legs([north(500)])
    port.check(point(CENTRE), point(CENTRE), "/dropoff/point")
    assert told == [[CENTRE], [north(500)], "/dropoff/point"]
    assert port.estimates(point(CENTRE), point(CENTRE))


# Incidents


@patiently
@given(places, places, radii, st.floats(1, 10), st.booleans())
def test_no_incident_makes_a_way_shorter(a, b, radius_m, slowdown, closed):
    port = around(incident(radius_m, slowdown=slowdown, closed=closed))
    assert port.seconds_between(a, b) >= BASE.seconds_between(a, b)
    assert port.metres(point(a), point(b)) >= BASE.metres(point(a), point(b))


@patiently
@given(places, places, radii)
def test_a_way_that_meets_no_incident_takes_what_it_takes(a, b, radius_m):
    lowest = min(
        hypot(
            *(x + share * (y - x) for x, y in zip(incident()._from_centre(a), incident()._from_centre(b), strict=True))
        )
        for share in (step / 200 for step in range(201))
    )
    assume(lowest > radius_m * 1.02 + 150)
    assert around(incident(radius_m, closed=True)).seconds_between(a, b) == BASE.seconds_between(a, b)


def test_the_way_round_a_closed_area_through_its_middle_is_two_tangents_and_an_arc():
    radius, far = 1000.0, 2000.0
    tangent = (far**2 - radius**2) ** 0.5
    arc = radius * (pi - 2 * pi / 3)  # 60 degrees are left out at either end, as the cosine of half is 1/2
    port = around(incident(radius, closed=True))
    expected = (2 * tangent + arc) / (2 * far)
    assert port.factor(north(-far), north(far)) == pytest.approx(expected, rel=1e-3)
    assert port.metres(point(north(-far)), point(north(far))) == pytest.approx(
        expected * BASE.metres(point(north(-far)), point(north(far))), rel=1e-3
    )


@patiently
@given(places, places, radii, radii)
def test_a_larger_closed_area_is_a_longer_way_round(a, b, radius, other):
    small, large = (incident(size, closed=True) for size in sorted((radius, other)))
    assume(not large.holds(a))
    assume(not large.holds(b))
    assert small.factor(a, b) <= large.factor(a, b) + 1e-9


@patiently
@given(places, radii, st.floats(0, 0.95))
def test_a_place_in_a_closed_area_is_reached_slowly_and_said_so(a, radius_m, share):
    inside = north(share * radius_m)
    port = around(incident(radius_m, closed=True))
    assert port.is_closed(point(inside))
    assert 1 < port.factor(inside, a) <= INSIDE + 1e-9 or a == inside
    assert port.factor(inside, a) == pytest.approx(port.factor(a, inside))


def test_a_jam_is_slow_only_where_it_is():
    port = around(incident(500, slowdown=3))
    assert port.factor(north(-200), north(200)) == pytest.approx(3)
    assert port.factor(north(-1000), north(1000)) == pytest.approx(2, rel=1e-3)
    assert port.factor(north(600), north(2000)) == 1
    assert not port.is_closed(point(CENTRE))


def test_what_has_not_begun_or_is_over_does_not_matter():
    past, coming = incident(begins=-2, ends=0, closed=True), incident(begins=0.5, ends=2, closed=True)
    port = around(past, coming)
    assert port.factor(north(-1000), north(1000)) == 1
    assert not port.is_closed(point(CENTRE))
    assert port.at(NOW + timedelta(hours=1)).factor(north(-1000), north(1000)) > 1


def test_an_incident_ends_after_it_begins():
    with pytest.raises(ValidationError):
        incident(begins=1, ends=1)


def test_an_incident_on_the_date_line_is_near_both_sides_of_it():
    fiji = Incident(
        centre=Point(lat=-16, lon=180), radius_m=1000, begins_at=NOW, ends_at=NOW + timedelta(hours=1), closed=True
    )
    assert fiji.holds((-16, 179.995))
    assert fiji.holds((-16, -179.995))


# Streets that were driven


def along(row, seconds_per_block, blocks=6):
    """Return sightings of somebody who drives along a row of the town, twice per block."""
    return [
        Sighting(crossing(row, 0)[0], crossing(row, step / 2)[1], NOW + timedelta(seconds=seconds_per_block * step / 2))
        for step in range(2 * blocks + 1)
    ]


def test_what_was_driven_is_timed_along_its_streets(engine):
    roads = Roads(engine, RULES)
    trace = along(2, 30)
    steps = roads.driven(trace)
    assert len(steps) == len(trace) - 1
    assert sum(steps) == pytest.approx(roads.seconds_between(crossing(2, 0), crossing(2, 6)), rel=0.05)
    assert Roads(engine, RULES, pace=2).driven(trace) == pytest.approx([2 * step for step in steps])


def test_around_the_block_is_longer_than_across_it(engine):
    roads = Roads(engine, RULES)
    corner = [Sighting(*crossing(0, 0), NOW), Sighting(*crossing(0, 1), NOW + timedelta(seconds=40))]
    corner += [Sighting(*crossing(1, 1), NOW + timedelta(seconds=80))]
    sides = metres_between(*crossing(0, 0), *crossing(0, 1)) + metres_between(*crossing(0, 1), *crossing(1, 1))
    assert sum(roads.driven(corner)) >= sides / 10 * 0.95


def test_a_trace_off_the_map_fits_no_street(engine):
    off = [one._replace(lat=one.lat + 5) for one in along(2, 30)]
    assert Roads(engine, RULES).driven(off) == [None] * (len(off) - 1)
    half = [*along(2, 30)[:6], *off[6:]]
    told = Roads(engine, RULES).driven(half)
    assert all(told[:4])
    assert told[6:] == [None] * (len(half) - 7)


def test_with_a_map_passages_are_timed_along_streets(engine):
    roads = Roads(engine, RULES)
    trace = along(2, 60, blocks=7)
    found = passages(trace, roads)
    free_flow = roads.seconds_between(crossing(2, 0), crossing(2, 7)) / 7
    assert found
    for one in found:
        assert one.seconds / one.free_flow_s == pytest.approx(60 / free_flow, rel=0.15)


def test_traffic_on_the_map_keeps_to_its_streets(engine):
    roads = Roads(engine, RULES)
    a, b = crossing(0, 0), crossing(5, 5)
    port = InTraffic(roads, known(2, [a, b, crossing(2, 3)]), NOW)
    assert port.seconds_between(a, b) == roads.seconds_between(a, b) * port.factor(a, b)
    assert port.factor(a, b) > 1.3
