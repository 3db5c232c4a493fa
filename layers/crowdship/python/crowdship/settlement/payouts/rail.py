"""Payout provider ``rail``: a payment rail over HTTP that knows repeated requests by an Idempotency-Key."""

import requests

from crowdship.adapters.settings import private_urls_allowed
from crowdship.settlement.payouts.model import PaymentRailUnavailable, Payout, PayoutRejected

TIMEOUT_S = (3.05, 10)
"""Seconds to connect, and between two bytes of the answer."""

REFUSED = requests.codes.unprocessable_entity
"""The one status that means a refusal. A 409 can mean that the first request under the key still runs."""


class HttpRail:
    """A payment rail that takes ``POST /transfers`` with an ``Idempotency-Key``.

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

    def __init__(self, url: str, api_key: str, *, plain_http_allowed: bool = False) -> None:
        if not url.startswith("https://") and not (plain_http_allowed and url.startswith("http://")):
            raise ValueError(f"the payment rail's url is {url!r}; it must begin with https://")
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    def transfer(self, payout: Payout) -> str:
        """Send a payout and return the rail's id of the transfer.

        Raises
        ------
        PayoutRejected
            On 422: the rail refuses this payout.
        PaymentRailUnavailable
            On any other error or no answer: the payout may have been sent.
        """
        body: dict[str, str | int] = {
            "payout_id": payout.id,
            "driver_id": payout.driver_id,
            "amount": payout.amount.amount,
            "currency": payout.amount.currency,
            "reference": f"crowdship {payout.period}",
        }
        try:
            answer = self._session.post(
                f"{self._url}/transfers",
                json=body,
                headers={"Idempotency-Key": payout.id},
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise PaymentRailUnavailable(f"no answer about {payout.id}: {error}") from error
        if answer.status_code == REFUSED:
            raise PayoutRejected(_field(answer, "reason") or "refused without a reason")
        transfer_id = _field(answer, "transfer_id") or _field(answer, "id")
        if not 200 <= answer.status_code < 300 or not transfer_id:
            raise PaymentRailUnavailable(f"{answer.status_code} about {payout.id}: {answer.text[:200]}")
        return transfer_id


def _field(answer: requests.Response, name: str) -> str | None:
    try:
        value = answer.json()[name]
    except (ValueError, KeyError, TypeError):
        return None
    return str(value)


def connect(url: str, api_key: str) -> HttpRail:
    """Return the rail at a url; plain http is allowed on a local stage alone."""
    return HttpRail(url, api_key, plain_http_allowed=private_urls_allowed())
