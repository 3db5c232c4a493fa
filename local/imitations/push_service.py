"""An imitation of a push service together with the browsers that subscribe at it.

It checks the sender's signature (VAPID, RFC 8292), decrypts each message as the browser would (RFC 8291), hands it to
whoever listens, and keeps it to be read. It can be made to fail, and a subscription to be gone. Both checks are made by
libraries that the platform does not use.

    python -m local.imitations.push_service [--port N]

answers over HTTP:

    POST   /subscriptions                  {application_server_key?} -> {id, subscription: {endpoint, keys, ...}}
    GET    /subscriptions/{id}/messages    -> {messages: [{message, ttl, urgency, topic}]}, the oldest first
    DELETE /subscriptions/{id}/messages    the same, and removes them
    POST   /subscriptions/{id}/gone        messages to it are answered 410 from now on
    POST   /subscriptions/{id}/failures    {status, times, retry_after?}: answers to the next messages
    POST   /push/{id}                      takes a message
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

USUAL_PORT = 4588
LONGEST_TOKEN_S = 24 * 3600
LARGEST_MESSAGE = 4096
URGENCIES = frozenset({"very-low", "low", "normal", "high"})
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_PATH = re.compile(r"/(subscriptions|push)(?:/([A-Za-z0-9_-]+)(?:/(messages|gone|failures))?)?")

Listener = Callable[["Received"], None]


@dataclass(frozen=True)
class Received:
    """One message as a browser's service worker gets it, and what the sender told the push service."""

    message: dict[str, Any]
    ttl: int
    urgency: str
    topic: str | None

    def json(self) -> dict[str, Any]:
        """Return it as it is told over HTTP."""
        return {"message": self.message, "ttl": self.ttl, "urgency": self.urgency, "topic": self.topic}


@dataclass
class Failure:
    """Answers to the next messages."""

    status: int
    times: int
    retry_after: int | None = None


@dataclass
class Browser:
    """A browser's subscription, with the keys that only the browser has."""

    id: str
    endpoint: str
    sender: str | None
    listener: Listener | None
    private_key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    messages: list[Received] = field(default_factory=list)
    failure: Failure | None = None
    gone: bool = False

    @property
    def subscription(self) -> dict[str, Any]:
        """The subscription as ``PushSubscription.toJSON()`` returns it."""
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _text(point), "auth": _text(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}


