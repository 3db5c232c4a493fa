"""Port to the API of a shop whose messages only name an order."""

from math import ceil

import requests

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import private_urls_allowed
from crowdship.intake.sources.model import Ask
from crowdship.intake.sources.reading import json_object
from crowdship.kernel.errors import Unavailable, Unprocessable
from crowdship.merchants import sources
from crowdship.merchants.connections import ShopApi, SourceName

TIMEOUT_S = (1.5, 2.5)
"""Seconds to connect, and between two bytes of an answer. Three requests fit into the function's 15 s."""

RETRY_AFTER_S = 60
LONGEST_RETRY_AFTER_S = 3600
WAITS = {"Retry-After": 1, "X-Rate-Limit-Time-Reset-Ms": 1000}
"""Headers by which an API says how long to wait, and their units per second."""


def asking(merchant_id: str, name: SourceName, *, connected: bool) -> Ask:
    """Return the function by which a source asks the API of a merchant's shop.

    The secret is read at the first request, so that sources without requests need no call.

    Parameters
    ----------
    connected : bool
        Whether the shop is still connected; if not, the function refuses.
    """
    session = requests.Session()
    session.trust_env = False

    def ask(path: str) -> object:
        api = sources.api_of(merchant_id, name) if connected else None
        if api is None:
            raise Unprocessable("not_connected", f"{merchant_id} has no {name} source any more.")
        return _get(session, api, path)

    return ask


def _get(session: requests.Session, api: ShopApi, path: str) -> object:
    if not api.url.startswith("https://") and not private_urls_allowed():
        raise Unprocessable("not_connected", "The address of the shop's API is not https; connect the shop again.")
    headers = {**api.headers, "Accept": "application/json"}
    try:
        answer = session.get(api.url + path, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        logger.warning("shop's API does not answer", detail=type(error).__name__, url=api.url)
        raise _unavailable(f"it does not answer ({type(error).__name__})", RETRY_AFTER_S) from error
    match answer.status_code:
        case 200:
            return _json(answer)
        case 204 | 404:
            return None
        case 401 | 403:
            detail = f"The shop's API answers {answer.status_code} to our token; connect one that may read orders."
            raise Unprocessable("shop_refused_us", detail)
        case status:
            logger.warning("shop's API failed", status=status, url=api.url)
            raise _unavailable(f"it answers {status}", _wait_s(answer))


def _json(answer: requests.Response) -> object:
    try:
        found: object = json_object(b'{"found":' + answer.content + b"}", "not_json")["found"]
    except Unprocessable as error:
        raise _unavailable("its answer is not JSON", RETRY_AFTER_S) from error
    return found


def _wait_s(answer: requests.Response) -> int:
    """Return the seconds after which the API may be asked again, according to its answer."""
    for header, in_a_second in WAITS.items():
        told = answer.headers.get(header, "")
        if told.isascii() and told.isdigit() and len(told) < 10:
            return min(max(ceil(int(told) / in_a_second), 1), LONGEST_RETRY_AFTER_S)
    return RETRY_AFTER_S


def _unavailable(why: str, retry_after_s: int) -> Unavailable:
    detail = f"The order can't be fetched from the shop's API now: {why}. Send the message again."
    return Unavailable("shop_unavailable", detail, retry_after_s)
