"""Views of zones, as the API answers them to staff."""

from datetime import datetime
from typing import Self

from crowdship.kernel.events import Value
from crowdship.zones.model import Zone, ZoneSettings
from crowdship.zones.pauses import Pause


class ZoneView(Value):
    """A zone, how many H3 cells of resolution 8 it covers, and the pause that stands now."""

    id: str
    settings: ZoneSettings
    cells: int
    pause: Pause | None

    @classmethod
    def of(cls, zone: Zone, now: datetime) -> Self:
        """Return the view of a zone."""
        return cls(id=zone.id, settings=zone.settings, cells=len(zone.cells), pause=zone.pause_at(now))


class ZoneList(Value):
    """All zones."""

    zones: tuple[ZoneView, ...]
