"""Maps prepared for OSRM: they are kept in a bucket, and a container downloads each new version once.

A map in the bucket is ``<map>/current.json``, which names its newest version, and ``<map>/<version>/<profile>.zip``
with OSRM's files. A version never changes.
"""

import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from cachetools import LRUCache

from crowdship.adapters.caches import Cache
from crowdship.adapters.observability import count_for_all, logger
from crowdship.adapters.settings import settings
from crowdship.kernel.events import Value
from crowdship.shipment.vehicles import Profile
from crowdship.travel.engines.amazon import TRAVEL_MODES, AmazonWays, amazon_location
from crowdship.travel.engines.roads import OsrmEngine, Roads, open_engine
from crowdship.travel.times import GreatCircle, TravelTimes
from crowdship.zones.model import TravelRules

LOOK_AGAIN_S = 300
"""Wall seconds after which a container looks for a newer version."""

MOST_OPEN = 16
"""The most maps that are open at once; each takes memory."""

FOLDER = Path(tempfile.gettempdir()) / "crowdship-maps"


class MapVersion(Value):
    """Content of ``current.json``.

    Parameters
    ----------
    version : str
        Derived from the extract, the profiles and OSRM's version.
    profiles : tuple of str
        OSRM's names of ways to move: car, bicycle, foot.
    made_from : str
        Name of the extract.
    """

    version: str
    profiles: tuple[str, ...]
    made_from: str


_versions: Cache[tuple[str, str], MapVersion | None] = Cache(LOOK_AGAIN_S, absent_s=LOOK_AGAIN_S)
"""The newest version of a map, by map and profile; None if it could not be read."""

_opened: LRUCache[tuple[str, str], tuple[str, Roads]] = LRUCache(MOST_OPEN)
"""Open maps with their version, by map and profile."""


def travel_times(rules: TravelRules, profile: str | None = None) -> TravelTimes:
    """Return the travel times of a zone: along its map's streets, from Amazon Location, or from the great circle.

    A map that can't be read is logged and counted, and great-circle times are used in its place, so that no order is
    refused because a file is missing.

    Parameters
    ----------
    profile : str, optional
        Way to move; the zone's usual profile if left out.
    """
    moves = Profile(profile or rules.profile)
    if rules.amazon_location:
        return _amazon_ways(moves, rules)
    bucket = settings().maps_bucket
    if rules.map is None or not bucket:
        return GreatCircle(rules)
    key = rules.map, moves
    try:
        roads = _roads(bucket, *key, rules)
    except (BotoCoreError, ClientError, OSError, RuntimeError, ValueError, KeyError, zipfile.BadZipFile) as error:
        logger.exception("map not usable", map=key[0], profile=key[1], error=type(error).__name__)
        count_for_all("MapsNotUsable")
        _versions.put(key, None)  # for a while it is not tried again
        return GreatCircle(rules)
    return GreatCircle(rules) if roads is None else roads


@cache
def _amazon_ways(moves: Profile, rules: TravelRules) -> TravelTimes:
    mode = TRAVEL_MODES.get(moves)
    return AmazonWays(amazon_location(), rules, travel_mode=mode) if mode else GreatCircle(rules)


def _roads(bucket: str, name: str, profile: str, rules: TravelRules) -> Roads | None:
    key = name, profile
    current = _versions.get(key, lambda: _current(bucket, name))
    if current is None:
        return None
    if profile not in current.profiles:
        raise ValueError(f"map {name} has no profile {profile}, only {', '.join(current.profiles)}")
    version, roads = _opened.get(key, ("", None))
    if roads is None or version != current.version:
        roads = Roads(_engine(bucket, name, current.version, profile), rules)
    elif roads.rules != rules:
        roads = Roads(roads.engine, rules)
    _opened[key] = current.version, roads
    return roads


@cache
def _s3() -> Any:
    return boto3.client("s3")


def _current(bucket: str, name: str) -> MapVersion:
    answer = _s3().get_object(Bucket=bucket, Key=f"{name}/current.json")
    return MapVersion.model_validate_json(answer["Body"].read())


def _engine(bucket: str, name: str, version: str, profile: str) -> OsrmEngine:
    folder = FOLDER / name / version / profile
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # The map is unpacked beside its place and then moved there, so that a half unpacked map is never read.
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            packed = Path(work) / "map.zip"
            _s3().download_file(bucket, f"{name}/{version}/{profile}.zip", str(packed))
            with zipfile.ZipFile(packed) as archive:
                archive.extractall(Path(work) / "map")
            try:
                (Path(work) / "map").rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
        _drop_others(folder.parent.parent, version)
    return open_engine(str(folder / "map.osrm"))


def _drop_others(folder: Path, version: str) -> None:
    """Remove versions that are no longer current, as a container's disk is small."""
    for other in folder.iterdir():
        if other.name != version:
            shutil.rmtree(other, ignore_errors=True)
