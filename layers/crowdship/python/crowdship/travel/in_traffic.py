"""Travel times at a moment: free flow, slowed down by the traffic that is usual then, by today's and by incidents."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import h3

from crowdship.kernel.geo import Point
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.expectation import Errors, Span
from crowdship.travel.incidents import Incident, Place, in_closed_area, slowed
from crowdship.travel.times import TravelTimes
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import CELL_RESOLUTION

LATTICE = 250.0
"""Lines of a lattice per degree: 445 m apart, half a cell. All places of a field share a factor."""

SPACING = 1.5
"""Fields between the places looked at along a way: some 600 m, so that no cell is often missed."""

NONE_KNOWN = Errors()

MOST_SAMPLES = 24
"""Places looked at along a way; they are farther apart along one of more than 14 km."""


@dataclass
class InTraffic:
    """Another port's times, as long as they take when one leaves at a moment.

    Factors are looked at along the straight way, every 600 m, and their mean multiplies the time; the straight
    way also decides which incidents it meets. By how much times so foretold were off in the past is then made good, so
    that plans and arrivals say the same. Without knowledge and incidents it is the other port to the bit.

    Parameters
    ----------
    free_flow : TravelTimes
        The time in free flow.
    traffic : Traffic
        What is known of the zone.
    departs : datetime
        When one leaves.
    incidents : tuple of Incident
        Those that have not begun by then, or are over, are left aside.
    errors : Errors
        How far times were off that this foretold without them.
    """

    free_flow: TravelTimes
    traffic: Traffic
    departs: datetime
    incidents: tuple[Incident, ...] = ()
    errors: Errors = NONE_KNOWN
    _factors: dict[int, float] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Choose the incidents that matter."""
        self._on = tuple(incident for incident in self.incidents if incident.is_on(self.departs))
        self._idle = not self.traffic.weight
        self._correct = self.errors.corrected if self.errors.weight else None

    def at(self, departs: datetime) -> "InTraffic":
        """Return the same for another departure."""
        return replace(self, departs=departs, _factors={})

    def is_closed(self, place: Point) -> bool:
        """Return whether a place lies in a closed area: one gets there late and on foot, and should know."""
        return in_closed_area((place.lat, place.lon), self.departs, self._on)

    def metres(self, a: Point, b: Point) -> float:
        """Return the length of the way, with the way round what is closed."""
        start, end = (a.lat, a.lon), (b.lat, b.lon)
        found = self.free_flow.metres(a, b)
        for incident in self._on:
            if incident.closed and not (incident.holds(start) or incident.holds(end)):
                found *= incident.factor(start, end)
        return found

    def seconds(self, a: Point, b: Point) -> float:
        """Return how long the way takes, in seconds."""
        return self.seconds_between((a.lat, a.lon), (b.lat, b.lon))

    def seconds_between(self, a: Place, b: Place) -> float:
        """Return how long the way takes, in seconds; one that does not exist gets no longer by traffic."""
        found = self._uncorrected(a, b)
        return self._correct(found) if self._correct and found < NO_WAY_S else found

    def foretold(self, a: Point, b: Point) -> float:
        """Return the seconds that the way takes before errors are made good: what errors are learned from."""
        return self._uncorrected((a.lat, a.lon), (b.lat, b.lon))

    def span(self, a: Point, b: Point) -> Span:
        """Return how long the way takes, and how surely."""
        return self.errors.expected(self.foretold(a, b))

    def know(self, places: Iterable[Place]) -> None:
        """Prepare the other port."""
        self.free_flow.know(places)

    def know_legs(self, places: Iterable[Place]) -> None:
        """Prepare the other port."""
        self.free_flow.know_legs(places)

    def estimates(self, a: Point, b: Point) -> bool:
        """Return whether the other port estimates it."""
        return self.free_flow.estimates(a, b)

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Check that there is a way, whatever is closed for a while."""
        self.free_flow.check(a, b, pointer)

    def _uncorrected(self, a: Place, b: Place) -> float:
        found = self.free_flow.seconds_between(a, b)
        return found if found >= NO_WAY_S else found * self.factor(a, b)

    def factor(self, a: Place, b: Place) -> float:
        """Return how many times as long as in free flow the way takes."""
        found = 1.0 if self._idle else self._along(a, b)
        return found * slowed(a, b, self._on) if self._on else found

    def _along(self, a: Place, b: Place) -> float:
        """Return the mean factor along the straight way."""
        north, east = (a[0] + 90) * LATTICE, (a[1] + 180) * LATTICE
        up, right = (b[0] - a[0]) * LATTICE, (b[1] - a[1]) * LATTICE
        many = min(MOST_SAMPLES, int(max(abs(up), abs(right)) / SPACING) + 1)
        up, right = up / many, right / many
        north, east = north + up / 2, east + right / 2
        known, total = self._factors, 0.0
        for _ in range(many):
            key = int(north) * 100_000 + int(east)
            try:
                total += known[key]
            except KeyError:
                total += self._look(key)
            north += up
            east += right
        return total / many

    def _look(self, key: int) -> float:
        """Return the factor in the middle of a field of the lattice, and keep it."""
        row, column = divmod(key, 100_000)
        lat, lon = (row + 0.5) / LATTICE - 90, (column + 0.5) / LATTICE - 180
        cell = str(h3.latlng_to_cell(min(90.0, lat), lon, CELL_RESOLUTION))
        found = self._factors[key] = self.traffic.factor(cell, self.departs)
        return found
