"""Announcements to the merchants of a zone, as they go on over the queue of notices."""

import json

from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.reading import STORED


class Announcement(Value):
    """A zone's event that some merchants were told of, and the rest is not.

    Parameters
    ----------
    after : str
        The id of the last merchant that was looked at.
    """

    announcing: DomainEvent
    after: str


def announcement(body: str) -> Announcement | None:
    """Return the announcement that a message goes on with; None if the message is another."""
    told = json.loads(body)
    is_one = isinstance(told, dict) and "announcing" in told
    return Announcement.model_validate_json(body, context=STORED) if is_one else None
