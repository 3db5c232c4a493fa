"""Customers of deliveries: their addresses, and what each was told."""

from crowdship.adapters.observability import logger
from crowdship.contact import messages
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.notify.customers.conversation import DRIVER_WROTE
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.notices import OUT_FOR_DELIVERY
from crowdship.notify.notices import Addressed, Channel, Notice
from crowdship.notify.sendings import Sending
from crowdship.notify.store import SendingRow
from crowdship.tracking import service as tracking
from crowdship.tracking.page.link import tracking_url
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
    facts = DeliveryFacts.of(
        delivery,
        merchant_name=merchant.sender,
        customer_name=customer.name,
        link=tracking_url(delivery.id, delivery.dropoff_window.closes_at),
        pin=contacts.pin,
        support=merchant.branding.support,
    )
    addresses = {Channel.SMS: customer.phone} | ({Channel.EMAIL: customer.email} if customer.email else {})
    return [Addressed(delivery.id, addresses, facts)]


def _was_read(notice: Notice[Delivery], delivery: Delivery) -> bool:
    """Return whether a notice tells of messages that the customer has read meanwhile."""
    return notice is DRIVER_WROTE and not messages.unread_by_customer(delivery.id)


def notices_of(delivery: Delivery) -> list[Sending]:
    """Return what the customer of a delivery was told, or was to be told, in the order of its events."""
    return [sending for sending in SendingRow.of_events(delivery.event_ids) if sending.recipient in set(Channel)]
