"""Ways from Amazon Location Service: no map has to be prepared, and AWS bills every pair of places."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from crowdship.adapters.observability import count_for_all, logger
from crowdship.shipment.vehicles import Profile
from crowdship.travel.engines.roads import KnownWays, StreetWay, Table
from crowdship.travel.times import LatLon

TRAVEL_MODES = {Profile.CAR: "Car", Profile.FOOT: "Pedestrian"}
"""The service's names of profiles; it has none for bicycles."""

MOST_ORIGINS = 500
"""The most origins of one request whose area is bounded."""

AROUND_M = 20_000
"""Metres by which a way may lead beyond the places; the service needs a bounded area."""

ASK_AGAIN_S = 60.0
"""Wall seconds for which the service is not asked again after it did not answer."""

NO_ROUTE = "NoRoute"
"""The only error that says that there is no way; all others say that a place is not known."""


@dataclass
class AmazonWays(KnownWays[Any]):
    """The ways of Amazon Location Service in free flow; traffic is learned from the zone's own drivers instead.

    See Also
    --------
    CalculateRouteMatrix of the service's routes API, whose limits these are.
    """

    travel_mode: str = "Car"
    _silent_since: float | None = None
    _guessed: bool = False

    MOST_KNOWN: ClassVar[int] = 400

    def know(self, places: Iterable[LatLon]) -> None:
        """Look up all ways between places at once; ways without an answer are asked for again after a while."""
        self._forget_guesses()
        super().know(places)

    def know_legs(self, places: Iterable[LatLon]) -> None:
        """Look up nothing yet: each leg is asked for when it is needed, as other pairs would be paid for in vain."""
        self._forget_guesses()
        self._scale = None

    def way(self, a: LatLon, b: LatLon) -> StreetWay:
        """Return one way; a way that the service did not answer is asked again after a while."""
        found = super().way(a, b)
        if found.seconds < 0 and self._is_silent:
            self._pairs.pop((a, b), None)
        return found

    @property
    def _is_silent(self) -> bool:
        return self._silent_since is not None and time.monotonic() - self._silent_since <= ASK_AGAIN_S

    def _forget_guesses(self) -> None:
        if self._guessed and not self._is_silent:
            self._guessed = False
            self._forget()

    def _table(self, places: Sequence[LatLon], sources: Iterable[int], destinations: Iterable[int]) -> Table:
        begins, ends = list(sources), list(destinations)
        if not self._is_silent:
            try:
                return self._asked(places, begins, ends)
            except (BotoCoreError, ClientError) as error:
                # A planner in the middle of its work goes on with great-circle times.
                logger.exception("Amazon Location does not answer", error=type(error).__name__)
                count_for_all("MapsNotUsable")
                self._silent_since = time.monotonic()
        self._guessed = True
        unknown = [[-1.0] * len(ends)] * len(begins)
        return _table_of(unknown, unknown, len(begins), len(ends))

    def _asked(self, places: Sequence[LatLon], begins: Sequence[int], ends: Sequence[int]) -> Table:
        rows: list[Sequence[Mapping[str, Any]]] = []
        for first in range(0, len(begins), MOST_ORIGINS):
            answer = self.engine.calculate_route_matrix(
                Origins=[_place(places[number]) for number in begins[first : first + MOST_ORIGINS]],
                Destinations=[_place(places[number]) for number in ends],
                RoutingBoundary={"Geometry": {"AutoCircle": {"Margin": AROUND_M}}},
                TravelMode=self.travel_mode,
                Traffic={"Usage": "IgnoreTrafficData"},
                OptimizeRoutingFor="FastestRoute",
            )
            rows += answer["RouteMatrix"]
        seconds, metres = ([[_told(entry, name) for entry in row] for row in rows] for name in ("Duration", "Distance"))
        return _table_of(seconds, metres, len(begins), len(ends))


def _table_of(
    seconds: Sequence[Sequence[float | None]], metres: Sequence[Sequence[float | None]], begins: int, ends: int
) -> Table:
    # The service does not say how far a place is from a street.
    at_street = {"distance": 0.0}
    return Table(durations=seconds, distances=metres, sources=[at_street] * begins, destinations=[at_street] * ends)


def _place(place: LatLon) -> dict[str, Any]:
    lat, lon = place
    return {"Position": [lon, lat]}


def _told(entry: Mapping[str, Any], name: str) -> float | None:
    """Return seconds or metres; None if there is no way, below 0 if the service does not know the place."""
    error = entry.get("Error")
    if error == NO_ROUTE:
        return None
    return -1.0 if error else float(entry[name])


@cache
def amazon_location() -> Any:
    """Return the client of the service; its timeouts are short, as times without an answer are estimated."""
    return boto3.client(
        "geo-routes", config=Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 2})
    )
