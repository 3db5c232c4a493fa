"""The time that a street map adds to the planner's cold start, and the size of its function.

The zone's tick is imported in an interpreter of its own with its layers, as ``benchmarks.imports`` does it. Then a map
is unpacked, opened and asked for all ways between 100 places, as the first tick in a zone with a map does. The download
of the map from S3 is not included. The peer, measured in the same rounds, is the import of the tick alone.

    python -m benchmarks.cold_start EXTRACT [--rounds N]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.imports import ENVIRONMENT, Subject, subjects
from benchmarks.roads import RULES, places_on
from benchmarks.support.area import add_box, box_of, told_in_a_line
from benchmarks.support.measuring import in_turns
from benchmarks.support.report import Finding, conclude, show
from crowdship.travel.engines.roads import Roads, open_engine
from local.layers import BUILD
from local.tools import maps

PLANNER = "tasks/tick"
LIMIT_MB = 250
PLACES = 100
ROUNDS = 7

PROGRAM = """
import json, sys, time, zipfile
places, archive, folder = json.loads(sys.stdin.read())
marks = [time.process_time()]
import {module}
marks.append(time.process_time())
if archive:
    from crowdship.travel.engines.roads import Roads, open_engine
    from crowdship.zones.model import TravelRules
    zipfile.ZipFile(archive).extractall(folder)
    marks.append(time.process_time())
    roads = Roads(open_engine(folder + "/map.osrm"), TravelRules())
    marks.append(time.process_time())
    roads.know([tuple(place) for place in places])
    marks.append(time.process_time())
peak_mb = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([[after - before for before, after in zip(marks, marks[1:])], peak_mb]))
"""
STEPS = ("import of the tick", "map unpacked", "OSRM imported, map opened", f"ways between {PLACES} places")


def started(subject: Subject, places: list[tuple[float, float]], archive: Path | None) -> tuple[list[float], float]:
    """Start the planner once; return processor seconds of each step, and the most megabytes it had."""
    prelude = f"import sys; sys.path[:0] = {[str(folder) for folder in subject.folders]!r}"
    command = [sys.executable, "-I", "-S", "-B", "-c", prelude + PROGRAM.format(module=subject.module)]
    with tempfile.TemporaryDirectory() as folder:
        asked = json.dumps([places, str(archive) if archive else None, folder])
        done = subprocess.run(command, env=ENVIRONMENT, input=asked, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    seconds, peak_mb = json.loads(done.stdout)
    return seconds, peak_mb


def unzipped_mb(*folders: Path) -> float:
    """Return the megabytes of all files in some folders."""
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file()) / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.cold_start", description=str(__doc__).splitlines()[0])
    parser.add_argument("extract", type=Path, help="an OpenStreetMap extract")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    add_box(parser)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        made, archive = Path(work) / "made", Path(work) / "car.zip"
        maps.prepare(asked.extract, "car", made)
        maps.pack(made, archive)
        places = places_on(Roads(open_engine(str(made / "map.osrm")), RULES), box_of(asked.box, made), PLACES, seed=11)
        planner = next(one for one in subjects(Path(work)) if one.name == PLANNER)
        found: dict[bool, list[list[float]]] = {True: [], False: []}
        peaks: dict[bool, list[float]] = {True: [], False: []}
        started(planner, places, archive)  # the first also reads the files from the disk
        for _, with_map in in_turns([True, False], asked.rounds):
            seconds, peak_mb = started(planner, places, archive if with_map else None)
            found[with_map].append(seconds)
            peaks[with_map].append(peak_mb)
        size_mb = unzipped_mb(BUILD / "native/light/python", BUILD / "native/solver/python", planner.folders[0])
        size_mb += unzipped_mb(next(folder for folder in planner.folders if folder.name == "crowdship"))
        packed_mb = archive.stat().st_size / 2**20
    steps = [median(round_[step] for round_ in found[True]) * 1000 for step in range(len(STEPS))]
    plain = median(round_[0] for round_ in found[False]) * 1000
    more = sum(steps) / plain
    peak = {with_map: median(listed) for with_map, listed in peaks.items()}
    show(
        f"a cold start of {PLANNER}",
        ("step", "processor ms"),
        [(name, f"{ms:.0f}") for name, ms in zip(STEPS, steps, strict=True)],
        f"without a map {plain:.0f} ms; {asked.rounds} rounds in turns; the map has {packed_mb:.1f} MB packed; "
        f"memory {peak[False]:.0f} MB without it, {peak[True]:.0f} MB with it",
    )
    conclude(
        "cold_start",
        [
            Finding("planner unzipped, with OSRM", f"{size_mb:.0f} MB", f"under {LIMIT_MB} MB", size_mb < LIMIT_MB),
            Finding("cold start with a map / without", f"{more:.2f}", "-", None),
        ],
        {"steps_ms": dict(zip(STEPS, steps, strict=True)), "without_ms": plain, "peak_mb": list(peak.values())},
    )


if __name__ == "__main__":
    with told_in_a_line("cold_start"):
        main()
