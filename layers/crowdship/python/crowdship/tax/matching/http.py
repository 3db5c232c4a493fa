"""TIN matcher ``http``: a service that takes questions and is asked for the answers later."""

from typing import Any
from urllib.parse import quote

import requests

from crowdship.adapters.providers import base_url
from crowdship.adapters.settings import private_urls_allowed
from crowdship.tax.matching.model import MatchingUnavailable, TinQuestion
from crowdship.tax.model import TinMatchCode

TIMEOUT_S = (3.05, 10)
"""Seconds to connect, and between two bytes of the answer."""


class HttpMatcher:
    """A service with ``POST /matches`` and ``GET /matches/<reference>``.

    Parameters
    ----------
    url : str
        Without the path; it begins with https unless ``plain_http_allowed``.
    api_key : str
        Sent as a bearer token.

    Raises
    ------
    ValueError
        If the url is not https.
    """

    name = "http"

    def __init__(self, url: str, api_key: str, *, plain_http_allowed: bool = False) -> None:
        self._url = base_url("the url of TIN matching", url, plain_http_allowed=plain_http_allowed)
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    def ask(self, question: TinQuestion) -> None:
        """Ask; the service knows a repeated question by its reference.

        Raises
        ------
        MatchingUnavailable
            On an error or no answer. The text has nothing of the person in it.
        """
        headers = {"Idempotency-Key": question.reference}
        self._call("POST", "/matches", question.reference, json=question.model_dump(mode="json"), headers=headers)

    def answer(self, reference: str) -> TinMatchCode | None:
        """Return the code of the answer, or None while there is none.

        Raises
        ------
        MatchingUnavailable
            On an error, no answer, or a code that the agency does not have.
        """
        told = self._call("GET", f"/matches/{quote(reference, safe='')}", reference)
        code = told.get("code")
        if code is None:
            return None
        try:
            return TinMatchCode(code)
        except ValueError:
            raise MatchingUnavailable(f"an unknown code about {reference}") from None

    def _call(self, method: str, path: str, reference: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self._url + path, timeout=TIMEOUT_S, allow_redirects=False, **more)
            told = answer.json() if answer.content else {}
        except (requests.RequestException, ValueError) as error:
            raise MatchingUnavailable(f"no answer about {reference}: {type(error).__name__}") from None
        if not 200 <= answer.status_code < 300 or not isinstance(told, dict):
            raise MatchingUnavailable(f"{answer.status_code} about {reference}")
        return told


def connect(url: str, api_key: str) -> HttpMatcher:
    """Return the service at a url; plain http is allowed on a local stage alone."""
    return HttpMatcher(url, api_key, plain_http_allowed=private_urls_allowed())
