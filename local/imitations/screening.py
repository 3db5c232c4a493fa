"""The imitated provider of background checks: slow, down, flagging, with reports that are signed, rightly or not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crowdship.kernel.signatures import sign

SCREENING_KEY = "a-key-that-only-the-local-provider-knows"
SIGNING_SECRET = "whsec_bG9jYWwtc2NyZWVuaW5nLXByb3ZpZGVyLXNlY3JldA=="
REPORT_TIMEOUT_S = 20

RECORDS = (
    {"title": "Driving with a suspended licence", "date": "2024-03-02", "place": "Cook County, IL", "outcome": "Fined"},
)
"""A report's record that flags somebody."""


@dataclass(frozen=True)
class Behaviour:
    """The provider's plan for the order of one person.

    Attributes
    ----------
    result
        ``clear`` or ``consider``; None never reports.
    slow_s
        Wall seconds until it reports.
    times
        How often it sends the same report.
    candidate_id
        Whom the report names instead of the person.
    refuse
        Answer the order with 422.
    """

    result: str | None = "clear"
    slow_s: float = 0.2
    times: int = 1
    candidate_id: str | None = None
    refuse: bool = False


@dataclass
class Screening:
    """The provider: it takes one check for each Idempotency-Key, and reports by itself.

    Attributes
    ----------
    orders
        Orders by reference.
    answers
        By reference, the status and code with which our webhook answered each report.
    asked
        Number of requests, also repeated and refused ones.
    """

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    unavailable_until: float = 0.0
    asked: int = 0
    reports_to: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def behave(self, candidate_id: str, behaviour: Behaviour) -> None:
        """Choose what is done with the orders of a person."""
        self.behaviours[candidate_id] = behaviour

    def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one order."""
        with self.lock:
            self.asked += 1
            if headers.get("authorization") != f"Bearer {SCREENING_KEY}":
                return 401, {"reason": "unknown key"}
            if time.monotonic() < self.unavailable_until:
                return 503, {"reason": "out of order for a moment"}
            try:
                order: dict[str, Any] = Webhook(SIGNING_SECRET).verify(body, dict(headers))
            except (WebhookVerificationError, ValueError) as error:
                self.refused.append(str(error))
                return 401, {"reason": "wrong signature"}
            behaviour = self.behaviours.get(order["candidate_id"], self._usual(order))
            if behaviour.refuse:
                return 422, {"reason": "this person can't be found"}
            reference = headers.get("idempotency-key") or order["reference"]
            first = reference not in self.orders
            known = self.orders.setdefault(reference, order)
        if first:
            self.later(behaviour.slow_s, lambda: self.report(known, behaviour))
        return 201, {"check_id": check_id(reference)}

    @staticmethod
    def _usual(order: Mapping[str, Any]) -> Behaviour:
        """Return what is done about people of whom no story tells: who has ``consider`` in their name is flagged."""
        return Behaviour("consider" if "consider" in str(order.get("legal_name", "")).lower() else "clear")

    @staticmethod
    def later(seconds: float, act: Callable[[], object]) -> None:
        """Do something after some wall seconds."""
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()

    def report(self, order: Mapping[str, Any], behaviour: Behaviour, **changes: Any) -> list[tuple[int, str]]:
        """Report about an order as a behaviour says; return our answers."""
        if behaviour.result is None or self.reports_to is None:
            return []
        told = {
            "check_id": check_id(order["reference"]),
            "reference": order["reference"],
            "candidate_id": behaviour.candidate_id or order["candidate_id"],
            "result": behaviour.result,
            "records": list(RECORDS) if behaviour.result == "consider" else [],
            **changes,
        }
        answers = [self.send(told) for _ in range(behaviour.times)]
        with self.lock:
            self.answers.setdefault(order["reference"], []).extend(answers)
        return answers

    def send(self, told: dict[str, Any], secret: str = SIGNING_SECRET, ago_s: int = 0) -> tuple[int, str]:
        """Send one signed report; return the status and the code of the answer."""
        if self.reports_to is None:
            raise LookupError("the provider is connected with no platform")
        body, stamp, name = json.dumps(told).encode(), int(time.time()) - ago_s, f"msg_{time.time_ns()}"
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(secret, name, stamp, body),
        }
        try:
            answer = requests.post(self.reports_to, data=body, headers=headers, timeout=REPORT_TIMEOUT_S)
        except requests.RequestException as error:
            return 0, type(error).__name__
        return answer.status_code, answer.json()["code"] if answer.content else ""


def check_id(reference: str) -> str:
    """Return the provider's id of a check."""
    return f"chk-{reference}"
