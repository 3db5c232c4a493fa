"""Merchants and their keys."""

import hashlib
import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.kernel.ids import new_id
from crowdship.kernel.signatures import equal
from crowdship.merchants.billing import Billing
from crowdship.merchants.connections import Source, SourceName
from crowdship.merchants.limits import RateLimit
from crowdship.merchants.messaging import Branding, MessageSettings
from crowdship.shipment.requirements.registry import PartialRequirements, Requirements
from crowdship.vault.model import Contact, Email, ShortText

LIVE_PREFIX = "mer_"
SANDBOX_PREFIX = "mer_sandbox"
"""No other id of a merchant begins like this: the alphabet of ids has no letter o."""

MAX_KEYS = 20
"""Keys of one merchant that work at the same time."""

ENDED_KEYS_KEPT = 100
"""Revoked and expired keys that are still listed."""

MAX_FORMER_SECRETS = 5
"""Replaced secrets of one key that still work during their grace."""

LONGEST_GRACE = timedelta(days=7)


def sandbox_id(merchant_id: str) -> str:
    """Return the id under which everything of a merchant's sandbox is kept.

    A test key acts as this twin of the merchant. Everything that belongs to a merchant is kept under the merchant's id,
    so a test key finds nothing real and a live key finds nothing of the sandbox.
    """
    return SANDBOX_PREFIX + account_id(merchant_id).removeprefix(LIVE_PREFIX)


def account_id(merchant_id: str) -> str:
    """Return the id of the merchant itself; the argument may be its sandbox's id."""
    if merchant_id.startswith(SANDBOX_PREFIX):
        return LIVE_PREFIX + merchant_id.removeprefix(SANDBOX_PREFIX)
    return merchant_id


class Scope(StrEnum):
    """A right of an API key."""

    READ = "deliveries:read"
    WRITE = "deliveries:write"
    ACCOUNT = "account:manage"


class Mode(StrEnum):
    """Live or test: ``test`` keys act in the sandbox, ``test`` endpoints are sent its events."""

    LIVE = "live"
    TEST = "test"


class FormerSecret(Value):
    """A replaced secret of a key, which works until its grace ends."""

    secret_sha256: str
    until: Moment


class ApiKey(Value):
    """A key as it is stored: the secret only as its SHA-256, enough for 160 random bits.

    ``expires_at`` and the end of former secrets are wall time, as for any credential; the rest is business time.
    """

    key_id: str
    name: str | None = None
    mode: Mode = Mode.LIVE
    secret_sha256: str
    former: tuple[FormerSecret, ...] = ()
    scopes: frozenset[Scope]
    created_at: Moment
    expires_at: Moment | None = None
    revoked_at: Moment | None = None

    def has_secret(self, secret: str, now: datetime) -> bool:
        """Return whether a secret is this key's, or a replaced one whose grace has not ended."""
        known = (self.secret_sha256, *(former.secret_sha256 for former in self.former if now < former.until))
        given = _sha256(secret)
        return any(equal(one, given) for one in known)

    def opens(self, now: datetime) -> bool:
        """Return whether the key works: it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Store(Value):
    """The place where a merchant's orders are picked up unless an order names another one."""

    contact: Contact
    point: Point


BusinessName = ShortText


