"""Use cases around merchants."""

import time
from collections.abc import Callable

from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, Unauthorized
from crowdship.kernel.ids import new_id
from crowdship.kernel.secrets import secret_fields, write_secret_fields
from crowdship.kernel.storage import UnitOfWork, persistently
from crowdship.merchants.model import Endpoint, Merchant, MerchantInput, Scope, secret_name, split_key
from crowdship.merchants.store import MerchantEntry, MerchantRow

AUTHENTICATION_CACHE_S = 30
_cache: dict[str, tuple[float, Merchant]] = {}


def sign_up(request: MerchantInput, clock: Clock) -> Merchant:
    """Create a merchant."""
    merchant = Merchant(
        id=new_id("mer"),
        name=request.name,
        billing_email=request.billing_email,
        store=request.store,
        created_at=clock.now(),
    )
    work = UnitOfWork()
    work.store(MerchantRow.of(merchant))
    work.put(MerchantEntry.of(merchant), None)
    work.commit()
    return merchant


def get(merchant_id: str) -> Merchant:
    """Return a merchant.

    Raises
    ------
    NotFound
        If there is none.
    """
    merchant = MerchantRow.load(merchant_id)
    if merchant is None:
        raise NotFound("no_such_merchant", f"There is no merchant {merchant_id}.")
    return merchant


def page(after: str | None, limit: int) -> list[Merchant]:
    """Return merchants in the order of their ids."""
    return [get(merchant_id) for merchant_id in MerchantEntry.page(after, limit)]


def change[T](merchant_id: str, decide: Callable[[Merchant], tuple[Merchant, T]]) -> T:
    """Load a merchant, decide, and save it guarded; decide again if someone else changed it meanwhile."""

    def attempt() -> T:
        merchant, result = decide(get(merchant_id))
        work = UnitOfWork()
        work.store(MerchantRow.of(merchant))
        work.commit()
        _cache.pop(merchant_id, None)
        return result

    return persistently(attempt)


def issue_key(merchant_id: str, scopes: frozenset[Scope], clock: Clock) -> str:
    """Return a new API key; only its hash is kept."""
    return change(merchant_id, lambda merchant: merchant.issue_key(scopes, clock.now()))


def revoke_key(merchant_id: str, key_id: str, clock: Clock) -> None:
    """Make a key open nothing; containers that know it forget it within 30 s."""
    change(merchant_id, lambda merchant: (merchant.revoke_key(key_id, clock.now()), None))


def add_endpoint(merchant_id: str, url: str, clock: Clock, *, private_allowed: bool) -> tuple[Endpoint, str]:
    """Return a new webhook endpoint and its signing secret, which is shown this once."""

    def add(merchant: Merchant) -> tuple[Merchant, tuple[Endpoint, str]]:
        changed, endpoint, secret = merchant.add_endpoint(url, clock.now(), private_allowed=private_allowed)
        # The secret is written first: an endpoint without a secret could not sign, a secret without one harms nobody.
        write_secret_fields(secret_name(merchant_id, endpoint.endpoint_id), {"signing": [secret]})
        return changed, (endpoint, secret)

    return change(merchant_id, add)


def signing_secrets(merchant_id: str, endpoint_id: str) -> list[str]:
    """Return the secrets that sign an endpoint's webhooks, newest first; two during a rotation."""
    return list(secret_fields(secret_name(merchant_id, endpoint_id)).get("signing", []))


def authenticate(credential: str, scope: Scope) -> Merchant:
    """Return the merchant an API key belongs to.

    Raises
    ------
    Unauthorized
        If the key opens nothing.
    Forbidden
        If it opens something else.
    """
    merchant_id, key_id, key_secret = split_key(credential)
    read_at, merchant = _cache.get(merchant_id, (0.0, None))
    if merchant is None or not merchant.has_key(key_id) or time.monotonic() - read_at > AUTHENTICATION_CACHE_S:
        # A key that was issued since then opens at once.
        merchant = MerchantRow.load(merchant_id)
        if merchant is None:
            raise Unauthorized("bad_key", "That API key is not known; check that it was copied whole.")
        _cache[merchant_id] = (time.monotonic(), merchant)
    merchant.authenticate(key_id, key_secret, scope)
    return merchant
