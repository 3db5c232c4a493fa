"""Documents of merchants, for tests of invoicing."""

from datetime import UTC, date, datetime, timedelta

from crowdship.invoicing.entities import InvoiceKind, entity_for
from crowdship.invoicing.invoice import Invoice
from crowdship.invoicing.lines import DayLine
from crowdship.invoicing.spans import Span
from crowdship.kernel.money import Money
from crowdship.merchants.billing import Billing, Tax

NOW = datetime(2026, 6, 8, 6, 0, tzinfo=UTC)
FIRST = date(2026, 6, 1)
SPAN = Span(first=FIRST, last=date(2026, 6, 7))


def money(amount, currency="USD"):
    return Money(amount=amount, currency=currency)


def day_of(number=0, charges=1250, tips=300, other=0, lines=1, currency="USD"):
    amounts = {"charges": charges, "tips": tips, "other": other}
    sums = {name: money(amount, currency) for name, amount in amounts.items()}
    return DayLine(day=FIRST + timedelta(days=number), lines=lines, **sums)


def document(
    days=None,
    kind=InvoiceKind.INVOICE,
    currency="USD",
    name="Corner Bakery",
    tax=None,
    minimum=None,
    merchant_id="mer_1",
    **billing,
):
    entity = entity_for(currency)
    terms = Billing(tax=tax, **billing)
    every = [day_of(currency=currency)] if days is None else days
    named = (kind, f"{entity.prefix}-I-000001", entity.id, merchant_id, name, terms, SPAN, currency)
    return Invoice.made(*named, every, NOW, minimum)


def issued(credit=0, now=NOW, **what):
    made = document(**what)
    return made.issued("mer_1/a.pdf", "mer_1/a.csv", money(credit, made.currency), now)


VAT = Tax(name="VAT", rate_bp=1900, registration="DE123456789")
