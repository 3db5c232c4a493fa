"""Jurisdictions of places: states, counties and cities, and both sides of a border."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.geo import Point, metres_between
from crowdship.law.book import FOLDER, LAW
from crowdship.law.geometry import decoded, holds, touches
from crowdship.law.places import MARGIN_M, counties, jurisdictions_of, jurisdictions_touched, with_wider
from local.tools.counties import codes, encoded, slug


@pytest.mark.parametrize(
    ("lat", "lon", "found"),
    [
        (39.7392, -104.9903, "US US-CO US-CO-denver"),
        (40.7580, -73.9855, "US US-NY US-NY-new-york US-NY-new-york-city"),
        (40.6500, -73.9496, "US US-NY US-NY-kings US-NY-new-york-city"),
        (40.7357, -74.1724, "US US-NJ US-NJ-essex US-NJ-hudson"),  # Newark, across the bay
        (47.6062, -122.3321, "US US-WA US-WA-king US-WA-seattle"),
        (47.6101, -122.2015, "US US-WA US-WA-king"),  # Bellevue, across the lake
        (37.7749, -122.4194, "US US-CA US-CA-san-francisco"),
        (41.0, -87.0, "US US-IN US-IN-jasper"),
        (61.2181, -149.9003, "US US-AK US-AK-anchorage"),
        (52.9, 172.9, "US US-AK US-AK-aleutians-west"),  # Attu, in the eastern hemisphere
        (21.3069, -157.8583, "US US-HI US-HI-honolulu"),
        (38.9072, -77.0369, "US US-DC US-DC-district-of-columbia"),
        (39.2904, -76.6122, "US US-MD US-MD-baltimore-city"),
        (31.6900, -106.4200, ""),  # Ciudad Juárez, 6 km from Texas
        (52.52, 13.405, ""),
        (40.0, -40.0, ""),
        (90.0, 0.0, ""),
        (-90.0, 180.0, ""),
    ],
)
def test_a_place_has_its_country_state_county_and_city(lat, lon, found):
    assert jurisdictions_of(Point(lat=lat, lon=lon)) == tuple(found.split())


@pytest.mark.parametrize(
    ("lat", "lon", "sides"),
    [
        (38.9624, -119.9400, {"US-CA", "US-NV"}),  # Stateline at Lake Tahoe
        (40.7178, -74.0431, {"US-NJ", "US-NY"}),  # Jersey City at the Hudson
        (39.1000, -94.6100, {"US-KS", "US-MO"}),  # Kansas City, both of them
    ],
)
def test_near_a_border_both_sides_count(lat, lon, sides):
    assert {code for code in jurisdictions_of(Point(lat=lat, lon=lon)) if code.count("-") == 1} == sides


def test_the_margin_of_a_border_is_two_kilometres_on_either_side():
    border = -109.0507  # between Utah and Colorado at 39 degrees north
    degrees = 1000 / metres_between(39.0, border, 39.0, border + 1)
    for km, both in ((-3, False), (-1.5, True), (1.5, True), (3, False)):
        found = jurisdictions_of(Point(lat=39.0, lon=border + km * degrees))
        assert ({"US-CO", "US-UT"} <= set(found)) == both, km


def test_the_five_counties_are_new_york_city():
    five = set(LAW.jurisdictions["US-NY-new-york-city"].counties)
    assert len(five) == 5
    assert five < {county.code for county in counties()}


def test_each_state_and_each_city_of_the_tables_can_be_found_from_a_place():
    known = {code for county in counties() for code in with_wider([county.code])}
    missing = [
        code
        for code, one in LAW.jurisdictions.items()
        if code.startswith("US") and code not in known and not one.counties and not one.outline
    ]
    assert missing == []
    states = {code for code in known if code.count("-") == 1}
    assert states < LAW.jurisdictions.keys()
    assert len(states) == 56
    assert len(counties()) == 3231


def test_no_city_has_the_code_of_a_county():
    cities = {code for code, one in LAW.jurisdictions.items() if one.counties or one.outline}
    assert cities
    assert not cities & {county.code for county in counties()}


def test_every_point_of_land_between_two_counties_is_in_one_of_them():
    step = 0.05
    grid = [Point(lat=38 + step * i, lon=-106 + step * j) for i in range(40) for j in range(60)]
    assert [point for point in grid if max(map(len, jurisdictions_of(point)), default=0) < len("US-CO-")] == []


def square(lat, lon, half=0.05):
    return [
        Point(lat=lat + north, lon=lon + east)
        for north, east in ((-half, -half), (-half, half), (half, half), (half, -half))
    ]


def test_an_area_has_the_jurisdictions_that_it_touches():
    assert jurisdictions_touched(square(39.7392, -104.9903, 0.01)) == ("US", "US-CO", "US-CO-denver")
    over_the_border = set(jurisdictions_touched(square(39.1, -94.61)))
    assert {"US-KS", "US-MO", "US-KS-wyandotte", "US-MO-jackson"} <= over_the_border
    assert "US-WA-seattle" in jurisdictions_touched(square(47.45, -122.3))
    assert jurisdictions_touched(square(52.52, 13.405)) == ()


def test_an_area_inside_a_county_and_one_around_a_county_touch_it():
    county = next(one for one in counties() if one.code == "US-CO-denver")
    assert touches(county.rings, [(39.73, -105.0), (39.73, -104.99), (39.74, -104.99)], 0)
    assert touches(county.rings, [(39.0, -106.0), (39.0, -104.0), (40.5, -104.0), (40.5, -106.0)], 0)
    assert not touches(county.rings, [(38.0, -106.0), (38.0, -104.0), (38.5, -104.0)], MARGIN_M)


@given(st.floats(36, 42), st.floats(-110, -100), st.floats(0.002, 0.5), st.integers(3, 12), st.integers(0, 11))
def test_the_law_of_each_corner_of_an_area_is_law_of_the_area(lat, lon, half, corners, which):
    turns = [math.tau * number / corners for number in range(corners)]
    area = [Point(lat=lat + half * math.sin(turn), lon=lon + half * math.cos(turn)) for turn in turns]
    assert set(jurisdictions_of(area[which % corners])) <= set(jurisdictions_touched(area))


@given(st.lists(st.tuples(st.integers(-90_000, 90_000), st.integers(-180_000, 180_000)), min_size=1, max_size=20))
def test_a_polyline_is_read_as_it_was_written(ring):
    assert decoded(encoded(ring)) == [(lat / 1000, lon / 1000) for lat, lon in ring]


def test_a_hole_is_outside():
    outer = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    hole = [(0.4, 0.4), (0.4, 0.6), (0.6, 0.6), (0.6, 0.4)]
    assert holds([outer, hole], (0.2, 0.5), 0)
    assert not holds([outer, hole], (0.5, 0.5), 1000)
    assert holds([outer, hole], (0.5, 0.5), 12_000)


def test_a_wider_jurisdiction_comes_before_a_narrower_one():
    assert with_wider(("US-CO-denver", "EU-ES", "US-CO")) == ("US", "EU", "US-CO", "EU-ES", "US-CO-denver")
    assert with_wider(()) == ()


def test_counties_of_one_name_in_a_state_have_codes_of_their_own():
    two = [
        {"id": "24005", "properties": {"name": "Baltimore"}},
        {"id": "24510", "properties": {"name": "Baltimore"}},
        {"id": "24003", "properties": {"name": "Anne Arundel"}},
    ]
    assert list(codes(two).values()) == ["US-MD-baltimore", "US-MD-baltimore-city", "US-MD-anne-arundel"]
    assert slug("O'Brien") == "obrien"


def test_the_file_of_counties_is_small():
    assert Path(FOLDER / "counties.csv").stat().st_size < 400_000
