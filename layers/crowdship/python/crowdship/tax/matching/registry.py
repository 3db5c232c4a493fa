"""Registry of TIN matchers.

A new provider is a module with a class that has ``ask`` and ``answer`` (see ``TinMatcher``), and an entry in
``PROVIDERS``.
"""

from crowdship.adapters.providers import Registration, connected
from crowdship.adapters.settings import settings
from crowdship.tax.matching import http
from crowdship.tax.matching.model import TinMatcher

SECRET_AGE_S = 60
"""Seconds for which the secret is cached."""

PROVIDERS: dict[str, Registration[TinMatcher]] = {"http": Registration(("url", "api_key"), http.connect)}
"""Providers by the name that the setting ``TIN_MATCHER`` has."""


def matcher() -> TinMatcher:
    """Return the matcher of this stage; a `LookupError` says which name or which field of the secret is wrong."""
    chosen = settings()
    return connected("TIN_MATCHER", chosen.tin_matcher, PROVIDERS, chosen.tax_secret, SECRET_AGE_S)
