"""An imitation of BigCommerce: the part of its Orders API V2 that is used, and the messages of its webhooks.

It answers on a port of the loopback interface, from a thread of the process that starts it, and can be made to fail.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

STORE_HASH = "b4ker1"
STORE_ID = "1009171"
TOKEN = "a-token-that-only-the-imitated-shop-knows"

_ORDER = re.compile(r"/stores/([a-z0-9]+)/v2/orders/([0-9]+)(?:/(products|shipping_addresses))?(?:\?limit=[0-9]+)?")


@dataclass(frozen=True)
class Answer:
    """An answer of the API: a correct one, or a failure in its place.

    Parameters
    ----------
    body : bytes
        JSON, or any text that a proxy in between may answer.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class BigCommerce:
    """A store with orders, and its API.

    Attributes
    ----------
    asked : list of str
        The requested paths, in order.
    failures : deque of Answer
        The answers to the next requests; correct answers follow when none are left.

    Examples
    --------
    >>> with BigCommerce() as shop:
    ...     shop.put({"order": {"id": 250}, "products": [], "shipping_addresses": []})
    ...     shop.api_path.endswith("/stores/b4ker1/v3/")
    True
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failures: deque[Answer] = deque()
        self._orders: dict[str, Mapping[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def api_path(self) -> str:
        """The address of the store's API, as BigCommerce's control panel shows it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/stores/{STORE_HASH}/v3/"

    def put(self, order: Mapping[str, Any]) -> None:
        """Keep an order, in place of the one with its id.

        Parameters
        ----------
        order : mapping
            ``order``, ``products`` and ``shipping_addresses`` as the API answers them.
        """
        self._orders[str(order["order"]["id"])] = order

    def message(self, order_id: object, scope: str = "store/order/updated", created_at: int = 1780321501) -> bytes:
        """Return the body that a webhook sends about an order."""
        named = {
            "scope": scope,
            "store_id": STORE_ID,
            "data": {"type": "order", "id": order_id},
            "created_at": created_at,
            "producer": f"stores/{STORE_HASH}",
        }
        digest = hashlib.sha1(json.dumps(named).encode(), usedforsecurity=False).hexdigest()
        return json.dumps({**named, "hash": digest}).encode()

    def answer(self, path: str, token: str | None) -> Answer:
        """Return the status and the body for a request."""
        self.asked.append(path)
        if self.failures:
            return self.failures.popleft()
        found = _ORDER.fullmatch(path)
        if token != TOKEN or not found or found[1] != STORE_HASH:
            return Answer(401)
        if (order := self._orders.get(found[2])) is None:
            return Answer(404, body=b'[{"status":404,"message":"The requested resource was not found."}]')
        part = order[found[3] or "order"]
        return Answer(200, body=json.dumps(part).encode()) if part else Answer(204)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = shop.answer(self.path, self.headers.get("X-Auth-Token"))
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing, as the caller reports the answers."""

        return Handler
