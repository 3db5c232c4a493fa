"""Events that a customer is told of, and until when."""

from datetime import datetime, timedelta
from enum import StrEnum

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.kernel.events import DomainEvent


class Channel(StrEnum):
    """A way to reach a customer."""

    SMS = "sms"
    EMAIL = "email"


class Notice(StrEnum):
    """The events that a customer is told of."""

    OUT_FOR_DELIVERY = "delivery.en_route_to_dropoff"
    NEARLY_THERE = "delivery.approaching"
    DELIVERED = "delivery.delivered"


STALE_AFTER = timedelta(minutes=15)
"""Old news is worth a message only while it is still true."""

USEFUL_FOR = timedelta(days=1)
"""Nobody has to be told that something was delivered longer ago than this."""

CLOSED = frozenset({State.DELIVERED, State.CANCELLED, State.EXPIRED, State.FAILED, State.RETURNING, State.RETURNED})


def notice_of(event: DomainEvent, delivery: Delivery, now: datetime) -> Notice | None:
    """Return what the customer is to be told of an event, or None.

    An event that comes late, when the delivery has ended, says nothing any more: nobody is to read "on its way"
    over a parcel that came an hour ago.
    """
    if event.type not in set(Notice):
        return None
    notice = Notice(event.type)
    late = now - event.time
    if notice is Notice.DELIVERED:
        return notice if late <= USEFUL_FOR else None
    return None if delivery.state in CLOSED and late > STALE_AFTER else notice
