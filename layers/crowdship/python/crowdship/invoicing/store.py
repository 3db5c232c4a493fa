"""The invoicing table: documents, each merchant's list and account, and the sequences of numbers."""

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
NEVER = "9999"
"""The moment of an invoice that nobody is reminded of any more."""


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
        """Return the moment of the next reminder; an open invoice after the last one stands at the end of the index."""
        if invoice.open.amount <= 0:
            return {}
        return {"due": DUE, "due_at": written(invoice.due_at) if invoice.due_at else NEVER}

    @classmethod
    def due_ids(cls, until: datetime, limit: int) -> list[str]:
        """Return the ids of invoices whose reminder is due, the earliest first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(DUE, ByDue.due_at <= written(until), limit=limit)]

    @classmethod
    def open_ids(cls, limit: int) -> list[str]:
        """Return the ids of open invoices, those whose reminder comes first before the others."""
        return [row.pk for row in cls.by_due.query(DUE, limit=limit)]


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
