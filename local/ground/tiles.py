"""Vector tiles of an extract: tilemaker makes them, one PMTiles file holds them."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import osmium
from pmtiles.convert import mbtiles_to_pmtiles

from local.ground import sea
from local.pages import GROUND

HERE = Path(__file__).parent
ATTRIBUTION = "© OpenStreetMap contributors"
FILE = "region.pmtiles"


class GroundError(Exception):
    """The tiles cannot be made; the message says why and what to do."""


def make(extract: Path, target: Path = GROUND) -> dict[str, Any]:
    """Make the tiles of an extract in a folder; return what the pages have to know of them.

    Raises
    ------
    GroundError
        If tilemaker is missing, or can't read the extract.
    """
    if not shutil.which("tilemaker"):
        raise GroundError("tilemaker is not installed (apt-get install tilemaker)")
    if not extract.name.endswith(".osm.pbf"):
        raise GroundError(f"tilemaker reads .osm.pbf, which {extract.name} is not")
    bounds = bounds_of(extract)
    with tempfile.TemporaryDirectory() as work:
        tiles = _tiles(extract.resolve(), bounds, Path(work))
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        mbtiles_to_pmtiles(str(tiles), str(target / FILE), None)
    west, south, east, north = bounds
    about = {
        "kind": "pmtiles",
        "file": FILE,
        "centre": [(west + east) / 2, (south + north) / 2],
        "attribution": ATTRIBUTION,
    }
    (target / "ground.json").write_text(json.dumps(about))
    return about


def bounds_of(extract: Path) -> sea.Bounds:
    """Return the rectangle that an extract's header names.

    Raises
    ------
    GroundError
        If it names none.
    """
    found = osmium.io.Reader(str(extract)).header().box()
    if not found.valid():
        raise GroundError(f"{extract.name} names no bounding box in its header")
    return found.bottom_left.lon, found.bottom_left.lat, found.top_right.lon, found.top_right.lat


def _tiles(extract: Path, bounds: sea.Bounds, work: Path) -> Path:
    config = json.loads((HERE / "tiles.json").read_text())
    if parts := sea.sea_of(extract, bounds):
        sea.write(parts, work / "sea.shp")
    else:
        del config["layers"]["sea"]
    (work / "tiles.json").write_text(json.dumps(config))
    target = work / "region.mbtiles"
    command = ["tilemaker", "--input", str(extract), "--output", str(target)]
    command += ["--config", "tiles.json", "--process", str(HERE / "tiles.lua")]
    command += ["--bbox", ",".join(f"{edge:.6f}" for edge in bounds)]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    if done.returncode or not target.exists():
        said = (done.stderr or done.stdout).strip().splitlines()
        raise GroundError(f"tilemaker refused {extract.name}: {said[-1] if said else 'no reason given'}")
    return target
