"""The invoicing table: documents, each merchant's list and account, and the sequences of numbers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.invoicing.accounts import BillingAccount
from crowdship.invoicing.entities import NumberSequence
from crowdship.invoicing.invoice import Invoice
from crowdship.kernel.clock import written

DUE = "DUE"
LIST = "INVOICES"
AFTER_EVERY_ID = "~"
"""Stands after the ``#`` before an id."""

REMINDED = "0000"
"""Stands for the moment of an open invoice after its last reminder, so that these come first."""


class ByDue(GlobalSecondaryIndex["InvoiceRow"]):
    """Invoices that a merchant is to be reminded of, by when."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class InvoiceRow(AggregateRow[Invoice]):
    """A document."""

    Meta = meta("invoicing")
    AGGREGATE = Invoice
    SORT = "INVOICE"

    due = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, invoice: Invoice) -> dict[str, Any]:
        """Return the place of an open invoice in the list by reminders."""
        return {"due": DUE, "due_at": place_by_due(invoice)} if invoice.open.amount > 0 else {}

    @classmethod
    def due_ids(cls, until: datetime) -> Iterator[str]:
        """Yield the ids of all invoices whose reminder is due, the earliest first (eventually consistent)."""
        for row in cls.by_due.query(DUE, ByDue.due_at.between("1", f"{written(until)}{AFTER_EVERY_ID}")):
            yield row.pk

    @classmethod
    def open_ones(cls, limit: int, after: str | None = None) -> list[tuple[str, str]]:
        """Return place and id of open invoices: those after their last reminder, then those whose next one comes first.

        Parameters
        ----------
        after : str or None
            Place in the list after which to begin.
        """
        condition = ByDue.due_at > after if after else None
        return [(row.due_at, row.pk) for row in cls.by_due.query(DUE, condition, limit=limit)]


class InvoiceLine(Row):
    """A line of the list of a merchant's documents, the oldest span first."""

    Meta = meta("invoicing")

    @classmethod
    def add(cls, invoice: Invoice, work: UnitOfWork) -> None:
        """Add the line of a document to a unit of work."""
        work.put(cls(f"{LIST}#{invoice.merchant_id}", place_of(invoice), body=invoice.id), None)

    @classmethod
    def ids(cls, merchant_id: str, limit: int, before: str | None = None) -> list[str]:
        """Return the ids of a merchant's newest documents, those before a place."""
        condition = cls.sk < before if before else None
        rows = cls.query(
            f"{LIST}#{merchant_id}", condition, limit=limit, scan_index_forward=False, consistent_read=True
        )
        return [row.body for row in rows]


def place_by_due(invoice: Invoice) -> str:
    """Return the place of an open invoice in the list by reminders; many are due at the same moment."""
    return f"{written(invoice.due_at) if invoice.due_at else REMINDED}#{invoice.id}"


def place_of(invoice: Invoice) -> str:
    """Return the place of a document in its merchant's list."""
    return f"{invoice.span.first}#{invoice.id}"


class AccountRow(AggregateRow[BillingAccount]):
    """A merchant's account."""

    Meta = meta("invoicing")
    AGGREGATE = BillingAccount
    SORT = "ACCOUNT"


class NumbersRow(AggregateRow[NumberSequence]):
    """The sequence of numbers of an entity's documents of one kind."""

    Meta = meta("invoicing")
    AGGREGATE = NumberSequence
    SORT = "NUMBERS"
