"""Notices to merchants."""

from datetime import datetime, timedelta

from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice
from crowdship.notify.rendering import Line
from crowdship.notify.webhooks.endpoints.model import DisabledBecause, Endpoint

USEFUL_FOR = timedelta(days=3)
"""A mail that a provider refuses for a reason of ours is tried again for this time."""


class EndpointFacts(Facts):
    """Fields of the message about an endpoint that was switched off.

    Parameters
    ----------
    because : DisabledBecause
        ``gone`` if the endpoint answered 410, ``failing`` if it took nothing for five days.
    """

    merchant_name: Line
    url: str
    because: DisabledBecause


def is_not_by_hand(event: DomainEvent) -> bool:
    """Return whether an endpoint was disabled for its answers, and not by the merchant or the staff."""
    return event.data["because"] != DisabledBecause.BY_HAND


def is_still_disabled(event: DomainEvent, endpoint: Endpoint, now: datetime) -> bool:
    """Return whether an endpoint is disabled since an event, and the event is recent."""
    return not endpoint.active and endpoint.event_ids[-1:] == [event.id] and now - event.time <= USEFUL_FOR


ENDPOINT_DISABLED: Notice[Endpoint] = Notice(
    name="endpoint_disabled",
    event="endpoint.disabled",
    audience=Audience.MERCHANT,
    channels=(Channel.EMAIL,),
    concerns=is_not_by_hand,
    is_due=is_still_disabled,
)
