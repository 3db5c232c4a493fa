import zipfile

import boto3
import pytest

from crowdship.kernel.geo import Point
from crowdship.shipment.vehicles import Profile
from crowdship.travel.engines import maps as module
from crowdship.travel.engines.maps import travel_times
from crowdship.travel.engines.roads import Roads
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import TravelRules
from local.tools import maps
from tests.streets import crossing, write_town

ON_MAP = TravelRules(map="town")
A, B = (Point(lat=lat, lon=lon) for lat, lon in (crossing(0, 0), crossing(5, 5)))


@pytest.fixture
def bucket(aws, tmp_path, monkeypatch):
    monkeypatch.setattr(maps, "BUILD", tmp_path / "build")
    monkeypatch.setattr(module, "FOLDER", tmp_path / "disk")
    monkeypatch.setenv("MAPS_BUCKET", "maps")
    for kept in (module._versions, module._opened):
        kept.clear()
    module._s3.cache_clear()
    boto3.client("s3").create_bucket(Bucket="maps")
    yield "maps"
    module._s3.cache_clear()


def put(tmp_path, maxspeed=36, profiles=("car", "foot")):
    made = maps.make(write_town(tmp_path / f"town{maxspeed}.osm", maxspeed), "town", profiles, say=lambda _: None)
    maps.upload(boto3.client("s3"), "maps", "town")
    return made["version"]


def test_a_zone_without_a_map_has_the_great_circle(bucket):
    assert isinstance(travel_times(TravelRules()), GreatCircle)


def test_a_zones_map_is_pulled_once_and_used(bucket, tmp_path):
    put(tmp_path)
    first = travel_times(ON_MAP)
    assert isinstance(first, Roads)
    assert first.seconds(A, B) > 0
    boto3.client("s3").delete_object(Bucket=bucket, Key="town/current.json")
    assert travel_times(ON_MAP) is first


def test_who_walks_takes_longer_than_who_drives(bucket, tmp_path):
    put(tmp_path)
    assert travel_times(ON_MAP, Profile.FOOT).seconds(A, B) > 2 * travel_times(ON_MAP).seconds(A, B)


def test_a_newer_version_is_taken_once_it_is_looked_for(bucket, tmp_path, monkeypatch):
    old = put(tmp_path, maxspeed=36)
    slow = travel_times(ON_MAP).seconds(A, B)
    new = put(tmp_path, maxspeed=72)
    assert travel_times(ON_MAP).seconds(A, B) == slow
    module._versions.clear()  # as after a while
    assert travel_times(ON_MAP).seconds(A, B) < slow
    kept = {folder.name for folder in (module.FOLDER / "town").iterdir()}
    assert (old in kept, new in kept) == (False, True)


def test_other_rules_of_the_zone_count_at_once(bucket, tmp_path):
    put(tmp_path)
    travel_times(ON_MAP)
    assert travel_times(ON_MAP.model_copy(update={"speed_mps": 3.0})).rules.speed_mps == 3.0


@pytest.mark.parametrize("broken", ["missing", "no such profile", "no zip", "empty zip", "no json"])
def test_a_map_that_cannot_be_read_leaves_the_great_circle(bucket, tmp_path, broken):
    s3 = boto3.client("s3")
    version = put(tmp_path)
    key = f"town/{version}/car.zip"
    match broken:
        case "missing":
            s3.delete_object(Bucket=bucket, Key=key)
        case "no zip":
            s3.put_object(Bucket=bucket, Key=key, Body=b"PK no")
        case "empty zip":
            with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
                pass
            s3.upload_file(str(tmp_path / "empty.zip"), bucket, key)
        case "no json":
            s3.put_object(Bucket=bucket, Key="town/current.json", Body=b"{")
    profile = Profile.BICYCLE if broken == "no such profile" else None
    assert isinstance(travel_times(ON_MAP, profile), GreatCircle)
    # It is not tried again for every order.
    put(tmp_path)
    assert isinstance(travel_times(ON_MAP, profile), GreatCircle)
