"""Areas as staff draw them: checks that a polygon is unambiguous, with a reason for each refusal."""

from collections.abc import Sequence
from itertools import pairwise

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point

FARTHEST_LAT = 80.0
"""Degrees of latitude beyond which an area is taken for one with latitude and longitude swapped."""

_SHAPE = 'write the corners as [{"lat": 41.88, "lon": -87.63}, ...]'


def refuse_other_shapes(area: object) -> object:
    """Return an area if it is a list of corners.

    Raises
    ------
    ValueError
        If it is GeoJSON or a list of pairs, where the order of latitude and longitude would be a guess.
    """
    if isinstance(area, dict):
        kind = str(area.get("type", "an object"))[:40]
        hint = "a zone is one polygon without holes, and GeoJSON has the longitude first"
        raise ValueError(f"it is {kind}, not a list of corners: {hint}; {_SHAPE}")
    if isinstance(area, list | tuple) and any(isinstance(corner, list | tuple) for corner in area):
        raise ValueError(f"its corners are pairs, which may be swapped: {_SHAPE}; GeoJSON has the longitude first")
    return area


def outline(area: Sequence[Point]) -> list[Point]:
    """Return the corners of an area without repeated ones and without a last one that closes the ring."""
    corners = [corner for corner, following in pairwise((*area, area[0])) if corner != following]
    return corners or [area[0]]


def check_area(area: Sequence[Point]) -> None:
    """Check that a polygon is one unambiguous area.

    Raises
    ------
    Unprocessable
        ``area_swapped`` near a pole, ``area_across_180``, or ``area_crosses_itself``.
    """
    if all(abs(corner.lat) > FARTHEST_LAT for corner in area):
        detail = f"The corners are at latitudes such as {area[0].lat}; latitude and longitude look swapped."
        raise Unprocessable("area_swapped", f"{detail} GeoJSON has the longitude first.", "/area")
    corners = outline(area)
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    for number, (one, other) in enumerate(sides):
        if abs(one.lon - other.lon) > 180:
            detail = f"The side after corner {number} goes from longitude {one.lon} to {other.lon}."
            hint = "An area can't lie across 180 degrees or around a pole; draw one zone on each side."
            raise Unprocessable("area_across_180", f"{detail} {hint}", "/area")
    for number, side in enumerate(sides):
        # Neighbours share a corner, and the last side is a neighbour of the first.
        last = len(sides) - (number == 0)
        for later in range(number + 2, last):
            if _meet(*side, *sides[later]):
                detail = f"The sides after corners {number} and {later} cross or touch (the first corner is 0)."
                raise Unprocessable("area_crosses_itself", f"{detail} List the corners in order, once round.", "/area")


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether two sides have a point in common."""
    turns = [_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)]
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    on = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(not turn and _between(*points) for turn, points in zip(turns, on, strict=True))


def _turn(a: Point, b: Point, c: Point) -> int:
    """Return 1 if ``c`` is left of the way from ``a`` to ``b``, -1 if it is right of it, 0 if it is on the line."""
    cross = (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon)
    return (cross > 0) - (cross < 0)


def _between(a: Point, b: Point, c: Point) -> bool:
    """Return whether ``c``, which is on the line through ``a`` and ``b``, is between them."""
    return min(a.lon, b.lon) <= c.lon <= max(a.lon, b.lon) and min(a.lat, b.lat) <= c.lat <= max(a.lat, b.lat)
