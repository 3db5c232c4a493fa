"""POST to an address that somebody else chose: bounded in time, and never to a machine of ours."""

import os
import socket
import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from crowdship.notify.model import Answer

TIMEOUT_S = 15.0
"""For the whole exchange, however slowly an endpoint drips."""

NAT64 = IPv6Network("64:ff9b::/96")


class ForbiddenAddress(OSError):  # noqa: N818
    """The name leads to an address that only insiders may reach."""


def private_allowed() -> bool:
    """Return whether plain http and private addresses may be called: on stages without anything to protect."""
    return os.environ.get("STAGE") in {"local", "sandbox"}


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet, also behind the IPv6 forms of IPv4 addresses."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def addresses_of(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host.

    Raises
    ------
    ForbiddenAddress
        If any of them is not public: a name that leads to both is no accident.
    """
    found = list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    forbidden = [] if private_allowed() else [address for address in found if not is_public(address)]
    if forbidden:
        raise ForbiddenAddress(f"{host} is {forbidden[0]}, which is not a public address")
    return found


class _Guarded(HTTPConnection):
    """A connection to exactly the address that was checked, and cut when its time is up.

    The name is resolved once, here: a name that answers differently the second time (DNS rebinding) has no second
    time. TLS still verifies the certificate against the name.
    """

    _watchdog: Timer | None = None
    _line: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        connected = self._connect(addresses_of(self.host, self.port))
        # A duplicate still cuts the connection after TLS has taken the socket over.
        self._line = connected.dup()
        self._watchdog = Timer(TIMEOUT_S, _cut, [self._line])
        self._watchdog.daemon = True
        self._watchdog.start()
        return connected

    def _connect(self, addresses: list[str]) -> socket.socket:
        for address in addresses[:-1]:
            try:
                return self._dial(address)
            except OSError:
                continue
        return self._dial(addresses[-1])

    def _dial(self, address: str) -> socket.socket:
        return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)

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


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """POST bytes once, following nothing, and return what came back; never raises for what an endpoint does."""
    began = time.monotonic()

    def answer(**fields: Any) -> Answer:
        spent = time.monotonic() - began
        # What is cut off half-way may look like a short answer; it came too late in any case.
        return Answer(ms=round(spent * 1000), **({"error": "Timeout"} if spent >= TIMEOUT_S else fields))

    try:
        if urlsplit(url).scheme != "https" and not private_allowed():
            return answer(error="NotHttps")
        with requests.Session() as session:
            session.trust_env = False  # a proxy would choose the address in our place
            session.mount("https://", _Adapter())
            session.mount("http://", _Adapter())
            # The body of the answer is never read: only the status counts, and it could be endless.
            with session.post(
                url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            ) as response:
                return answer(status=response.status_code, retry_after=response.headers.get("Retry-After"))
    except (requests.RequestException, OSError, ValueError) as error:
        return answer(error=type(_cause(error)).__name__)


def _cause(error: BaseException) -> BaseException:
    """Return what an error began with, under the layers that wrapped it."""
    while error.__context__:
        error = error.__context__
    return error
