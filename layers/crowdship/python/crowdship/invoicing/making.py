"""Use cases of making invoices: find what is due, make a merchant's documents of a span once, send them.

A document gets its number in the transaction that stores it. Its files follow from the statements and the document, so
they are made again if a run stopped in between; it is issued, and told of, when they are there.
"""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.invoicing import month_end
from crowdship.invoicing.entities import InvoiceKind, NumberSequence, entities, entity_for, number_of
from crowdship.invoicing.files import InvoiceFiles, LinesFile, keys_of
from crowdship.invoicing.invoice import Invoice, invoice_id_for
from crowdship.invoicing.lines import DayLine, document_of, empty_day
from crowdship.invoicing.mailing import Mails
from crowdship.invoicing.minimum import MonthlyMinimum
from crowdship.invoicing.pdf import pdf_of
from crowdship.invoicing.reading import account_of, first_day, is_settled, lines_of
from crowdship.invoicing.spans import LONGEST_CATCH_UP, Span, spans_due
from crowdship.invoicing.store import AccountRow, InvoiceLine, InvoiceRow, NumbersRow
from crowdship.kernel.clock import Clock
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.settlement.statements import StatementLine

PAGE = 100
NEWEST = 20
"""Documents of a merchant among which those are looked for that a run left before they were mailed."""

LATE_DAYS = 3
"""Days after a span's end in which its days are usually settled; a span that waits longer is counted."""


class Key(NamedTuple):
    """Subject of one document of a span."""

    currency: str
    kind: InvoiceKind


def due(clock: Clock) -> Iterator[str]:
    """Yield the merchants with a span that ended and is not billed."""
    today, after = clock.now().date(), None
    while page := merchants.page(after, PAGE):
        yield from (merchant.id for merchant in page if _following(merchant, today))
        after = page[-1].id


def _following(merchant: Merchant, today: date) -> Span | None:
    """Return the first span of a merchant that ended and is not billed."""
    first = first_day(merchant, account_of(merchant.id))
    return next(spans_due(first, today, merchant.billing.cycle), None)


def make_due(merchant_id: str, files: InvoiceFiles, mails: Mails, clock: Clock) -> list[Invoice]:
    """Make all documents of a merchant that are due, span after span; it stops at a day that is not settled.

    At last it issues and mails what an earlier run numbered and left: their span is billed, so it is due no more.
    """
    made: list[Invoice] = []
    for _ in range(LONGEST_CATCH_UP):
        before = account_of(merchant_id).billed_to
        span = _following(merchants.get(merchant_id), clock.now().date())
        if span is None:
            break
        made += make(merchant_id, span, files, mails, clock)
        if account_of(merchant_id).billed_to == before:
            break
    for span in _left_by_others(merchant_id):
        made += make(merchant_id, span, files, mails, clock)
    return made


def _left_by_others(merchant_id: str) -> list[Span]:
    """Return the spans of a merchant's newest documents that are not mailed, the oldest first."""
    newest = InvoiceRow.load_many(InvoiceLine.ids(merchant_id, NEWEST))
    spans = {one.span.first: one.span for one in newest if one.mailed_at is None}
    return [spans[first] for first in sorted(spans)]


def make(merchant_id: str, span: Span, files: InvoiceFiles, mails: Mails, clock: Clock) -> list[Invoice]:
    """Make a merchant's documents of a span, once however often it is asked for; none while a day is not settled."""
    merchant = merchants.get(merchant_id)
    ending, today = month_end.ending_in(merchant, span), clock.now().date()
    if not all(is_settled(day, today) for day in (*span.days, *(ending.days if ending else ()))):
        late = today - span.last
        logger.info("span not settled", merchant_id=merchant_id, first=str(span.first), late_days=late.days)
        if late.days > LATE_DAYS:
            metrics.add_metric("InvoicesDelayed", MetricUnit.Count, 1)
        return []
    with tempfile.TemporaryDirectory() as folder:
        minimums = month_end.charge(ending, merchant, span, clock) if ending else {}
        sums, lines = _read(merchant_id, span, Path(folder), minimums)
        numbered = _numbered(merchant, span, sums, minimums, clock)
        return [_issued(one, lines, files, mails, clock) for one in numbered]


Sums = dict[Key, dict[date, DayLine]]


