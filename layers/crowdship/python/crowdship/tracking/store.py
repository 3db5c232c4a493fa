"""The tracking table: the newest position of each driver, and the trail."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdship.kernel.storage import Row, meta
from crowdship.tracking.model import Fix, Position

TRAIL_RETENTION = timedelta(days=30)


class PositionRow(Row):
    """A driver's newest position."""

    Meta = meta("tracking")

    @classmethod
    def of(cls, position: Position) -> "PositionRow":
        """Return the row for a position."""
        return cls.holding(position, position.id, "NEWEST")

    @classmethod
    def load(cls, driver_id: str) -> Position | None:
        """Return a driver's newest position, or None."""
        row = cls.find(driver_id, "NEWEST", consistent=False)
        return row.as_aggregate(Position) if row else None

    @classmethod
    def load_many(cls, driver_ids: Iterable[str]) -> list[Position]:
        """Return the newest positions of some drivers."""
        keys = [(driver_id, "NEWEST") for driver_id in dict.fromkeys(driver_ids)]
        return [row.as_aggregate(Position) for row in cls.batch_get(keys)] if keys else []


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
