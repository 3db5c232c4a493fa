"""The zones' table: a zone under its id, and which zone a cell belongs to."""

from crowdship.kernel.storage import Row, meta
from crowdship.zones.model import Zone

DIRECTORY = "ZONES"


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
        """Return every zone; ops draw tens to hundreds of them, not more."""
        return [row.as_aggregate(Zone) for row in cls.query(DIRECTORY)]


class CellRow(Row):
    """A cell's zone."""

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
    def move(cls, taken: set[str], freed: set[str], zone_id: str) -> None:
        """Give cells to a zone and free others."""
        with cls.batch_write() as batch:
            for cell in taken:
                batch.save(cls.of(cell, zone_id))
            for cell in freed:
                batch.delete(cls.of(cell, zone_id))
