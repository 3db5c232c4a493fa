"""Streets for the maps of the invented city: a grid that is bent like an old town's, a harbour and parks.

They are only a picture. Drivers of the invented city go straight with a detour factor, as its plan says.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, hypot, pi, sin
from random import Random
from typing import Any

from local.city.plans.invented import CENTRE, REACH_M

Metres = tuple[float, float]
"""A place as metres to the east and north of the centre."""

BLOCK_M = 220
JITTER_M = 22
MAIN_EVERY = 5
MISSING = 0.07
"""Share of the streets between two crossings that were never built."""

HARBOUR: tuple[Metres, float] = ((1350, -1700), 1250)
PARKS: tuple[tuple[Metres, float], ...] = (((-1500, 1300), 480), ((1900, 1500), 380), ((-900, -1900), 420))
"""Centre and radius of each, in metres."""

NAMES = (
    *("Mill Lane", "Hill Road", "Wharf Street", "Orchard Street", "Chandler Street", "Bell Street", "Cooper Street"),
    *("Juniper Street", "Lantern Street", "Market Street", "Mason Street", "North Row", "Observatory Road"),
    *("Pilot Street", "Quarry Road", "Ropewalk", "Sailmaker Street", "Tanner Street", "Union Street", "Vine Street"),
    *("Weaver Street", "Anchor Street", "Beacon Street", "Canal Street", "Dyer Street", "Elm Street", "Ferry Road"),
    *("Garden Street", "Heron Street", "Inn Street", "Jetty Street", "King Street", "Ledger Street"),
)


def invented_ground() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the pages have to know of the ground of their maps, and the ground itself as GeoJSON."""
    about = {
        "kind": "geojson",
        "file": "streets.geojson",
        "centre": [CENTRE.lon, CENTRE.lat],
        "attribution": "Streets of an invented city",
    }
    places = [_feature("place", "Point", _at((0, 0)), name="Harbour Town")]
    areas = [_feature("water", "Polygon", [_shape(*HARBOUR, waves=5)])]
    areas += [_feature("green", "Polygon", [_shape(*park, waves=3)]) for park in PARKS]
    return about, {"type": "FeatureCollection", "features": [*areas, *_streets(), *places]}


def _streets() -> Iterator[dict[str, Any]]:
    random = Random(7)
    half = round(REACH_M / BLOCK_M) + 2
    lines = range(-half, half + 1)
    crossings = {(column, row): _crossing(column, row, random) for column in lines for row in lines}
    names = iter(NAMES * 3)
    for line in lines:
        for across in (False, True):
            on_line = [(other, line) if across else (line, other) for other in lines]
            main = line % MAIN_EVERY == 0
            name = next(names)
            for piece in _pieces([crossings[key] for key in on_line], 0 if main else MISSING, random):
                way = [_at(place) for place in piece]
                yield _feature("road", "LineString", way, **{"class": "primary" if main else "residential"})
                yield _feature("road_name", "LineString", way, name=name)


def _crossing(column: int, row: int, random: Random) -> Metres:
    east, north = column * BLOCK_M, row * BLOCK_M
    bent = (east + 150 * sin(north / 1400), north + 110 * sin(east / 1100))
    return bent[0] + random.uniform(-JITTER_M, JITTER_M), bent[1] + random.uniform(-JITTER_M, JITTER_M)


def _pieces(line: list[Metres], missing: float, random: Random) -> Iterator[list[Metres]]:
    """Yield the parts of a street that were built: not in the harbour, not through parks."""
    piece: list[Metres] = []
    for start, end in pairwise(line):
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        built = random.random() >= missing and not any(_inside(middle, *area) for area in (HARBOUR, *PARKS))
        if built:
            piece = [*(piece or [start]), end]
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _inside(place: Metres, centre: Metres, radius: float) -> bool:
    return hypot(place[0] - centre[0], place[1] - centre[1]) < radius * 1.08


def _shape(centre: Metres, radius: float, waves: int) -> list[list[float]]:
    """Return a closed line around a place, whose distance from it goes up and down by a tenth."""
    angles = [2 * pi * step / 72 for step in range(73)]
    reach = [radius * (1 + 0.06 * sin(waves * angle) + 0.04 * cos(2 * waves * angle)) for angle in angles]
    return [_at((centre[0] + r * cos(a), centre[1] + r * sin(a))) for a, r in zip(angles, reach, strict=True)]


def _at(place: Metres) -> list[float]:
    point = CENTRE.moved(*place)
    return [point.lon, point.lat]


def _feature(layer: str, kind: str, coordinates: Any, **properties: str) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": geometry}
