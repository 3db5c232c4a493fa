"""Use cases of clearing: list what is open, and measure how old it is."""

import re
from itertools import islice
from typing import Self

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.settlement.clearing import store
from crowdship.settlement.clearing.model import OpenItem
from crowdship.settlement.clearing.store import OpenRow
from crowdship.settlement.ledger import PostingKind

POSITION = re.compile(r"[0-9T:.\-]{26}#itm_[0-9a-z]+")

MOST_MEASURED = 10_000
"""Items that a measurement counts, the oldest first."""


class OpenItemView(Value):
    """An item that has not cleared: its amount (debit less credit), since when, and by which posting."""

    account: str
    item: str
    amount: Money
    kind: PostingKind
    posting_id: str
    opened_at: Moment
    age_s: int
    overdue_at: Moment
    overdue: bool

    @classmethod
    def of(cls, item: OpenItem, now: Moment) -> Self:
        """Return the view of an item at a moment."""
        return cls(
            account=item.account,
            item=item.item,
            amount=item.amount,
            kind=item.kind,
            posting_id=item.posting_id,
            opened_at=item.opened_at,
            age_s=max(0, int((now - item.opened_at).total_seconds())),
            overdue_at=item.overdue_at,
            overdue=item.is_overdue(now),
        )


class OpenItems(Value):
    """A page of open items, the oldest first; ``next_cursor`` is null on the last one."""

    items: tuple[OpenItemView, ...]
    next_cursor: str | None


def listed(account: str | None, cursor: str | None, limit: int, clock: Clock) -> OpenItems:
    """Return a page of the open items of one account or of all, the oldest first.

    Raises
    ------
    Unprocessable
        ``bad_cursor``.
    """
    query = account or ""
    after = position_of(cursor, POSITION, query) if cursor else None
    found = (item for item in OpenRow.oldest(after) if account is None or item.account == account)
    page = list(islice(found, limit + 1))
    following = cursor_of(store.position_of(page[limit - 1]), query) if len(page) > limit else None
    now = clock.now()
    return OpenItems(items=tuple(OpenItemView.of(item, now) for item in page[:limit]), next_cursor=following)


def measure(clock: Clock) -> int:
    """Measure the age of the oldest open item and the number of overdue ones; return that number."""
    now = clock.now()
    items = list(islice(OpenRow.oldest(), MOST_MEASURED))
    overdue = sum(item.is_overdue(now) for item in items)
    oldest = max((now - items[0].opened_at).total_seconds(), 0.0) if items else 0.0
    metrics.add_metric("OldestOpenItem", MetricUnit.Seconds, oldest)
    metrics.add_metric("OpenItemsOverdue", MetricUnit.Count, overdue)
    return overdue
