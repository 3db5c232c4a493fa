"""Events of the imitated Stripe: signed as its guide on webhooks describes, and delivered until they are taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

WEBHOOK_SECRET = "whsec_a_secret_of_the_local_stripe"
TIMEOUT_S = 20


@dataclass
class Outbox:
    """Events in their order.

    Attributes
    ----------
    answers
        Statuses with which our endpoint answered the deliveries of an event, by its id.
    reports_to
        Address of our endpoint.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    reports_to: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, event: dict[str, Any]) -> None:
        """Add an event."""
        with self.lock:
            self.events.append(event)

    def taken(self) -> Iterator[dict[str, Any]]:
        """Take events out until none is left."""
        while True:
            with self.lock:
                if not self.events:
                    return
                event = self.events.pop(0)
            yield event

    def deliver(self, most_tries: int = 5, wait_s: float = 0.2) -> None:
        """Deliver all events to our endpoint; one that is not taken is repeated after a while that doubles.

        Raises
        ------
        LookupError
            If Stripe knows no endpoint.
        """
        if self.reports_to is None:
            raise LookupError("Stripe is connected with no platform")
        for event in self.taken():
            for number in range(most_tries):
                status = post(self.reports_to, *signed(event))
                self.answers.setdefault(event["id"], []).append(status)
                if 200 <= status < 300:
                    break
                time.sleep(wait_s * 2**number)


def post(url: str, body: bytes, signature: str) -> int:
    """Send a body with its signature; return the status of the answer, 0 without one."""
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    try:
        return requests.post(url, data=body, headers=headers, timeout=TIMEOUT_S).status_code
    except requests.RequestException:
        return 0


def signed(event: Mapping[str, Any], secret: str = WEBHOOK_SECRET, ago_s: int = 0) -> tuple[bytes, str]:
    """Return the body of an event, and its signature of now or some wall seconds ago."""
    body, stamp = json.dumps(event).encode(), int(time.time()) - ago_s
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={stamp},v1={digest}"
