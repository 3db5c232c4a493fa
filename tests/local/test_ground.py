import pytest
from shapely.geometry import Point

from local.ground import sea, tiles

BOUNDS = (10.0, 50.0, 10.2, 50.1)


def extract(path, *points):
    nodes = "".join(f'<node id="{n}" version="1" lat="{lat}" lon="{lon}"/>' for n, (lon, lat) in enumerate(points, 1))
    refs = "".join(f'<nd ref="{n}"/>' for n in range(1, len(points) + 1))
    way = f'<way id="1" version="1">{refs}<tag k="natural" v="coastline"/></way>' if points else ""
    path.write_text(f'<osm version="0.6">{nodes}{way}</osm>')
    return path


def test_the_sea_is_on_the_right_of_a_coast(tmp_path):
    northward = extract(tmp_path / "north.osm", (10.1, 49.9), (10.1, 50.2))
    southward = extract(tmp_path / "south.osm", (10.1, 50.2), (10.1, 49.9))
    (east,), (west,) = sea.sea_of(northward, BOUNDS), sea.sea_of(southward, BOUNDS)
    assert east.contains(Point(10.15, 50.05))
    assert west.contains(Point(10.05, 50.05))


def test_land_without_a_coast_has_no_sea(tmp_path):
    assert sea.sea_of(extract(tmp_path / "inland.osm"), BOUNDS) == []


def test_a_region_without_tiles_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(tiles.shutil, "which", lambda _: None)
    with pytest.raises(tiles.GroundError, match="apt-get install tilemaker"):
        tiles.make(tmp_path / "x.osm.pbf", tmp_path / "ground")
    monkeypatch.setattr(tiles.shutil, "which", lambda name: name)
    with pytest.raises(tiles.GroundError, match="is not"):
        tiles.make(tmp_path / "x.osm", tmp_path / "ground")
