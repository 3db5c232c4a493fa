"""Answers about a driver's subscriptions."""

from collections.abc import Iterable
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.notify.push.model import Subscription


class SubscriptionLine(Value):
    """One browser of a driver."""

    subscription_id: str
    created_at: Moment


class SubscriptionKept(Value):
    """The id of a subscription."""

    subscription_id: str


class PushView(Value):
    """A driver's subscriptions, and the key with which browsers make them."""

    public_key: str = Field(description="applicationServerKey: an uncompressed point of P-256 in base64url")
    subscriptions: tuple[SubscriptionLine, ...]

    @classmethod
    def of(cls, public_key: str, subscriptions: Iterable[Subscription]) -> Self:
        """Return the view; endpoints and keys stay here."""
        lines = (SubscriptionLine(subscription_id=one.id, created_at=one.created_at) for one in subscriptions)
        return cls(public_key=public_key, subscriptions=tuple(lines))
