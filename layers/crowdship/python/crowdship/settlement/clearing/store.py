"""Rows of open items, in the settlement table: one under the item's id, and its line among the open ones by age."""

import hashlib
import heapq
from collections.abc import Iterator

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.settlement.clearing.model import OpenItem, item_id_for, items_in
from crowdship.settlement.ledger import Posting
from crowdship.settlement.lines import moment_key

SPREAD = 8
"""Partitions of the list: a pay run opens an item for each payout within minutes."""


class ItemRow(AggregateRow[OpenItem]):
    """An open item, under its id; there is none for an item that has cleared."""

    Meta = meta("settlement")
    AGGREGATE = OpenItem
    SORT = "OPEN"


class OpenRow(Row):
    """Line of the open items, in the order of their age."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, item: OpenItem) -> "OpenRow":
        """Return the line of an item."""
        part = int.from_bytes(hashlib.sha256(item.id.encode()).digest()[:4]) % SPREAD
        return cls(f"OPEN#{part}", position_of(item), body=item.model_dump_json())

    @classmethod
    def oldest(cls, after: str | None = None) -> Iterator[OpenItem]:
        """Yield the open items, the oldest first, those after a position."""
        condition = cls.sk > after if after else None
        parts = [cls.query(f"OPEN#{part}", condition, consistent_read=True) for part in range(SPREAD)]
        for row in heapq.merge(*parts, key=lambda row: row.sk):
            yield OpenItem.model_validate_json(row.body)


def position_of(item: OpenItem) -> str:
    """Return an item's place in the order of the open ones."""
    return f"{moment_key(item.opened_at)}#{item.id}"


def keep(posting: Posting, work: UnitOfWork) -> None:
    """Add what a posting opens, changes or clears to the transaction that books it."""
    for (account, name), amount in items_in(posting).items():
        known = ItemRow.load(item_id_for(account, name, amount.currency))
        if known is None:
            opened = OpenItem.opened(account, name, amount, posting)
            work.store(ItemRow.of(opened))
            work.put(OpenRow.of(opened), None)
        elif (left := known.plus(amount)).amount.amount:
            work.store(ItemRow.of(left))
            work.put(OpenRow.of(left), None)
        else:
            work.delete(ItemRow.of(known), ItemRow.version == known.stored_version)
            work.delete(OpenRow.of(known))
