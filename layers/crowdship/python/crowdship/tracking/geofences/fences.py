"""Geofences around stops: when a driver approaches, arrives and leaves, from positions alone."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

from crowdship.kernel.geo import Point, distance_m
from crowdship.routes.stops import Stop
from crowdship.tracking.model import Fix, Visit
from crowdship.zones.model import ZoneSettings

LEAVES_AT = 1.5
"""A driver has left a place once their distance, less the accuracy, is more than this many times the arrival radius."""

CERTAIN_AFTER = timedelta(seconds=20)
"""Positions have to agree for this long before an arrival, or a departure, is certain.

It is longer than a single wrong position lasts, and longer than driving past takes.
"""

SILENCE = timedelta(minutes=2)
"""The moment of an arrival or departure is not sure if it follows a silence longer than this."""

SAME_PLACE_M = 40.0
"""Consecutive stops that lie no farther apart than this, in metres, are one place."""


class Radii(NamedTuple):
    """Distances within which a driver is near a stop, and at it, in metres."""

    approaching_m: float
    arrived_m: float

    @classmethod
    def of(cls, settings: ZoneSettings) -> Self:
        """Return the radii of a zone's settings."""
        return cls(settings.approaching_m, settings.arrived_m)


class Crossing(StrEnum):
    """Crossings of a geofence; the values are names of events."""

    APPROACHED = "tracking.approached_stop"
    ARRIVED = "tracking.arrived_at_stop"
    LEFT = "tracking.left_stop"


class Crossed(NamedTuple):
    """One crossing of a geofence, with the visit after it."""

    what: Crossing
    visit: Visit

    def data(self) -> dict[str, Any]:
        """Return the data of the crossing's event."""
        visit = self.visit.model_dump(mode="json", include={"approached_at", "arrived_at", "left_at"})
        at = {
            Crossing.APPROACHED: visit.get("approached_at"),
            Crossing.ARRIVED: visit.get("arrived_at"),
            Crossing.LEFT: visit.get("left_at"),
        }[self.what]
        data = {"stop_ids": list(self.stop_ids), "device_at": at}
        if self.what is Crossing.LEFT:
            return {**data, "arrived_at": visit["arrived_at"], "dwell_s": self.visit.dwell_s}
        return data

    @property
    def stop_ids(self) -> tuple[str, ...]:
        """The stops concerned: of an approach the one that the driver set out for, else all at the place."""
        return self.visit.approached[-1:] if self.what is Crossing.APPROACHED else self.visit.stop_ids


class _Place(NamedTuple):
    stop_ids: tuple[str, ...]
    point: Point


def follow(
    visits: Iterable[Visit], stops: Sequence[Stop], fixes: Iterable[Fix], before: Fix | None, radii: Radii
) -> tuple[tuple[Visit, ...], list[Crossed]]:
    """Return the visits after some more positions, and the crossings in order.

    The function watches the place where the driver is and the next places of the route, up to the first that the
    driver has not left. A visit whose stops are all done, and whose place is left, is dropped.

    Parameters
    ----------
    visits : iterable of Visit
        The visits before these positions.
    stops : sequence of Stop
        The open stops in their order.
    fixes : iterable of Fix
        In the order of the device's clock.
    before : Fix or None
        The last position before these.
    """
    places, open_stops = _places(stops), {stop.stop_id for stop in stops}
    heading = next((stop.stop_id for stop in stops if stop.started), None)
    known = list(visits)
    crossed: list[Crossed] = []
    for fix in fixes:
        known = _watched(_counting(known, open_stops), places)
        for number, visit in enumerate(known):
            known[number], happened = _step(visit, fix, before, heading=heading, radii=radii)
            crossed += [Crossed(what, known[number]) for what in happened]
        before = fix
    return tuple(_counting(known, open_stops)), crossed


