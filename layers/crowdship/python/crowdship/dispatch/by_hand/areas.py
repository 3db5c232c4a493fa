"""Areas in which a dispatcher offers a delivery: a circle or a polygon. Pure."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point, distance_m, east_of
from crowdship.zones.areas import check_area, refuse_other_shapes

WIDEST_M = 50_000.0


class Circle(Value):
    """All points within a radius of a centre."""

    centre: Point
    radius_m: float = Field(gt=0, le=WIDEST_M)

    def check(self) -> None:
        """Do nothing, as every circle is an area."""

    def holds(self, point: Point) -> bool:
        """Return whether a point is in the area."""
        return distance_m(self.centre, point) <= self.radius_m


class Polygon(Value):
    """All points inside a ring of corners."""

    polygon: Annotated[tuple[Point, ...], BeforeValidator(refuse_other_shapes)] = Field(min_length=3, max_length=100)

    def check(self) -> None:
        """Check that the corners enclose one area.

        Raises
        ------
        Unprocessable
            As ``zones.areas.check_area``.
        """
        check_area(self.polygon)

    def holds(self, point: Point) -> bool:
        """Return whether a point is in the area."""
        return is_inside(point, self.polygon)


Area = Circle | Polygon


def is_inside(point: Point, corners: Sequence[Point]) -> bool:
    """Return whether a point is inside a ring: a line to the east crosses its sides an odd number of times.

    Examples
    --------
    >>> square = [Point(lat=0.0, lon=0.0), Point(lat=0.0, lon=1.0), Point(lat=1.0, lon=1.0), Point(lat=1.0, lon=0.0)]
    >>> is_inside(Point(lat=0.5, lon=0.5), square), is_inside(Point(lat=0.5, lon=1.5), square)
    (True, False)
    """
    inside = False
    for a, b in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (a.lat > point.lat) == (b.lat > point.lat):
            continue
        share = (point.lat - a.lat) / (b.lat - a.lat)
        if east_of(a.lon, point.lon) + share * east_of(b.lon, a.lon) > 0:
            inside = not inside
    return inside
