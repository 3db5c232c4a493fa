"""The tracking table: the newest position of each driver, and the trail."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.kernel import retention
from crowdship.tracking.model import Fix, Position

TRAIL_RETENTION = retention.POSITIONS

LONGEST_BATCH = timedelta(hours=1)
"""The longest time from first to last position of a batch that is found.

A batch is looked up by its first position, so a batch that an app buffered for longer is missed.
"""


class PositionRow(AggregateRow[Position]):
    """A driver's newest position."""

    Meta = meta("tracking")
    AGGREGATE = Position
    SORT = "NEWEST"
    CONSISTENT = False

    @classmethod
    def forget(cls, driver_id: str) -> None:
        """Delete a driver's newest position."""
        cls(driver_id, cls.SORT).delete(add_version_condition=False)


class TrailRow(Row):
    """A batch of fixes. The same batch sent again is the same row; another batch is another row."""

    Meta = meta("tracking")

    @classmethod
    def of(cls, driver_id: str, fixes: Sequence[Fix], now: datetime) -> "TrailRow":
        """Return the row for a batch of fixes, kept for 30 days."""
        first, last = fixes[0].device_at, fixes[-1].device_at
        return cls(
            f"{driver_id}#{first.date().isoformat()}",
            # The key has the last time too: an app may send its first position in two batches, and both are kept.
            f"TRAIL#{first.isoformat()}#{last.isoformat()}",
            body=json.dumps([fix.model_dump(mode="json") for fix in fixes], separators=(",", ":")),
            expires_at=int((now + TRAIL_RETENTION).timestamp()),
        )

    @classmethod
    def between(cls, driver_id: str, since: datetime, until: datetime) -> list[Fix]:
        """Return a driver's trail between two moments by the device's clock, in its order."""
        begins = since - LONGEST_BATCH
        days = {begins.date().isoformat(), since.date().isoformat(), until.date().isoformat()}
        fixes = [
            Fix.model_validate(fix)
            for day in sorted(days)
            for row in cls.query(
                f"{driver_id}#{day}",
                cls.sk.between(f"TRAIL#{begins.isoformat()}", f"TRAIL#{until.isoformat()}#~"),
            )
            for fix in json.loads(row.body)
        ]
        return _in_order(fix for fix in fixes if since <= fix.device_at <= until)

    @classmethod
    def of_day(cls, driver_id: str, day: str) -> list[Fix]:
        """Return a driver's trail of a day, in the order of the device's clock."""
        rows = cls.query(f"{driver_id}#{day}", cls.sk.startswith("TRAIL#"))
        return _in_order(Fix.model_validate(fix) for row in rows for fix in json.loads(row.body))


def _in_order(fixes: Iterable[Fix]) -> list[Fix]:
    """Return fixes in the order of the device's clock, each once."""
    return sorted({fix.device_at: fix for fix in fixes}.values(), key=lambda fix: fix.device_at)
