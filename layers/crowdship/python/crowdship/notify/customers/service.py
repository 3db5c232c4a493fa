"""Customers of deliveries: their addresses, and what each was told."""

from collections.abc import Callable
from datetime import datetime

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.contact import messages
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.language import spoken
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.notify.channel import Channel
from crowdship.notify.customers.conversation import DRIVER_WROTE
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.notices import DELIVERED, OUT_FOR_DELIVERY
from crowdship.notify.customers.writing import CustomerTexts, Words
from crowdship.notify.notices import Addressed, Notice
from crowdship.notify.own_templates import service as own_templates
from crowdship.proof import service as proofs
from crowdship.tracking import service as tracking
from crowdship.tracking.page.link import tracking_url
from crowdship.tracking.page.service import time_zone
from crowdship.vault import service as vault


def addressed(notice: Notice[Delivery], event: DomainEvent, clock: Clock) -> list[Addressed]:
    """Return the customer of the delivery that an event is about; nobody if they are not to be told any more.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    delivery = deliveries.get(event.data["delivery_id"])
    if not notice.is_due(event, delivery, clock.now()) or _was_read(notice, delivery):
        logger.info("notice overtaken", event_id=event.id, type=event.type, state=delivery.state)
        return []
    try:
        contacts = vault.contacts(delivery.contacts_token)
    except Gone:
        logger.info("customer erased, no notice", event_id=event.id, delivery_id=delivery.id)
        return []
    customer = contacts.dropoff
    if notice is OUT_FOR_DELIVERY:
        delivery = delivery.with_changes(eta=tracking.live_eta(delivery, clock))
    merchant = merchants.known(delivery.merchant_id)
    place = time_zone(delivery, merchant)
    facts = DeliveryFacts.of(
        delivery,
        merchant_name=merchant.sender,
        customer_name=customer.name,
        link=tracking_url(delivery.id, delivery.dropoff_window.closes_at),
        pin=contacts.pin,
        support=merchant.branding.support,
    ).model_copy(
        update={
            "language": spoken(customer.language, merchant.messages.language),
            "time_zone": place,
            "has_proof": notice is DELIVERED and bool(proofs.shown_to_customer(delivery)),
        }
    )
    facts = facts.branded(merchant.branding, settings().pages_url)
    addresses = {Channel.SMS: customer.phone} | ({Channel.EMAIL: customer.email} if customer.email else {})
    texts = CustomerTexts(notice.name, facts, _own_words(merchant.id, notice.name, facts))
    return [Addressed(delivery.id, addresses, texts, quiet_until=_quiet_until(merchant, place, clock.now()))]


def _was_read(notice: Notice[Delivery], delivery: Delivery) -> bool:
    """Return whether a notice tells of messages that the customer has read meanwhile."""
    return notice is DRIVER_WROTE and not messages.unread_by_customer(delivery.id)


def _own_words(merchant_id: str, kind: str, facts: DeliveryFacts) -> Callable[[Channel], Words | None]:
    return lambda channel: own_templates.words_for(merchant_id, kind, facts.language, channel)


def _quiet_until(merchant: Merchant, place: str | None, now: datetime) -> datetime | None:
    hours = merchant.messages.quiet_hours
    return hours.until(now, place) if hours and place else None
