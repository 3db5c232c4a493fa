"""Imitations of services that the platform calls: merchants' endpoints, bank, Stripe, relay, checks, push service.

The push service answers on a port of its own, all others on one, from threads of the process that plays the city.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from local.imitations.push_service import PushService
from local.imitations.screening import SCREENING_KEY, SIGNING_SECRET, Screening
from local.imitations.stripe import STRIPE_KEY, Stripe
from local.imitations.stripe_events import WEBHOOK_SECRET
from local.imitations.tin import PAYER, TIN_KEY, TinMatching
from local.running import RunningStack

USUAL_PORT = 4577
LONGEST_HANG_S = 60.0
RELAY_KEY = "a-key-that-only-the-local-relay-knows"
STRIPE_PATH = "/stripe"
RELAY_PATH = "/relay/sessions/"
BANK_KEY = "a-key-that-only-the-local-bank-knows"


@dataclass(frozen=True)
class Hook:
    """One received webhook, after its signature was checked."""

    id: str
    path: str
    type: str
    timestamp: str
    data: dict[str, Any]
    received_at: float


@dataclass
class Endpoints:
    """The merchants' endpoints: they check signatures, keep the webhooks, and can be made to fail.

    Attributes
    ----------
    repeated, failures, hung
        Number of webhooks that a path had received before, failed on purpose, or left without an answer.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    ids: set[tuple[str, str]] = field(default_factory=set)
    repeated: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    failing_until: dict[str, float] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    hanging: dict[str, threading.Event] = field(default_factory=dict)
    hung: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def trust(self, path: str, secret: str) -> None:
        """Accept webhooks on a path if they are signed with a secret."""
        with self.lock:
            self.secrets[path] = secret

    def fail_for(self, path: str, wall_seconds: float) -> None:
        """Answer 503 on a path for some wall seconds."""
        self.failing_until[path] = time.monotonic() + wall_seconds

    def is_failing(self, path: str) -> bool:
        """Return whether a path still fails."""
        return time.monotonic() < self.failing_until.get(path, 0.0)

    def hang(self, path: str) -> None:
        """Leave requests on a path without an answer until ``let_go``."""
        self.hanging[path] = threading.Event()

    def let_go(self, path: str) -> None:
        """Answer on a path again."""
        self.hanging.pop(path).set()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Check and keep one webhook; return the status to answer."""
        if released := self.hanging.get(path):
            with self.lock:
                self.hung[path] += 1
            released.wait(LONGEST_HANG_S)
            return 503
        with self.lock:
            secret = self.secrets.get(path)
        if secret is None:
            return 404
        if self.is_failing(path):
            with self.lock:
                self.failures[path] += 1
            return 503
        try:
            told: dict[str, Any] = Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError) as error:
            with self.lock:
                self.refused.append(f"{path}: {error}")
            return 401
        hook = Hook(headers["webhook-id"], path, told["type"], told["timestamp"], told["data"], time.time())
        with self.lock:
            if (path, hook.id) in self.ids:
                self.repeated[path] += 1
            else:
                self.ids.add((path, hook.id))
                self.hooks.append(hook)
        return 204

    def of_delivery(self, delivery_id: str) -> list[Hook]:
        """Return the webhooks about a delivery, in the order of their events."""
        with self.lock:
            found = [hook for hook in self.hooks if hook.data.get("delivery_id") == delivery_id]
        return sorted(found, key=lambda hook: int(hook.data["sequence"]))

    def newest(self) -> dict[str, Hook]:
        """Return the webhook of the newest event of each delivery, by delivery id."""
        with self.lock:
            hooks = list(self.hooks)
        newest: dict[str, Hook] = {}
        for hook in hooks:
            if "delivery_id" not in hook.data:
                continue  # a webhook that is about no delivery, such as a test event
            delivery_id = hook.data["delivery_id"]
            known = newest.get(delivery_id)
            if known is None or int(hook.data["sequence"]) > int(known.data["sequence"]):
                newest[delivery_id] = hook
        return newest


@dataclass
class Bank:
    """The payment rail: it makes one transfer for each Idempotency-Key, also if a request is repeated.

    Attributes
    ----------
    slow : set of str
        Drivers whose transfers are under way and not paid at once.
    """

    transfers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0
    reject: dict[str, str] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    unavailable_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request for a transfer."""
        with self.lock:
            self.asked += 1
            if headers.get("authorization") != f"Bearer {BANK_KEY}":
                return 401, {"reason": "unknown key"}
            if time.monotonic() < self.unavailable_until:
                return 503, {"reason": "the bank is closed for a moment"}
            order = json.loads(body)
            key = headers.get("idempotency-key") or order["payout_id"]
            if reason := self.reject.get(order["driver_id"]):
                return 422, {"reason": reason}
            known = self.transfers.setdefault(key, {**order, "transfer_id": f"tr-{len(self.transfers) + 1:06d}"})
            state = "in_transit" if order["driver_id"] in self.slow else "paid"
            return 201, {"transfer_id": known["transfer_id"], "state": state}

    def report(self, code: str, driver_id: str, corrected: str = "") -> str:
        """Return the bank's report that the newest transfer to a driver came back, or that its account is corrected."""
        newest = [one for one in self.transfers.values() if one["driver_id"] == driver_id][-1]
        return (
            "reference,code,amount,currency,on,corrected\n"
            f"{newest['reference']},{code},{newest['amount']},{newest['currency']},,{corrected}\n"
        )

    def paid_to(self, driver_ids: set[str]) -> list[dict[str, Any]]:
        """Return the transfers to some drivers."""
        with self.lock:
            return [transfer for transfer in self.transfers.values() if transfer["driver_id"] in driver_ids]


