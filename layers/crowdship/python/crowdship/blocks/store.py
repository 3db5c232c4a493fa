"""Blocks' table: blocks by id and by zone, when the clock looks at them, and orders that were counted by hour."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.blocks.model import Block
from crowdship.kernel.retention import EXTRA_PAY

COUNTS_KEPT = timedelta(days=60)
DUE = "DUE"


def _text(moment: datetime) -> str:
    """Return a moment as a text that sorts as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


class BlockRow(AggregateRow[Block]):
    """A block with its bookings."""

    Meta = meta("blocks")
    AGGREGATE = Block
    SORT = "BLOCK"

    @classmethod
    def indexed(cls, block: Block) -> dict[str, int]:
        """Return when it expires."""
        return {"expires_at": int((block.ends_at + EXTRA_PAY).timestamp())}


class ZoneBlockRow(Row):
    """A block of a zone, in the order of ends."""

    Meta = meta("blocks")

    @classmethod
    def of(cls, block: Block) -> "ZoneBlockRow":
        """Return the row of a block."""
        expires_at = int((block.ends_at + EXTRA_PAY).timestamp())
        return cls(f"ZONE#{block.zone_id}", f"{_text(block.ends_at)}#{block.id}", body=block.id, expires_at=expires_at)

    @classmethod
    def ids_of(cls, zone_id: str, ends_after: datetime, limit: int) -> list[str]:
        """Return the ids of a zone's blocks that end after a moment, the first to end first."""
        rows = cls.query(f"ZONE#{zone_id}", cls.sk > _text(ends_after), limit=limit, consistent_read=True)
        return [row.body for row in rows]


class DueBlockRow(Row):
    """A block that the clock has to look at, in the order of moments."""

    Meta = meta("blocks")

    @classmethod
    def of(cls, block: Block, due_at: datetime) -> "DueBlockRow":
        """Return the row of a block that is to be looked at."""
        return cls(DUE, f"{_text(due_at)}#{block.id}", body=block.id)

    @classmethod
    def ids_until(cls, now: datetime, limit: int) -> list[str]:
        """Return the ids of the blocks that are due by a moment."""
        rows = cls.query(DUE, cls.sk <= f"{_text(now)}~", limit=limit, consistent_read=True)
        return [row.body for row in rows]


class CountsRow(Row):
    """Orders of a zone on a UTC day that is over, by hour; counted once, as they never change."""

    Meta = meta("blocks")

    @classmethod
    def of(cls, zone_id: str, day: date, counts: Sequence[int]) -> "CountsRow":
        """Return the row of a day's counts."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        expires_at = int((midnight + COUNTS_KEPT).timestamp())
        return cls(f"DEMAND#{zone_id}", day.isoformat(), body=json.dumps(list(counts)), expires_at=expires_at)

    @classmethod
    def between(cls, zone_id: str, first: date, last: date) -> dict[date, list[int]]:
        """Return the counts of the days that were counted, from one day to another."""
        rows = cls.query(f"DEMAND#{zone_id}", cls.sk.between(first.isoformat(), last.isoformat()))
        return {date.fromisoformat(row.sk): json.loads(row.body) for row in rows}
