"""A small town in OpenStreetMap's XML: streets in a grid, a one-way pocket, an island without a bridge."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

SOUTH, WEST = 40.0, -75.0
STEP = 0.002
"""Degrees between crossings: 222 m to the north."""

SIZE = 8
"""Crossings along each side of the grid."""

ISLAND = (SOUTH + 20 * STEP, WEST + 20 * STEP)
"""Where the island's one street begins."""

ONE_WAY_END = (SOUTH + 3 * STEP, WEST - 2 * STEP)
"""The end of a street that may only be left: it leads into the town, and nothing leads back."""


def crossing(row: int, column: int) -> tuple[float, float]:
    """Return the latitude and longitude of a crossing."""
    return SOUTH + row * STEP, WEST + column * STEP


def write_town(path: Path, maxspeed: int = 36, moved: tuple[float, float] = (0.0, 0.0)) -> Path:
    """Write the town as an ``.osm`` file.

    Parameters
    ----------
    maxspeed : int
        Kilometres per hour on every street.
    moved : tuple of float
        Degrees north and east by which the whole town is moved, also across the 180th meridian.
    """
    nodes: dict[tuple[float, float], int] = {}
    ways: list[tuple[list[int], dict[str, str]]] = []

    def node(place: tuple[float, float]) -> int:
        return nodes.setdefault(place, len(nodes) + 1)

    def street(places: list[tuple[float, float]], **tags: str) -> None:
        ways.append(([node(place) for place in places], {"highway": "residential", "maxspeed": str(maxspeed), **tags}))

    for number in range(SIZE):
        street([crossing(number, column) for column in range(SIZE)], name=f"Row {number}")
        street([crossing(row, number) for row in range(SIZE)], name=f"Column {number}")
    street([ISLAND, (ISLAND[0] + STEP, ISLAND[1])], name="Island Street")
    street([ONE_WAY_END, crossing(3, 0)], name="Exit Only", oneway="yes")
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="tests">']
    for (lat, lon), number in nodes.items():
        lat, lon = lat + moved[0], (lon + moved[1] + 180) % 360 - 180
        lines.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}" version="1"/>')
    for number, (members, tags) in enumerate(ways, start=1):
        lines.append(f'<way id="{number}" version="1">')
        lines += [f'<nd ref="{member}"/>' for member in members]
        lines += [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
        lines.append("</way>")
    path.write_text("\n".join([*lines, "</osm>"]))
    return path
