"""Registry of payout providers.

A new provider is a module with a class that is a ``PayoutProvider``, and an entry in ``PROVIDERS``.
"""

from crowdship.adapters.providers import Registration, connected
from crowdship.adapters.settings import settings
from crowdship.payouts import rail
from crowdship.payouts.nacha import provider as nacha
from crowdship.payouts.provider import PayoutProvider
from crowdship.payouts.stripe import provider as stripe

SECRET_AGE_S = 5
"""Seconds for which the secret is cached: shorter than a payout's retries, so that a new key helps the next retry."""

PROVIDERS: dict[str, Registration[PayoutProvider]] = {
    "nacha": Registration(nacha.FIELDS, nacha.connect),
    "rail": Registration(("url", "api_key"), rail.connect),
    "stripe": Registration(stripe.FIELDS, stripe.connect),
}
"""Providers by the name that the setting ``PAYOUT_PROVIDER`` has."""


def provider() -> PayoutProvider:
    """Return the provider of this stage; a `LookupError` says which name or which field of the secret is wrong."""
    chosen = settings()
    return connected("PAYOUT_PROVIDER", chosen.payout_provider, PROVIDERS, chosen.payout_secret, SECRET_AGE_S)
