"""Use cases of zones: find, create and change them."""

from crowdship.adapters.caches import Cache
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, StaleWrite, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.zones.areas import check_area
from crowdship.zones.classification import refuse_terms
from crowdship.zones.law import contractors_law, refuse_unlawful
from crowdship.zones.model import Zone, ZoneSettings, cell_of
from crowdship.zones.pauses import Pause, PauseInput
from crowdship.zones.store import CellRow, CellsTaken, ZoneRow

CACHE_S = 20
_cache: Cache[str, Zone] = Cache(CACHE_S)


def get(zone_id: str) -> Zone:
    """Return a zone, at most 20 s old.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    return _cache.get(zone_id, lambda: _stored(zone_id))


def latest(zone_id: str) -> Zone:
    """Return a zone as it is stored now, as a pause has to count at once where drivers are asked.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    _cache.forget(zone_id)
    return get(zone_id)


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

    Parameters
    ----------
    pointer : str
        JSON pointer of the point in the caller's request, for the error.

    Raises
    ------
    Unprocessable
        If no zone serves it.
    """
    zone_id = CellRow.zone_of(cell_of(point))
    if zone_id is None:
        raise Unprocessable(
            "outside_service_area", f"{point.lat}, {point.lon} is in no zone that crowdship serves.", pointer
        )
    return get(zone_id)


def put(zone_id: str, settings: ZoneSettings) -> Zone:
    """Create or change a zone.

    The zone's row first notes the area that is being drawn, then cells are claimed and freed, then the row notes the
    area as drawn. After a call that stopped in between, the row still has the note, so the same call again, or a call
    with another area, frees the cells that were claimed. Cells change hands only while the row is as this call wrote
    it. A delivery stays with the zone it was ordered in when the zone's border changes.

    Raises
    ------
    Unprocessable
        As ``check_area`` and ``refuse_terms``, or if the area is too small to hold a cell's centre, or too large.
    Conflict
        If the area overlaps another zone, or somebody else changes this zone at the same moment.
    """
    check_area(settings.area)
    refuse_terms(settings.dispatch.crowd, "/dispatch/crowd")
    before = ZoneRow.load(zone_id)
    zone = before.with_changes(settings=settings) if before else Zone(id=zone_id, settings=settings)
    cells = zone.cells
    if not cells:
        raise Unprocessable("area_too_small", "The area holds no H3 cell of resolution 8 (about 0.7 km²).", "/area")
    if others := set(CellRow.owners(cells).values()) - {zone_id}:
        raise _overlap(others)
    try:
        return _drawn(before, zone, cells)
    except StaleWrite as error:
        detail = f"Somebody else is changing zone {zone_id}; read it, then change it again if that is still right."
        raise Conflict("zone_changed", detail) from error
    finally:
        _cache.forget(zone_id)


def establish(zone_id: str, settings: ZoneSettings, clock: Clock) -> Zone:
    """Create or change a zone as staff ask for it.

    Raises
    ------
    Unprocessable
        As ``refuse_unlawful`` and ``put``; a term of contractors is refused with the law that asks for it.
    Conflict
        As ``put``.
    """
    check_area(settings.area)
    # An area of a continent is refused for its size, before the law of a thousand counties is looked at.
    _ = Zone(id=zone_id, settings=settings).cells
    refuse_unlawful(settings, clock.now())
    refuse_terms(settings.dispatch.crowd, "/dispatch/crowd", contractors_law(settings, clock.now()))
    return put(zone_id, settings)


def pause(zone_id: str, request: PauseInput, by: str, clock: Clock) -> Zone:
    """Pause a zone, in place of a pause that stands; functions that take orders see it within ``CACHE_S`` seconds.

    Raises
    ------
    NotFound
        If there is no such zone.
    Unprocessable
        If the pause would be over already.
    """
    return _with_pause(zone_id, Pause.of(request, by, clock.now()))


def go_on(zone_id: str) -> Zone:
    """End a zone's pause before its time; without one nothing changes."""
    return _with_pause(zone_id, None)


def _with_pause(zone_id: str, wanted: Pause | None) -> Zone:
    def attempt() -> Zone:
        zone = _stored(zone_id)
        return zone if zone.pause == wanted else _save(zone.with_changes(pause=wanted))

    try:
        return persistently(attempt)
    finally:
        _cache.forget(zone_id)


def _overlap(others: set[str]) -> Conflict:
    return Conflict("zones_overlap", f"The area overlaps {', '.join(sorted(others))}.", "/area")


def _drawn(before: Zone | None, zone: Zone, cells: set[str]) -> Zone:
    old = before.cells if before else set()
    if before and before.drawing:
        before = _save(before)  # from here on a call that still draws that area can claim no more cells
        CellRow.free(before.drawn(before.drawing or ()).cells - old, before)
    begun = _save((before or zone).with_changes(drawing=zone.settings.area))
    try:
        CellRow.claim(cells, begun)
    except CellsTaken as taken:
        CellRow.free(cells - old, begun)
        _undo(before, begun)
        raise _overlap(taken.owners) from None
    CellRow.free(old - cells, begun)
    return _save(begun.with_changes(settings=zone.settings, drawing=None))


def _save(zone: Zone) -> Zone:
    work = UnitOfWork()
    work.store(ZoneRow.of(zone))
    work.commit()
    return zone.with_changes(stored_version=zone.stored_version + 1)


def _undo(before: Zone | None, begun: Zone) -> None:
    """Restore the zone as it was before; a new one is deleted."""
    if before:
        _save(begun.with_changes(drawing=None))
        return
    work = UnitOfWork()
    work.delete(ZoneRow.of(begun), ZoneRow.version == begun.stored_version)
    work.commit()
