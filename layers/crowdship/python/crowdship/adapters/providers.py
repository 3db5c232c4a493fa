"""Providers outside of the platform that a stage chooses by a setting, each connected with fields of a secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from crowdship.adapters.secrets import required_fields


@dataclass(frozen=True)
class Registration[Provider]:
    """A provider that a stage can choose.

    Parameters
    ----------
    fields : tuple of str
        Fields that the stage's secret must hold, for example ``("url", "api_key")``.
    connect : callable
        Returns the provider; it is called with the fields by name.
    """

    fields: tuple[str, ...]
    connect: Callable[..., Provider]


def connected[Provider](
    variable: str, name: str, registered: Mapping[str, Registration[Provider]], secret: str, secret_age_s: int
) -> Provider:
    """Return the provider of this stage, the same one for as long as the secret holds the same fields.

    A provider may so remember how its last calls went.

    Parameters
    ----------
    variable : str
        The environment variable that names the provider.
    name : str
        The name that the variable has.
    registered : mapping
        Providers by name.
    secret : str
        Name or ARN of the secret with the provider's fields.
    secret_age_s : int
        Seconds for which the secret is cached.

    Raises
    ------
    LookupError
        If no registered provider has the name, or the secret lacks one of the provider's fields.

    Examples
    --------
    >>> connected("RELAY_PROVIDER", "pigeons", {}, "the-relay", 60)
    Traceback (most recent call last):
    LookupError: RELAY_PROVIDER is 'pigeons'; it must be one of []
    """
    if name not in registered:
        raise LookupError(f"{variable} is {name!r}; it must be one of {sorted(registered)}")
    chosen = registered[name]
    held = required_fields(secret, chosen.fields, secret_age_s)
    return cast(Provider, _connection(chosen, tuple(map(str, held.values()))))


def base_url(what: str, url: str, *, plain_http_allowed: bool) -> str:
    """Return a provider's url without a slash at its end; our key is sent there, so it must be https.

    Parameters
    ----------
    what : str
        Words for the url in the error, for example ``the relay's url``.
    url : str
        As the secret has it.
    plain_http_allowed : bool
        Whether plain http will do, as it does on one machine.

    Raises
    ------
    ValueError
        If the url is another one.

    Examples
    --------
    >>> base_url("the relay's url", "https://relay.example/v1/", plain_http_allowed=False)
    'https://relay.example/v1'
    """
    if not url.startswith("https://") and not (plain_http_allowed and url.startswith("http://")):
        raise ValueError(f"{what} is {url!r}; it must begin with https://")
    return url.rstrip("/")


@lru_cache(maxsize=8)
def _connection(chosen: Registration[Any], values: tuple[str, ...]) -> Any:
    return chosen.connect(**dict(zip(chosen.fields, values, strict=True)))
