"""Ways along streets, from OSRM's engine in this process, without a server."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, ClassVar, NamedTuple, Protocol, TypedDict, cast

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.travel.passages import Sighting
from crowdship.travel.times import GreatCircle, LatLon
from crowdship.zones.model import TravelRules

OFF_ROAD_M = 1000.0
"""A place farther than this from every street of the map counts as not on it."""

ON_FOOT_MPS = 1.4
"""Metres per second between a place and the nearest street of the map: walking pace."""

NO_WAY_S = 24 * 3600.0
"""Seconds of a way that does not exist, such as to an island without a bridge, so that nobody is sent there."""

MOST_PAIRS = 10_000
"""The most ways kept that were asked for one by one; when there are as many, all are dropped before the next."""

LEAST_OFF_M, MOST_OFF_M = 5.0, 50.0
"""The least and the largest radius, in metres, within which the street of a sighting is looked for."""

SAMPLE = 200
"""Size of the sample from which great-circle times are scaled when there are more places than ``MOST_KNOWN``."""


class OsrmEngine(Protocol):
    """The methods of ``osrm.OSRM`` that are used."""

    def Table(self, parameters: Any) -> Any:  # noqa: N802 - OSRM's name
        """Return times and distances between places."""
        ...

    def Match(self, parameters: Any) -> Any:  # noqa: N802 - OSRM's name
        """Return the streets that a trace follows."""
        ...


class StreetWay(NamedTuple):
    """A way between two places.

    Parameters
    ----------
    seconds : float
        Below 0 if an end is not on the map; ``NO_WAY_S`` if no way exists.
    metres : float
        Below 0 if an end is not on the map or no way exists.
    access_m : tuple of float
        Metres from each end to the nearest street.
    """

    seconds: float
    metres: float
    access_m: tuple[float, float]


class Table(TypedDict):
    """An engine's answer about ways between places, with OSRM's names; None where there is no way."""

    durations: Sequence[Sequence[float | None]]
    distances: Sequence[Sequence[float | None]]
    sources: Sequence[Mapping[str, Any]]
    destinations: Sequence[Mapping[str, Any]]


@dataclass
class KnownWays[E](ABC):
    """Times and distances along streets if both ends are on the map; else the great circle's.

    The way from a place to the nearest street is walked. ``know`` looks up at once all ways that a planner is going to
    compare. Of more than ``MOST_KNOWN`` places it looks up a sample and scales great-circle times by it.

    Parameters
    ----------
    engine
        The engine to ask.
    rules : TravelRules
        Rules of the estimate for places that are not on the map.
    pace : float
        Factor on the engine's free-flow times.
    """

    engine: E
    rules: TravelRules
    pace: float = 1.0
    _number: dict[LatLon, int] = field(default_factory=dict, repr=False)
    _seconds: list[array[float]] = field(default_factory=list, repr=False)
    _metres: list[array[float]] = field(default_factory=list, repr=False)
    _access_m: list[float] = field(default_factory=list, repr=False)
    _pairs: dict[tuple[LatLon, LatLon], StreetWay] = field(default_factory=dict, repr=False)
    _scale: float | None = None

    MOST_KNOWN: ClassVar[int] = 2000
    """The most places among which all ways are looked up at once; these ways take 32 MB."""

    def __post_init__(self) -> None:
        """Make the estimate for places that are not on the map."""
        self._estimate = GreatCircle(self.rules)

    def metres(self, a: Point, b: Point) -> float:
        """Return the length of the way, in metres."""
        found = self.way((a.lat, a.lon), (b.lat, b.lon)).metres
        return found if found >= 0 else self._estimate.metres(a, b)

    def seconds(self, a: Point, b: Point) -> float:
        """Return how long the way takes, in seconds."""
        return self.seconds_between((a.lat, a.lon), (b.lat, b.lon))

    def seconds_between(self, a: LatLon, b: LatLon) -> float:
        """Return how long the way takes, in seconds; ``NO_WAY_S`` if there is none."""
        try:
            found = self._seconds[self._number[a]][self._number[b]]
        except KeyError:
            if self._scale is not None:
                return self._estimate.seconds_between(a, b) * self._scale
            found = self.way(a, b).seconds
        return found if found >= 0 else self._estimate.seconds_between(a, b)

    def estimates(self, a: Point, b: Point) -> bool:
        """Return whether the way is not known from the map, so that great-circle values are used."""
        return self.way((a.lat, a.lon), (b.lat, b.lon)).seconds < 0

    def check(self, a: Point, b: Point, pointer: str) -> None:
        """Check that there is a way.

        Raises
        ------
        Unprocessable
            If an end is on no street of the map (``off_road``), or no way leads from ``a`` to ``b`` (``no_way``).
        """
        way = self.way((a.lat, a.lon), (b.lat, b.lon))
        for place, access in ((a, way.access_m[0]), (b, way.access_m[1])):
            if access > OFF_ROAD_M:
                detail = f"{place.lat}, {place.lon} is {access:.0f} m from the nearest street we know."
                raise Unprocessable("off_road", detail, pointer)
        if way.seconds >= NO_WAY_S:
            detail = f"No way leads from {a.lat}, {a.lon} to {b.lat}, {b.lon} on the streets we know."
            raise Unprocessable("no_way", detail, pointer)

    def know(self, places: Iterable[LatLon]) -> None:
        """Look up all ways between places at once.

        Known places are kept if at least half of the places asked for are known, and the places known then are at
        most twice as many as those asked for.
        """
        asked = list(dict.fromkeys(places))
        self._scale = None
        if len(asked) > self.MOST_KNOWN:
            self._forget()
            self._add(asked[:: len(asked) // SAMPLE])
            self._scale = self._sampled_scale()
            return
        new = [place for place in asked if place not in self._number]
        if 2 * len(new) > len(asked) or len(self._number) + len(new) > 2 * len(asked):
            self._forget()
            new = asked
        if new:
            self._add(new)

    def know_legs(self, places: Iterable[LatLon]) -> None:
        """Look up all ways between the places, not only from each to the next, as that is free of charge."""
        self.know(places)

    def way(self, a: LatLon, b: LatLon) -> StreetWay:
        """Return one way; it is looked up by itself unless it is known."""
        if a in self._number and b in self._number:
            i, j = self._number[a], self._number[b]
            return StreetWay(self._seconds[i][j], self._metres[i][j], (self._access_m[i], self._access_m[j]))
        known = self._pairs.get((a, b))
        if known is None:
            if len(self._pairs) >= MOST_PAIRS:
                self._pairs.clear()
            table = self._table([a, b], [0], [1])
            access = table["sources"][0]["distance"], table["destinations"][0]["distance"]
            seconds, metres = table["durations"][0][0], table["distances"][0][0]
            known = self._told(seconds, metres, access)
            if a == b and known.seconds >= 0:
                known = StreetWay(0.0, 0.0, access)
            self._pairs[a, b] = known
        return known

    def _told(self, seconds: float | None, metres: float | None, access_m: tuple[float, float]) -> StreetWay:
        """Return a way from OSRM's values, which are from street to street, with the walk at both ends added."""
        if max(access_m) > OFF_ROAD_M:
            return StreetWay(-1.0, -1.0, access_m)
        if seconds is None or metres is None:
            return StreetWay(NO_WAY_S, -1.0, access_m)
        walk = sum(access_m)
        return StreetWay(seconds * self.pace + walk / ON_FOOT_MPS, metres + walk, access_m)

    def _sampled_scale(self) -> float:
        """Return the median ratio of the known ways' times to the great circle's."""
        shares = []
        for a, i in self._number.items():
            for b, j in self._number.items():
                estimated, found = self._estimate.seconds_between(a, b), self._seconds[i][j]
                if estimated and 0 <= found < NO_WAY_S:
                    shares.append(found / estimated)
        return median(shares) if shares else 1.0

    def _forget(self) -> None:
        for kept in (self._number, self._seconds, self._metres, self._access_m):
            kept.clear()

    def _add(self, new: Sequence[LatLon]) -> None:
        """Add rows and columns for new places: their ways to all places, and the ways from the old ones to them."""
        old = len(self._number)
        places = [*self._number, *new]
        fresh, everywhere, before = range(old, len(places)), range(len(places)), range(old)
        rows = self._table(places, fresh, everywhere)
        self._access_m += [source["distance"] for source in rows["sources"]]
        for number, place in enumerate(new, start=old):
            self._number[place] = number
        if old:
            columns = self._table(places, before, fresh)
            for i, (seconds, metres) in enumerate(zip(columns["durations"], columns["distances"], strict=True)):
                self._extend(i, fresh, seconds, metres)
        for i, seconds, metres in zip(fresh, rows["durations"], rows["distances"], strict=True):
            self._seconds.append(array("f"))
            self._metres.append(array("f"))
            self._extend(i, everywhere, seconds, metres)

    def _extend(self, i: int, columns: range, seconds: Any, metres: Any) -> None:
        """Add columns to a row with the values of ``_told``, without a call for each of a million ways."""
        known_s, known_m, here, pace = self._seconds[i], self._metres[i], self._access_m[i], self.pace
        walks = [here + there if max(here, there) <= OFF_ROAD_M else None for there in self._access_m[columns.start :]]
        if i in columns:
            walks[i - columns.start] = 0.0 if here <= OFF_ROAD_M else None
        for walk, way_s, way_m in zip(walks, seconds, metres, strict=True):
            if walk is None:
                known_s.append(-1.0)
                known_m.append(-1.0)
            elif way_s is None:
                known_s.append(NO_WAY_S)
                known_m.append(-1.0)
            else:
                known_s.append(way_s * pace + walk / ON_FOOT_MPS)
                known_m.append(way_m + walk)

    @abstractmethod
    def _table(self, places: Sequence[LatLon], sources: Iterable[int], destinations: Iterable[int]) -> Table:
        """Ask the engine for ways between places.

        Parameters
        ----------
        sources, destinations : iterable of int
            Indices into ``places``.
        """


