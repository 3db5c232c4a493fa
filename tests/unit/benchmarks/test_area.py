import sys

import pytest
from hypothesis import given, strategies

from benchmarks import eta
from benchmarks.roads import places_on
from benchmarks.support.area import MOST_M, box_around, box_of, east_of, street_ends, wrapped
from benchmarks.support.hidden_city import FIRST_DAY, HiddenCity
from crowdship.kernel.geo import metres_between
from crowdship.travel.engines.roads import Roads, open_engine
from local.tools import maps
from tests.streets import SIZE, SOUTH, STEP, WEST, write_town

ELSEWHERE = {
    "where it is": (0.0, 0.0),
    "on the southern hemisphere": (-SOUTH - 33.9, -WEST + 18.4),
    "across the 180th meridian": (-SOUTH - 16.8, -WEST + 180 - 3.5 * STEP),
    "across the equator and Greenwich": (-SOUTH - 3.5 * STEP, -WEST - 3.5 * STEP),
}
"""Degrees north and east by which the town is moved."""


@pytest.fixture(scope="module", params=ELSEWHERE.values(), ids=ELSEWHERE.keys())
def town(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    maps.prepare(write_town(folder / "town.osm", moved=request.param), "car", folder / "car")
    return request.param, folder / "car"


def test_a_benchmark_takes_its_bounds_from_the_map(town):
    (north_by, east_by), folder = town
    south, west, north, east = box_of(None, folder)

    assert (south, north) == pytest.approx((SOUTH + north_by, SOUTH + north_by + 21 * STEP))
    assert wrapped(west) == pytest.approx(wrapped(WEST + east_by - 2 * STEP))
    assert east - west == pytest.approx(22 * STEP)


def test_deliveries_are_foretold_wherever_the_streets_are(town):
    _, folder = town
    engine = open_engine(str(folder / "map.osrm"))
    replay = eta.Replay(Roads(engine, eta.RULES))
    replay.run(HiddenCity(engine, box_of(None, folder), 1, 1), 12, lambda text: None)

    told = eta.summary(replay.found, eta.FROM_ORDER, eta.LEARNED, [0])
    assert 0 < told["mae_s"] < 3600


def test_a_phone_is_seen_near_the_streets_that_it_drives(town):
    _, folder = town
    engine = open_engine(str(folder / "map.osrm"))
    city = HiddenCity(engine, box_of(None, folder), 1, 1)
    drive = city.drive(0, city.place(), city.place(), FIRST_DAY)

    assert all(metres_between(one.lat, one.lon, *city.centre) < 20_000 for one in drive.seen)


def test_places_of_a_benchmark_are_near_its_streets(town):
    _, folder = town
    roads = Roads(open_engine(str(folder / "map.osrm")), eta.RULES)
    places = places_on(roads, box_of(None, folder), 50, seed=1)

    assert len(places) == 50
    assert all(-180 <= lon <= 180 for _, lon in places)
    assert not any(roads.way(place, place).seconds < 0 for place in places)


def test_a_box_without_streets_is_refused(town):
    _, folder = town
    with pytest.raises(maps.MapError, match="no street of the map is in the box"):
        box_of((70.0, 10.0, 71.0, 11.0), folder)


def test_a_box_across_the_180th_meridian_can_be_asked_for(tmp_path):
    maps.prepare(write_town(tmp_path / "town.osm", moved=ELSEWHERE["across the 180th meridian"]), "car", tmp_path)

    assert box_of((-17.0, 179.9, -16.0, -179.9), tmp_path) == (-17.0, 179.9, -16.0, pytest.approx(180.1))


def test_a_country_is_no_city(tmp_path):
    ends = [(50 + 0.5 * row, 8 + 0.5 * column) for row in range(SIZE) for column in range(SIZE)]
    south, west, north, east = box_around(ends)

    assert metres_between(south, west, north, west) == pytest.approx(MOST_M, rel=0.01)
    assert metres_between(south, west, south, east) == pytest.approx(MOST_M, rel=0.05)


@pytest.mark.parametrize("ends", [[], [(40.0, -75.0)], [(40.0, -75.0), (40.0001, -75.0)]])
def test_streets_on_which_nothing_can_be_driven_are_refused(ends):
    with pytest.raises(maps.MapError, match="streets"):
        box_around(ends)


@given(
    strategies.floats(-85, 85),
    strategies.floats(-180, 180),
    strategies.lists(strategies.tuples(strategies.floats(0, 0.1), strategies.floats(0, 0.1)), min_size=1, max_size=9),
)
def test_the_box_holds_the_streets_wherever_they_are(lat, lon, offsets):
    places = [(lat, wrapped(lon)), (lat + 0.05, lon), *((lat + 0.1 * a, wrapped(lon + 0.1 * b)) for a, b in offsets)]
    south, west, north, east = box_around(places)

    assert east - west <= 0.0101
    assert all(south <= a <= north and -1e-9 <= east_of(west, b) <= east - west + 1e-9 for a, b in places)


def test_a_map_that_is_not_there_is_told_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["eta", "--pbf", str(tmp_path / "none.osm.pbf")])
    with pytest.raises(maps.MapError, match="there is no file"):
        eta.main()


@pytest.mark.parametrize("name", ["new-york.2026-01.osm", "a.b.c.osm"])
def test_dots_in_the_name_of_an_extract_are_no_ending(name, tmp_path):
    maps.prepare(write_town(tmp_path / name), "car", tmp_path / "car")

    assert street_ends(tmp_path / "car")


def test_an_extract_that_osrm_does_not_read_is_refused_by_name(tmp_path):
    with pytest.raises(maps.MapError, match=r"town\.xml must end in \.osm\.pbf, \.osm\.bz2, \.osm"):
        maps.prepare(write_town(tmp_path / "town.xml"), "car", tmp_path / "car")
