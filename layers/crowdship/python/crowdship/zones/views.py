"""API models of zones, for staff."""

from typing import Self

from crowdship.kernel.events import Value
from crowdship.zones.model import Zone, ZoneSettings


class ZoneView(Value):
    """A zone and how many H3 cells of resolution 8 it covers."""

    id: str
    settings: ZoneSettings
    cells: int

    @classmethod
    def of(cls, zone: Zone) -> Self:
        """Return the view of a zone."""
        return cls(id=zone.id, settings=zone.settings, cells=len(zone.cells))


class ZoneList(Value):
    """All zones."""

    zones: tuple[ZoneView, ...]
