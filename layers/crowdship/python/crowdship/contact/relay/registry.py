"""Registry of relay providers.

A new provider is a module with a class that has ``number_for`` (see ``RelayProvider``), and an entry in ``PROVIDERS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from crowdship.adapters.secrets import required_fields
from crowdship.adapters.settings import settings
from crowdship.contact.relay import http
from crowdship.contact.relay.model import RelayProvider

NONE = "none"
"""The name by which a stage has no calls."""

SECRET_AGE_S = 60


@dataclass(frozen=True)
class Registration:
    """A provider that a stage can choose.

    Parameters
    ----------
    fields : tuple of str
        Fields that the stage's secret must hold.
    connect : callable
        Returns the provider; it is called with the fields by name.
    """

    fields: tuple[str, ...]
    connect: Callable[..., RelayProvider]


PROVIDERS: dict[str, Registration] = {"http": Registration(("url", "api_key"), http.connect)}
"""Providers by the name that the setting ``RELAY_PROVIDER`` has."""


def is_chosen() -> bool:
    """Return whether this stage has a provider."""
    return settings().relay_provider != NONE


def provider() -> RelayProvider:
    """Return the provider of this stage, connected with the fields of the stage's secret.

    Raises
    ------
    LookupError
        If the setting names no registered provider, or the secret lacks one of the provider's fields.
    """
    name = settings().relay_provider
    if name not in PROVIDERS:
        raise LookupError(f"RELAY_PROVIDER is {name!r}; it must be one of {sorted(PROVIDERS)}, or {NONE}")
    held = required_fields(settings().relay_secret, PROVIDERS[name].fields, SECRET_AGE_S)
    return _connected(name, tuple(map(str, held.values())))


@lru_cache(maxsize=2)
def _connected(name: str, values: tuple[str, ...]) -> RelayProvider:
    """Return one connection for the same fields, as it remembers how the last calls went."""
    chosen = PROVIDERS[name]
    return chosen.connect(**dict(zip(chosen.fields, values, strict=True)))
