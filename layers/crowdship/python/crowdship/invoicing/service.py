"""Use cases of invoices: read them, record payments, remind, and write off."""

import re
from collections.abc import Callable

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.invoicing.accounts import BillingAccount, account_sums
from crowdship.invoicing.files import InvoiceFiles
from crowdship.invoicing.inputs import PaymentAct, PaymentInput
from crowdship.invoicing.invoice import Invoice, PaymentState
from crowdship.invoicing.reading import account_of
from crowdship.invoicing.store import AccountRow, InvoiceLine, InvoiceRow, place_of
from crowdship.invoicing.views import Invoices, InvoiceView, StaffInvoice, StaffInvoices
from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.kernel.money import Money

PLACE_BY_DUE = re.compile(r"(0000|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z)#inv_[0-9a-z]+")
"""Place of an open invoice in the list by reminders."""

PLACE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}#inv_[0-9a-z]+")
"""Place of a document in its merchant's list."""


def get(invoice_id: str) -> Invoice:
    """Return a document.

    Raises
    ------
    NotFound
        If there is none.
    """
    invoice = InvoiceRow.load(invoice_id)
    if invoice is None:
        raise NotFound("no_such_invoice", f"There is no invoice {invoice_id}.")
    return invoice


def of_merchant(merchant_id: str, cursor: str | None, limit: int) -> tuple[list[Invoice], str | None]:
    """Return a page of a merchant's documents, the newest first, and the cursor of the next page.

    Raises
    ------
    Unprocessable
        ``bad_cursor``.
    """
    before = position_of(cursor, PLACE, merchant_id) if cursor else None
    ids = InvoiceLine.ids(merchant_id, limit, before)
    found = sorted(InvoiceRow.load_many(ids), key=place_of, reverse=True)
    return found, cursor_of(place_of(found[-1]), merchant_id) if len(ids) == limit else None


def shown_to_merchant(
    merchant_id: str, invoice_id: str | None, cursor: str | None, limit: int, files: Callable[[], InvoiceFiles]
) -> Invoices:
    """Return a page of a merchant's documents and its account; of one that is named also its days, and links.

    Raises
    ------
    NotFound
        If the merchant has no such document.
    """
    account = account_of(merchant_id)
    if invoice_id is None:
        found, following = of_merchant(merchant_id, cursor, limit)
        return Invoices.of(map(InvoiceView.of, found), account, found, following)
    invoice = get(invoice_id)
    if invoice.merchant_id != merchant_id:
        raise NotFound("no_such_invoice", f"There is no invoice {invoice_id}.")
    return Invoices.of([InvoiceView.of(invoice, _links(invoice, files))], account, [invoice], None)


def shown_to_staff(
    merchant_id: str | None, invoice_id: str | None, cursor: str | None, limit: int, files: Callable[[], InvoiceFiles]
) -> StaffInvoices:
    """Return one document, a merchant's documents, or those whose next reminder comes first.

    Raises
    ------
    Unprocessable
        If both are named.
    """
    if merchant_id and invoice_id:
        raise Unprocessable("name_one", "Name merchant_id or invoice_id, not both.", "/query/invoice_id")
    if invoice_id:
        invoice = get(invoice_id)
        return StaffInvoices(invoices=(StaffInvoice.of(invoice, _links(invoice, files)),))
    if merchant_id:
        found, following = of_merchant(merchant_id, cursor, limit)
        sums = tuple(account_sums(account_of(merchant_id), found))
        return StaffInvoices(invoices=tuple(map(StaffInvoice.of, found)), account=sums, next_cursor=following)
    found, following = open_ones(cursor, limit)
    return StaffInvoices(invoices=tuple(map(StaffInvoice.of, found)), next_cursor=following)


def open_ones(cursor: str | None, limit: int) -> tuple[list[Invoice], str | None]:
    """Return a page of all open invoices and the cursor of the next page: first those after their last reminder.

    Raises
    ------
    Unprocessable
        ``bad_cursor``.
    """
    after = position_of(cursor, PLACE_BY_DUE) if cursor else None
    places = InvoiceRow.open_ones(limit, after)
    loaded = {one.id: one for one in InvoiceRow.load_many(invoice_id for _, invoice_id in places)}
    found = [loaded[invoice_id] for _, invoice_id in places if invoice_id in loaded]
    following = cursor_of(places[-1][0]) if len(places) == limit else None
    return [one for one in found if one.open.amount > 0], following


def _links(invoice: Invoice, files: Callable[[], InvoiceFiles]) -> tuple[str, str] | None:
    if invoice.pdf_key is None or invoice.csv_key is None:
        return None
    bucket = files()
    return bucket.link(invoice.pdf_key), bucket.link(invoice.csv_key)


def record_payment(invoice_id: str, asked: PaymentInput, by: str, clock: Clock) -> StaffInvoice:
    """Record a payment, what became of one, or one person's part of a write-off; the same again changes nothing."""

    def attempt() -> Invoice:
        invoice, now = get(invoice_id), clock.now()
        account, reference = account_of(invoice.merchant_id), asked.reference or ""
        nothing = Money.zero(invoice.currency)
        match asked.act:
            case PaymentAct.PAID | PaymentAct.ANNOUNCED:
                in_flight = asked.act is PaymentAct.ANNOUNCED
                after, more = invoice.with_payment(reference, asked.amount or nothing, in_flight, by, now)
            case PaymentAct.SETTLED:
                after, more = invoice.with_payment_settled(reference, now), nothing
            case PaymentAct.RETURNED | PaymentAct.CHARGED_BACK:
                state = PaymentState(asked.act.value)
                after, more = invoice.with_payment_returned(reference, state, now)
            case PaymentAct.WRITTEN_OFF:
                after, more = invoice.written_off_by(by, now), nothing
        return _kept(invoice, after, account, more)

    return StaffInvoice.of(persistently(attempt))


def _kept(before: Invoice, after: Invoice, account: BillingAccount, more: Money) -> Invoice:
    if after is before:
        return before
    work = UnitOfWork()
    work.store(InvoiceRow.of(after))
    if more.amount:
        work.store(AccountRow.of(account.with_credit(account.credit_in(more.currency) + more)))
    work.commit()
    return after


def remind(clock: Clock) -> int:
    """Remind merchants of what is overdue; return how many invoices were reminded of.

    Raises
    ------
    ExceptionGroup
        If something failed for some invoices; all others were served, and the next sweep tries again.
    """
    reminded = 0
    with Failures("the reminders of invoices failed in part") as failures:
        for invoice_id in InvoiceRow.due_ids(clock.now()):
            with failures.collected("reminder of an invoice failed", invoice_id=invoice_id):
                reminded += _remind(invoice_id, clock)
    return reminded


def _remind(invoice_id: str, clock: Clock) -> bool:
    def attempt() -> bool:
        invoice = get(invoice_id)
        after = invoice.reminded(clock.now())
        if after is invoice:
            return False
        work = UnitOfWork()
        work.store(InvoiceRow.of(after))
        work.commit()
        if after.is_flagged:
            metrics.add_metric("InvoicesFlagged", MetricUnit.Count, 1)
        return True

    return persistently(attempt)
