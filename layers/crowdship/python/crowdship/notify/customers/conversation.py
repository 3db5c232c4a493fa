"""The notice to a customer who does not look at the page to which the driver writes."""

from datetime import datetime, timedelta

from crowdship.contact.message import Party
from crowdship.contact.times import may_contact
from crowdship.deliveries.model import Delivery
from crowdship.kernel.events import DomainEvent
from crowdship.notify.customers.notices import BOTH
from crowdship.notify.notices import Audience, Notice

QUIET_FOR = timedelta(minutes=10)
"""A driver writes in several pieces. One message leads to the page, which shows them all."""

USEFUL_FOR = timedelta(minutes=15)
"""A message that is older is not told: by then the driver has gone on, or was answered at the door."""


def is_to_a_customer(event: DomainEvent) -> bool:
    """Return whether a message went to a customer."""
    return bool(event.data["to"] == Party.CUSTOMER)


def can_be_answered(event: DomainEvent, delivery: Delivery, now: datetime) -> bool:
    """Return whether a message is recent, and its customer may still answer."""
    return now - event.time <= USEFUL_FOR and may_contact(delivery, now)


DRIVER_WROTE: Notice[Delivery] = Notice(
    name="driver_wrote",
    event="message.sent",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    concerns=is_to_a_customer,
    is_due=can_be_answered,
    quiet_for=QUIET_FOR,
)
"""Its events wait for a minute in a queue of their own, so that a customer who has the page open reads it there."""
