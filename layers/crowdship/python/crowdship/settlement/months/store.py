"""Rows of closed months, in the settlement table."""

from crowdship.adapters.storage import Row, meta
from crowdship.settlement.months.model import MonthClose


class MonthRow(Row):
    """A closed month, among all of them: twelve a year."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, closed: MonthClose) -> "MonthRow":
        """Return the row of a closed month."""
        return cls.holding(closed, "MONTHS", closed.month)

    @classmethod
    def load(cls, month: str) -> MonthClose | None:
        """Return a closed month; None while it is open."""
        row = cls.find("MONTHS", month)
        return row.as_aggregate(MonthClose) if row else None

    @classmethod
    def newest(cls, limit: int) -> list[MonthClose]:
        """Return the months that were closed, the newest first."""
        rows = cls.query("MONTHS", scan_index_forward=False, limit=limit, consistent_read=True)
        return [row.as_aggregate(MonthClose) for row in rows]