@dataclass
class Relay:
    """The provider that connects calls: it gives one number for each session, and knows whom it connects.

    Attributes
    ----------
    sessions : dict
        By session, its number, its two participants and its end.
    """

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    unavailable_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, session_id: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request for a session."""
        with self.lock:
            if headers.get("authorization") != f"Bearer {RELAY_KEY}":
                return 401, {"reason": "unknown key"}
            if time.monotonic() < self.unavailable_until:
                return 503, {"reason": "no lines are free"}
            known = self.sessions.get(session_id, {"number": f"+1555{len(self.sessions):07d}"})
            self.sessions[session_id] = {**known, **json.loads(body)}
            return 200, {"number": known["number"]}


class Receivers:
    """Webhook endpoints, bank, Stripe, relay and background checks on one port, and a push service on another.

    Parameters
    ----------
    port : int
        The port to use if it is free; else another one is chosen.
    """

    def __init__(self, port: int = USUAL_PORT) -> None:
        self.endpoints = Endpoints()
        self.bank = Bank()
        self.pushes = PushService()
        self.relay = Relay()
        self.screening = Screening()
        self.tin = TinMatching()
        self.stripe = Stripe()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer()

            def do_GET(self) -> None:
                self._answer()

            def do_PUT(self) -> None:
                self._answer()

            def _answer(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                self._say(*outer.answer(self.command, self.path, headers, body))

            def _say(self, status: int, answer: dict[str, Any]) -> None:
                said = json.dumps(answer).encode() if answer else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                with suppress(OSError):  # the caller may have given up
                    self.end_headers()
                    self.wfile.write(said)

            def log_message(self, format: str, *args: Any) -> None:
                """Print nothing, as the city prints its own messages."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        try:
            self._server = Server(("127.0.0.1", port), Handler)
        except OSError:
            self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="receivers", daemon=True)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Return what the one answers whom a request is for; what is nobody's is a webhook endpoint's."""
        path = urlsplit(target).path
        if path.startswith("/tin/"):
            return self.tin.answer(method, path.removeprefix("/tin"), headers, body)
        if path.startswith(STRIPE_PATH):
            return self.stripe.take(method, target.removeprefix(STRIPE_PATH), headers, body)
        match method, path:
            case "POST", "/bank/transfers":
                return self.bank.take(headers, body)
            case "POST", "/screening/checks":
                return self.screening.take(headers, body)
            case "PUT", _ if path.startswith(RELAY_PATH):
                return self.relay.take(path.removeprefix(RELAY_PATH), headers, body)
            case "POST", _:
                return self.endpoints.take(path, headers, body), {}
            case _:
                return 404, {}

    def __enter__(self) -> Receivers:
        """Begin to answer."""
        self._thread.start()
        self.pushes.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering."""
        self.pushes.__exit__()
        self._server.shutdown()
        self._server.server_close()

    def connect_bank(self, stack: RunningStack) -> None:
        """Write the bank's address and key into the platform's secret."""
        text = json.dumps({"url": f"{self.url}/bank", "api_key": BANK_KEY})
        secret = stack.outputs["PaymentRailSecretArn"]
        stack.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=text)

    def connect_stripe(self, stack: RunningStack) -> None:
        """Write Stripe's address, key and signing secret into the platform's secret of its payout provider."""
        self.stripe.outbox.reports_to = f"{stack.api_url}/v1/providers/stripe/events"
        fields = {"url": f"{self.url}{STRIPE_PATH}", "api_key": STRIPE_KEY, "webhook_secret": WEBHOOK_SECRET}
        secret = stack.outputs["PaymentRailSecretArn"]
        stack.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(fields))

    def connect_relay(self, stack: RunningStack) -> None:
        """Write the relay's address and key into the platform's secret."""
        text = json.dumps({"url": f"{self.url}/relay", "api_key": RELAY_KEY})
        secret = stack.outputs["RelaySecretArn"]
        stack.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=text)

    def connect_screening(self, stack: RunningStack) -> None:
        """Write address, key and signing secret of the provider of background checks into the platform's secret."""
        self.screening.reports_to = f"{stack.api_url}/v1/providers/screening/reports"
        fields = {"url": f"{self.url}/screening", "api_key": SCREENING_KEY, "signing_secret": SIGNING_SECRET}
        secret = stack.outputs["ScreeningSecretArn"]
        stack.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(fields))

    def connect_tin_matching(self, stack: RunningStack) -> None:
        """Write address and key of TIN Matching, and who the payer is, into the platform's secret."""
        fields = {"url": f"{self.url}/tin", "api_key": TIN_KEY, **PAYER}
        secret = stack.outputs["TaxSecretArn"]
        stack.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(fields))
