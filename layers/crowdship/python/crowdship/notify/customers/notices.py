"""Notices to customers, and until when each is worth sending."""

from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Notice

STALE_AFTER = timedelta(minutes=15)
"""An event that is older than this is told only while it is still true."""

USEFUL_FOR = timedelta(days=1)
"""Nobody has to be told that something was delivered longer ago than this."""

CLOSED = frozenset({State.DELIVERED, State.CANCELLED, State.EXPIRED, State.FAILED, State.RETURNING, State.RETURNED})

MOVED_AGAIN_AFTER = timedelta(minutes=10)
"""An arrival that moves again within this time is not told again; the page behind the link has it."""

BOTH = (Channel.SMS, Channel.EMAIL)


def is_still_true(event: DomainEvent, delivery: Delivery, now: datetime) -> bool:
    """Return whether a driver's approach is worth telling.

    It is not if the event comes late and the delivery has ended: nobody is to read "on its way" over a parcel that came
    an hour ago.
    """
    return delivery.state not in CLOSED or now - event.time <= STALE_AFTER


def is_on_the_way(event: DomainEvent) -> bool:
    """Return whether an arrival moved after its customer was told that the goods are on their way."""
    return bool(event.data["state"] == State.EN_ROUTE_TO_DROPOFF)


def is_the_newest_arrival(event: DomainEvent, delivery: Delivery, now: datetime) -> bool:
    """Return whether an arrival is the one that counts, is to come, and the driver is not nearly there."""
    arrival = delivery.eta
    if arrival is None or delivery.state is not State.EN_ROUTE_TO_DROPOFF or delivery.approaching_at:
        return False
    return arrival > now and arrival == datetime.fromisoformat(event.data["eta"])


def is_recent(event: DomainEvent, delivery: Delivery, now: datetime) -> bool:
    """Return whether the end of a delivery is worth telling: it is recent, and was not taken back."""
    return now - event.time <= USEFUL_FOR and not delivery.has_taken_back(event.sequence)


def was_told_delivered(event: DomainEvent) -> bool:
    """Return whether a correction takes back that a delivery was delivered, which its customer was told."""
    return bool(event.data["corrects"]["state"] == State.DELIVERED)


def was_told_failed(event: DomainEvent) -> bool:
    """Return whether a correction takes back that a delivery failed, which its customer was told."""
    return bool(event.data["corrects"]["state"] == State.FAILED)


def is_still_open(event: DomainEvent, delivery: Delivery, now: datetime) -> bool:
    """Return whether a correction is worth telling: it is recent, and no other ending has followed."""
    return now - event.time <= USEFUL_FOR and delivery.state not in CLOSED


OUT_FOR_DELIVERY: Notice[Delivery] = Notice(
    name="out_for_delivery",
    event="delivery.en_route_to_dropoff",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    is_due=is_still_true,
)

ARRIVAL_MOVED: Notice[Delivery] = Notice(
    name="arrival_moved",
    event="delivery.eta_changed",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    concerns=is_on_the_way,
    is_due=is_the_newest_arrival,
    quiet_for=MOVED_AGAIN_AFTER,
    may_wait=True,
)

NEARLY_THERE: Notice[Delivery] = Notice(
    name="nearly_there",
    event="delivery.approaching",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    is_due=is_still_true,
)

DELIVERED: Notice[Delivery] = Notice(
    name="delivered",
    event="delivery.delivered",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    is_due=is_recent,
)

NOT_DELIVERED: Notice[Delivery] = Notice(
    name="not_delivered",
    event="delivery.corrected",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    concerns=was_told_delivered,
    is_due=is_still_open,
)

FAILED: Notice[Delivery] = Notice(
    name="failed",
    event="delivery.failed",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    is_due=is_recent,
)

STILL_COMING: Notice[Delivery] = Notice(
    name="still_coming",
    event="delivery.corrected",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    concerns=was_told_failed,
    is_due=is_still_open,
)

RETURNED: Notice[Delivery] = Notice(
    name="returned",
    event="delivery.returned",
    audience=Audience.CUSTOMER,
    channels=BOTH,
    is_due=is_recent,
    may_wait=True,
)