@dataclass
class Roads(KnownWays[OsrmEngine]):
    """The ways of a map, from OSRM in this process.

    All ways among 600 places take half a second; one way alone takes nearly a millisecond.
    """

    def driven(self, trace: Sequence[Sighting]) -> list[float | None]:
        """Return seconds of free flow from each sighting to the next, along the streets that fit the trace best.

        Parameters
        ----------
        trace : sequence of Sighting, length n
            In order of time, at least a second apart.

        Returns
        -------
        list of float or None, length n - 1
            None where no street fits.
        """
        from osrm import MatchParameters  # as in _table

        asked = MatchParameters(
            coordinates=[(one.lon, one.lat) for one in trace],
            timestamps=[int(one.at.timestamp()) for one in trace],
            radiuses=[max(LEAST_OFF_M, min(MOST_OFF_M, one.accuracy_m)) for one in trace],
            gaps="ignore",
            overview="false",
            generate_hints=False,
        )
        try:
            told = self.engine.Match(asked)
        except RuntimeError:  # no street near any of it
            return [None] * (len(trace) - 1)
        legs = [[leg["duration"] for leg in matching["legs"]] for matching in told["matchings"]]
        # A sighting that fits no street has no place in OSRM's list.
        places = [
            point and (int(point["matchings_index"]), int(point["waypoint_index"])) for point in told["tracepoints"]
        ]
        return [
            legs[here[0]][here[1]] * self.pace if here and there == (here[0], here[1] + 1) else None
            for here, there in pairwise(places)
        ]

    def _table(self, places: Sequence[LatLon], sources: Iterable[int], destinations: Iterable[int]) -> Table:
        from osrm import TableParameters  # loaded only where there is a map

        asked = TableParameters(
            # OSRM needs at least two places.
            coordinates=[(lon, lat) for lat, lon in (places if len(places) > 1 else [*places, *places])],
            sources=list(sources),
            destinations=list(destinations),
            annotations=["duration", "distance"],
        )
        return cast(Table, self.engine.Table(asked))


def open_engine(path: str) -> OsrmEngine:
    """Return OSRM's engine on the prepared files of a map.

    Parameters
    ----------
    path : str
        ``<folder>/<name>.osrm``, the common beginning of the files' names.
    """
    from osrm import OSRM  # as above

    return cast(OsrmEngine, OSRM(algorithm="MLD", storage_config=path, use_shared_memory=False))
