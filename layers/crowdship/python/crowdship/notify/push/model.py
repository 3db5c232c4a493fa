"""Subscriptions: the browsers of a driver that take push messages."""

import hashlib
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel import retention
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.notify.push.encryption import point_of

MOST_SUBSCRIPTIONS = 5
"""The most that a driver may have; one more lets the oldest fall out."""

KEPT = retention.SUBSCRIPTIONS
"""Wall time after which a subscription is forgotten unless the browser has sent it again."""

RENEWED_BEFORE = timedelta(days=60)
"""A subscription that is kept for less than this is kept for ``KEPT`` anew when it is sent again."""

TROUBLED_FOR = timedelta(minutes=15)
"""A subscription that takes nothing is tried again for this long with each message, later once a message."""

GIVEN_UP_AFTER = timedelta(days=3)
"""A subscription that took nothing for this time is forgotten."""

AUTH_BYTES = 16
ID_LETTERS = 32
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def from_base64url(text: str) -> bytes:
    """Return the bytes of base64url with or without padding.

    Raises
    ------
    ValueError
        If that is no base64url.
    """
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except NotBase64 as error:
        raise ValueError("it is no base64url") from error


def _a_point(text: str) -> str:
    try:
        point_of(from_base64url(text))
    except ValueError as error:
        raise ValueError("it must be an uncompressed point of P-256 in base64url, as browsers write p256dh") from error
    return text


def _a_secret(text: str) -> str:
    try:
        length = len(from_base64url(text))
    except ValueError:
        length = 0
    if length != AUTH_BYTES:
        raise ValueError(f"it must be {AUTH_BYTES} bytes in base64url, as browsers write auth")
    return text


Base64Url = StringConstraints(pattern=r"^[A-Za-z0-9_-]+={0,2}$", max_length=100)
P256dh = Annotated[str, Base64Url, AfterValidator(_a_point)]
Auth = Annotated[str, Base64Url, AfterValidator(_a_secret)]
Endpoint = Annotated[str, StringConstraints(min_length=8, max_length=1000)]


class SubscriptionKeys(Value):
    """The keys of a browser's subscription, in base64url."""

    p256dh: P256dh
    auth: Auth


class SubscriptionInput(Value):
    """A browser's subscription as ``PushSubscription.toJSON()`` writes it."""

    endpoint: Endpoint = Field(examples=["https://push.example/send/f1x2"])
    keys: SubscriptionKeys
    expirationTime: Annotated[float, Field(ge=0, le=LATEST.timestamp() * 1000)] | None = Field(  # noqa: N815
        default=None, description="Unix milliseconds at which the push service ends it, if it does"
    )


def id_of(endpoint: str) -> str:
    """Return the id of the subscription with an endpoint."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:ID_LETTERS]


class Subscription(Value):
    """A browser that takes push messages.

    Parameters
    ----------
    created_at : datetime
        Business time.
    kept_until : datetime
        Wall time after which it is forgotten.
    troubled_since : datetime, optional
        Wall time of the first message that it did not take since the last that it took.
    """

    id: str
    endpoint: str
    p256dh: str
    auth: str
    created_at: Moment
    kept_until: Moment
    troubled_since: Moment | None = None

    @classmethod
    def of(cls, given: SubscriptionInput, now: datetime, wall_now: datetime) -> Self:
        """Return a new subscription, whose endpoint was checked."""
        until = wall_now + KEPT
        if given.expirationTime is not None:
            until = min(until, datetime.fromtimestamp(given.expirationTime / 1000, UTC))
        return cls(
            id=id_of(given.endpoint),
            endpoint=given.endpoint,
            p256dh=given.keys.p256dh,
            auth=given.keys.auth,
            created_at=now,
            kept_until=until,
        )

    @property
    def keys(self) -> tuple[bytes, bytes]:
        """The browser's public key and secret."""
        return from_base64url(self.p256dh), from_base64url(self.auth)

    def is_kept(self, wall_now: datetime) -> bool:
        """Return whether it has not run out."""
        return wall_now < self.kept_until

    def tries_again(self, wall_now: datetime) -> bool:
        """Return whether a message that it did not take is tried again."""
        return self.troubled_since is None or wall_now - self.troubled_since < TROUBLED_FOR


class Subscriptions(Aggregate):
    """All subscriptions of a driver, whose id it has, the oldest first."""

    entries: tuple[Subscription, ...] = ()

    def kept(self, wall_now: datetime) -> tuple[Subscription, ...]:
        """Return those that have not run out."""
        return tuple(entry for entry in self.entries if entry.is_kept(wall_now))

    def find(self, subscription_id: str) -> Subscription | None:
        """Return the one with an id, or None."""
        return next((entry for entry in self.entries if entry.id == subscription_id), None)

    def with_one(self, new: Subscription, wall_now: datetime) -> Self:
        """Return the subscriptions with one more; the same if it is known and need not be renewed.

        Those that have run out fall out, and of too many the oldest.
        """
        known = self.find(new.id)
        if known and (known.p256dh, known.auth) == (new.p256dh, new.auth):
            if known.kept_until >= new.kept_until - (KEPT - RENEWED_BEFORE) and known.is_kept(wall_now):
                return self
            new = new.model_copy(update={"created_at": known.created_at})
        others = [entry for entry in self.kept(wall_now) if entry.id != new.id]
        newest = sorted((*others, new), key=lambda entry: entry.created_at)[-MOST_SUBSCRIPTIONS:]
        return self.with_changes(entries=tuple(newest))

    def without(self, subscription_id: str) -> Self:
        """Return the subscriptions without one; the same if it is not there."""
        left = tuple(entry for entry in self.entries if entry.id != subscription_id)
        return self if left == self.entries else self.with_changes(entries=left)

    def took(self, subscription_id: str) -> Self:
        """Return the subscriptions after one took a message; the same if nothing was wrong."""
        return self._troubled(subscription_id, None)

    def missed(self, subscription_id: str, wall_now: datetime) -> Self:
        """Return the subscriptions after one took no message; without it if that has lasted too long."""
        known = self.find(subscription_id)
        if known is None or known.troubled_since is None:
            return self._troubled(subscription_id, wall_now)
        return self.without(subscription_id) if wall_now - known.troubled_since >= GIVEN_UP_AFTER else self

    def _troubled(self, subscription_id: str, since: datetime | None) -> Self:
        entries = tuple(
            entry.model_copy(update={"troubled_since": since}) if entry.id == subscription_id else entry
            for entry in self.entries
        )
        return self if entries == self.entries else self.with_changes(entries=entries)
