"""Incidents: areas that slow traffic down, or that traffic goes around."""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from math import acos, cos, hypot, pi, radians, sqrt
from typing import Self

from pydantic import Field, model_validator

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import EARTH_RADIUS_M, Point, east_of
from crowdship.travel.times import LatLon

INSIDE = 6.0
"""Factor on the time inside a closed area: places there are reached on foot, this many times as slowly as by car."""


class Incident(Value):
    """A circle in which traffic is slower for a while, or through which none goes.

    Parameters
    ----------
    centre : Point
        WGS 84.
    radius_m : float
        Metres.
    begins_at, ends_at : datetime
        The period of the incident, without its end.
    slowdown : float
        How many times as long a way through the circle takes; 1 or more.
    closed : bool
        True if traffic goes around the circle; places inside are reached, slowly.
    """

    centre: Point
    radius_m: float = Field(gt=0, le=20_000)
    begins_at: Moment
    ends_at: Moment
    slowdown: float = Field(default=1.0, ge=1, le=10)
    closed: bool = False

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.ends_at <= self.begins_at:
            raise ValueError("it must end after it begins")
        return self

    def is_on(self, at: Moment) -> bool:
        """Return whether the incident is on at a moment."""
        return self.begins_at <= at < self.ends_at

    def holds(self, place: LatLon) -> bool:
        """Return whether a place lies in the circle."""
        return hypot(*self._from_centre(place)) < self.radius_m

    def factor(self, a: LatLon, b: LatLon) -> float:
        """Return how many times as long the straight way from ``a`` to ``b`` takes because of the incident; at least 1.

        The shortest way around a closed circle is a tangent, an arc and another tangent; the factor is its length
        divided by that of the straight way. Lengths are computed in a plane, with an error below a thousandth within a
        city.
        """
        return _beside(self._from_centre(a), self._from_centre(b), self.radius_m, self.closed, self.slowdown)

    def _from_centre(self, place: LatLon) -> tuple[float, float]:
        """Return metres east and north of the centre (equirectangular projection)."""
        lat, lon, narrower = self._middle
        east = radians(east_of(place[1], lon)) * narrower
        return EARTH_RADIUS_M * east, EARTH_RADIUS_M * radians(place[0] - lat)

    def stretch(self, a: LatLon, b: LatLon) -> tuple[float, float] | None:
        """Return the part of the straight way from ``a`` to ``b`` in the circle, as two shares of it; None if none."""
        start, end = self._from_centre(a), self._from_centre(b)
        length = hypot(end[0] - start[0], end[1] - start[1])
        found = _stretch(start, end, length, self.radius_m) if length else None
        return (found[0] / length, found[1] / length) if found else None

    @cached_property
    def _middle(self) -> tuple[float, float, float]:
        return self.centre.lat, self.centre.lon, cos(radians(self.centre.lat))


def _beside(a: tuple[float, float], b: tuple[float, float], radius: float, closed: bool, slowdown: float) -> float:
    length = hypot(b[0] - a[0], b[1] - a[1])
    if not length:
        return (INSIDE if closed else slowdown) if hypot(*a) < radius else 1.0
    within = _within(a, b, length, radius)
    if not within:
        return 1.0
    if not closed:
        return 1 + within / length * (slowdown - 1)
    far_a, far_b = hypot(*a), hypot(*b)
    if far_a < radius or far_b < radius:
        return 1 + within / length * (INSIDE - 1)
    turn = acos(max(-1.0, min(1.0, (a[0] * b[0] + a[1] * b[1]) / (far_a * far_b))))
    arc = max(0.0, turn - acos(radius / far_a) - acos(radius / far_b))
    around = sqrt(far_a**2 - radius**2) + sqrt(far_b**2 - radius**2) + radius * min(arc, pi)
    return max(1.0, around / length)


def _within(a: tuple[float, float], b: tuple[float, float], length: float, radius: float) -> float:
    """Return how many metres of the straight way from ``a`` to ``b`` lie in the circle around the origin."""
    found = _stretch(a, b, length, radius)
    return found[1] - found[0] if found else 0.0


def _stretch(
    a: tuple[float, float], b: tuple[float, float], length: float, radius: float
) -> tuple[float, float] | None:
    """Return the part of the straight way in the circle around the origin, as two metres along it; None if none."""
    ahead = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
    nearest = -(a[0] * ahead[0] + a[1] * ahead[1])
    aside = a[0] * ahead[1] - a[1] * ahead[0]
    if abs(aside) >= radius:
        return None
    half = sqrt(radius**2 - aside**2)
    first, last = max(0.0, nearest - half), min(length, nearest + half)
    return (first, last) if first < last else None


def slowed(a: LatLon, b: LatLon, incidents: Sequence[Incident]) -> float:
    """Return how many times as long the straight way takes because of several incidents together.

    Where several incidents slow the same stretch down, the worst counts, as two people may report one jam. The factors
    of closed areas multiply, as traffic goes around one after the other.
    """
    if a == b:
        return max((incident.factor(a, b) for incident in incidents), default=1.0)
    around, slow = 1.0, list[tuple[float, float, float]]()
    for incident in incidents:
        if incident.closed:
            around *= incident.factor(a, b)
        elif found := incident.stretch(a, b):
            slow.append((*found, incident.slowdown))
    cuts = sorted({cut for first, last, _ in slow for cut in (first, last)})
    longer = sum(
        (end - begin) * (max((by for first, last, by in slow if first <= begin and end <= last), default=1.0) - 1)
        for begin, end in pairwise(cuts)
    )
    return around * (1 + longer)


def in_closed_area(place: LatLon, at: Moment, incidents: Sequence[Incident]) -> bool:
    """Return whether a place lies in an area that is closed at a moment."""
    return any(one.closed and one.is_on(at) and one.holds(place) for one in incidents)
