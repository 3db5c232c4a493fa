"""Views of closed months."""

from collections.abc import Iterable
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.settlement.balances.model import GroupTotal
from crowdship.settlement.months.model import MonthClose


class MonthView(Value):
    """A closed month: who closed it when, its totals, and the hash over its balances."""

    month: str
    closed_at: Moment
    closed_by: str
    postings: int
    groups: tuple[GroupTotal, ...]
    hash: str

    @classmethod
    def of(cls, closed: MonthClose) -> Self:
        """Return the view of a closed month."""
        return cls(**{name: getattr(closed, name) for name in cls.model_fields})


class Months(Value):
    """Closed months, the newest first."""

    months: tuple[MonthView, ...]

    @classmethod
    def of(cls, closed: Iterable[MonthClose]) -> Self:
        """Return the view of some months."""
        return cls(months=tuple(MonthView.of(one) for one in closed))
