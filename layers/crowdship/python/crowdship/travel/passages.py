"""Passages of a leg: a trace of positions cut into stretches, and these into cells, each with its pace."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from typing import NamedTuple, Protocol, runtime_checkable

import h3

from crowdship.kernel.geo import halfway, metres_between
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import CELL_RESOLUTION

VAGUE_M = 75.0
"""A sighting less accurate than this, in metres, is not used."""


DOOR_M = 60.0
"""Within this many metres of a leg's begin and end a driver stands, parks or walks; that part is left out."""


WALKING_MPS = 2.0
"""A driver slower than this at an end of a leg is on foot or at a door; in between, such a pace is a jam."""


GAP_S = 90.0
"""A silence of more than this many seconds ends a run of sightings."""


FASTEST_MPS = 45.0
"""A step between two sightings that is faster than this, beyond their inaccuracy, is a wrong position (162 km/h)."""


STANDS_M, STANDS_S = 40.0, 180.0
"""A driver who stays within this many metres for this many seconds takes a break.

Red lights are shorter, and jams move on.
"""


SHORTEST_M = 200.0
"""The least length, in metres, of a stretch between two gaps that is used."""


WINDING = 2.5
"""Without a map, a stretch more than this many times as long as the great circle between its ends is left out.

Such a stretch was a round trip.
"""


LEAST_S = 10.0
"""The least seconds of free flow of a passage that is used."""


class Sighting(NamedTuple):
    """A position of a driver on a leg.

    Parameters
    ----------
    lat, lon : float
        WGS 84 degrees.
    at : datetime
        By the device's clock.
    accuracy_m : float
        Radius within which the driver was, metres.
    speed_mps : float or None
        Metres per second, if the device knows.
    """

    lat: float
    lon: float
    at: datetime
    accuracy_m: float = 10.0
    speed_mps: float | None = None


class Passage(NamedTuple):
    """A cell that a driver passed on one leg.

    Parameters
    ----------
    cell : str
        H3 cell of the zones' resolution.
    at : datetime
        The middle of the passage.
    seconds, free_flow_s : float
        Seconds that the passage took, and would have taken in free flow.
    """

    cell: str
    at: datetime
    seconds: float
    free_flow_s: float


@runtime_checkable
class Matches(Protocol):
    """Travel times that can find the streets that were driven."""

    def driven(self, trace: Sequence[Sighting]) -> list[float | None]:
        """Return seconds of free flow from each sighting to the next; None where no street fits."""
        ...


def passages(seen: Iterable[Sighting], travel: TravelTimes, walking_mps: float = WALKING_MPS) -> list[Passage]:
    """Return the passages of cells on a leg.

    The function leaves out whatever says nothing about traffic: standing, parking and walking at both ends, breaks,
    silences, wrong and vague positions.

    Parameters
    ----------
    seen : iterable of Sighting
        Sightings of a driver between leaving one stop and arriving at the next, in any order.
    travel : TravelTimes
        Times in free flow. If it ``Matches``, it finds the streets that were driven. Else the time between the ends of
        a stretch is spread over its metres; winding streets then count as slow, and so does such an estimate of a way.
    walking_mps : float
        A pace slower than this at the ends is left out, in metres per second; 0 where drivers walk.
    """
    found: list[Passage] = []
    for stretch in _stretches(seen, walking_mps):
        steps = travel.driven(stretch) if isinstance(travel, Matches) else _estimated(stretch, travel)
        found += _by_cell(stretch, steps)
    return found


def _stretches(seen: Iterable[Sighting], walking_mps: float) -> Iterable[list[Sighting]]:
    """Yield the stretches that were driven without a break, a silence or a wrong position."""
    usable: list[Sighting] = []
    for sighting in sorted(seen, key=lambda one: one.at):
        if sighting.accuracy_m <= VAGUE_M and (not usable or (sighting.at - usable[-1].at).total_seconds() >= 1):
            usable.append(sighting)
    for whole in _unbroken(_without_ends(usable, walking_mps)):
        for moving in _moving(whole):
            if len(moving) > 2 and sum(_metres(a, b) for a, b in pairwise(moving)) >= SHORTEST_M:
                yield moving


def _metres(a: Sighting, b: Sighting) -> float:
    return metres_between(a.lat, a.lon, b.lat, b.lon)


def _seconds(a: Sighting, b: Sighting) -> float:
    return (b.at - a.at).total_seconds()


def _without_ends(seen: Sequence[Sighting], walking_mps: float) -> Sequence[Sighting]:
    """Return the sightings without those at the doors of both ends, or on foot from them."""
    first, last = 0, len(seen) - 1
    while first < last and _at_door(seen[0], seen[first + 1], seen[first], walking_mps):
        first += 1
    while first < last and _at_door(seen[-1], seen[last - 1], seen[last], walking_mps):
        last -= 1
    return seen[first : last + 1]


def _at_door(door: Sighting, there: Sighting, before: Sighting, walking_mps: float) -> bool:
    """Return whether a driver is still at a door, or on foot from it, at the next sighting away from it."""
    if _metres(door, there) <= DOOR_M:
        return True
    pace = _metres(before, there) / abs(_seconds(before, there))
    return max(pace, there.speed_mps or 0.0) < walking_mps


def _unbroken(seen: Sequence[Sighting]) -> Iterable[list[Sighting]]:
    """Yield runs without a silence or an impossible step."""
    run: list[Sighting] = []
    for sighting in seen:
        if run:
            passed, slack = _seconds(run[-1], sighting), run[-1].accuracy_m + sighting.accuracy_m
            if passed > GAP_S or _metres(run[-1], sighting) > FASTEST_MPS * passed + slack:
                yield run
                run = []
        run.append(sighting)
    yield run


def _moving(run: Sequence[Sighting]) -> Iterable[list[Sighting]]:
    """Yield the parts of a run between breaks."""
    part: list[Sighting] = []
    at = 0
    while at < len(run):
        part.append(run[at])
        ahead = at
        while ahead + 1 < len(run) and _metres(run[at], run[ahead + 1]) <= STANDS_M:
            ahead += 1
        if _seconds(run[at], run[ahead]) >= STANDS_S:
            yield part
            part, at = [], ahead
            part.append(run[at])
        at += 1
    yield part


def _estimated(stretch: Sequence[Sighting], travel: TravelTimes) -> list[float | None]:
    """Return each step's share of the time between a stretch's ends, by metres."""
    metres = [_metres(a, b) for a, b in pairwise(stretch)]
    first, last = stretch[0], stretch[-1]
    if sum(metres) > WINDING * _metres(first, last):
        return [None] * len(metres)
    pace = travel.seconds_between((first.lat, first.lon), (last.lat, last.lon)) / sum(metres)
    return [pace * step for step in metres]


def _by_cell(stretch: Sequence[Sighting], steps: Sequence[float | None]) -> Iterable[Passage]:
    """Yield the passage of each cell; a step counts for the cell in which its middle lies."""
    known = [
        (_cell(*halfway(a.lat, a.lon, b.lat, b.lon)), a, b, step)
        for (a, b), step in zip(pairwise(stretch), steps, strict=True)
        if step is not None
    ]
    for cell, group in groupby(known, key=lambda one: one[0]):
        took = list(group)
        free_flow = sum(step for *_, step in took)
        if free_flow >= LEAST_S:
            begun, ended = took[0][1].at, took[-1][2].at
            yield Passage(cell, begun + (ended - begun) / 2, sum(_seconds(a, b) for _, a, b, _ in took), free_flow)


def _cell(lat: float, lon: float) -> str:
    return str(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION))
