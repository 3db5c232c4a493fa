"""Views of invoices, as merchants and staff see them."""

from collections.abc import Iterable
from typing import Self

from crowdship.invoicing.accounts import AccountSum, BillingAccount, account_sums
from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.invoice import Invoice, InvoicePayment, InvoiceState, WriteOff
from crowdship.invoicing.lines import DayLine
from crowdship.invoicing.minimum import MonthlyMinimum
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money


class InvoiceView(Value):
    """An invoice or a credit note, as its merchant sees it.

    Parameters
    ----------
    open : Money
        What is still to be paid.
    applied_credit : Money
        Credit from overpayments and credit notes that paid a part.
    minimum : MonthlyMinimum or None
        What the charges of a month that ended in the span were short of the agreed minimum; a part of ``net``.
    pdf_url, csv_url : str or None
        Links of ten minutes; only where one document is asked for.
    """

    invoice_id: str
    number: str
    kind: InvoiceKind
    first: Day
    last: Day
    state: InvoiceState
    net: Money
    tax: Money
    total: Money
    applied_credit: Money
    paid: Money
    open: Money
    issued_at: Moment | None
    due_on: Day | None
    days: tuple[DayLine, ...] | None = None
    minimum: MonthlyMinimum | None = None
    pdf_url: str | None = None
    csv_url: str | None = None

    @classmethod
    def of(cls, invoice: Invoice, links: tuple[str, str] | None = None) -> Self:
        """Return the view of a document; with links it has its days, too."""
        return cls(
            invoice_id=invoice.id,
            number=invoice.number,
            kind=invoice.kind,
            first=invoice.span.first,
            last=invoice.span.last,
            state=invoice.state,
            net=invoice.net,
            tax=invoice.tax_amount,
            total=invoice.total,
            applied_credit=invoice.applied_credit,
            paid=invoice.paid,
            open=invoice.open,
            issued_at=invoice.issued_at,
            due_on=invoice.due_on if invoice.kind is InvoiceKind.INVOICE else None,
            days=invoice.days if links else None,
            minimum=invoice.minimum,
            pdf_url=links[0] if links else None,
            csv_url=links[1] if links else None,
        )


class Invoices(Value):
    """A page of a merchant's documents, the newest first, and its account by currency.

    Parameters
    ----------
    account : tuple of AccountSum
        What is open and overdue on the page's documents, and the credit.
    next_cursor : str or None
        None on the last page.
    """

    invoices: tuple[InvoiceView, ...]
    account: tuple[AccountSum, ...]
    next_cursor: str | None = None

    @classmethod
    def of(
        cls, invoices: Iterable[InvoiceView], account: BillingAccount, every: Iterable[Invoice], cursor: str | None
    ) -> Self:
        """Return a page."""
        return cls(invoices=tuple(invoices), account=tuple(account_sums(account, every)), next_cursor=cursor)


class StaffInvoice(InvoiceView):
    """A document as staff see it, with payments and write-off."""

    merchant_id: str
    merchant_name: str
    payments: tuple[InvoicePayment, ...]
    reminders: tuple[Moment, ...]
    flagged: bool
    write_off: WriteOff | None

    @classmethod
    def of(cls, invoice: Invoice, links: tuple[str, str] | None = None) -> Self:
        """Return the view of a document."""
        return cls(
            **dict(InvoiceView.of(invoice, links)),
            merchant_id=invoice.merchant_id,
            merchant_name=invoice.name,
            payments=invoice.payments,
            reminders=invoice.reminders,
            flagged=invoice.is_flagged,
            write_off=invoice.write_off,
        )


class StaffInvoices(Value):
    """A page of documents as staff see them."""

    invoices: tuple[StaffInvoice, ...]
    account: tuple[AccountSum, ...] = ()
    next_cursor: str | None = None
