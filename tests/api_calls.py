"""Calls of the API in tests, one or many at a time, and what their answers must say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter

PROBLEM = "application/problem+json"


AT_ONCE = 4
"""Requests at the same time where only speed is wanted; more would wait for each other."""


def eventually[T](look: Callable[[], T], what: str, within: float = 30.0, every: float = 0.1) -> T:
    """Return what a look finds, as soon as it finds something.

    Raises
    ------
    AssertionError
        If it finds nothing in time.
    """
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within:.0f} s")
        time.sleep(every)
    return found


def at_once[T](deeds: Iterable[Callable[[], T]], threads: int = AT_ONCE) -> list[T]:
    """Do several things at the same time; return what each gave, in their order."""
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(deed) for deed in deeds]]


def ok(answer: requests.Response, status: int = 200) -> Any:
    """Return what a successful answer says."""
    assert answer.status_code == status, f"{answer.status_code} {answer.request.method} {answer.url}: {answer.text}"
    return answer.json() if answer.content else None


def problem(answer: requests.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem that an answer tells, after a look at its form (RFC 9457)."""
    told = f"{answer.status_code} {answer.request.method} {answer.url}: {answer.text[:500]}"
    assert answer.status_code == status, told
    assert answer.headers["content-type"] == PROBLEM, told
    said: dict[str, Any] = answer.json()
    assert set(said) == {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"}, told
    assert said["status"] == status, told
    assert said["type"].endswith(f"/{said['code']}"), told
    assert said["detail"], told
    assert said["request_id"], told
    assert code in (None, said["code"]), told
    return said


def pointers(said: Mapping[str, Any]) -> set[str]:
    """Return what a problem points at."""
    return {error["pointer"] for error in said["errors"]}


class Caller:
    """One client of the API.

    Parameters
    ----------
    credential : str or None
        What stands after ``Bearer``; None to send no ``Authorization`` at all.
    """

    def __init__(self, api_url: str, credential: str | None = None) -> None:
        self.api_url = api_url
        self.credential = credential
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=32))

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        data: bytes | str | None = None,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """Make a request; ``data`` is sent as it is, ``body`` as JSON."""
        sent: dict[str, str | None] = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        return self._session.request(
            method, self.api_url + path, json=body, data=data, headers=sent, params=query, timeout=60
        )

    def get(self, path: str, **query: Any) -> Any:
        """Return what there is to read."""
        return ok(self("GET", path, query=query))

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """Return the answer to something done."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ok(self("POST", path, {} if body is None else body, headers=named), status)
