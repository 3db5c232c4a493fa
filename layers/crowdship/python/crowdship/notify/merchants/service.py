"""Merchants as recipients of notices."""

from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.notify.channel import Channel
from crowdship.notify.merchants.notices import EndpointFacts
from crowdship.notify.notices import Addressed, Notice
from crowdship.notify.texts import NoticeTexts
from crowdship.notify.webhooks.endpoints.model import Endpoint
from crowdship.notify.webhooks.endpoints.store import EndpointRow


def addressed(notice: Notice[Endpoint], event: DomainEvent, clock: Clock) -> list[Addressed]:
    """Return the merchant whose endpoint an event is about; nobody if it was deleted, or is active again."""
    endpoint = EndpointRow.load(event.data["merchant_id"], event.data["endpoint_id"])
    if endpoint is None or not notice.is_due(event, endpoint, clock.now()):
        return []
    merchant = merchants.known(endpoint.merchant_id)
    facts = EndpointFacts(merchant_name=merchant.name, url=endpoint.url, because=event.data["because"])
    return [Addressed(merchant.id, {Channel.EMAIL: merchant.billing_email}, NoticeTexts(notice, facts))]
