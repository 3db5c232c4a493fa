"""Engaged way: metres that a driver drove for a delivery, from the positions of their phone and their steps. Pure.

Positions that follow each other closely are joined by straight lines; between those that don't, the way is that of the
zone's detour factor. A phone that stands still wanders, so a position counts once it is some way from the last one that
did. Without any position the way from the shop to the door is left, so an offline phone does not cost its driver that.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from crowdship.kernel.geo import Point, distance_m
from crowdship.pay_floors.work import Reading, Span

type Sighting = tuple[datetime, Point]

CLOSE = timedelta(minutes=2)
"""Positions no farther apart than this are joined by straight lines; apps send one a minute."""

MOVED_M = 30.0
"""Metres from the last position that counted within which a phone is taken to stand still."""

FASTEST_MPS = 45.0
"""A position that could only be reached faster than this is a jump of the receiver and does not count."""

READ_EVERY = timedelta(minutes=1)
MOST_READINGS = 240

LINE_STEPS = 12
"""Halvings by which the moment of a crossing is found: a minute is narrowed down to a fiftieth of a second."""


def odometer_of(sightings: Iterable[Sighting], metres: Callable[[Point, Point], float]) -> tuple[Reading, ...]:
    """Return readings about a minute apart, the first with 0 metres; none without a sighting.

    Parameters
    ----------
    sightings : iterable of (datetime, Point)
        In any order.
    metres : callable
        Returns the length of the way between two points that were not seen closely.
    """
    ordered = sorted(sightings, key=lambda one: one[0])
    if not ordered:
        return ()
    total, (counted_at, last) = 0.0, ordered[0]
    readings = [Reading(at=counted_at, metres=0)]
    for at, point in ordered[1:]:
        straight = distance_m(last, point)
        took = at - counted_at
        if straight < MOVED_M or straight > FASTEST_MPS * max(took.total_seconds(), 1.0):
            continue
        total += straight if took <= CLOSE else max(straight, metres(last, point))
        counted_at, last = at, point
        readings.append(Reading(at=at, metres=int(total)))
    return _thinned(readings)


def _thinned(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    kept = [readings[0]]
    for reading in readings[1:-1]:
        if reading.at - kept[-1].at >= READ_EVERY:
            kept.append(reading)
    kept += readings[1:][-1:]
    every = -(-len(kept) // MOST_READINGS)
    return (*kept[:-1:every], kept[-1])


def inside_of(
    sightings: Iterable[Sighting], is_inside: Callable[[Point], bool], span: Span
) -> tuple[tuple[datetime, datetime], ...]:
    """Return the parts of a span in which a driver was inside a city, as far as their positions tell.

    Between two positions the driver is taken to go straight and evenly; before the first and after the last one to
    stay where they are.
    """
    ordered = sorted(sightings, key=lambda one: one[0])
    if not ordered:
        return ()
    changes: list[tuple[datetime, bool]] = [(span.begins, is_inside(ordered[0][1]))]
    for (before, here), (after, there) in pairwise(ordered):
        if is_inside(here) is not is_inside(there):
            changes.append((_crossing(before, here, after, there, is_inside), is_inside(there)))
    ends = [at for at, _ in changes[1:]] + [span.ends]
    parts = (Span(at, end).within(span) for (at, inside), end in zip(changes, ends, strict=True) if inside)
    return tuple((part.begins, part.ends) for part in parts if part.seconds)


def _crossing(
    before: datetime, here: Point, after: datetime, there: Point, is_inside: Callable[[Point], bool]
) -> datetime:
    begun, low, high = is_inside(here), 0.0, 1.0
    for _ in range(LINE_STEPS):
        middle = (low + high) / 2
        point = Point(lat=here.lat + (there.lat - here.lat) * middle, lon=here.lon + (there.lon - here.lon) * middle)
        low, high = (middle, high) if is_inside(point) is begun else (low, middle)
    return before + (after - before) * high
