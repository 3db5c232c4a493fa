"""Travel times and distances between points."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from crowdship.kernel.geo import Point, distance_m, metres_between
from crowdship.zones.model import TravelRules

LatLon = tuple[float, float]
"""Latitude and longitude in degrees."""


class TravelTimes(Protocol):
    """Lengths and times of ways, as planning asks for them."""

    def metres(self, a: Point, b: Point) -> float:
        """Return the length of the way from ``a`` to ``b``, in metres."""
        ...

    def seconds(self, a: Point, b: Point) -> float:
        """Return how long the way from ``a`` to ``b`` takes, in seconds."""
        ...

    def seconds_between(self, a: LatLon, b: LatLon) -> float:
        """Return the seconds between two points, for planners, which compare a great many."""
        ...

    def know(self, places: Iterable[LatLon]) -> None:
        """Prepare for questions about all ways between places, where one look-up is cheaper than many."""
        ...

    def know_legs(self, places: Iterable[LatLon]) -> None:
        """Prepare for questions about the ways from each place to the next, and about no others."""
        ...

    def estimates(self, a: Point, b: Point) -> bool:
        """Return whether the time from ``a`` to ``b`` is the great circle's, not the one along streets."""
        ...

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Check that there is a way from ``a`` to ``b``.

        Parameters
        ----------
        pointer : str
            JSON pointer to the input that an error names.
        """
        ...


@dataclass
class GreatCircle:
    """Great-circle distance times a detour factor, at one speed; it needs no map.

    Parameters
    ----------
    rules : TravelRules
        Speed in metres per second and the detour factor.
    """

    rules: TravelRules
    _known: dict[tuple[Point, Point], float] = field(default_factory=dict, repr=False)

    def metres(self, a: Point, b: Point) -> float:
        """Return the estimated length of the way, in metres."""
        known = self._known.get((a, b))
        if known is None:
            known = self._known[a, b] = distance_m(a, b) * self.rules.detour_factor
        return known

    def seconds(self, a: Point, b: Point) -> float:
        """Return the estimated time in seconds."""
        return self.metres(a, b) / self.rules.speed_mps

    def seconds_between(self, a: LatLon, b: LatLon) -> float:
        """Return the estimated time in seconds."""
        return metres_between(*a, *b) * self.rules.detour_factor / self.rules.speed_mps

    def know(self, places: Iterable[LatLon]) -> None:
        """Do nothing: many estimates at once are no cheaper."""

    def know_legs(self, places: Iterable[LatLon]) -> None:
        """Do nothing: many estimates at once are no cheaper."""

    def estimates(self, a: Point, b: Point) -> bool:
        """Return True: every way is estimated."""
        return True

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Do nothing: an estimate exists for any two points."""
