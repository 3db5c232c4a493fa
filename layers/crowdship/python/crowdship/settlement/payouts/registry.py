"""Registry of payout providers.

A new provider is a module with a class that has ``transfer`` (see ``PayoutProvider``), and an entry in ``PROVIDERS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from crowdship.adapters.secrets import required_fields
from crowdship.adapters.settings import settings
from crowdship.settlement.payouts import rail
from crowdship.settlement.payouts.model import PayoutProvider

SECRET_AGE_S = 5
"""Seconds for which the secret is cached: shorter than a payout's retries, so that a new key helps the next retry."""


@dataclass(frozen=True)
class Registration:
    """A provider that a stage can choose.

    Parameters
    ----------
    fields : tuple of str
        Fields that the stage's secret must hold, for example ``("url", "api_key")``.
    connect : callable
        Returns the provider; it is called with the fields by name.
    """

    fields: tuple[str, ...]
    connect: Callable[..., PayoutProvider]


PROVIDERS: dict[str, Registration] = {
    "rail": Registration(("url", "api_key"), rail.connect),
}
"""Providers by the name that the setting ``PAYOUT_PROVIDER`` has."""


def provider() -> PayoutProvider:
    """Return the provider of this stage, connected with the fields of the stage's secret.

    Raises
    ------
    LookupError
        If the setting names no registered provider, or the secret lacks one of the provider's fields.
    """
    name = settings().payout_provider
    if name not in PROVIDERS:
        raise LookupError(f"PAYOUT_PROVIDER is {name!r}; it must be one of {sorted(PROVIDERS)}")
    chosen = PROVIDERS[name]
    return chosen.connect(**required_fields(settings().payout_secret, chosen.fields, SECRET_AGE_S))
