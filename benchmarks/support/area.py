"""The area of a prepared map's streets, within which a benchmark draws its places."""

import argparse
import array
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from statistics import median

from local.tools.maps import MapError

Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""South, west, north, east in degrees; east is above 180 if the box crosses the 180th meridian."""

MOST_M = 30_000.0
"""The largest area, in metres across the middle of the streets: that of a city, as deliveries stay within one."""

LEAST_M = 100.0
"""The smallest area, in metres across, that is large enough to drive in."""

METRES_PER_DEGREE = 111_195.0
COORDINATES = "/common/nbn_data/coordinates"
"""Where OSRM keeps the ends of streets: pairs of longitude and latitude, in millionths of a degree."""


def wrapped(lon: float) -> float:
    """Return a longitude as one from -180 to 180."""
    return (lon + 180.0) % 360.0 - 180.0 if not -180.0 <= lon <= 180.0 else lon


def east_of(a: float, b: float) -> float:
    """Return degrees from longitude ``a`` east to longitude ``b``, the short way round: -180 to 180."""
    return wrapped(b - a)


def street_ends(folder: Path) -> list[Place]:
    """Return where the streets of a prepared map begin, bend and end.

    Parameters
    ----------
    folder : Path
        What ``local.tools.maps.prepare`` wrote.
    """
    with tarfile.open(folder / "map.osrm.nbg_nodes") as packed:
        content = packed.extractfile(COORDINATES)
        numbers = array.array("i", content.read() if content else b"")
    return [(lat / 1e6, lon / 1e6) for lon, lat in zip(numbers[0::2], numbers[1::2], strict=True)]


def box_around(places: Sequence[Place]) -> Box:
    """Return the box that holds all places, or the part of it that is at most ``MOST_M`` across around their middle.

    Raises
    ------
    MapError
        If all places are closer together than ``LEAST_M``.
    """
    if not places:
        raise MapError("the map has no streets")
    lats, lons = [lat for lat, _ in places], _unrolled([lon for _, lon in places])
    lat, lon = median(lats), median(lons)
    high = MOST_M / 2 / METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    south, north = max(min(lats), lat - high), min(max(lats), lat + high)
    west, east = max(min(lons), lon - wide), min(max(lons), lon + wide)
    across = max(north - south, (east - west) * cos(radians(lat))) * METRES_PER_DEGREE
    if across < LEAST_M:
        raise MapError(f"all streets of the map are within {across:.0f} m: a benchmark needs {LEAST_M:.0f} m or more")
    return south, west, north, east


def _unrolled(lons: Sequence[float]) -> list[float]:
    """Return longitudes without the jump at the 180th meridian: east of the widest gap between them they go up."""
    ordered = sorted(set(lons))
    round_the_globe = (ordered[0] + 360.0 - ordered[-1], ordered[0])
    _, first = max([round_the_globe, *((b - a, b) for a, b in pairwise(ordered))])
    return [lon if lon >= first else lon + 360.0 for lon in lons]


@contextmanager
def told_in_a_line(name: str) -> Iterator[None]:
    """End the program with one line that says why, if there is something wrong with a map."""
    try:
        yield
    except MapError as error:
        sys.exit(f"{name}: {error}")


def add_box(parser: argparse.ArgumentParser) -> None:
    """Let places be drawn in a part of an extract only."""
    parser.add_argument(
        "--box",
        type=float,
        nargs=4,
        metavar=("SOUTH", "WEST", "NORTH", "EAST"),
        help="where to draw places; where the extract's streets are if left out",
    )


def box_of(asked: Sequence[float] | None, folder: Path) -> Box:
    """Return the box that was asked for, or that of a prepared map's streets.

    Raises
    ------
    MapError
        If no street of the map is in the box.
    """
    if not asked:
        return box_around(street_ends(folder))
    south, west, north, east = asked
    east += 360.0 if east < west else 0.0
    inside = (south <= lat <= north and 0 <= (lon - west) % 360.0 <= east - west for lat, lon in street_ends(folder))
    if not any(inside):
        raise MapError(f"no street of the map is in the box {south} {west} {north} {east} (south, west, north, east)")
    return south, west, north, east
