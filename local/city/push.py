"""Push messages to the phone of a driver in the city: the browser subscribes, and lets the phone ring."""

from __future__ import annotations

import threading
from typing import Any

from local.city.api import Caller
from local.imitations.push_service import Browser, PushService, Received

PATH = "/v1/driver/push"


class Phone:
    """A driver's phone, which rings at a push message.

    Parameters
    ----------
    app : Caller
        The driver's calls.
    service : PushService
        The push service at which the phone's browser subscribes.

    Attributes
    ----------
    heard : list of dict
        The messages that came in, the oldest first.
    """

    def __init__(self, app: Caller, service: PushService) -> None:
        self.heard: list[dict[str, Any]] = []
        self._app, self._service = app, service
        self._browser: Browser | None = None
        self._kept: str | None = None
        self._rang = threading.Event()
        self._changed = threading.Event()

    def subscribe(self) -> None:
        """Subscribe this phone's browser, in place of those that the driver used before."""
        if self._browser:
            return
        known = self._app.get(PATH)
        for old in known["subscriptions"]:
            self._app.delete(f"{PATH}/subscriptions/{old['subscription_id']}")
        browser = self._service.subscribe(known["public_key"], self._take)
        self._kept = self._app.put(f"{PATH}/subscriptions", browser.subscription)["subscription_id"]
        self._browser = browser

    @property
    def subscribed(self) -> bool:
        """True if messages come to this phone."""
        return self._browser is not None

    def unsubscribe(self) -> None:
        """Take no more messages."""
        if self._browser:
            self._app.delete(f"{PATH}/subscriptions/{self._kept}")
            self._browser = None

    def ring(self) -> None:
        """Let the phone ring, whatever for."""
        self._rang.set()

    def rings(self, longest_s: float) -> bool:
        """Wait until the phone rings; return False if it did not within some wall seconds."""
        rang = self._rang.wait(max(0.0, longest_s))
        if rang:
            self._rang.clear()
        return rang

    def route_changed(self) -> bool:
        """Return whether a message since the last call told that the route was changed."""
        changed = self._changed.is_set()
        self._changed.clear()
        return changed

    def _take(self, received: Received) -> None:
        self.heard.append(received.message)
        if received.message["kind"] == "route_changed":
            self._changed.set()
        self._rang.set()
