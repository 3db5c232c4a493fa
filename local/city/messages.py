"""SMS and e-mails to customers and staff, read from the emulator, which keeps every one that was sent."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import requests

from local.running import RunningStack

PIN = re.compile(r"\bPIN (\d{4})\b")


class Messages:
    """The SMS and e-mails of the emulator."""

    def __init__(self, stack: RunningStack) -> None:
        self._endpoint = stack.endpoint_url
        self._session = requests.Session()

    def sms_to(self, phone: str) -> list[str]:
        """Return the SMS to a phone, the oldest first."""
        return [message["Message"] for message in self._sms(phoneNumber=phone)]

    def count_sms(self) -> int:
        """Return the number of SMS that were sent so far."""
        return len(self._sms())

    def _sms(self, **query: str) -> list[dict[str, Any]]:
        answer = self._session.get(f"{self._endpoint}/_ministack/sns/sms-messages", params=query, timeout=20).json()
        found: list[dict[str, Any]] = []
        for messages in answer.get("sms_messages", answer).values():
            if isinstance(messages, list):
                found.extend(messages)
        return found

    def emails(self) -> list[dict[str, Any]]:
        """Return every e-mail that was sent so far, the oldest first."""
        answer = self._session.get(f"{self._endpoint}/_ministack/ses/messages", timeout=20).json()
        found: list[dict[str, Any]] = []
        for messages in answer.get("messages", answer).values():
            found.extend(messages)
        return found

    def ask_pin(self, phone: str, patience: timedelta) -> str | None:
        """Return the PIN that a customer was sent by SMS, or None if no such message comes in time.

        The message may still be under way when the driver is at the door.

        Parameters
        ----------
        patience : timedelta
            Wall time to wait for the message.
        """
        deadline = time.monotonic() + patience.total_seconds()
        while True:
            for text in reversed(self.sms_to(phone)):
                if found := PIN.search(text):
                    return found[1]
            if time.monotonic() > deadline:
                return None
            time.sleep(0.5)
