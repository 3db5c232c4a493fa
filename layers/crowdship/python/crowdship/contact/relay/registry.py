"""Registry of relay providers.

A new provider is a module with a class that has ``number_for`` (see ``RelayProvider``), and an entry in ``PROVIDERS``.
"""

from crowdship.adapters.providers import Registration, connected
from crowdship.adapters.settings import settings
from crowdship.contact.relay import http
from crowdship.contact.relay.model import RelayProvider

NONE = "none"
"""The name by which a stage has no calls; `provider` is not asked then."""

SECRET_AGE_S = 60
"""Seconds for which the secret is cached."""

PROVIDERS: dict[str, Registration[RelayProvider]] = {"http": Registration(("url", "api_key"), http.connect)}
"""Providers by the name that the setting ``RELAY_PROVIDER`` has."""


def is_chosen() -> bool:
    """Return whether this stage has a provider."""
    return settings().relay_provider != NONE


def provider() -> RelayProvider:
    """Return the provider of this stage; a `LookupError` says which name or which field of the secret is wrong."""
    chosen = settings()
    return connected("RELAY_PROVIDER", chosen.relay_provider, PROVIDERS, chosen.relay_secret, SECRET_AGE_S)
