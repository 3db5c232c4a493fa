"""The tax table: payees with the lists that staff and the sweep read."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.kernel.clock import written
from crowdship.tax.payee import Payee

DUE = "DUE"


class ByWaiting(GlobalSecondaryIndex["PayeeRow"]):
    """Payees by the list that they are on, in the order of their ids."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["PayeeRow"]):
    """Payees whom time changes, by when."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class PayeeRow(AggregateRow[Payee]):
    """A payee."""

    Meta = meta("tax")
    AGGREGATE = Payee
    SORT = "PAYEE"

    waits_for = UnicodeAttribute(null=True)
    by_waiting = ByWaiting()
    due = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, payee: Payee) -> dict[str, Any]:
        """Return the list that a payee is on, and the next moment that changes it."""
        due_at = payee.due_at
        return {
            "waits_for": payee.waits_for,
            "due": DUE if due_at else None,
            "due_at": written(due_at) if due_at else None,
        }

    @classmethod
    def page(cls, waits_for: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Return up to ``limit`` ids of a list after an id, and the id after which to go on (eventually consistent)."""
        condition = ByWaiting.pk > after if after else None
        ids = [row.pk for row in cls.by_waiting.query(waits_for, condition, limit=limit)]
        return ids, ids[-1] if len(ids) == limit else None

    @classmethod
    def due_ids(cls, until: datetime, limit: int) -> list[str]:
        """Return the ids of payees with a moment that has come, the earliest first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(DUE, ByDue.due_at <= written(until), limit=limit)]
