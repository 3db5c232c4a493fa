"""Use cases around the systems that send a merchant's orders by themselves, and the secrets these sign with."""

from datetime import datetime, timedelta

from crowdship.kernel.clock import Clock
from crowdship.kernel.secrets import secret_fields, write_secret_fields
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant, Source, SourceName, new_signing_secret, secret_name

OVERLAP = timedelta(hours=24)
"""Wall time for which the secret before the newest one still signs: nobody can change it in two places at once."""

SECRETS_CACHE_S = 30
"""As for API keys: a new secret opens soon after."""


def connect(
    merchant_id: str, name: SourceName, shop: str | None, clock: Clock, wall: Clock, secret: str | None = None
) -> str:
    """Accept orders of a system; return the secret that signs them.

    Connecting again changes the secret, and the former one signs for another day. What was disconnected begins
    afresh.

    Parameters
    ----------
    secret : str or None
        What the system signs with, if it chose that itself; a new one otherwise.
    wall : Clock
        Wall time: signatures are about transport.
    """
    before = merchants.get(merchant_id)
    new = secret or new_signing_secret()
    standing = accepted_secrets(merchant_id, name, wall.now()) if before.source(name) else []
    former = [kept for kept in standing if kept != new][:1]
    until = (wall.now() + OVERLAP).timestamp()
    # The secret is written first: a system without a secret could not sign, a secret without one harms nobody.
    accepted = [{"secret": new}, *({"secret": one, "until": until} for one in former)]
    write_secret_fields(secret_name(merchant_id, name), {"accepted": accepted})

    def add(merchant: Merchant) -> tuple[Merchant, None]:
        known = merchant.source(name)
        since = known.connected_at if known else clock.now()
        return merchant.connect(Source(source=name, shop=shop, connected_at=since)), None

    merchants.change(merchant_id, add)
    return new


def disconnect(merchant_id: str, name: SourceName) -> None:
    """Accept no more orders of a system; its secret stays, to know it by if it goes on sending."""
    merchants.change(merchant_id, lambda merchant: (merchant.disconnect(name), None))


def accepted_secrets(merchant_id: str, name: SourceName, now: datetime) -> list[str]:
    """Return the secrets that a system may sign with at a moment of wall time, newest first; none if it never did."""
    kept = secret_fields(secret_name(merchant_id, name), SECRETS_CACHE_S).get("accepted", [])
    return [one["secret"] for one in kept if one.get("until", now.timestamp()) >= now.timestamp()]
