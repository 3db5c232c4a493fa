"""The schedule of retries, and the job that moves along it."""

import hashlib
from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.notify.webhooks.bodies import WebhookMessage

RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Waits after each failed attempt. There is none after the last, which is one more than there are waits."""

JITTER = 0.2
"""The largest share of a wait that is added to it."""

SPREAD = timedelta(seconds=5)
"""The shortest time over which messages that waited for one endpoint are spread."""


def retry_delay(message_id: str, attempt: int, tries: int) -> timedelta | None:
    """Return how long to wait after an attempt, or None if it was the last.

    Up to a fifth is added, by message and attempt, so that messages that failed together don't come back together.
    """
    if tries > len(RETRY_AFTER):
        return None
    digest = hashlib.sha256(f"{message_id}/{attempt}".encode()).digest()
    return RETRY_AFTER[tries - 1] * (1 + JITTER * int.from_bytes(digest[:4]) / 2**32)


def spread(message_id: str, not_before: datetime, now: datetime) -> datetime:
    """Return when a message that waits for its endpoint comes again.

    Up to a fifth of the wait, or up to five seconds if that is more, is added, by message, so that messages that waited
    don't all come back at once.
    """
    share = int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4]) / 2**32
    return not_before + max((not_before - now) * JITTER, SPREAD) * share


class WebhookJob(Value):
    """One event on its way to one endpoint: the body of a message on the queue.

    Parameters
    ----------
    again : bool
        Whether it is sent although it came through before, because somebody asked for it.
    test : bool
        Whether it is a test: sent once, also to a disabled endpoint, and no failure counts against the endpoint.
    attempt : int
        1, 2, 3 ... over the whole life of the message, also after it was replayed.
    tries : int
        1, 2, 3 ... since it was sent or replayed: where it stands in the schedule.
    due_at : float
        Unix seconds before which it is not to be sent; 0 is at once.
    """

    message: WebhookMessage
    merchant_id: str
    endpoint_id: str
    attempt: int = Field(default=1, ge=1)
    tries: int = Field(default=1, ge=1)
    due_at: float = 0.0
    again: bool = False
    test: bool = False

    def again_at(self, due_at: float) -> Self:
        """Return the next try."""
        return self.model_copy(update={"attempt": self.attempt + 1, "tries": self.tries + 1, "due_at": due_at})

    def afresh(self) -> Self:
        """Return the job as it is put aside when given up: replayed, it starts the schedule from the beginning."""
        return self.model_copy(update={"attempt": self.attempt + 1, "tries": 1, "due_at": 0.0})