def _read(
    merchant_id: str, span: Span, folder: Path, minimums: Mapping[str, MonthlyMinimum]
) -> tuple[Sums, dict[Key, LinesFile]]:
    """Return the sums by document and day, and a file with the lines of each document, the minimum of a month last."""
    sums: Sums = {}
    files: dict[Key, LinesFile] = {}

    def add(key: Key, line: StatementLine) -> None:
        if key not in files:
            files[key] = LinesFile(folder / f"{key.currency}-{key.kind}.csv")
        files[key].add(line)

    for day in span.days:
        for line in lines_of(merchant_id, day):
            key = Key(line.currency, document_of(line))
            days = sums.setdefault(key, {})
            days[day] = days.get(day, empty_day(day, key.currency)).and_also(line)
            add(key, line)
    for currency, minimum in minimums.items():
        key = Key(currency, InvoiceKind.INVOICE)
        sums.setdefault(key, {})
        add(key, month_end.line_of(minimum, merchant_id, span.last))
    for file in files.values():
        file.close()
    return sums, files


def _numbered(
    merchant: Merchant, span: Span, sums: Sums, minimums: Mapping[str, MonthlyMinimum], clock: Clock
) -> list[Invoice]:
    """Return the documents, each with a number from its entity's sequence; those that are stored already stay."""

    def attempt() -> list[Invoice]:
        account = account_of(merchant.id)
        ids = {key: invoice_id_for(merchant.id, span, key.currency, key.kind) for key in sums}
        known = {one.id: one for one in InvoiceRow.load_many(ids.values())} if ids else {}
        if span.first != first_day(merchant, account):
            return [known[one] for one in ids.values() if one in known]
        work, made = UnitOfWork(), list[Invoice]()
        sequences: dict[str, NumberSequence] = {}
        for key in sorted(ids):
            entity = entity_for(key.currency)
            sequence_id = NumberSequence.id_of(entity, key.kind)
            before = sequences.get(sequence_id) or NumbersRow.load(sequence_id) or NumberSequence(id=sequence_id)
            sequences[sequence_id] = before.following()
            number = number_of(entity, key.kind, sequences[sequence_id].last)
            about = (key.kind, number, entity.id, merchant.id, merchant.name, merchant.billing, span, key.currency)
            minimum = minimums.get(key.currency) if key.kind is InvoiceKind.INVOICE else None
            invoice = Invoice.made(*about, sums[key].values(), clock.now(), minimum)
            InvoiceLine.add(invoice, work)
            work.store(InvoiceRow.of(invoice))
            made.append(invoice.with_changes(stored_version=invoice.stored_version + 1))
        for sequence in sequences.values():
            work.store(NumbersRow.of(sequence))
        work.store(AccountRow.of(account.with_changes(billed_to=span.last)))
        work.commit()
        return made

    return persistently(attempt)


def _issued(invoice: Invoice, lines: dict[Key, LinesFile], files: InvoiceFiles, mails: Mails, clock: Clock) -> Invoice:
    """Return a document with its files, issued once, and mailed."""
    pdf_key, csv_key = keys_of(invoice.merchant_id, invoice.id, invoice.kind)
    entity = next(one for one in entities() if one.id == invoice.entity_id)
    body = pdf_of(invoice, entity)
    if invoice.issued_at is None:
        files.put_pdf(pdf_key, body, f"{invoice.number}.pdf")
        key = Key(invoice.currency, invoice.kind)
        if key in lines:
            files.put_csv(csv_key, lines[key].path, f"{invoice.number}.csv")

    def attempt() -> Invoice:
        known, account = InvoiceRow.load(invoice.id) or invoice, account_of(invoice.merchant_id)
        issued, left = known.issued(pdf_key, csv_key, account.credit_in(invoice.currency), clock.now())
        if issued is known:
            return known
        work = UnitOfWork()
        work.store(InvoiceRow.of(issued))
        work.store(AccountRow.of(account.with_credit(left)))
        work.commit()
        return issued

    issued = persistently(attempt)
    return _mailed(issued, body, mails, clock)


def _mailed(invoice: Invoice, body: bytes, mails: Mails, clock: Clock) -> Invoice:
    """Return a document that was mailed; noted after the mail left, so a run that stops in between mails it twice."""
    if invoice.mailed_at:
        return invoice
    merchant = merchants.get(invoice.merchant_id)
    mails.send(invoice, invoice.billing.email or merchant.billing_email, body)

    def attempt() -> Invoice:
        known = InvoiceRow.load(invoice.id) or invoice
        if known.mailed_at:
            return known
        work, noted = UnitOfWork(), known.mailed(clock.now())
        work.store(InvoiceRow.of(noted))
        work.commit()
        return noted

    return persistently(attempt)
