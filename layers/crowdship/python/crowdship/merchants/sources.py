"""Use cases around the systems that send a merchant's orders by themselves, and the secrets of these connections."""

import re
from datetime import datetime, timedelta

from crowdship.adapters.caches import Cache
from crowdship.adapters.callers import Callers
from crowdship.adapters.secrets import secret_fields, write_secret_fields
from crowdship.adapters.settings import private_urls_allowed, secret_path
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.merchants import service as merchants
from crowdship.merchants.connections import Connection, ShopApi, Source, SourceName
from crowdship.merchants.model import Merchant, new_signing_secret

OVERLAP = timedelta(hours=24)
"""Wall time for which the former secret still signs, because it is changed in two places one after the other."""

SECRETS_CACHE_S = 30
"""Seconds for which a container keeps a secret, as it keeps API keys."""


MERCHANT_ID = re.compile(r"mer_[0-9a-hjkmnp-tv-z]{24}")
"""Ids that ``new_id`` makes; a sandbox has no sources."""

MISSES_KEPT = 20_000
_missing: Cache[tuple[str, SourceName], bool] = Cache(SECRETS_CACHE_S, most=MISSES_KEPT)
_known: Cache[tuple[str, SourceName], bool] = Cache(3600, most=MISSES_KEPT)
"""Systems that have a secret: looking one of these up counts for nobody as a miss."""

_strangers = Callers(20, "systems that nobody knows")


def forget_callers() -> None:
    """Forget what this container knows of systems and of who asked for them."""
    for cache in (_missing, _known):
        cache.clear()
    _strangers.forget()


def secrets_for_stranger(merchant_id: str, name: SourceName, now: datetime, caller: str) -> list[str]:
    """Return the secrets that a system may sign with, for a caller who has not proved anything yet.

    An id that can't be ours costs no call to Secrets Manager, and a system that there is not costs one in 30 s. Who
    asked for 20 of these within a minute is looked up for no more, as one container counts. What is there counts for
    nothing, and what was found before is always looked up: nobody shuts a shop out by asking for others from its host.

    Raises
    ------
    Unauthorized
        If there is no such system.
    TooManyRequests
        If the caller asked for too many that there are not.
    """
    system = (merchant_id, name)
    if _known.find(system) is not True:
        if not MERCHANT_ID.fullmatch(merchant_id) or _missing.find(system) is True:
            raise _no_such_system()
        if caller:
            _strangers.check(caller)
    secrets = accepted_secrets(merchant_id, name, now)
    if not secrets:
        _known.forget(system)
        _missing.put(system, True)
        if caller:
            _strangers.count(caller)
        raise _no_such_system()
    _known.put(system, True)
    return secrets


def _no_such_system() -> Unauthorized:
    detail = "The signature can't be checked: no such system is connected. Check the path and the secret."
    return Unauthorized("bad_signature", detail)


def connect(
    merchant_id: str,
    name: SourceName,
    shop: str | None,
    clock: Clock,
    wall: Clock,
    secret: str | None = None,
    *,
    api: ShopApi | None = None,
) -> str:
    """Accept orders of a system; return the secret that signs them.

    Connecting again changes the secret, and the former one signs for another day. What was disconnected begins
    afresh.

    Parameters
    ----------
    secret : str or None
        What the system signs with, if it chose that itself; a new one otherwise.
    api : ShopApi or None
        Where its orders are fetched, if its messages only name them.
    wall : Clock
        Wall time: signatures are about transport.

    Raises
    ------
    Unprocessable
        ``plain_http``, if the shop's API would be asked in the clear, unless it is on this one machine.
    """
    if api and not api.url.startswith("https://") and not private_urls_allowed():
        raise Unprocessable("plain_http", f"{api.url} is not https; the token must not travel in the clear.")
    before = merchants.get(merchant_id)
    new = secret or new_signing_secret()
    standing = accepted_secrets(merchant_id, name, wall.now()) if before.source(name) else []
    former = [kept for kept in standing if kept != new][:1]
    until = (wall.now() + OVERLAP).timestamp()
    # The secret is written first: a system without a secret could not sign, a secret without one harms nobody.
    accepted = [{"secret": new}, *({"secret": one, "until": until} for one in former)]
    fields = {"accepted": accepted, **({"api": api.model_dump()} if api else {})}
    write_secret_fields(secret_name(merchant_id, name), fields)

    def add(merchant: Merchant) -> tuple[Merchant, None]:
        known = merchant.source(name)
        if known:
            return merchant.connect(known.model_copy(update={"shop": shop})), None
        return merchant.connect(Source(source=name, shop=shop, connected_at=clock.now())), None

    merchants.change(merchant_id, add)
    _missing.forget((merchant_id, name))
    return new


def connect_as(merchant_id: str, name: SourceName, connection: Connection, clock: Clock, wall: Clock) -> str:
    """Accept orders of a system with the fields that staff sent for it; return the secret; raise as ``connect``."""
    secret = connection.chosen_secret
    return connect(merchant_id, name, connection.shop, clock, wall, secret, api=connection.api)


def disconnect(merchant_id: str, name: SourceName) -> None:
    """Accept no more orders of a system.

    Its secret stays, to know it by if it goes on sending; what opened its API is forgotten.
    """
    merchants.change(merchant_id, lambda merchant: (merchant.disconnect(name), None))
    if api_of(merchant_id, name):
        secret = secret_name(merchant_id, name)
        write_secret_fields(secret, {"accepted": secret_fields(secret)["accepted"]})


def api_of(merchant_id: str, name: SourceName) -> ShopApi | None:
    """Return the API of a connected shop, with what opens it; None if it has none."""
    kept = secret_fields(secret_name(merchant_id, name), SECRETS_CACHE_S).get("api")
    return ShopApi.model_validate(kept) if kept else None


def accepted_secrets(merchant_id: str, name: SourceName, now: datetime) -> list[str]:
    """Return the secrets that a system may sign with at a moment of wall time, newest first; none if it never did."""
    kept = secret_fields(secret_name(merchant_id, name), SECRETS_CACHE_S).get("accepted", [])
    return [one["secret"] for one in kept if one.get("until", now.timestamp()) >= now.timestamp()]


def secret_name(merchant_id: str, of: str) -> str:
    """Return the name in Secrets Manager of what a merchant's shop signs with."""
    return secret_path("merchants", merchant_id, of)
