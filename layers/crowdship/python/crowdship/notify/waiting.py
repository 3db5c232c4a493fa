"""Messages that wait: for the end of quiet hours, or until a provider takes them again that refuses us."""

import json
from datetime import timedelta

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.reading import STORED

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


class WaitingEvent(Value):
    """An event of which something is still to be told.

    Parameters
    ----------
    until : datetime
        Business time before which nothing is tried.
    tries : int
        Refusals so far; each doubles the next wait.
    """

    waiting: DomainEvent
    until: Moment
    tries: int = 0


def waiting_event(body: str) -> WaitingEvent | None:
    """Return the event of a message that waited; None if the message came from the bus."""
    told = json.loads(body)
    is_ours = isinstance(told, dict) and "waiting" in told
    return WaitingEvent.model_validate_json(body, context=STORED) if is_ours else None


def wait_after(tries: int) -> timedelta:
    """Return the business time until the next try after some refusals: one minute, then twice as long, up to an hour.

    Examples
    --------
    >>> [int(wait_after(tries) / timedelta(minutes=1)) for tries in (1, 2, 3, 7, 50)]
    [1, 2, 4, 60, 60]
    """
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 10))
