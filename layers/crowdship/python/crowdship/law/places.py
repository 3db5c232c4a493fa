"""Jurisdictions of places in the United States: state, county, and cities that rules name. Elsewhere zones name them.

``counties.csv`` is made by ``local/tools/counties.py`` from boundaries of the Census Bureau. It is read when a place is
asked for first, so functions that never ask don't pay for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from crowdship.kernel.geo import METRES_PER_DEGREE, Point
from crowdship.law.book import FOLDER, LAW
from crowdship.law.geometry import Ring, decoded, holds, touches

MARGIN_M = 2000.0
"""A place nearer than this to a border is taken to lie on both sides, so the stricter law counts, metres.

The boundaries are generalised: a triangle of less than some 4 km² may be cut off a border.
"""

_NORTH = MARGIN_M / METRES_PER_DEGREE * 1000
"""The margin in thousandths of a degree of latitude."""

_EAST = 4 * _NORTH
"""The margin in thousandths of a degree of longitude, up to 75 degrees of latitude."""


@dataclass(frozen=True)
class County:
    """A county with its bounds in thousandths of a degree; its rings are decoded when they are needed."""

    code: str
    south: int
    west: int
    north: int
    east: int
    polylines: str

    @cached_property
    def rings(self) -> tuple[Ring, ...]:
        """The rings of its polygon."""
        return tuple(decoded(polyline) for polyline in self.polylines.split(" "))


@cache
def counties() -> tuple[County, ...]:
    """Return all counties of the United States."""
    _, *lines = (FOLDER / "counties.csv").read_text(encoding="ascii").splitlines()
    return tuple(_county(*line.split(",")) for line in lines)


def _county(code: str, south: str, west: str, north: str, east: str, polylines: str) -> County:
    return County(code, int(south), int(west), int(north), int(east), polylines)


@lru_cache(maxsize=4096)
def jurisdictions_of(point: Point) -> tuple[str, ...]:
    """Return the codes of the jurisdictions that a point is in or less than ``MARGIN_M`` from, the widest first.

    Examples
    --------
    >>> jurisdictions_of(Point(lat=39.7392, lon=-104.9903))
    ('US', 'US-CO', 'US-CO-denver')
    >>> jurisdictions_of(Point(lat=52.52, lon=13.405))
    ()
    """
    at = (point.lat, point.lon)
    near = _near(point.lat, point.lon, point.lat, point.lon)
    found = [county.code for county in near if holds(county.rings, at, MARGIN_M)]
    cities = _cities(found, lambda outline: holds([outline], at, MARGIN_M))
    return with_wider((*found, *cities))


def jurisdictions_touched(area: Sequence[Point]) -> tuple[str, ...]:
    """Return the codes of the jurisdictions that an area touches or is less than ``MARGIN_M`` from, the widest first.

    Parameters
    ----------
    area : sequence of Point
        Corners of one ring, three or more.
    """
    ring = [(corner.lat, corner.lon) for corner in area]
    lats, lons = zip(*ring, strict=True)
    near = _near(min(lats), min(lons), max(lats), max(lons))
    found = [county.code for county in near if touches(county.rings, ring, MARGIN_M)]
    return with_wider((*found, *_cities(found, lambda outline: touches([outline], ring, MARGIN_M))))


def with_wider(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes with those of the states and countries that they lie in, the widest first.

    Examples
    --------
    >>> with_wider(("US-WA-seattle", "EU", "US-WA-king"))
    ('US', 'EU', 'US-WA', 'US-WA-seattle', 'US-WA-king')
    """
    split = [code.split("-", 2) for code in codes]
    every = dict.fromkeys("-".join(parts[:length]) for length in (1, 2, 3) for parts in split if len(parts) >= length)
    return tuple(every)


def _near(south: float, west: float, north: float, east: float) -> Iterator[County]:
    """Return the counties whose bounds, with the margin, overlap some bounds in degrees."""
    top, bottom = north * 1000 + _NORTH, south * 1000 - _NORTH
    right, left = east * 1000 + _EAST, west * 1000 - _EAST
    return (
        county
        for county in counties()
        if county.south <= top and county.north >= bottom and county.west <= right and county.east >= left
    )


def _cities(found: Sequence[str], in_outline: Callable[[Ring], bool]) -> Iterator[str]:
    """Return the codes of the cities that rules name: those of some counties, or with an outline around the place."""
    for city in LAW.jurisdictions.values():
        if set(city.counties) & set(found) or (city.outline and in_outline(city.outline)):
            yield city.code
