"""Invoices: sales tax, payments of merchants that come, settle or come back, and what is written off."""

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import BAD_DEBT, CASH, COLLECTIONS_IN_FLIGHT, MERCHANT_RECEIVABLE, SALES_TAX
from crowdship.settlement.causes.reading import EventData
from crowdship.settlement.ledger import (
    INVOICE_PAID,
    INVOICE_UNPAID,
    TAXED,
    WRITTEN_OFF,
    Entry,
    Posting,
    PostingKind,
    entry,
)

IN_FLIGHT = "in_flight"
CHARGED_BACK = "charged_back"


class _InvoiceData(EventData):
    """Fields of all events of an invoice."""

    invoice_id: str
    merchant_id: str
    number: str


class _IssuedData(_InvoiceData):
    tax: Money


class _PaymentData(_InvoiceData):
    payment_id: str
    amount: Money
    state: str
    was_in_flight: bool = False

    def money_of(self, in_flight: bool, signed: Money, code: str) -> tuple[Entry, ...]:
        """Return the entry on the bank's account, or on that of payments that are announced."""
        if in_flight:
            return entry(COLLECTIONS_IN_FLIGHT.group, signed, code, item=self.payment_id)
        return entry(CASH, signed, code)


class _WrittenOffData(_InvoiceData):
    amount: Money


def tax_posting(event: DomainEvent) -> Posting | None:
    """Return the posting of an invoice's sales tax, which the platform owes an authority; None without tax."""
    data = _IssuedData.model_validate(event.data)
    if not data.tax.amount:
        return None
    entries = (
        *entry(MERCHANT_RECEIVABLE.of(data.merchant_id), data.tax, TAXED),
        *entry(SALES_TAX.group, -data.tax, TAXED),
    )
    return Posting.caused_by(event.id, PostingKind.SALES_TAX, event.time, entries, note=data.number)


def payment_posting(event: DomainEvent) -> Posting:
    """Return the posting of a merchant's payment: the merchant owes less."""
    data = _PaymentData.model_validate(event.data)
    entries = (
        *data.money_of(data.state == IN_FLIGHT, data.amount, INVOICE_PAID),
        *entry(MERCHANT_RECEIVABLE.of(data.merchant_id), -data.amount, INVOICE_PAID),
    )
    return Posting.caused_by(event.id, PostingKind.MERCHANT_PAYMENT, event.time, entries, note=data.number)


def payment_settled_posting(event: DomainEvent) -> Posting:
    """Return the posting of an announced payment that reached the bank."""
    data = _PaymentData.model_validate(event.data)
    entries = (
        *entry(CASH, data.amount, INVOICE_PAID),
        *data.money_of(True, -data.amount, INVOICE_PAID),
    )
    return Posting.caused_by(event.id, PostingKind.MERCHANT_PAYMENT, event.time, entries, note=data.number)


def payment_returned_posting(event: DomainEvent) -> Posting:
    """Return the posting of a payment that came back: the merchant owes it again."""
    data = _PaymentData.model_validate(event.data)
    entries = (
        *entry(MERCHANT_RECEIVABLE.of(data.merchant_id), data.amount, INVOICE_UNPAID),
        *data.money_of(data.was_in_flight, -data.amount, INVOICE_UNPAID),
    )
    back = data.state == CHARGED_BACK
    kind = PostingKind.CHARGEBACK if back else PostingKind.MERCHANT_PAYMENT_REVERSAL
    return Posting.caused_by(event.id, kind, event.time, entries, note=data.number)


def write_off_posting(event: DomainEvent) -> Posting:
    """Return the posting of a receivable that two persons gave up."""
    data = _WrittenOffData.model_validate(event.data)
    entries = (
        *entry(BAD_DEBT.group, data.amount, WRITTEN_OFF),
        *entry(MERCHANT_RECEIVABLE.of(data.merchant_id), -data.amount, WRITTEN_OFF),
    )
    return Posting.caused_by(event.id, PostingKind.WRITE_OFF, event.time, entries, note=data.number)


POSTINGS = {
    "invoice.issued": tax_posting,
    "invoice.payment_recorded": payment_posting,
    "invoice.payment_settled": payment_settled_posting,
    "invoice.payment_returned": payment_returned_posting,
    "invoice.written_off": write_off_posting,
}
"""The posting of each type of event of an invoice that moves money."""
