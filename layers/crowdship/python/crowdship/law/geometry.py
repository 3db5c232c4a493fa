"""Polygons on the globe, small enough to be taken for flat: a point in or near one, and two that touch.

A library for this (shapely) weighs 30 MB in a function; these are two tests on the sides of a polygon.
"""

from collections.abc import Iterator, Sequence
from math import cos, hypot, radians

from crowdship.kernel.geo import METRES_PER_DEGREE

type Corner = tuple[float, float]
"""Latitude and longitude in degrees."""

type Ring = Sequence[Corner]

type _Flat = list[tuple[float, float]]
"""Metres east and north of a middle."""


def decoded(polyline: str, digits: int = 3) -> list[Corner]:
    """Return the corners of an encoded polyline.

    Examples
    --------
    >>> decoded("gejAnwiF")
    [(38.5, -120.2)]
    """
    unit, numbers, shift, number = 10**digits, [], 0, 0
    for letter in polyline:
        chunk = ord(letter) - 63
        number |= (chunk & 0x1F) << shift
        shift += 5
        if chunk < 0x20:
            numbers.append(~(number >> 1) if number & 1 else number >> 1)
            shift = number = 0
    corners, lat, lon = [], 0, 0
    for north, east in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + north, lon + east
        corners.append((lat / unit, lon / unit))
    return corners


def holds(rings: Sequence[Ring], at: Corner, margin_m: float) -> bool:
    """Return whether a point lies in a polygon or at most so many metres outside it.

    Parameters
    ----------
    rings : sequence of Ring
        All rings of the polygon, outer ones and holes alike: a point inside is inside an odd number of them.
    """
    inside = False
    for ring in rings:
        for (x, y), (to_x, to_y) in _sides(_flat(ring, at)):
            if _from_middle(x, y, to_x, to_y) <= margin_m:
                return True
            if (y > 0) != (to_y > 0) and x + (to_x - x) * y / (y - to_y) > 0:
                inside = not inside
    return inside


def touches(rings: Sequence[Ring], area: Ring, margin_m: float) -> bool:
    """Return whether an area and a polygon overlap or are at most so many metres apart.

    Parameters
    ----------
    area : Ring
        One ring without holes.
    """
    if holds(rings, area[0], margin_m) or any(holds([area], ring[0], margin_m) for ring in rings):
        return True
    middle = area[0]
    own = list(_sides(_flat(area, middle)))
    box = _grown(_flat(area, middle), margin_m)
    others = (side for ring in rings for side in _sides(_flat(ring, middle)) if _reaches(side, box))
    return any(_apart(*side, *other) <= margin_m for other in others for side in own)


def _flat(ring: Ring, middle: Corner) -> _Flat:
    lat, lon = middle
    east = METRES_PER_DEGREE * cos(radians(lat))
    return [((other - lon) * east, (north - lat) * METRES_PER_DEGREE) for north, other in ring]


def _sides(flat: _Flat) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    before = flat[-1]
    for corner in flat:
        yield before, corner
        before = corner


def _from_middle(x: float, y: float, to_x: float, to_y: float) -> float:
    """Return the distance of a side from the middle, metres."""
    along_x, along_y = to_x - x, to_y - y
    squared = along_x * along_x + along_y * along_y
    if not squared:
        return hypot(x, y)
    part = min(1.0, max(0.0, -(x * along_x + y * along_y) / squared))
    return hypot(x + part * along_x, y + part * along_y)


def _grown(flat: _Flat, margin_m: float) -> tuple[float, float, float, float]:
    xs, ys = zip(*flat, strict=True)
    return min(xs) - margin_m, min(ys) - margin_m, max(xs) + margin_m, max(ys) + margin_m


def _reaches(side: tuple[tuple[float, float], tuple[float, float]], box: tuple[float, float, float, float]) -> bool:
    (x, y), (to_x, to_y) = side
    west, south, east, north = box
    return max(x, to_x) >= west and min(x, to_x) <= east and max(y, to_y) >= south and min(y, to_y) <= north


def _apart(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> float:
    """Return the distance of two sides, 0 if they cross."""
    turns = (_turn(a, b, c) > 0) != (_turn(a, b, d) > 0) and (_turn(c, d, a) > 0) != (_turn(c, d, b) > 0)
    if turns:
        return 0.0
    ends = ((c, a, b), (d, a, b), (a, c, d), (b, c, d))
    return min(_from_middle(s[0] - p[0], s[1] - p[1], e[0] - p[0], e[1] - p[1]) for p, s, e in ends)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
