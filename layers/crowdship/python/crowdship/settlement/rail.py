"""The payment rail over HTTP."""

import requests

from crowdship.adapters.secrets import secret_fields
from crowdship.adapters.settings import private_urls_allowed, settings
from crowdship.settlement.model import PaymentRailUnavailable, Payout, PayoutRejected

SECRET_AGE_S = 5
"""Less than the retries of a payout take: a new address or key must not fail a whole settlement."""

TIMEOUT_S = (3.05, 10)
"""To connect, and between two bytes of the answer."""

REFUSED = requests.codes.unprocessable_entity
"""The one answer that means no. A 409 may as well mean that the first request under the key is still at work."""


class HttpRail:
    """A rail that takes ``POST /transfers`` and knows a repeated one by its ``Idempotency-Key``.

    Parameters
    ----------
    url : str
        Without the path; https unless ``plain_http_allowed``.

    Raises
    ------
    ValueError
        If money would travel in the clear.
    """

    def __init__(self, url: str, api_key: str, *, plain_http_allowed: bool = False) -> None:
        if not url.startswith("https://") and not (plain_http_allowed and url.startswith("http://")):
            raise ValueError(f"the payment rail's url is {url!r}; it must begin with https://")
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    def transfer(self, payout: Payout) -> str:
        """Send a payout; return the rail's id of the transfer.

        Raises
        ------
        PayoutRejected
            On 422, which is about this payout.
        PaymentRailUnavailable
            On any other answer, or none: they leave open whether it was sent.
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


def rail_from() -> HttpRail:
    """Return the rail that the secret ``PAYMENT_RAIL_SECRET_ARN`` names, ``{"url": ..., "api_key": ...}``.

    Raises
    ------
    LookupError
        If the secret was never written.
    """
    name = settings().payment_rail_secret
    fields = secret_fields(name, SECRET_AGE_S)
    missing = [name for name in ("url", "api_key") if not fields.get(name)]
    if missing:
        raise LookupError(f"the secret {name} lacks {missing}; it must hold url and api_key")
    return HttpRail(fields["url"], fields["api_key"], plain_http_allowed=private_urls_allowed())
