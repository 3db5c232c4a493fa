"""Ways along streets, beside OSRM's own server: ``python -m benchmarks.roads EXTRACT [--pairs N]``.

The extract (``.osm.pbf``) is prepared once. Our travel times, in this process, and ``osrm-routed``, over loopback HTTP,
are asked for the same ways on the same files, in turns.
"""

import argparse
import json
import random
import resource
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.support.area import Box, Place, add_box, box_of, told_in_a_line, wrapped
from benchmarks.support.measuring import quantile
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.kernel.geo import metres_between
from crowdship.travel.engines.roads import NO_WAY_S, OFF_ROAD_M, ON_FOOT_MPS, Roads, open_engine
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import TravelRules
from local.tools import maps

RULES = TravelRules()
SIZES = (2, 10, 50, 100, 300, 600)
MOST_DRAWS = 500
"""Times 200 places that are drawn to find those near a street."""

SERVED = 100
"""The most places that the server's own limit lets one ask for."""


def places_on(roads: Roads, bounds: Box, many: int, seed: int) -> list[Place]:
    """Return random places that are near a street.

    Raises
    ------
    MapError
        If there is hardly a street within the bounds.
    """
    drawn = random.Random(seed)
    south, west, north, east = bounds
    found: list[Place] = []
    for _ in range(MOST_DRAWS):
        some = [
            (round(drawn.uniform(south, north), 6), wrapped(round(drawn.uniform(west, east), 6))) for _ in range(200)
        ]
        roads.know(some)
        found += [place for place in some if roads.way(place, some[0]).access_m[0] < OFF_ROAD_M / 4]
        if len(found) >= many:
            return found[:many]
    raise maps.MapError(f"only {len(found)} places near a street are in {bounds}: choose a part with --box")


class Server:
    """``osrm-routed`` on a free port of this machine."""

    def __init__(self, path: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [str(maps.PACKAGE / "bin" / "osrm-routed"), "--algorithm", "mld", "--ip", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError("osrm-routed does not answer")

    def table(self, places: Sequence[Place]) -> Any:
        """Return its answer for all ways between places."""
        text = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in places)
        url = f"http://127.0.0.1:{self.port}/table/v1/driving/{text}?annotations=duration,distance"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.load(answer)


def agreement(roads: Roads, server: Server, pairs: Sequence[tuple[Place, Place]]) -> int:
    """Return how many ways are the server's, to a tenth of a second and of a metre plus the walk to the street."""
    agreed = 0
    for number, (a, b) in enumerate(pairs):
        progress(f"pair {number}")
        told = server.table((a, b))
        way_s, way_m = told["durations"][0][1], told["distances"][0][1]
        access = told["sources"][0]["distance"] + told["destinations"][1]["distance"]
        way = roads.way(a, b)
        if way_s is None:
            agreed += way.seconds == NO_WAY_S
        else:
            agreed += (
                abs(way.seconds - way_s - access / ON_FOOT_MPS) < 0.15 and abs(way.metres - way_m - access) < 0.15
            )  # both are rounded
    return agreed


def measure(roads: Roads, server: Server, places: Sequence[Place], times: int) -> list[tuple[Any, ...]]:
    """Return rows of: places, ms of ours, of asking ours again, of the server, of the great circle."""
    rows = []
    for size in SIZES:
        progress(f"{size} places")
        ours, again, theirs, circle = [], [], [], []
        for turn in range(times):
            some = places[turn * size : (turn + 1) * size] or places[:size]
            fresh, estimate = Roads(roads.engine, RULES), GreatCircle(RULES)
            began = time.perf_counter()
            fresh.know(some)
            ours.append(time.perf_counter() - began)
            for found, port in ((again, fresh), (circle, estimate)):
                began = time.perf_counter()
                for a, b in product(some, repeat=2):
                    port.seconds_between(a, b)
                found.append(time.perf_counter() - began)
            if size <= SERVED:
                began = time.perf_counter()
                server.table(some)
                theirs.append(time.perf_counter() - began)
        cells = [f"{1000 * quantile(found, 0.5):.2f}" if found else "-" for found in (ours, again, theirs, circle)]
        rows.append((size, *cells, quantile(ours, 0.5) / quantile(theirs, 0.5) if theirs else None))
    return rows


def detours(roads: Roads, places: Sequence[Place]) -> list[Place]:
    """Return great-circle metres and the streets' for ways between places."""
    roads.know(places)
    found = []
    for a, b in product(places, repeat=2):
        metres = roads.way(a, b).metres
        if a != b and metres > 0:
            found.append((metres_between(*a, *b), metres))
    return found


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("extract", type=Path, help="an OpenStreetMap extract")
    parser.add_argument("--pairs", type=int, default=1000, help="ways to compare")
    parser.add_argument("--times", type=int, default=9, help="tables of each size")
    add_box(parser)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        began = time.perf_counter()
        maps.prepare(asked.extract, "car", Path(work))
        prepared = time.perf_counter() - began
        path = Path(work) / "map.osrm"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        engine = open_engine(str(path))
        loaded = time.perf_counter() - began
        roads = Roads(engine, RULES)
        server = Server(path)
        try:
            places = places_on(roads, box_of(asked.box, Path(work)), 2 * asked.pairs, seed=7)
            pairs = list(zip(places[::2], places[1::2], strict=True))
            agreed = agreement(roads, server, pairs)
            rows = measure(roads, server, places, asked.times)
        finally:
            server.process.terminate()
            server.process.wait()
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        ways = detours(Roads(engine, RULES), places[:300])
    columns = ("places", "ours ms", "asked again ms", "osrm-routed ms", "great circle ms")
    note = f"prepared in {prepared:.1f} s, opened in {1000 * loaded:.1f} ms, {memory:.0f} MB more memory in the end"
    show("All ways between places, median", columns, [row[:-1] for row in rows], note)
    slowest = max(row[-1] for row in rows if row[-1])
    factor = quantile([metres / circle for circle, metres in ways if circle > 500], 0.5)
    draw(ways, factor)
    findings = [
        Finding("ways that are osrm-routed's", f"{agreed} of {len(pairs)}", "all", agreed == len(pairs)),
        Finding("a table beside osrm-routed over HTTP, worst size", f"{slowest:.2f} times"),
        Finding("streets beside the great circle, median", f"{factor:.2f} times"),
    ]
    conclude("roads", findings, {"rows": rows, "loaded_s": loaded, "prepared_s": prepared, "memory_mb": memory})


def draw(ways: Sequence[Place], factor: float) -> None:
    """Draw how far the streets are from the great circle times one factor."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="tight")
    axes = figure.subplots()
    axes.scatter(*zip(*((a / 1000, b / 1000) for a, b in ways[::10]), strict=True), s=2)
    far = max(a for a, _ in ways) / 1000
    axes.plot([0, far], [0, factor * far], color="black", label=f"great circle times {factor:.2f}")
    axes.set(xlabel="great circle, km", ylabel="streets, km")
    axes.legend()
    keep_picture("roads", figure)


if __name__ == "__main__":
    with told_in_a_line("roads"):
        main()
