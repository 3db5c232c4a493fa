"""Counties of the United States for ``crowdship/law/counties.csv``, from the Census Bureau's boundaries.

The npm package ``us-atlas`` has them as a TopoJSON file, whose arcs are shared by neighbours, so no gap lies between
two counties. ``npm pack us-atlas@3.0.1`` fetches it; then::

    python -m local.tools.counties package/counties-10m.json

Each line of the result is a county: its code, its bounds in thousandths of a degree, and its rings as encoded polylines
with three decimals, with spaces between them. Three decimals are at most 56 m off, which is less than the file itself.
"""

import csv
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "layers/crowdship/python/crowdship/law/counties.csv"

STATES = (
    "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA "
    "26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX "
    "49UT 50VT 51VA 53WA 54WV 55WI 56WY 60AS 66GU 69MP 72PR 78VI"
)
"""FIPS numbers of the states and territories with their postal codes, which are those of ISO 3166-2."""

FIRST_INDEPENDENT_CITY = 510
"""FIPS numbers from this on are cities that belong to no county, such as Baltimore beside Baltimore County."""

type Ring = list[tuple[int, int]]
"""Corners of a ring: latitude and longitude in thousandths of a degree."""


def slug(name: str) -> str:
    """Return a county's name as a part of its code.

    Examples
    --------
    >>> slug("Doña Ana"), slug("St. Mary's")
    ('dona-ana', 'st-marys')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "").replace(".", "")).strip("-")


def codes(counties: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the code of each county by its FIPS number; of two with one name, that of the city ends in ``-city``."""
    state_of = {one[:2]: one[2:] for one in STATES.split()}
    plain = {
        county["id"]: f"US-{state_of[county['id'][:2]]}-{slug(county['properties']['name'])}" for county in counties
    }
    often = Counter(plain.values())
    return {
        fips: f"{code}-city" if often[code] > 1 and int(fips[2:]) >= FIRST_INDEPENDENT_CITY else code
        for fips, code in plain.items()
    }


def arcs_of(topology: dict[str, Any]) -> list[Ring]:
    """Return the arcs of a quantised topology."""
    (east, north), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            arc.append((round((south + y * north) * 1000), round((west + x * east) * 1000)))
        arcs.append(arc)
    return arcs


def rings_of(county: dict[str, Any], arcs: list[Ring]) -> Iterator[Ring]:
    """Yield the rings of a county without the last corner, which is the first one.

    A county that is smaller than the file shows, such as Falls Church, is a line.
    """
    polygons = county["arcs"] if county["type"] == "MultiPolygon" else [county["arcs"]]
    for polygon in polygons:
        for parts in polygon:
            ring: Ring = []
            for number in parts:
                arc = arcs[number] if number >= 0 else arcs[~number][::-1]
                ring += [corner for corner in arc if not ring or corner != ring[-1]]
            if ring[1:]:
                yield ring[:-1]


def encoded(ring: Ring) -> str:
    """Return a ring as an encoded polyline.

    Examples
    --------
    >>> encoded([(38500, -120200)])
    'gejAnwiF'
    """
    letters, before = [], (0, 0)
    for corner in ring:
        for now, last in zip(corner, before, strict=True):
            left = (now - last) << 1
            rest = ~left if now < last else left
            while rest >= 0x20:
                letters.append(chr((0x20 | (rest & 0x1F)) + 63))
                rest >>= 5
            letters.append(chr(rest + 63))
        before = corner
    return "".join(letters)


def main(source: Path) -> None:
    """Write the counties."""
    topology = json.loads(source.read_text())
    counties = topology["objects"]["counties"]["geometries"]
    names, arcs = codes(counties), arcs_of(topology)
    rows = []
    for county in counties:
        rings = list(rings_of(county, arcs))
        lats, lons = zip(*(corner for ring in rings for corner in ring), strict=True)
        lines = " ".join(encoded(ring) for ring in rings)
        rows.append((names[county["id"]], min(lats), min(lons), max(lats), max(lons), lines))
    with TARGET.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        writer.writerow(("code", "south", "west", "north", "east", "rings"))
        writer.writerows(sorted(rows))
    print(f"  {len(rows)} counties in {TARGET.relative_to(ROOT)}, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
