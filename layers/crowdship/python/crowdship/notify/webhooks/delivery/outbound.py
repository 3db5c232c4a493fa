"""POST to an address that a merchant chose: bounded in time, and never to a machine of ours."""

import socket
import time
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Thread, Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from crowdship.adapters.settings import private_urls_allowed
from crowdship.notify.webhooks.delivery.answers import EndpointAnswer
from crowdship.notify.webhooks.endpoints.addresses import is_public, is_web_port

TIMEOUT_S = 15.0
"""Seconds for everything, from the look-up of the name to the answer, however slowly an endpoint sends."""

LONGEST_WISH = 40
"""Characters of a Retry-After: an HTTP date has 29."""


class ForbiddenAddress(OSError):  # noqa: N818
    """The name leads to a private address, or the port is no web server's."""


def addresses_of(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host.

    Raises
    ------
    ForbiddenAddress
        If any of them is not public, also if others are, or the port is another service's.
    """
    if not private_urls_allowed() and not is_web_port(port):
        raise ForbiddenAddress(f"port {port} is not a web server's")
    found = list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    forbidden = [] if private_urls_allowed() else [address for address in found if not is_public(address)]
    if forbidden:
        raise ForbiddenAddress(f"{host} is {forbidden[0]}, which is not a public address")
    return found


def _looked_up(host: str, port: int, within_s: float) -> list[str]:
    """Return the addresses of a host. The look-up can't be cut short, so its thread is left behind when time is up."""
    answer: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(addresses_of(host, port))
        except Exception as error:  # raised again where the answer is awaited
            answer.set_exception(error)

    Thread(target=look_up, daemon=True).start()
    return answer.result(within_s)


def _left(ends: float) -> float:
    """Return the seconds until a moment of the monotonic clock.

    Raises
    ------
    TimeoutError
        If it has passed.
    """
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Guarded(HTTPConnection):
    """A connection to exactly the address that was checked, and cut when its time is up.

    The name is resolved once, here, so a name that answers differently the second time (DNS rebinding) gains nothing.
    TLS still verifies the certificate against the name.
    """

    _watchdog: Timer | None = None
    _line: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        ends = time.monotonic() + TIMEOUT_S
        connected = self._connect(_looked_up(self.host, self.port, TIMEOUT_S), ends)
        left = _left(ends)
        connected.settimeout(left)  # so far it had the share of one address
        # A duplicate still cuts the connection after TLS has taken the socket over.
        self._line = connected.dup()
        self._watchdog = Timer(left, _cut, [self._line])
        self._watchdog.daemon = True
        self._watchdog.start()
        return connected

    def _connect(self, addresses: list[str], ends: float) -> socket.socket:
        """Return a connection to the first address that answers; each may use its share of the time that is left."""
        *others, last = addresses
        for number, address in enumerate(others):
            try:
                return self._dial(address, _left(ends) / (len(addresses) - number))
            except OSError:
                continue
        return self._dial(last, _left(ends))

    def _dial(self, address: str, timeout_s: float) -> socket.socket:
        return create_connection((address, self.port), timeout_s, socket_options=self.socket_options)

    def close(self) -> None:
        super().close()
        if self._watchdog:
            self._watchdog.cancel()
        if self._line:
            self._line.close()


def _cut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself


class _GuardedTls(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


def post(url: str, body: bytes, headers: dict[str, str]) -> EndpointAnswer:
    """POST bytes once without following redirects and return the answer; no answer of an endpoint makes it raise.

    Only the status line and one header are read. Body, cookies and redirects are not, as an endpoint may make them as
    long and as malformed as it likes.
    """
    began = time.monotonic()

    def answer(**fields: Any) -> EndpointAnswer:
        spent = time.monotonic() - began
        # An answer that was cut off may look like a short one. It came too late in any case.
        return EndpointAnswer(ms=round(spent * 1000), **({"error": "Timeout"} if spent >= TIMEOUT_S else fields))

    try:
        parts = urlsplit(url)
        if parts.scheme != "https" and not private_urls_allowed():
            return answer(error="NotHttps")
        with _pool(parts) as pool:
            response = pool.urlopen(
                "POST",
                (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return answer(status=response.status, retry_after=wish_of(response.headers.getlist("retry-after")))
            finally:
                response.close()
    except Exception as error:  # whatever an endpoint sends, the attempt has to be in its log
        return answer(error=type(_cause(error)).__name__)


def _pool(parts: SplitResult) -> HTTPConnectionPool:
    """Return a pool that connects to the host of a URL, without the proxies that the environment may name."""
    host, timeout = (parts.hostname or "").encode("idna").decode(), Timeout(TIMEOUT_S)
    if not host:
        raise ValueError("the URL names no host")
    if parts.scheme == "https":
        return _TlsPool(host, parts.port or 443, timeout=timeout, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where())
    return _Pool(host, parts.port or 80, timeout=timeout)


def wish_of(values: Sequence[str]) -> str | None:
    """Return the Retry-After of an answer: one that is short, printable and not contradicted by another, or None."""
    said = {value.strip() for value in values}
    value = said.pop() if len(said) == 1 else ""
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= LONGEST_WISH else None


def _cause(error: BaseException) -> BaseException:
    """Return the error that others were raised from."""
    seen: set[int] = set()
    while error.__context__ and id(error) not in seen:
        seen.add(id(error))
        error = error.__context__
    return error
