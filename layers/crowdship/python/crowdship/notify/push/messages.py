"""Push messages, and the meaning of a push service's answers."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from crowdship.kernel.clock import Clock, written
from crowdship.kernel.events import Value
from crowdship.notify.push.encryption import encrypted
from crowdship.notify.push.model import Subscription
from crowdship.notify.sendings import Result
from crowdship.notify.webhooks.delivery.answers import EndpointAnswer


class Urgency(StrEnum):
    """Weight of a message for a phone that saves power (RFC 8030)."""

    NORMAL = "normal"
    HIGH = "high"


class PushMessage(Value):
    """A message to a driver's browsers.

    Parameters
    ----------
    text : bytes
        JSON, which only the browser can read.
    ttl_s : int
        Wall seconds for which a push service keeps it for a phone that is off.
    topic : str
        A newer message takes the place of an undelivered one with its topic.
    """

    text: bytes
    ttl_s: int
    urgency: Urgency
    topic: str

    @classmethod
    def about(
        cls,
        fields: dict[str, Any],
        at: datetime,
        *,
        until: datetime,
        urgency: Urgency,
        topic: str,
        clock: Clock,
    ) -> "PushMessage":
        """Return the message with some fields about something that happened at a moment.

        Parameters
        ----------
        until : datetime
            Business time at which it is worth nothing any more. It is never delivered later.
        """
        text = json.dumps({**fields, "at": written(at)}, separators=(",", ":")).encode()
        left = max(clock.wall_seconds(until - clock.now()), 0.0)
        return cls(text=text, ttl_s=int(left), urgency=urgency, topic=topic)

    def request_to(self, subscription: Subscription, authorization: str) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of the request that brings it to a subscription's push service."""
        headers = {
            "Authorization": authorization,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(self.ttl_s),
            "Topic": self.topic,
            "Urgency": self.urgency.value,
        }
        return encrypted(self.text, *subscription.keys), headers


class Verdict(StrEnum):
    """The meaning of a push service's answer to a message."""

    TAKEN = "taken"
    GONE = "gone"
    LATER = "later"
    REFUSED = "refused"


RESULT_OF: dict[Verdict, Result | None] = {
    Verdict.TAKEN: Result.SENT,
    Verdict.GONE: Result.GONE,
    Verdict.LATER: None,
    Verdict.REFUSED: Result.REFUSED,
}

GONE = frozenset({404, 410})
PASSING = frozenset({408, 425, 429})


def verdict_on(answer: EndpointAnswer) -> Verdict:
    """Return what an answer means: a gone subscription, a failure that may pass, or a request that nobody will take.

    Examples
    --------
    >>> [verdict_on(EndpointAnswer(status=status)).value for status in (201, 410, 429, 503, 403)]
    ['taken', 'gone', 'later', 'later', 'refused']
    >>> verdict_on(EndpointAnswer(error="Timeout")).value
    'later'
    """
    status = answer.status
    if status is None or status in PASSING or status >= 500:
        return Verdict.LATER
    if status in GONE:
        return Verdict.GONE
    return Verdict.TAKEN if 200 <= status < 300 else Verdict.REFUSED
