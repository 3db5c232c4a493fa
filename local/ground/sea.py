"""The sea of an extract. OpenStreetMap has no areas of sea, only coastlines, with the sea on their right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import osmium
import shapefile
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon, box, mapping
from shapely.ops import polygonize, unary_union

Bounds = tuple[float, float, float, float]
"""West, south, east and north, in degrees."""

BESIDE = 1e-6
"""Distance from a coastline at which a point is tried, degrees (10 cm)."""


class _Coastlines(osmium.SimpleHandler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[LineString] = []

    def way(self, way: Any) -> None:
        if way.tags.get("natural") == "coastline":
            points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
            if len(points) > 1:
                self.lines.append(LineString(points))


def sea_of(extract: Path, bounds: Bounds) -> list[Polygon]:
    """Return the parts of a rectangle that are sea: coastlines divide it, and their right sides count."""
    found = _Coastlines()
    found.apply_file(str(extract), locations=True)
    area = box(*bounds)
    clipped = [line.intersection(area) for line in found.lines]
    lines = [part for shape in clipped for part in getattr(shape, "geoms", [shape]) if part.length]
    if not lines:
        return []
    segments = [LineString(pair) for line in lines for pair in zip(line.coords[:-1], line.coords[1:], strict=True)]
    tree = STRtree(segments)
    faces = polygonize(unary_union([area.exterior, *lines]))
    return [face for face in faces if _right_of_coast(face, segments, tree) > 0]


def _right_of_coast(face: Polygon, segments: list[LineString], tree: STRtree) -> float:
    """Return the length of the coast that has a face on its right, less the coast that has it on its left."""
    length = 0.0
    for index in tree.query(face.exterior.buffer(BESIDE / 10)):
        segment = segments[index]
        (x1, y1), (x2, y2) = segment.coords
        if not segment.length:
            continue
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        right = ((y2 - y1) / segment.length * BESIDE, (x1 - x2) / segment.length * BESIDE)
        if face.contains(Point(middle[0] + right[0], middle[1] + right[1])):
            length += segment.length
        elif face.contains(Point(middle[0] - right[0], middle[1] - right[1])):
            length -= segment.length
    return length


def write(sea: list[Polygon], target: Path) -> None:
    """Write polygons as the shapefile that the tiles are made from."""
    with shapefile.Writer(str(target), shapeType=shapefile.POLYGON) as file:
        file.field("class", "C", 10)
        for polygon in sea:
            file.shape(mapping(polygon))
            file.record("sea")
