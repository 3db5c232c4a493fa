"""Merchants as staff are told of them, and what staff ask for."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.merchants.model import Endpoint, Merchant, Scope, Source, SourceName, Store
from crowdship.vault.model import Email


class KeyView(Value):
    """An API key without what makes it open."""

    key_id: str
    scopes: frozenset[Scope]
    created_at: Moment
    revoked_at: Moment | None


class MerchantView(Value):
    """A merchant."""

    id: str
    name: str
    billing_email: Email
    store: Store | None
    sources: tuple[Source, ...]
    active: bool
    created_at: Moment
    keys: tuple[KeyView, ...]
    endpoints: tuple[Endpoint, ...]

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return the view of a merchant."""
        keys = tuple(
            KeyView(key_id=k.key_id, scopes=k.scopes, created_at=k.created_at, revoked_at=k.revoked_at)
            for k in merchant.keys
        )
        fields = {name: getattr(merchant, name) for name in cls.model_fields if name != "keys"}
        return cls(keys=keys, **fields)


class MerchantPage(Value):
    """Some merchants and where to go on."""

    merchants: tuple[MerchantView, ...]
    next_after: str | None

    @classmethod
    def of(cls, merchants: Sequence[Merchant], limit: int) -> Self:
        """Return a page; it has a successor if it is full."""
        last = merchants[-1].id if len(merchants) == limit else None
        return cls(merchants=tuple(MerchantView.of(merchant) for merchant in merchants), next_after=last)


class KeyInput(Value):
    """What a new key may do."""

    scopes: frozenset[Scope] = Field(default=frozenset(Scope), min_length=1)


class NewKey(Value):
    """A new key, shown once."""

    api_key: str


class EndpointInput(Value):
    """Where events are to go."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=500)] = Field(
        examples=["https://shop.example/hooks/crowdship"]
    )


class NewEndpoint(Value):
    """A new endpoint with its signing secret, shown once."""

    endpoint_id: str
    url: str
    signing_secret: str


class ShopifyInput(Value):
    """A Shopify shop and the secret it signs with."""

    shop_domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]+\.[a-z]{2,}$")]
    shared_secret: Annotated[str, StringConstraints(min_length=16, max_length=200)]


class WooCommerceInput(Value):
    """A WooCommerce shop."""

    shop_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=300)] = Field(
        description="The site's address, as WordPress has it in its general settings",
        examples=["https://bakery.example"],
    )


class NewSource(Value):
    """Where a system is to send its orders, and the secret to sign them with, shown once."""

    delivery_path: str
    signing_secret: str

    @classmethod
    def of(cls, merchant_id: str, name: SourceName, secret: str) -> Self:
        """Return the view of a new connection."""
        return cls(delivery_path=f"/v1/sources/{name}/{merchant_id}/orders", signing_secret=secret)
