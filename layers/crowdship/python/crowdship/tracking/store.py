"""The tracking table: the newest position of each driver, and the trail."""

import json
from datetime import datetime, timedelta

from crowdship.kernel.storage import AggregateRow, Row, meta
from crowdship.tracking.model import Fix, Position

TRAIL_RETENTION = timedelta(days=30)


class PositionRow(AggregateRow[Position]):
    """A driver's newest position."""

    Meta = meta("tracking")
    AGGREGATE = Position
    SORT = "NEWEST"
    CONSISTENT = False


class TrailRow(Row):
    """A batch of fixes; the same batch again is the same row."""

    Meta = meta("tracking")

    @classmethod
    def of(cls, driver_id: str, fixes: list[Fix], now: datetime) -> "TrailRow":
        """Return the row for a batch of fixes, kept for 30 days."""
        first = fixes[0].device_at
        return cls(
            f"{driver_id}#{first.date().isoformat()}",
            f"TRAIL#{first.isoformat()}",
            body=json.dumps([fix.model_dump(mode="json") for fix in fixes], separators=(",", ":")),
            expires_at=int((now + TRAIL_RETENTION).timestamp()),
        )

    @classmethod
    def of_day(cls, driver_id: str, day: str) -> list[Fix]:
        """Return a driver's trail of a day, in the order of the device's clock."""
        rows = cls.query(f"{driver_id}#{day}", cls.sk.startswith("TRAIL#"))
        return [Fix.model_validate(fix) for row in rows for fix in json.loads(row.body)]
