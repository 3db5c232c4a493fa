"""Screening provider ``http``: a service that takes orders signed by Standard Webhooks, and reports in the same way."""

import time
from collections.abc import Callable

import requests

from crowdship.adapters.providers import base_url
from crowdship.adapters.settings import private_urls_allowed
from crowdship.kernel.signatures import sign
from crowdship.onboarding.screening.model import CheckOrder, ScreeningRefused, ScreeningUnavailable

TIMEOUT_S = (3.05, 10)
"""Seconds to connect, and between two bytes of the answer."""

REFUSED = requests.codes.unprocessable_entity
"""The one status that means a refusal of the order itself."""


class HttpScreening:
    """A service that takes ``POST /checks``, signed, with an ``Idempotency-Key``.

    Parameters
    ----------
    url : str
        Without the path; it begins with https unless ``plain_http_allowed``.
    api_key : str
        Sent as a bearer token.
    signing_secret : str
        Signs orders; ``whsec_`` and the key in base64, or only that.
    now : callable
        Wall time in Unix seconds, for the signature.

    Raises
    ------
    ValueError
        If the url is not https.
    """

    name = "http"

    def __init__(
        self,
        url: str,
        api_key: str,
        signing_secret: str,
        *,
        plain_http_allowed: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url = base_url("the screening provider's url", url, plain_http_allowed=plain_http_allowed)
        self._secret = signing_secret
        self._now = now
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    def order(self, order: CheckOrder) -> str:
        """Order a check and return the service's id of it.

        Raises
        ------
        ScreeningRefused
            On 422.
        ScreeningUnavailable
            On any other error or no answer. The text has nothing of the person in it.
        """
        body, stamp = order.model_dump_json().encode(), int(self._now())
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": order.reference,
            "webhook-id": order.reference,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(self._secret, order.reference, stamp, body),
        }
        try:
            answer = self._session.post(
                f"{self._url}/checks", data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
            told = answer.json() if answer.content else {}
            check_id = told.get("check_id") if isinstance(told, dict) else None
        except (requests.RequestException, ValueError) as error:
            raise ScreeningUnavailable(f"no answer about {order.reference}: {type(error).__name__}") from None
        if answer.status_code == REFUSED:
            raise ScreeningRefused(f"{order.reference} was refused")
        if not answer.ok or not isinstance(check_id, str) or not check_id:
            raise ScreeningUnavailable(f"{answer.status_code} about {order.reference}")
        return check_id


def connect(url: str, api_key: str, signing_secret: str) -> HttpScreening:
    """Return the service at a url; plain http is allowed on a local stage alone."""
    return HttpScreening(url, api_key, signing_secret, plain_http_allowed=private_urls_allowed())
