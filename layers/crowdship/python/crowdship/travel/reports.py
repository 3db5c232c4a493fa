"""API models of travel: incidents that dispatchers report, and a zone's traffic as it is shown to them."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.travel.conditions import KnownIncident, Learned
from crowdship.travel.incidents import Incident
from crowdship.zones.model import centre_of


class IncidentInput(Value):
    """A reported incident: a circle in which traffic is slower, or through which none goes.

    Parameters
    ----------
    begins_at : datetime or None
        Now if left out.
    """

    centre: Point
    radius_m: float = Field(gt=0, le=20_000)
    begins_at: Moment | None = None
    ends_at: Moment
    slowdown: float = Field(default=1.0, ge=1, le=10, description="Factor on the time of a way through the circle")
    closed: bool = Field(default=False, description="True if traffic goes around the circle")
    note: Annotated[str, StringConstraints(min_length=1, max_length=200)]

    def incident(self, now: datetime) -> Incident:
        """Return the incident.

        Raises
        ------
        Unprocessable
            If the incident would change nothing, is over, or would end before it begins.
        """
        if not self.closed and self.slowdown == 1:
            raise Unprocessable(
                "incident_without_effect",
                "Set closed, or a slowdown above 1; this incident would change nothing.",
                "/slowdown",
            )
        begins_at = self.begins_at or now
        if self.ends_at <= max(begins_at, now):
            detail = (
                f"It would end at {self.ends_at:%Y-%m-%dT%H:%M:%SZ}; that has to be after it begins, and after now."
            )
            raise Unprocessable("incident_over", detail, "/ends_at")
        return Incident(
            begins_at=begins_at,
            **{name: getattr(self, name) for name in ("centre", "radius_m", "ends_at", "slowdown", "closed")},
        )


class IncidentList(Value):
    """A zone's incidents that are not over, in the order of their reports."""

    zone_id: str
    incidents: tuple[KnownIncident, ...]


class CellTraffic(Value):
    """An H3 cell with its factor: how many times as long as in free flow a way there takes now."""

    cell: str
    centre: Point
    factor: float


class TrafficView(Value):
    """Learned traffic and stays of a zone.

    Parameters
    ----------
    evidence : float
        Amount of evidence, fading, in passages of a minute through a cell; below some tens little is known.
    factor_by_hour : tuple of float, length 24
        How many times as long as in free flow ways in the zone take: now, in an hour, and so on for a day.
    cells : tuple of CellTraffic
        Cells where drivers have been, the slowest first.
    pickup_s, dropoff_s : int
        Seconds of a stay at a place of which nothing else is known.
    """

    zone_id: str
    at: Moment
    time_zone: str
    evidence: float
    factor_by_hour: tuple[float, ...]
    cells: tuple[CellTraffic, ...]
    pickup_s: int
    dropoff_s: int

    @classmethod
    def of(cls, learned: Learned, now: datetime) -> Self:
        """Return the view of what was learned."""
        traffic = learned.traffic
        found = ((cell, traffic.factor(cell, now)) for cell in traffic.cells)
        cells = [CellTraffic(cell=cell, centre=centre_of(cell), factor=round(factor, 3)) for cell, factor in found]
        return cls(
            zone_id=learned.id,
            at=now,
            time_zone=traffic.time_zone,
            evidence=round(traffic.weight, 1),
            factor_by_hour=tuple(round(traffic.factor(ANYWHERE, now + timedelta(hours=h)), 3) for h in range(24)),
            cells=tuple(sorted(cells, key=lambda one: (-one.factor, one.cell))),
            pickup_s=round(learned.pickups.expected().seconds),
            dropoff_s=round(learned.dropoffs.expected().seconds),
        )


ANYWHERE = ""
"""The key of no cell; its factor is that of the zone."""
