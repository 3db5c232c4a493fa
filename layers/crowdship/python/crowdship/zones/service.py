"""Use cases around zones."""

from crowdship.kernel.caches import Cache
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.storage import UnitOfWork
from crowdship.zones.areas import check_area
from crowdship.zones.model import Zone, ZoneSettings, cell_of
from crowdship.zones.store import CellRow, ZoneRow

CACHE_S = 20
_cache: Cache[str, Zone] = Cache(CACHE_S)


def get(zone_id: str) -> Zone:
    """Return a zone, at most 20 s old.

    Raises
    ------
    NotFound
        If there is none.
    """
    return _cache.get(zone_id, lambda: _stored(zone_id))


def _stored(zone_id: str) -> Zone:
    zone = ZoneRow.load(zone_id)
    if zone is None:
        raise NotFound("no_such_zone", f"There is no zone {zone_id}.")
    return zone


def every() -> list[Zone]:
    """Return all zones."""
    return ZoneRow.all()


def containing(point: Point, pointer: str) -> Zone:
    """Return the zone that serves a point.

    Raises
    ------
    Unprocessable
        If none does.
    """
    zone_id = CellRow.zone_of(cell_of(point))
    if zone_id is None:
        raise Unprocessable(
            "outside_service_area", f"{point.lat}, {point.lon} is in no zone that crowdship serves.", pointer
        )
    return get(zone_id)


def put(zone_id: str, settings: ZoneSettings) -> Zone:
    """Create or change a zone.

    Raises
    ------
    Unprocessable
        As ``check_area``, or if the area is too small to hold a cell's centre, or too large.
    Conflict
        If the area overlaps another zone.
    """
    check_area(settings.area)
    before = ZoneRow.load(zone_id)
    zone = before.with_changes(settings=settings) if before else Zone(id=zone_id, settings=settings)
    cells = zone.cells
    if not cells:
        raise Unprocessable("area_too_small", "The area holds no H3 cell of resolution 8 (about 0.7 km²).", "/area")
    others = {owner for owner in CellRow.owners(cells).values() if owner != zone_id}
    if others:
        raise Conflict("zones_overlap", f"The area overlaps {', '.join(sorted(others))}.", "/area")
    work = UnitOfWork()
    work.store(ZoneRow.of(zone))
    work.commit()
    CellRow.move(cells, (before.cells - cells) if before else set(), zone_id)
    _cache.forget(zone_id)
    return zone
