"""Merchants and their keys in answers of the API, and the bodies of requests about them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.hours import OpeningHours
from crowdship.merchants.billing import Billing
from crowdship.merchants.connections import Source, SourceName
from crowdship.merchants.limits import RateLimit
from crowdship.merchants.messaging import Branding
from crowdship.merchants.model import LONGEST_GRACE, ApiKey, Merchant, Mode, Scope, Store, split_key
from crowdship.vault.model import Email


class KeyView(Value):
    """An API key without what makes it open."""

    key_id: str
    name: str | None
    mode: Mode
    scopes: frozenset[Scope]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    rotating_until: Moment | None = Field(description="Until when a secret that was replaced opens it too")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Return the view of a key."""
        return cls(
            key_id=key.key_id,
            name=key.name,
            mode=key.mode,
            scopes=key.scopes,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            rotating_until=max((former.until for former in key.former), default=None),
        )


class UsedKeyView(KeyView):
    """An API key, and on which day (UTC) it was used last; null if it never was."""

    last_used_on: date | None = None


class Keys(Value):
    """The API keys of a merchant, the oldest first."""

    keys: tuple[UsedKeyView, ...]

    @classmethod
    def of(cls, merchant: Merchant, used: Mapping[str, date]) -> Self:
        """Return the view of a merchant's keys."""
        views = (UsedKeyView.of(key).model_copy(update={"last_used_on": used.get(key.key_id)}) for key in merchant.keys)
        return cls(keys=tuple(views))


class MerchantView(Value):
    """A merchant, as staff see it."""

    id: str
    name: str
    billing_email: Email
    contact_email: Email | None
    branding: Branding
    store: Store | None
    hours: OpeningHours | None
    sources: tuple[Source, ...]
    zone_ids: tuple[str, ...]
    rate_limit: RateLimit
    billing: Billing
    active: bool
    created_at: Moment
    keys: tuple[KeyView, ...]

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return the view of a merchant."""
        return cls(
            id=merchant.id,
            name=merchant.name,
            billing_email=merchant.billing_email,
            contact_email=merchant.contact_email,
            branding=merchant.branding,
            store=merchant.store,
            hours=merchant.hours,
            sources=merchant.sources,
            zone_ids=merchant.zone_ids,
            rate_limit=merchant.rate_limit,
            billing=merchant.billing,
            active=merchant.active,
            created_at=merchant.created_at,
            keys=tuple(KeyView.of(key) for key in merchant.keys),
        )


class MerchantPage(Value):
    """Some merchants and where to go on."""

    merchants: tuple[MerchantView, ...]
    next_after: str | None

    @classmethod
    def of(cls, merchants: Sequence[Merchant], limit: int) -> Self:
        """Return a page. A full page has a successor."""
        last = merchants[-1].id if len(merchants) == limit else None
        return cls(merchants=tuple(MerchantView.of(merchant) for merchant in merchants), next_after=last)


KeyName = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]


class KeyInput(Value):
    """The rights of a new key.

    Parameters
    ----------
    mode : Mode
        A ``test`` key acts in the merchant's sandbox.
    """

    scopes: frozenset[Scope] = Field(default=frozenset(Scope), min_length=1)
    mode: Mode = Mode.LIVE
    name: KeyName | None = None
    expires_at: Moment | None = None


class OwnKeyInput(KeyInput):
    """The rights of a new key that a merchant makes itself: it has to name them."""

    scopes: frozenset[Scope] = Field(min_length=1, examples=[["deliveries:read", "deliveries:write"]])


class RotationInput(Value):
    """For how long the secret that a key had opens beside its new one."""

    grace_hours: int = Field(default=24, ge=0, le=LONGEST_GRACE // timedelta(hours=1))


class NewKey(Value):
    """A key with its secret, shown once."""

    key_id: str
    api_key: str

    @classmethod
    def of(cls, api_key: str) -> Self:
        """Return the answer to a request for a key."""
        return cls(key_id=split_key(api_key)[1], api_key=api_key)


class TermsInput(Value):
    """An agreement of staff with a merchant; a field that is left out stays as it is.

    Parameters
    ----------
    zone_ids : tuple of str, optional
        The zones it may send from; all if empty.
    active : bool, optional
        Whether its keys open anything.
    billing : Billing, optional
        How it is billed, replaced whole.
    """

    rate_limit: RateLimit | None = None
    billing: Billing | None = None
    zone_ids: tuple[Annotated[str, StringConstraints(max_length=40)], ...] | None = Field(default=None, max_length=200)
    active: bool | None = None


class NewSource(Value):
    """The path to which a system sends its orders, and the secret to sign them with, shown once."""

    delivery_path: str
    signing_secret: str

    @classmethod
    def of(cls, merchant_id: str, name: SourceName, secret: str) -> Self:
        """Return the view of a new connection."""
        return cls(delivery_path=f"/v1/sources/{name}/{merchant_id}/orders", signing_secret=secret)
