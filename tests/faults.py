"""Faults on demand: the n-th call to AWS or over HTTP fails, before it is made or after it took effect."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from unittest.mock import patch

import requests
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError


class Lost(StrEnum):
    """What of a call does not arrive."""

    REQUEST = "request"
    ANSWER = "answer"


class Died(BaseException):
    """The process ends here; no handler of ours may go on, as none would after a kill."""


@dataclass
class Calls:
    """The calls made so far, by name and in order, and the one that failed."""

    made: list[str] = field(default_factory=list)
    failed: str | None = None


@contextmanager
def failing_call(n: int = 0, lost: Lost = Lost.REQUEST, *, dies: bool = False) -> Iterator[Calls]:
    """Let the ``n``-th call fail, counted from 1; none with 0, which only counts.

    Parameters
    ----------
    lost : Lost
        The request (nothing happened) or the answer (it happened, but the caller does not learn of it).
    dies : bool
        Raise ``Died`` instead of the error that botocore or requests would raise.
    """
    calls = Calls()

    def around(call: Callable, name: str, fault: Exception):
        calls.made.append(name)
        if len(calls.made) != n:
            return call()
        calls.failed = name
        if lost is Lost.ANSWER:
            with suppress(Exception):  # a refusal is an answer too, and lost like any other
                call()
        raise Died(name) if dies else fault

    to_aws, over_http = BaseClient._make_api_call, requests.Session.request

    def aws(client, operation, parameters):
        url = client.meta.endpoint_url
        kind = EndpointConnectionError if lost is Lost.REQUEST else ReadTimeoutError
        name = f"{client.meta.service_model.service_name}.{operation}"
        return around(lambda: to_aws(client, operation, parameters), name, kind(endpoint_url=url))

    def http(session, method, url, **more):
        kind = requests.ConnectionError if lost is Lost.REQUEST else requests.ReadTimeout
        return around(lambda: over_http(session, method, url, **more), f"http.{method}", kind(url))

    with patch.object(BaseClient, "_make_api_call", aws), patch.object(requests.Session, "request", http):
        yield calls


def each_call_failing(lost: Lost, *, dies: bool = False, at_least: int = 1) -> Iterator[AbstractContextManager[Calls]]:
    """Yield a context for each run of a use case: one without a fault, then one for each call, which fails.

    The caller has to enter each context and run the use case in it. The error that follows from a fault is swallowed;
    an error in the run without a fault is raised.

    Parameters
    ----------
    at_least : int
        Number of calls that the run without a fault must make, so that a test does not pass because nothing happened.

    Examples
    --------
    ::

        for faulty in each_call_failing(Lost.ANSWER, at_least=3):
            with faulty:
                act()
            check()
    """
    runs: list[Calls] = []

    @contextmanager
    def run(n: int) -> Iterator[Calls]:
        with failing_call(n, lost, dies=dies) as calls:
            runs.append(calls)
            try:
                yield calls
            except (Exception, Died):
                if n == 0:
                    raise

    yield run(0)
    length = len(runs[0].made)
    assert length >= at_least, runs[0].made
    for n in range(1, length + 1):
        yield run(n)
