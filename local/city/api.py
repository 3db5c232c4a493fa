"""A client of the platform's HTTP API for shops, staff and drivers' apps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from local.running import RunningStack
from local.staff import tokens

TIMEOUT_S = 40
FAULTS = frozenset({500, 502, 503, 504})
TOO_MANY = 429

AGAIN = Retry(
    total=8,
    status_forcelist=FAULTS | {TOO_MANY},
    allowed_methods=None,  # every request here may be repeated
    backoff_factor=0.2,
    backoff_jitter=0.2,
    raise_on_status=False,  # so that the last answer is returned
    respect_retry_after_header=True,
    retry_after_max=60,
)
"""Repetition of a failed request, after the time that the answer asks for, or else after twice the last pause."""

CHANGED_TRIES = 6
"""The most tries of a request that fails with ``changed_meanwhile``."""

CHANGED_PAUSE_S = 0.2


class RefusedError(Exception):
    """The platform refused a request; ``code`` is the stable reason, ``detail`` the sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail


class Meter:
    """Counts of requests: their seconds, and their faults by name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: list[float] = []
        self.faults: dict[str, int] = {}

    def count(self, seconds: float, faults: Iterable[str]) -> None:
        """Count one request with the faults of its tries."""
        with self._lock:
            self.seconds.append(seconds)
            for fault in faults:
                self.faults[fault] = self.faults.get(fault, 0) + 1


class Caller:
    """One client of the API, with the credential it shows.

    Parameters
    ----------
    credential : callable
        Returns the bearer credential; called with True to get a new one after a 401.
    """

    def __init__(self, api_url: str, credential: Callable[[bool], str], meter: Meter | None = None) -> None:
        self._api = api_url
        self._credential = credential
        self._meter = meter or Meter()
        self._session = requests.Session()
        # The server may have closed connections that were unused for a while; a retry opens a new one.
        self._session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=8, max_retries=AGAIN))

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any | None = None, **headers: str) -> Any:
        """Do something."""
        return self.call("POST", path, body if body is not None else {}, headers=headers)

    def put(self, path: str, body: Any) -> Any:
        """Set something."""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        """Change something."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        """End something."""
        return self.call("DELETE", path)

    def call(
        self,
        method: str,
        path: str,
        body: Any | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Make a request; repeat it after a fault, or when the platform asks to wait. Bytes are sent as they are.

        Raises
        ------
        RefusedError
            If the platform refuses it, or still fails after some tries.
        """
        renewed = False
        for number in range(1, CHANGED_TRIES + 1):
            status, answer = self._once(method, path, body, query, headers or {})
            if status and status < 400:
                return answer
            if status == 401 and not renewed:
                renewed = True
                self._credential(True)
                continue
            code = answer.get("code", "") if isinstance(answer, dict) else ""
            if code != "changed_meanwhile" or number == CHANGED_TRIES:
                detail = answer.get("detail", str(answer)) if isinstance(answer, dict) else str(answer)
                raise RefusedError(status, code or "no_answer", f"{method} {path}: {detail}")
            time.sleep(CHANGED_PAUSE_S * 2 ** (number - 1))
        raise AssertionError("unreachable")

    def _once(
        self, method: str, path: str, body: Any | None, query: dict[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, Any]:
        """Return an answer's status and body; if none came, status 0 and the error's text."""
        sent = {"Authorization": f"Bearer {self._credential(False)}"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        began = time.perf_counter()
        faults: list[str] = []
        status: int = 0
        answer: Any = None
        try:
            content = {"data": body} if isinstance(body, bytes) else {"json": body}
            response = self._session.request(
                method, self._api + path, params=query, headers=sent, timeout=TIMEOUT_S, **content
            )
            faults += _faults_before(response)
            status, answer = response.status_code, response.json() if response.content else None
            if status in FAULTS:
                faults.append(str(status))
        except (requests.RequestException, ValueError) as error:
            answer = f"{type(error).__name__}: {error}"[:300]
            faults.append(type(error).__name__)
            status = 0
        self._meter.count(time.perf_counter() - began, faults)
        return status, answer


def _faults_before(response: requests.Response) -> list[str]:
    """Return the faults of the tries before a request was answered."""
    retries = getattr(response.raw, "retries", None)
    return [str(tried.status or type(tried.error).__name__) for tried in retries.history] if retries else []


def fixed(credential: str) -> Callable[[bool], str]:
    """Return a credential that never changes: a merchant's API key."""
    return lambda _renew: credential


class SignIn:
    """A user without a second factor, who gets a new access token when the old one has run out."""

    def __init__(self, stack: RunningStack, username: str, password: str) -> None:
        self._stack = stack
        self._username = username
        self._password = password
        self._token = ""
        self._lock = threading.Lock()

    def __call__(self, renew: bool) -> str:
        """Return the access token."""
        with self._lock:
            if renew or not self._token:
                self._token = tokens(self._stack, self._username, self._password)["AccessToken"]
            return self._token
