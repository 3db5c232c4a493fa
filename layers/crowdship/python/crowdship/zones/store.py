"""Zones table: zones by id, and the zone of each H3 cell."""

from collections.abc import Iterator
from functools import partial

from pynamodb.expressions.condition import Condition

from crowdship.adapters.storage import MAX_TRANSACTION_ITEMS, Row, UnitOfWork, meta, persistently
from crowdship.kernel.errors import StaleWrite
from crowdship.zones.model import Zone

DIRECTORY = "ZONES"

CELLS_AT_ONCE = MAX_TRANSACTION_ITEMS - 1
"""Cells that one transaction writes besides the check of their zone."""


class CellsTaken(Exception):  # noqa: N818
    """Other zones own some of the cells."""

    def __init__(self, owners: set[str]) -> None:
        super().__init__(", ".join(sorted(owners)))
        self.owners = owners


class ZoneRow(Row):
    """A zone."""

    Meta = meta("zones")

    @classmethod
    def of(cls, zone: Zone) -> "ZoneRow":
        """Return the row for a zone."""
        return cls.holding(zone, DIRECTORY, zone.id)

    @classmethod
    def load(cls, zone_id: str) -> Zone | None:
        """Return a zone, or None."""
        row = cls.find(DIRECTORY, zone_id)
        return row.as_aggregate(Zone) if row else None

    @classmethod
    def all(cls) -> list[Zone]:
        """Return all zones; there are tens to hundreds."""
        return [row.as_aggregate(Zone) for row in cls.query(DIRECTORY)]


class CellRow(Row):
    """The zone that owns a cell."""

    Meta = meta("zones")

    @classmethod
    def of(cls, cell: str, zone_id: str) -> "CellRow":
        """Return the row that gives a cell to a zone."""
        return cls(f"CELL#{cell}", "ZONE", body=zone_id)

    @classmethod
    def zone_of(cls, cell: str) -> str | None:
        """Return the id of the zone that a cell belongs to, or None."""
        row = cls.find(f"CELL#{cell}", "ZONE", consistent=False)
        return row.body if row else None

    @classmethod
    def owners(cls, cells: set[str]) -> dict[str, str]:
        """Return the zone of each cell that has one."""
        keys = [(f"CELL#{cell}", "ZONE") for cell in cells]
        return {row.pk.removeprefix("CELL#"): row.body for row in cls.batch_get(keys, consistent_read=True)}

    @classmethod
    def claim(cls, cells: set[str], zone: Zone) -> None:
        """Give cells to a zone while its row is the one that was read; a repeated call changes nothing.

        Cells are claimed in the order of their names, so of two zones that claim some of the same cells at once one
        gets none of them.

        Raises
        ------
        CellsTaken
            If another zone owns one of the cells.
        StaleWrite
            If the zone's row has changed.
        """
        free = cls.pk.does_not_exist() | (cls.body == zone.id)
        for some in _chunks(cells):
            persistently(partial(cls._claim_some, some, zone, free))

    @classmethod
    def _claim_some(cls, cells: list[str], zone: Zone, free: Condition) -> None:
        work = _work_for(zone)
        for cell in cells:
            work.put(cls.of(cell, zone.id), free)
        try:
            work.commit()
        except StaleWrite:
            if others := set(cls.owners(set(cells)).values()) - {zone.id}:
                raise CellsTaken(others) from None
            raise

    @classmethod
    def free(cls, cells: set[str], zone: Zone) -> None:
        """Take cells from a zone while its row is the one that was read; cells of other zones stay theirs.

        Raises
        ------
        StaleWrite
            If the zone's row has changed.
        """
        owned = {cell for cell, owner in cls.owners(cells).items() if owner == zone.id}
        for some in _chunks(owned):
            persistently(partial(cls._free_some, some, zone))

    @classmethod
    def _free_some(cls, cells: list[str], zone: Zone) -> None:
        work = _work_for(zone)
        for cell in cells:
            work.delete(cls.of(cell, zone.id), cls.pk.does_not_exist() | (cls.body == zone.id))
        work.commit()


def _chunks(cells: set[str]) -> Iterator[list[str]]:
    ordered = sorted(cells)
    for start in range(0, len(ordered), CELLS_AT_ONCE):
        yield ordered[start : start + CELLS_AT_ONCE]


def _work_for(zone: Zone) -> UnitOfWork:
    """Return a unit of work that fails if somebody else has written the zone."""
    work = UnitOfWork()
    work.check(ZoneRow, DIRECTORY, zone.id, ZoneRow.version == zone.stored_version)
    return work
