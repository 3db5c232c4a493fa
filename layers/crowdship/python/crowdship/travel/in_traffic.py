"""Travel times at a moment: free flow, slowed down by the usual traffic, by today's traffic and by incidents."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import h3

from crowdship.kernel.geo import Point
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.expectation import Errors, Span
from crowdship.travel.incidents import Incident, in_closed_area, slowed
from crowdship.travel.times import LatLon, TravelTimes
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import CELL_RESOLUTION

LATTICE = 250.0
"""Lines per degree of a lattice: they are 445 m apart, half a cell. All places in one field share a factor."""

SPACING = 1.5
"""Fields between two samples along a way: some 600 m, so that a cell is seldom missed."""

NONE_KNOWN = Errors()

MOST_SAMPLES = 24
"""The most samples along a way; on a way of more than 14 km they are farther apart."""


@dataclass
class InTraffic:
    """Free-flow times of another ``TravelTimes``, changed by the traffic at a departure.

    The traffic's factor is sampled along the straight way, every 600 m, and the mean multiplies the time. The straight
    way also decides which incidents a way meets. The result is then corrected by past errors of such forecasts, so that
    plans and arrivals say the same. Without knowledge of traffic, errors and incidents the times are exactly those in
    free flow.

    Parameters
    ----------
    free_flow : TravelTimes
        The times in free flow.
    traffic : Traffic
        The factors of the zone.
    departs : datetime
        The departure.
    incidents : tuple of Incident
        Incidents that have not begun at the departure, or are over, are ignored.
    errors : Errors
        Past errors of forecasts made without this correction.
    """

    free_flow: TravelTimes
    traffic: Traffic
    departs: datetime
    incidents: tuple[Incident, ...] = ()
    errors: Errors = NONE_KNOWN
    _factors: dict[int, float] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Choose the incidents that are on at the departure."""
        self._on = tuple(incident for incident in self.incidents if incident.is_on(self.departs))
        self._idle = not self.traffic.weight
        self._correct = self.errors.corrected if self.errors.weight else None

    def at(self, departs: datetime) -> "InTraffic":
        """Return the travel times for another departure."""
        return replace(self, departs=departs, _factors={})

    def is_closed(self, place: Point) -> bool:
        """Return whether a place lies in a closed area, which a driver reaches late and on foot."""
        return in_closed_area((place.lat, place.lon), self.departs, self._on)

    def metres(self, a: Point, b: Point) -> float:
        """Return the length of the way in metres, including detours around closed areas."""
        start, end = (a.lat, a.lon), (b.lat, b.lon)
        found = self.free_flow.metres(a, b)
        for incident in self._on:
            if incident.closed and not (incident.holds(start) or incident.holds(end)):
                found *= incident.factor(start, end)
        return found

    def seconds(self, a: Point, b: Point) -> float:
        """Return how long the way takes, in seconds."""
        return self.seconds_between((a.lat, a.lon), (b.lat, b.lon))

    def seconds_between(self, a: LatLon, b: LatLon) -> float:
        """Return how long the way takes, in seconds; the ``NO_WAY_S`` of a way that does not exist stays as it is."""
        found = self._uncorrected(a, b)
        return self._correct(found) if self._correct and found < NO_WAY_S else found

    def foretold(self, a: Point, b: Point) -> float:
        """Return the seconds that the way takes without the correction of errors; errors are learned from these."""
        return self._uncorrected((a.lat, a.lon), (b.lat, b.lon))

    def span(self, a: Point, b: Point) -> Span:
        """Return how long the way takes, with the variance."""
        return self.errors.expected(self.foretold(a, b))

    def know(self, places: Iterable[LatLon]) -> None:
        """Prepare the free-flow times."""
        self.free_flow.know(places)

    def know_legs(self, places: Iterable[LatLon]) -> None:
        """Prepare the free-flow times."""
        self.free_flow.know_legs(places)

    def estimates(self, a: Point, b: Point) -> bool:
        """Return whether the free-flow time is an estimate."""
        return self.free_flow.estimates(a, b)

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Check that there is a way; closed areas do not matter, as they are closed only for a while."""
        self.free_flow.check(a, b, pointer)

    def _uncorrected(self, a: LatLon, b: LatLon) -> float:
        found = self.free_flow.seconds_between(a, b)
        return found if found >= NO_WAY_S else found * self.factor(a, b)

    def factor(self, a: LatLon, b: LatLon) -> float:
        """Return how many times as long as in free flow the way takes."""
        found = 1.0 if self._idle else self._along(a, b)
        return found * slowed(a, b, self._on) if self._on else found

    def _along(self, a: LatLon, b: LatLon) -> float:
        """Return the mean factor of the samples along the straight way."""
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
        """Return the factor at the middle of a field of the lattice, and remember it."""
        row, column = divmod(key, 100_000)
        lat, lon = (row + 0.5) / LATTICE - 90, (column + 0.5) / LATTICE - 180
        cell = str(h3.latlng_to_cell(min(90.0, lat), lon, CELL_RESOLUTION))
        found = self._factors[key] = self.traffic.factor(cell, self.departs)
        return found
