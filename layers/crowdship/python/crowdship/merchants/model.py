"""Merchants, their keys and endpoints."""

import hashlib
import hmac
import secrets
from base64 import b64encode
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Forbidden, NotFound, Unauthorized, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import new_id
from crowdship.vault.model import Contact, Email


class SourceName(StrEnum):
    """A kind of system that sends orders by itself."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    WEBHOOK = "webhook"


class Source(Value):
    """A system that is connected to a merchant and sends orders.

    Parameters
    ----------
    shop : str or None
        The domain or address by which the system calls itself; None if it has none.
    """

    source: SourceName
    shop: str | None = None
    connected_at: Moment


def secret_name(merchant_id: str, of: str) -> str:
    """Return the name in Secrets Manager of what signs for one endpoint, or for the merchant's shop.

    Each has a secret of its own, so that two that are written at once don't undo each other.
    """
    return f"crowdship/merchants/{merchant_id}/{of}"


class Scope(StrEnum):
    """What an API key may do."""

    READ = "deliveries:read"
    WRITE = "deliveries:write"


class ApiKey(Value):
    """A key as it is stored: the secret only as its SHA-256, enough for 160 random bits."""

    key_id: str
    secret_sha256: str
    scopes: frozenset[Scope]
    created_at: Moment
    revoked_at: Moment | None = None


class Endpoint(Value):
    """Where a merchant wants its events; the signing secret is in Secrets Manager."""

    endpoint_id: str
    url: str
    created_at: Moment
    disabled_at: Moment | None = None


class Store(Value):
    """Where a merchant's orders are picked up unless they say otherwise."""

    contact: Contact
    point: Point


class Merchant(Aggregate):
    """A business that sends deliveries."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    billing_email: Email
    store: Store | None = None
    sources: tuple[Source, ...] = ()
    keys: tuple[ApiKey, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    created_at: Moment
    active: bool = True

    def source(self, name: SourceName) -> Source | None:
        """Return the connected system of a kind, or None."""
        return next((source for source in self.sources if source.source is name), None)

    def connect(self, source: Source) -> Self:
        """Return the merchant with a system connected, in place of the one of its kind."""
        others = self.disconnect(source.source).sources
        return self.with_changes(sources=(*others, source))

    def disconnect(self, name: SourceName) -> Self:
        """Return the merchant without the system of a kind."""
        return self.with_changes(sources=tuple(source for source in self.sources if source.source is not name))

    def has_key(self, key_id: str) -> bool:
        """Return whether a key was ever issued."""
        return any(key.key_id == key_id for key in self.keys)

    def issue_key(self, scopes: frozenset[Scope], now: datetime) -> tuple[Self, str]:
        """Return the merchant with one more key, and the key itself, which is shown this once."""
        secret = secrets.token_hex(20)
        key = ApiKey(key_id=new_id("key"), secret_sha256=_sha256(secret), scopes=scopes, created_at=now)
        return self.with_changes(keys=(*self.keys, key)), f"{self.id}.{key.key_id}.{secret}"

    def revoke_key(self, key_id: str, now: datetime) -> Self:
        """Return the merchant with a key that opens nothing any more."""
        if not self.has_key(key_id):
            raise NotFound("no_such_key", f"{self.id} has no key {key_id}.")
        keys = (
            key.model_copy(update={"revoked_at": key.revoked_at or now}) if key.key_id == key_id else key
            for key in self.keys
        )
        return self.with_changes(keys=tuple(keys))

    def authenticate(self, key_id: str, secret: str, scope: Scope) -> None:
        """Check a key.

        Raises
        ------
        Unauthorized
            If the key is unknown, revoked or wrong.
        Forbidden
            If it is not made for ``scope``.
        """
        for key in self.keys:
            if key.key_id == key_id and hmac.compare_digest(key.secret_sha256, _sha256(secret)):
                if key.revoked_at or not self.active:
                    raise Unauthorized("key_revoked", f"Key {key_id} was revoked; ask for a new one.")
                if scope not in key.scopes:
                    raise Forbidden("key_scope", f"Key {key_id} may not {scope}; it may {sorted(key.scopes)}.")
                return
        raise Unauthorized("bad_key", "That API key is not known; check that it was copied whole.")

    def add_endpoint(self, url: str, now: datetime, *, private_allowed: bool) -> tuple[Self, Endpoint, str]:
        """Return the merchant with one more endpoint, the endpoint and its new signing secret.

        Raises
        ------
        Unprocessable
            If the URL is not https (plain http is for local stacks only).
        """
        parts = urlsplit(url)
        if parts.scheme != "https" and not (private_allowed and parts.scheme == "http"):
            raise Unprocessable("insecure_url", f"{url} is {parts.scheme or 'no URL'}; it must be https.", "/url")
        if not parts.hostname:
            raise Unprocessable("no_host", f"{url} names no host.", "/url")
        endpoint = Endpoint(endpoint_id=new_id("ept"), url=url, created_at=now)
        return self.with_changes(endpoints=(*self.endpoints, endpoint)), endpoint, new_signing_secret()


def split_key(credential: str) -> tuple[str, str, str]:
    """Return the merchant id, key id and secret that an API key is made of."""
    parts = credential.split(".")
    if len(parts) != 3:
        raise Unauthorized("bad_key", "An API key has three parts, mer_….key_….secret; check that it was copied whole.")
    return parts[0], parts[1], parts[2]


def new_signing_secret() -> str:
    """Return a Standard Webhooks secret: ``whsec_`` and 32 random bytes in base64."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class MerchantInput(Value):
    """What staff say of a new merchant."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(examples=["Corner Bakery"])
    billing_email: Email
    store: Store | None = None
