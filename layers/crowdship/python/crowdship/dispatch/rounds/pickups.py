"""Places of pickups: neighbouring ones count as one place, so that their deliveries can share a trip. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from math import cos, floor, radians

from crowdship.deliveries.model import Delivery
from crowdship.kernel.geo import METRES_PER_DEGREE, Point, distance_m


def pickup_places(deliveries: Iterable[Delivery], radius_m: float) -> dict[str, Point]:
    """Return the place of each delivery's pickup, by delivery; pickups within the radius of a place get that place.

    Places are kept in squares as wide as the radius, so that a pickup is compared only with those in the nine squares
    around it.
    """
    side = max(radius_m, 1.0) / METRES_PER_DEGREE
    squares: dict[tuple[int, int], list[Point]] = {}
    found = {}
    for delivery in sorted(deliveries, key=lambda d: (d.created_at, d.pickup.lat, d.pickup.lon)):
        pickup = delivery.pickup
        row = floor(pickup.lat / side)
        # A degree of longitude is shorter towards the poles; the row's latitude gives all squares of a row one width.
        column = floor(pickup.lon * cos(radians(row * side)) / side)
        near = (p for r in (row - 1, row, row + 1) for p in _of_row(squares, r, pickup, side))
        place = next((p for p in near if distance_m(p, pickup) <= radius_m), None)
        if place is None:
            place = pickup
            squares.setdefault((row, column), []).append(place)
        found[delivery.id] = place
    return found


def _of_row(squares: Mapping[tuple[int, int], list[Point]], row: int, pickup: Point, side: float) -> Iterator[Point]:
    column = floor(pickup.lon * cos(radians(row * side)) / side)
    for c in (column - 1, column, column + 1):
        yield from squares.get((row, c), ())
