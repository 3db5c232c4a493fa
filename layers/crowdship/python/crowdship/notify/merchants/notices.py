"""Notices to merchants."""

from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice
from crowdship.notify.rendering import Line
from crowdship.notify.webhooks.endpoints.model import DisabledBecause, Endpoint


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


ENDPOINT_DISABLED: Notice[Endpoint] = Notice(
    name="endpoint_disabled",
    event="endpoint.disabled",
    audience=Audience.MERCHANT,
    channels=(Channel.EMAIL,),
    concerns=is_not_by_hand,
)
