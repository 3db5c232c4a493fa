"""Places in the city, and ways between them."""

from __future__ import annotations

from math import asin, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8


class Point(NamedTuple):
    """A place in WGS 84 degrees."""

    lat: float
    lon: float

    def moved(self, east_m: float, north_m: float) -> Point:
        """Return the place some metres to the east and north; exact enough within a city."""
        north = degrees(north_m / EARTH_RADIUS_M)
        east = degrees(east_m / (EARTH_RADIUS_M * cos(radians(self.lat))))
        return Point(round(self.lat + north, 6), round(self.lon + east, 6))

    def towards(self, other: Point, share: float) -> Point:
        """Return the place at a share of the straight way to another place (0 is here, 1 is there)."""
        share = min(1.0, max(0.0, share))
        return Point(
            round(self.lat + (other.lat - self.lat) * share, 6),
            round(self.lon + (other.lon - self.lon) * share, 6),
        )

    def json(self) -> dict[str, float]:
        """Return the place in the format of the API."""
        return {"lat": self.lat, "lon": self.lon}

    @classmethod
    def of(cls, told: dict[str, float]) -> Point:
        """Return the place in an answer of the API."""
        return cls(told["lat"], told["lon"])


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, half)))


def square(centre: Point, half_side_m: float) -> tuple[Point, ...]:
    """Return the corners of a square around a place."""
    side = half_side_m
    return tuple(
        centre.moved(east, north) for east, north in ((-side, -side), (side, -side), (side, side), (-side, side))
    )


def rectangle_around(points: list[Point], margin_m: float) -> tuple[Point, ...]:
    """Return the corners of the rectangle that holds all places, with a margin."""
    south, north = min(p.lat for p in points), max(p.lat for p in points)
    west, east = min(p.lon for p in points), max(p.lon for p in points)
    return (
        Point(south, west).moved(-margin_m, -margin_m),
        Point(south, east).moved(margin_m, -margin_m),
        Point(north, east).moved(margin_m, margin_m),
        Point(north, west).moved(-margin_m, margin_m),
    )