def visit_to(point: Point, fixes: Iterable[Fix], radii: Radii) -> Visit | None:
    """Return the last visit to a place in a trail, or None if the driver was not there."""
    visit, before = Visit(stop_ids=(), point=point), None
    for fix in fixes:
        visit, _ = _step(visit, fix, before, heading=None, radii=radii)
        before = fix
    return visit if visit.arrived_at else None


def _places(stops: Sequence[Stop]) -> list[_Place]:
    """Return the places in the order of the route; consecutive stops at one place are grouped."""
    found: list[list[Stop]] = []
    for stop in stops:
        if found and distance_m(found[-1][0].point, stop.point) <= SAME_PLACE_M:
            found[-1].append(stop)
        else:
            found.append([stop])
    return [_Place(tuple(stop.stop_id for stop in group), group[0].point) for group in found]


def _counting(visits: Iterable[Visit], open_stops: set[str]) -> list[Visit]:
    return [visit for visit in visits if visit.is_there or open_stops & {*visit.stop_ids}]


def _watched(visits: list[Visit], places: Iterable[_Place]) -> list[Visit]:
    """Return the visits to watch: known visits that no next place continues, then one for each of the next places.

    The next places end with the first that the driver has not left.
    """
    left_over = list(visits)
    watched = []
    for place in places:
        mine = next((visit for visit in left_over if _is_at(visit, place)), None)
        if mine is None:
            mine = Visit(stop_ids=place.stop_ids, point=place.point)
        else:
            left_over.remove(mine)
            mine = mine.model_copy(update={"stop_ids": tuple(dict.fromkeys((*mine.stop_ids, *place.stop_ids)))})
        watched.append(mine)
        if mine.left_at is None:
            break
    return [*left_over, *watched]


def _is_at(visit: Visit, place: _Place) -> bool:
    if {*visit.stop_ids} & {*place.stop_ids}:
        return True
    return visit.is_there and distance_m(visit.point, place.point) <= SAME_PLACE_M


def _step(
    visit: Visit, fix: Fix, before: Fix | None, *, heading: str | None, radii: Radii
) -> tuple[Visit, list[Crossing]]:
    """Return a visit after one more position, and the crossings that the position caused.

    Parameters
    ----------
    heading : str or None
        Id of the stop that the driver has set out for.
    """
    away = distance_m(fix.point, visit.point)
    happened = []
    is_near = away <= radii.approaching_m and fix.accuracy_m <= radii.approaching_m
    if heading and is_near and heading in visit.stop_ids and heading not in visit.approached:
        # An approach is told on the first position: it is told only once, and waiting for certainty would be too late.
        approached = (*visit.approached, heading)
        visit = visit.model_copy(update={"approached": approached, "approached_at": fix.device_at})
        happened.append(Crossing.APPROACHED)
    # A position between the two radii, or one that is not accurate enough, says neither.
    is_in = away <= radii.arrived_m and fix.accuracy_m <= radii.arrived_m
    is_out = away - fix.accuracy_m > LEAVES_AT * radii.arrived_m
    turns, stays = (is_out, is_in) if visit.is_there else (is_in, is_out)
    if stays and visit.turning_at:
        return visit.model_copy(update={"turning_at": None, "turning_sure": True}), happened
    if not turns:
        return visit, happened
    if visit.turning_at is None:
        sure = before is None or fix.device_at - before.device_at <= SILENCE
        return visit.model_copy(update={"turning_at": fix.device_at, "turning_sure": sure}), happened
    if fix.device_at - visit.turning_at < CERTAIN_AFTER:
        return visit, happened
    turned = {"turning_at": None, "turning_sure": True}
    if visit.is_there:
        changes = {"left_at": visit.turning_at, "sure": visit.sure and visit.turning_sure}
        return visit.model_copy(update={**turned, **changes}), [*happened, Crossing.LEFT]
    changes = {"arrived_at": visit.turning_at, "left_at": None, "sure": visit.turning_sure}
    return visit.model_copy(update={**turned, **changes}), [*happened, Crossing.ARRIVED]
