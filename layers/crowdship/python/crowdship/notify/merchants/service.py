"""Merchants as recipients of notices."""

from typing import Any

from crowdship.invoicing import service as invoicing
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.notify.channel import Channel
from crowdship.notify.merchants.notices import EndpointFacts, InvoiceFacts
from crowdship.notify.notices import Addressed, Notice
from crowdship.notify.texts import NoticeTexts
from crowdship.notify.webhooks.endpoints.store import EndpointRow


def addressed(notice: Notice[Any], event: DomainEvent, clock: Clock) -> list[Addressed]:
    """Return the merchant whom an event concerns; nobody if it is told no more."""
    return _of_invoice(notice, event, clock) if "invoice_id" in event.data else _of_endpoint(notice, event, clock)


def _of_invoice(notice: Notice[Any], event: DomainEvent, clock: Clock) -> list[Addressed]:
    """Return the merchant who is reminded of an invoice; nobody if it was paid meanwhile."""
    invoice = invoicing.get(event.subject)
    if not notice.is_due(event, invoice, clock.now()):
        return []
    merchant = merchants.known(invoice.merchant_id)
    address = invoice.billing.email or merchant.billing_email
    return [Addressed(merchant.id, {Channel.EMAIL: address}, NoticeTexts(notice, InvoiceFacts.of(event, invoice)))]


def _of_endpoint(notice: Notice[Any], event: DomainEvent, clock: Clock) -> list[Addressed]:
    """Return the merchant whose endpoint an event is about; nobody if it was deleted, or is active again."""
    endpoint = EndpointRow.load(event.data["merchant_id"], event.data["endpoint_id"])
    if endpoint is None or not notice.is_due(event, endpoint, clock.now()):
        return []
    merchant = merchants.known(endpoint.merchant_id)
    facts = EndpointFacts(merchant_name=merchant.name, url=endpoint.url, because=event.data["because"])
    return [Addressed(merchant.id, {Channel.EMAIL: merchant.billing_email}, NoticeTexts(notice, facts))]
