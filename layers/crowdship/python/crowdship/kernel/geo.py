"""Points on the globe, and distances between them."""

from math import asin, cos, radians, sin, sqrt

from pydantic import BaseModel, ConfigDict, Field

EARTH_RADIUS_M = 6_371_008.8
"""Mean earth radius, metres (IUGG)."""

METRES_PER_DEGREE = 111_195.0
"""Length of a degree of latitude, metres."""


class Point(BaseModel):
    """A place in WGS 84 degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    lat: float = Field(strict=True, ge=-90, le=90)
    lon: float = Field(strict=True, ge=-180, le=180)


def metres_between(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the great-circle distance in metres between coordinates in degrees (haversine formula)."""
    phi_a, phi_b = radians(lat_a), radians(lat_b)
    half = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * sin(radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, half)))


def east_of(lon: float, other: float) -> float:
    """Return how many degrees one longitude is east of another, the shorter way round: -180 up to 180.

    Examples
    --------
    >>> east_of(-179.0, 179.0)
    2.0
    """
    return (lon - other + 180) % 360 - 180


def halfway(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[float, float]:
    """Return latitude and longitude of the middle of two near points in degrees, also across 180 degrees east."""
    middle = lon_a + east_of(lon_b, lon_a) / 2
    return (lat_a + lat_b) / 2, east_of(middle, 0.0)


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres.

    Examples
    --------
    >>> round(distance_m(Point(lat=41.88, lon=-87.63), Point(lat=41.89, lon=-87.63)))
    1112
    """
    return metres_between(a.lat, a.lon, b.lat, b.lon)
