"""Relay provider ``http``: a service that opens sessions of two phones, known by their ids.

A request is tried three times. After five failures in a row nothing is asked for half a minute, so that people who wait
for a number hear at once that there is none, and a service in trouble is left alone.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from crowdship.adapters.providers import base_url
from crowdship.adapters.settings import private_urls_allowed
from crowdship.contact.relay.model import RelayUnavailable
from crowdship.kernel.clock import written

TIMEOUT_S = (2, 3)
"""Seconds to connect, and between two bytes of the answer: somebody waits with a phone at the ear."""

RETRIES = Retry(
    total=2,
    backoff_factor=0.2,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,  # a session is known by its id, so a repeated request opens no second one
    raise_on_status=False,
    respect_retry_after_header=False,
)

MOST_FAILURES = 5
REST_S = 30.0


class HttpRelay:
    """A service that takes ``PUT /sessions/{id}`` and answers with a number.

    Parameters
    ----------
    url : str
        Without the path; it begins with https unless ``plain_http_allowed``.
    api_key : str
        Sent as a bearer token.
    time : callable
        Seconds that pass, by which it rests.

    Raises
    ------
    ValueError
        If the url is not https.
    """

    def __init__(
        self, url: str, api_key: str, *, plain_http_allowed: bool = False, time: Callable[[], float] = monotonic
    ) -> None:
        self._url = base_url("the relay's url", url, plain_http_allowed=plain_http_allowed)
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=RETRIES))
        self._time = time
        self._failures = 0
        self._rests_until = 0.0

    def number_for(self, session_id: str, phones: tuple[str, str], expires_at: datetime) -> str:
        """Return the number that connects two phones with each other until a moment.

        Raises
        ------
        RelayUnavailable
            If the service refuses, does not answer, or rests after failures. The text has no phone in it.
        """
        if self._time() < self._rests_until:
            raise RelayUnavailable("the relay rests after failures")
        try:
            number = self._ask(session_id, phones, expires_at)
        except RelayUnavailable:
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._failures, self._rests_until = 0, self._time() + REST_S
            raise
        self._failures = 0
        return number

    def _ask(self, session_id: str, phones: tuple[str, str], expires_at: datetime) -> str:
        try:
            answer = self._session.put(
                f"{self._url}/sessions/{session_id}",
                json={"participants": list(phones), "expires_at": written(expires_at)},
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
            number = answer.json()["number"] if answer.ok else None
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise RelayUnavailable(f"no answer about {session_id}: {type(error).__name__}") from None
        if not isinstance(number, str) or not number.startswith("+") or not number[1:].isdigit():
            raise RelayUnavailable(f"{answer.status_code} about {session_id}, and no number")
        return number


def connect(url: str, api_key: str) -> HttpRelay:
    """Return the relay at a url; plain http is allowed on a local stage alone."""
    return HttpRelay(url, api_key, plain_http_allowed=private_urls_allowed())
