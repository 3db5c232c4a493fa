"""An area means one polygon, or is refused with what is wrong with it."""

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point, distance_m, east_of, halfway, metres_between
from crowdship.zones.areas import check_area
from crowdship.zones.model import Zone, ZoneSettings
from tests.city import AREA, settings

SQUARE = ((41.0, -87.0), (41.1, -87.0), (41.1, -86.9), (41.0, -86.9))


def area(*corners):
    return tuple(Point(lat=lat, lon=lon) for lat, lon in corners)


def cells(corners):
    return Zone(id="z", settings=settings().model_copy(update={"area": corners})).cells


@pytest.mark.parametrize(
    ("corners", "code", "told"),
    [
        ((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), "area_crosses_itself", "corners 0 and 2"),
        ((*SQUARE[:3], (41.05, -87.0), SQUARE[3]), "area_crosses_itself", "cross or touch"),
        (((0, 0), (1, 1), (0, 2), (0, 1), (1, 1), (1, 0)), "area_crosses_itself", "in order, once round"),
        (tuple((lon, lat) for lat, lon in SQUARE), "area_swapped", "latitude and longitude look swapped"),
        (((-17, 179.9), (-17, -179.9), (-17.2, -179.9), (-17.2, 179.9)), "area_across_180", "one zone on each side"),
        (((79, -120), (79, 0), (79, 120)), "area_across_180", "around a pole"),
        (((89, -120), (89, 0), (89, 120)), "area_swapped", "latitudes such as 89"),
    ],
)
def test_an_area_that_could_mean_another_is_refused_with_what_is_wrong(corners, code, told):
    with pytest.raises(Unprocessable) as refusal:
        check_area(area(*corners))
    assert refusal.value.code == code
    assert told in refusal.value.detail


def test_an_area_is_the_same_closed_or_not_either_way_round_and_with_a_corner_told_twice():
    once = area(*SQUARE)
    for same in ((*once, once[0]), once[::-1], (once[0], *once), (*once[:2], once[1], *once[2:])):
        check_area(same)
        assert cells(same) == cells(once)


@given(st.integers(3, 40), st.floats(0.01, 0.5), st.floats(-79, 79), st.floats(-179, 179), st.data())
def test_a_star_is_taken_as_it_is_drawn_and_refused_if_two_far_corners_change_places(count, size, lat, lon, data):
    radii = data.draw(st.lists(st.floats(0.5, 1), min_size=count, max_size=count))
    star = [
        (lat + size * r * sin(2 * pi * n / count), lon + size * r * cos(2 * pi * n / count))
        for n, r in enumerate(radii)
    ]
    check_area(area(*star))
    if count >= 6:
        star[0], star[count // 2] = star[count // 2], star[0]
        with pytest.raises(Unprocessable, match="area_crosses_itself"):
            check_area(area(*star))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"type": "Polygon", "coordinates": [[[-87.0, 41.0]]]}, "it is Polygon, not a list of corners"),
        ({"type": "MultiPolygon", "coordinates": []}, "GeoJSON has the longitude first"),
        ([[-87.0, 41.0], [-87.0, 41.1], [-86.9, 41.1]], "its corners are pairs, which may be swapped"),
        ([(41.0, -87.0)] * 3, 'write the corners as [{"lat": 41.88, "lon": -87.63}, ...]'),
    ],
)
def test_a_shape_of_another_format_is_refused_with_what_would_be_right(given, told):
    with pytest.raises(ValidationError, match="area") as refusal:
        ZoneSettings.model_validate({**settings().model_dump(mode="json"), "area": given})
    assert told in refusal.value.errors()[0]["msg"]
    assert ZoneSettings.model_validate(settings().model_dump(mode="json")).area == AREA


@given(st.floats(-60, 60), st.floats(-180, 180), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_places_on_both_sides_of_180_degrees_are_as_near_as_they_are(lat, lon, north, east):
    there = east_of(lon + east, 0.0)
    assert abs(east_of(there, lon) - east) < 1e-9
    here = metres_between(lat, 0.0, lat + north, east)
    assert abs(distance_m(Point(lat=lat, lon=lon), Point(lat=lat + north, lon=there)) - here) < 0.01
    middle = halfway(lat, lon, lat + north, there)
    assert -180 <= middle[1] <= 180
    assert max(metres_between(lat, lon, *middle), metres_between(*middle, lat + north, there)) < here * 0.51 + 1
