"""Registry of screening providers.

A new provider is a module with a class that has ``order`` (see ``ScreeningProvider``), and an entry in ``PROVIDERS``.
"""

from crowdship.adapters.providers import Registration, connected
from crowdship.adapters.secrets import required_fields
from crowdship.adapters.settings import settings
from crowdship.onboarding.screening import http
from crowdship.onboarding.screening.model import ScreeningProvider

SECRET_AGE_S = 60
"""Seconds for which the secret is cached."""

PROVIDERS: dict[str, Registration[ScreeningProvider]] = {
    "http": Registration(("url", "api_key", "signing_secret"), http.connect)
}
"""Providers by the name that the setting ``SCREENING_PROVIDER`` has."""


def provider() -> ScreeningProvider:
    """Return the provider of this stage; a `LookupError` says which name or which field of the secret is wrong."""
    chosen = settings()
    return connected("SCREENING_PROVIDER", chosen.screening_provider, PROVIDERS, chosen.screening_secret, SECRET_AGE_S)


def signing_secret() -> str:
    """Return the secret that signs orders and reports."""
    return str(required_fields(settings().screening_secret, ("signing_secret",), SECRET_AGE_S)["signing_secret"])
