"""Prepare an OpenStreetMap extract for OSRM, and upload it for the functions: ``make region PBF=<file>``.

A map is made once per profile (car, bicycle, foot) and packed into ``build/maps/<map>``. It is copied to the running
local platform, or with ``BUCKET=`` to the maps' bucket of a deployed stack (output ``MapsBucket``). A zone uses a map
if its ``travel.map`` names it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import osrm

from local.ground import tiles
from local.layers import ROOT
from local.running import NotRunningError, RunningStack

BUILD = ROOT / "build" / "maps"
PROFILES = ("car", "bicycle", "foot")
PACKAGE = Path(osrm.__file__).parent
READ = (".osm.pbf", ".osm.bz2", ".osm")
"""Endings of extracts that OSRM reads."""

NOT_READ = (".osrm", ".osrm.cnbg", ".osrm.cnbg_to_ebg", ".osrm.enw", ".osrm.restrictions", ".osrm.turn_penalties_index")
"""Endings of files that are needed only for the preparation."""


class MapError(Exception):
    """A map cannot be made; the message says why and what to do."""


def fingerprint(extract: Path) -> str:
    """Return a short hash of everything that a map is made from."""
    digest = hashlib.sha256(version_of("osrm-bindings").encode())
    with extract.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]


def ending_of(extract: Path) -> str:
    """Return the ending of an extract's name, from which OSRM knows the format.

    Raises
    ------
    MapError
        If there is no such file, or OSRM does not read files with its ending.
    """
    if not extract.is_file():
        raise MapError(f"there is no file {extract}")
    for ending in READ:
        if extract.name.lower().endswith(ending):
            return ending
    raise MapError(f"{extract.name} must end in {', '.join(READ)}, by which OSRM recognises the format")


def prepare(extract: Path, profile: str, folder: Path) -> None:
    """Write OSRM's files for one way to move as ``folder/map.osrm.*``.

    Raises
    ------
    MapError
        If OSRM can't read the extract, or finds no street for this profile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    named = folder / ("map" + ending_of(extract))
    shutil.copyfile(extract, named)
    lua = PACKAGE / "share" / "profiles" / f"{profile}.lua"
    steps = (["extract", "-p", str(lua), str(named)], ["partition", str(folder / "map.osrm")])
    for step in (*steps, ["customize", str(folder / "map.osrm")]):
        done = subprocess.run([sys.executable, "-m", "osrm", *step], capture_output=True, text=True, cwd=folder)
        if done.returncode:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line.lower()]
            reason = re.sub(r"^.*\[error\]\s*", "", lines[-1]) if lines else f"exit status {done.returncode}"
            raise MapError(f"osrm {step[0]} refused {extract.name} for {profile}: {reason}")
    named.unlink()


def pack(folder: Path, archive: Path) -> None:
    """Pack the files that OSRM needs to answer requests."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.iterdir()):
            if file.name.removeprefix("map") not in NOT_READ:
                packed.write(file, file.name)


def make(extract: Path, name: str, profiles: tuple[str, ...] = PROFILES, say: Any = print) -> dict[str, Any]:
    """Make a map of an extract under ``build/maps``, unless it is there; return the content of its ``current.json``.

    Raises
    ------
    MapError
        If the extract can't be read, the name is not allowed, or a profile is not known.
    """
    if extract == Path():
        raise MapError("no extract is given: use make region PBF=<file.osm.pbf>")
    ending_of(extract)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,39}", name):
        raise MapError(f"{name!r} is no name for a map: use 2 to 40 of a-z, 0-9 and -")
    if unknown := set(profiles) - set(PROFILES):
        raise MapError(f"no such profile: {', '.join(sorted(unknown))}; there are {', '.join(PROFILES)}")
    made = {"version": fingerprint(extract), "profiles": profiles, "made_from": extract.name}
    target = BUILD / name / str(made["version"])
    target.mkdir(parents=True, exist_ok=True)
    for profile in profiles:
        archive = target / f"{profile}.zip"
        if archive.exists():
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as work:
            prepare(extract, profile, Path(work))
            pack(Path(work), archive.with_suffix(".new"))
            archive.with_suffix(".new").rename(archive)
        say(f"  {name} for {profile}: {archive.stat().st_size / 2**20:.1f} MB in {time.monotonic() - began:.0f} s")
    (BUILD / name / "current.json").write_text(json.dumps(made))
    return made


def upload(s3: Any, bucket: str, name: str) -> None:
    """Upload a map to a bucket; it becomes the current version after all its files are there."""
    text = (BUILD / name / "current.json").read_text()
    version = json.loads(text)["version"]
    for profile in json.loads(text)["profiles"]:
        archive = BUILD / name / version / f"{profile}.zip"
        s3.upload_file(str(archive), bucket, f"{name}/{version}/{profile}.zip")
    s3.put_object(Bucket=bucket, Key=f"{name}/current.json", Body=text.encode())


def _ground(extract: Path) -> str:
    """Make the ground of the pages' maps, which a region can do without; return what became of it."""
    try:
        tiles.make(extract)
    except tiles.GroundError as error:
        return f"the pages' maps keep the ground they have: {error}"
    return "the pages' maps show it after the next `make up` or `make deploy`"


def main() -> int:
    """Make and upload the map of the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="local.tools.maps", description="A street map for the planner.")
    parser.add_argument("extract", type=Path, help="an OpenStreetMap extract: .osm.pbf, .osm or .osm.bz2")
    parser.add_argument("--name", help="the map's name; the extract's if left out")
    parser.add_argument("--profiles", default=",".join(PROFILES), help="profiles, separated by commas")
    parser.add_argument("--bucket", help="the maps' bucket of a stack in AWS")
    chosen = parser.parse_args()
    name = chosen.name or re.sub(r"[^a-z0-9]+", "-", chosen.extract.name.split(".")[0].lower()).strip("-")
    try:
        made = make(chosen.extract, name, tuple(chosen.profiles.split(",")))
    except MapError as error:
        print(f"map: {error}", file=sys.stderr)
        return 1
    told = f"  map {name}, version {made['version']}, for {', '.join(made['profiles'])}"
    if chosen.bucket:
        import boto3

        upload(boto3.client("s3"), chosen.bucket, name)
        print(f"{told}: in {chosen.bucket}")
    else:
        try:
            stack = RunningStack.load()
            upload(stack.client("s3"), stack.outputs["MapsBucket"], name)
            print(f"{told}: on the running platform")
        except NotRunningError:
            print(f"{told}: in {os.path.relpath(BUILD / name, ROOT)}; `make up` uploads it")
    print(f"  {_ground(chosen.extract)}")
    print(f'  a zone uses it with {{"travel": {{"map": "{name}"}}}} in its settings')
    return 0


if __name__ == "__main__":
    sys.exit(main())
