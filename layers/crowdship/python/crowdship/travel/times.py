"""Travel times and distances between points."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from crowdship.kernel.geo import Point, distance_m, metres_between
from crowdship.zones.model import TravelRules


class TravelTimes(Protocol):
    """What planning asks about ways."""

    def metres(self, a: Point, b: Point) -> float:
        """Return the length of the way from ``a`` to ``b``."""
        ...

    def seconds(self, a: Point, b: Point) -> float:
        """Return how long the way from ``a`` to ``b`` takes."""
        ...

    def seconds_between(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        """Return the same for plain latitudes and longitudes, of which a planner compares a great many."""
        ...

    def know(self, places: Iterable[tuple[float, float]]) -> None:
        """Prepare to be asked for all ways between places, where that is cheaper at once."""
        ...

    def know_legs(self, places: Iterable[tuple[float, float]]) -> None:
        """Prepare to be asked for the ways from each place to the next, and for no others."""
        ...

    def estimates(self, a: Point, b: Point) -> bool:
        """Return whether the time from ``a`` to ``b`` is the great circle's, not that along streets."""
        ...

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Check that there is a way from ``a`` to ``b``; refuse what ``pointer`` points at if there is none."""
        ...


@dataclass
class GreatCircle:
    """Great-circle distance times a detour factor, at one speed; needs no data and is always there.

    Parameters
    ----------
    rules : TravelRules
        Speed in metres per second and the detour factor.
    """

    rules: TravelRules
    _known: dict[tuple[Point, Point], float] = field(default_factory=dict, repr=False)

    def metres(self, a: Point, b: Point) -> float:
        """Return the estimated way in metres."""
        known = self._known.get((a, b))
        if known is None:
            known = self._known[a, b] = distance_m(a, b) * self.rules.detour_factor
        return known

    def seconds(self, a: Point, b: Point) -> float:
        """Return the estimated time in seconds."""
        return self.metres(a, b) / self.rules.speed_mps

    def seconds_between(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        """Return the estimated time in seconds."""
        return metres_between(*a, *b) * self.rules.detour_factor / self.rules.speed_mps

    def know(self, places: Iterable[tuple[float, float]]) -> None:
        """Do nothing: an estimate is as quick one by one."""

    def know_legs(self, places: Iterable[tuple[float, float]]) -> None:
        """Do nothing, as above."""

    def estimates(self, a: Point, b: Point) -> bool:
        """Return that it is."""
        return True

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Do nothing: the crow finds a way to everywhere."""