class PushService:
    """A push service on a port of this machine, and its browsers.

    Parameters
    ----------
    port : int
        The port to use; any free one if it is 0 or taken.

    Attributes
    ----------
    refused : list of str
        Reasons for which messages were refused: the platform never gives one.

    Examples
    --------
    >>> with PushService() as service:
    ...     browser = service.subscribe()
    ...     sorted(browser.subscription["keys"]), service.messages(browser.id)
    (['auth', 'p256dh'], [])
    """

    def __init__(self, port: int = 0) -> None:
        self.refused: list[str] = []
        self._browsers: dict[str, Browser] = {}
        self._lock = threading.Lock()
        try:
            self._server = _Server(("127.0.0.1", port), _handler(self))
        except OSError:
            self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="pushes", daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def subscribe(self, application_server_key: str | None = None, listener: Listener | None = None) -> Browser:
        """Return a new browser's subscription.

        Parameters
        ----------
        application_server_key : str, optional
            The only sender's key that is accepted, in base64url; any if left out.
        listener : callable, optional
            Takes each message as it comes in.
        """
        name = secrets.token_urlsafe(18)
        browser = Browser(name, f"{self.url}/push/{name}", application_server_key, listener)
        with self._lock:
            self._browsers[name] = browser
        return browser

    def messages(self, browser_id: str, *, take: bool = False) -> list[Received]:
        """Return the messages of a browser, the oldest first; remove them if ``take``."""
        with self._lock:
            browser = self._browsers[browser_id]
            found = list(browser.messages)
            if take:
                browser.messages.clear()
        return found

    def end(self, browser_id: str) -> None:
        """Let a browser be gone, as one whose user took the permission back."""
        self._browsers[browser_id].gone = True

    def fail(self, browser_id: str, status: int, times: int = 1, retry_after: int | None = None) -> None:
        """Answer the next messages to a browser with a status."""
        self._browsers[browser_id].failure = Failure(status, times, retry_after)

    def knows(self, browser_id: str) -> bool:
        """Return whether there is such a browser."""
        return browser_id in self._browsers

    def take(self, browser_id: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Take one message; return the status and the headers to answer."""
        browser = self._browsers.get(browser_id)
        if browser is None:
            return 404, {}
        if browser.gone:
            return 410, {}
        with self._lock:
            failure = browser.failure
            if failure and failure.times > 0:
                failure.times -= 1
                again = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
                return failure.status, again
        try:
            received = self._read(browser, headers, body)
        except Exception as error:  # whatever is wrong with a request, the sender is told so
            with self._lock:
                self.refused.append(f"{type(error).__name__}: {error}")
            return (403 if isinstance(error, PermissionError) else 400), {}
        with self._lock:
            # A newer message takes the place of one that was not fetched yet.
            kept = [m for m in browser.messages if received.topic is None or m.topic != received.topic]
            browser.messages[:] = [*kept, received]
        if browser.listener:
            browser.listener(received)
        return 201, {"Location": f"{self.url}/messages/{secrets.token_hex(8)}"}

    def _read(self, browser: Browser, headers: Mapping[str, str], body: bytes) -> Received:
        """Return a message that is signed, in form and encrypted for a browser."""
        self._check_sender(browser, headers.get("authorization", ""))
        if headers.get("content-encoding") != "aes128gcm" or len(body) > LARGEST_MESSAGE:
            raise ValueError("a message is at most 4096 bytes of aes128gcm")
        urgency, topic = headers.get("urgency", "normal"), headers.get("topic")
        if urgency not in URGENCIES or (topic is not None and not _TOPIC.fullmatch(topic)):
            raise ValueError(f"urgency {urgency} or topic {topic} is not in form")
        text = http_ece.decrypt(body, private_key=browser.private_key, auth_secret=browser.auth, version="aes128gcm")
        return Received(json.loads(text), int(headers["ttl"]), urgency, topic)

    def _check_sender(self, browser: Browser, authorization: str) -> None:
        try:
            is_signed = Vapid02.verify(authorization)
        except Exception as error:
            raise PermissionError(f"no VAPID signature: {error}") from error
        fields = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
        claims = json.loads(_bytes(fields["t"].split(".")[1]))
        if not is_signed or claims["aud"] != self.url or not claims["sub"].startswith("mailto:"):
            raise PermissionError("the signature is wrong, or for another push service")
        if not 0 < claims["exp"] - time.time() <= LONGEST_TOKEN_S:
            raise PermissionError("the signature is valid for no time or for too long")
        if browser.sender and browser.sender.rstrip("=") != fields["k"].rstrip("="):
            raise PermissionError("the browser subscribed with another key")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


def _asked(service: PushService, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer to a request."""
    found = _PATH.fullmatch(path)
    kind, name, deed = found.groups() if found else (None, None, None)
    if (method, kind) == ("POST", "push") and name and not deed:
        return Answer(*service.take(name, headers, body))
    given = json.loads(body or b"{}")
    if (method, kind, name) == ("POST", "subscriptions", None):
        browser = service.subscribe(given.get("application_server_key"))
        return Answer(201, body={"id": browser.id, "subscription": browser.subscription})
    if kind != "subscriptions" or not name or not service.knows(name):
        return Answer(404)
    match method, deed:
        case "GET" | "DELETE", "messages":
            messages = service.messages(name, take=method == "DELETE")
            return Answer(200, body={"messages": [received.json() for received in messages]})
        case "POST", "gone":
            service.end(name)
            return Answer(204)
        case "POST", "failures":
            service.fail(name, **given)
            return Answer(204)
    return Answer(404)


def _handler(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            answer = _asked(service, self.command, self.path, headers, body)
            said = json.dumps(answer.body).encode() if answer.body is not None else b""
            self.send_response(answer.status)
            for header, value in {**answer.headers, "Content-Length": str(len(said))}.items():
                self.send_header(header, value)
            if said:
                self.send_header("Content-Type", "application/json")
            with suppress(OSError):  # the caller may have given up
                self.end_headers()
                self.wfile.write(said)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing, as the caller reports the answers."""

    return Handler


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> None:
    """Answer until interrupted."""
    parser = argparse.ArgumentParser(prog="local.imitations.push_service", description="An imitated push service.")
    parser.add_argument("--port", type=int, default=USUAL_PORT)
    with PushService(parser.parse_args().port) as service, suppress(KeyboardInterrupt):
        print(f"push service: {service.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