class Merchant(Aggregate):
    """A business that sends deliveries.

    Parameters
    ----------
    store, hours
        Where its orders are picked up unless they say otherwise, and when that is open; always if left out.
    default_requirements
        The fields that the merchant set, for orders that do not say otherwise.
    zone_ids
        The zones it may send from; all if empty.
    customer_tips
        Whether its customers may tip by the tracking link; the merchant is charged for these tips.
    billing
        How it is billed.
    """

    name: BusinessName
    billing_email: Email
    contact_email: Email | None = None
    branding: Branding = Branding()
    messages: MessageSettings = MessageSettings()
    store: Store | None = None
    hours: OpeningHours | None = None
    default_requirements: PartialRequirements = Requirements()
    zone_ids: tuple[str, ...] = ()
    customer_tips: bool = False
    rate_limit: RateLimit = RateLimit()
    billing: Billing = Billing()
    sources: tuple[Source, ...] = ()
    keys: tuple[ApiKey, ...] = ()
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

    @property
    def livemode(self) -> bool:
        """True if the merchant's deliveries are real; false for a sandbox."""
        return not self.id.startswith(SANDBOX_PREFIX)

    @property
    def mode(self) -> Mode:
        """The mode it acts in."""
        return Mode.LIVE if self.livemode else Mode.TEST

    @property
    def sender(self) -> str:
        """The sender's name in messages to its customers."""
        return self.branding.sender_name or self.name

    def acting(self, mode: Mode) -> Self:
        """Return the merchant as it acts in a mode: under its own id if live, under its sandbox's if test."""
        return self if mode is Mode.LIVE else self.with_changes(id=sandbox_id(self.id))

    def must_be_active(self) -> None:
        """Check that the merchant may order, whichever way the order comes in.

        Raises
        ------
        Forbidden
            ``merchant_inactive``, if staff deactivated it.
        """
        if not self.active:
            detail = f"{account_id(self.id)} is not active and can't order; ask our staff to activate it."
            raise Forbidden("merchant_inactive", detail)

    def may_send_from(self, zone_id: str) -> bool:
        """Return whether it may use a zone."""
        return not self.zone_ids or zone_id in self.zone_ids

    def must_be_billed_in(self, currency: str) -> None:
        """Check that the merchant is billed in a currency; each zone charges in one.

        Raises
        ------
        Unprocessable
            ``other_currency``, if it agreed to be billed in another one.
        """
        agreed = self.billing.currency
        if agreed is not None and agreed != currency:
            detail = (
                f"This zone charges in {currency} and {account_id(self.id)} is billed in {agreed}; "
                "send from a zone of that currency, or ask our staff."
            )
            raise Unprocessable("other_currency", detail, "/pickup/point")

    def key(self, key_id: str) -> ApiKey:
        """Return one of its keys.

        Raises
        ------
        NotFound
            If there is none.
        """
        for key in self.keys:
            if key.key_id == key_id:
                return key
        raise NotFound("no_such_key", f"{self.id} has no key {key_id}.")

    def issue_key(
        self,
        scopes: frozenset[Scope],
        now: datetime,
        *,
        mode: Mode = Mode.LIVE,
        name: str | None = None,
        expires_at: datetime | None = None,
        wall: datetime | None = None,
    ) -> tuple[Self, str]:
        """Return the merchant with one more key, and the key itself, which is shown this once.

        Parameters
        ----------
        wall : datetime
            Wall time, by which keys expire; ``now`` if left out.

        Raises
        ------
        Unprocessable
            If a test key is to manage the account, or the key would have expired already.
        Conflict
            If there are too many keys.
        """
        wall = wall or now
        if mode is Mode.TEST and Scope.ACCOUNT in scopes:
            detail = f"A test key may not {Scope.ACCOUNT}: it could make live keys. Leave that scope out."
            raise Unprocessable("test_key_scope", detail, "/scopes")
        if expires_at and expires_at <= wall:
            detail = f"The key would have expired at {expires_at:%Y-%m-%dT%H:%M:%SZ}; name a moment to come, or none."
            raise Unprocessable("key_expiry_over", detail, "/expires_at")
        working = [key for key in self.keys if key.opens(wall)]
        if len(working) >= MAX_KEYS:
            raise Conflict(
                "too_many_keys", f"{len(working)} keys are in use, {MAX_KEYS} are the most; revoke one first."
            )
        secret = secrets.token_hex(20)
        key = ApiKey(
            key_id=new_id("key" if mode is Mode.LIVE else "key_test"),
            name=name,
            mode=mode,
            secret_sha256=_sha256(secret),
            scopes=scopes,
            created_at=now,
            expires_at=expires_at,
        )
        ended = [old for old in self.keys if not old.opens(wall)][-ENDED_KEYS_KEPT:]
        kept = tuple(old for old in self.keys if old in working or old in ended)
        return self.with_changes(keys=(*kept, key)), f"{self.id}.{key.key_id}.{secret}"

    def rotate_key(self, key_id: str, grace: timedelta, wall: datetime) -> tuple[Self, str]:
        """Return the merchant with a new secret for a key, and the key itself, which is shown this once.

        The replaced secret works for the grace. Another rotation does not shorten earlier graces: a merchant who lost
        the answer to a rotation can rotate again without cutting off systems that still use the first secret.

        Raises
        ------
        Conflict
            If the key was revoked or has expired, or too many of its replaced secrets still work.
        """
        key = self.key(key_id)
        if not key.opens(wall):
            raise Conflict("key_ended", f"Key {key_id} was revoked or has expired; make a new one.")
        former = tuple(old for old in key.former if wall < old.until)
        if grace:
            former = (*former, FormerSecret(secret_sha256=key.secret_sha256, until=wall + grace))
        if len(former) > MAX_FORMER_SECRETS:
            detail = f"{len(former) - 1} former secrets of {key_id} still open it; rotate again once one has run out."
            raise Conflict("rotated_too_often", detail)
        secret = secrets.token_hex(20)
        rotated = key.model_copy(update={"secret_sha256": _sha256(secret), "former": former})
        return self._with_key(rotated), f"{self.id}.{key_id}.{secret}"

    def revoke_key(self, key_id: str, now: datetime) -> Self:
        """Return the merchant with a key revoked."""
        key = self.key(key_id)
        return self._with_key(key.model_copy(update={"revoked_at": key.revoked_at or now, "former": ()}))

    def revoke_own_key(self, key_id: str, now: datetime, wall: datetime) -> Self:
        """Return the merchant with a key revoked by the merchant, who must keep one that may manage the account.

        Raises
        ------
        Conflict
            If it is the last key that may.
        """
        changed = self.revoke_key(key_id, now)
        if not any(Scope.ACCOUNT in key.scopes and key.opens(wall) for key in changed.keys):
            detail = f"{key_id} is the last key that may {Scope.ACCOUNT}; make another one first, or ask our staff."
            raise Conflict("last_account_key", detail)
        return changed

    def _with_key(self, changed: ApiKey) -> Self:
        return self.with_changes(keys=tuple(changed if key.key_id == changed.key_id else key for key in self.keys))

    def knows_secret(self, key_id: str, secret: str, wall: datetime) -> bool:
        """Return whether a key id and a secret belong to one of its keys."""
        return any(key.key_id == key_id and key.has_secret(secret, wall) for key in self.keys)

    def authenticate(self, key_id: str, secret: str, scope: Scope, wall: datetime) -> ApiKey:
        """Check a key, and return it.

        Raises
        ------
        Unauthorized
            If the key is unknown, revoked, expired or wrong.
        Forbidden
            If it lacks ``scope``.
        """
        for key in self.keys:
            if key.key_id == key_id and key.has_secret(secret, wall):
                if key.revoked_at or not self.active:
                    raise Unauthorized("key_revoked", f"Key {key_id} was revoked; ask for a new one.")
                if not key.opens(wall):
                    raise Unauthorized("key_expired", f"Key {key_id} expired at {key.expires_at}; make a new one.")
                if scope not in key.scopes:
                    detail = f"Key {key_id} may not {scope}; it may {', '.join(sorted(key.scopes))}."
                    raise Forbidden("key_scope", detail)
                return key
        raise Unauthorized("bad_key", "That API key is not known; check that it was copied whole.")


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
    """A new merchant, as staff enter it."""

    name: BusinessName = Field(examples=["Corner Bakery"])
    billing_email: Email
    store: Store | None = None
