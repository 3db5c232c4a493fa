"""Use cases of subscriptions: a driver's browsers subscribe and leave, and those that are gone are forgotten."""

from collections.abc import Callable, Iterable

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.secrets import secret
from crowdship.adapters.settings import private_urls_allowed, settings
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.notify.push import vapid
from crowdship.notify.push.model import Subscription, SubscriptionInput, Subscriptions
from crowdship.notify.push.store import OwnerRow, SubscriptionsRow
from crowdship.notify.push.views import PushView
from crowdship.notify.webhooks.endpoints.addresses import checked_url

WALL = RunningClock()
OWN_SECRET_FOR_S = 86_400
"""Seconds for which the secret is remembered. It never changes, as every subscription is bound to its key."""


def vapid_secret() -> str:
    """Return the secret from which our key pair follows."""
    return secret(settings().push_secret, OWN_SECRET_FOR_S)


def view_of(driver_id: str, wall: Clock = WALL) -> PushView:
    """Return our public key and the subscriptions of a driver."""
    return PushView.of(vapid.public_key(vapid_secret()), of_driver(driver_id, wall))


def of_driver(driver_id: str, wall: Clock = WALL) -> tuple[Subscription, ...]:
    """Return the subscriptions of a driver that have not run out."""
    return SubscriptionsRow.of_driver(driver_id).kept(wall.now())


def of_drivers(driver_ids: Iterable[str], wall: Clock = WALL) -> dict[str, tuple[Subscription, ...]]:
    """Return the subscriptions of some drivers that have not run out, by driver."""
    return {found.id: found.kept(wall.now()) for found in SubscriptionsRow.load_many(driver_ids)}


def subscribe(driver_id: str, given: SubscriptionInput, clock: Clock, wall: Clock = WALL) -> Subscription:
    """Keep a browser's subscription for a driver, and take it from the driver who had it before.

    Raises
    ------
    Unprocessable
        If messages can't be sent to its endpoint, or it has run out.
    """
    _check(given)
    new = Subscription.of(given, clock.now(), wall.now())
    if not new.is_kept(wall.now()):
        detail = "expirationTime has passed; subscribe the browser anew and send what it then says."
        raise Unprocessable("subscription_over", detail, "/expirationTime")

    def attempt() -> Subscription:
        known, owner = SubscriptionsRow.of_driver(driver_id), OwnerRow.load(new.id)
        changed = known.with_one(new, wall.now())
        if changed != known or owner != driver_id:
            work = UnitOfWork()
            SubscriptionsRow.keep(changed, work)
            OwnerRow.give(new, driver_id, work)
            if owner and owner != driver_id:
                SubscriptionsRow.keep(SubscriptionsRow.of_driver(owner).without(new.id), work)
            OwnerRow.forget({one.id for one in known.entries} - {one.id for one in changed.entries}, driver_id, work)
            work.commit()
        return new

    return persistently(attempt)


def _check(given: SubscriptionInput) -> None:
    try:
        checked_url(given.endpoint, private_allowed=private_urls_allowed())
    except Unprocessable as refused:
        raise Unprocessable(refused.code, refused.detail, "/endpoint") from refused


def unsubscribe(driver_id: str, subscription_id: str) -> None:
    """Forget a subscription of a driver; one that is not there stays forgotten."""

    def attempt() -> None:
        known = SubscriptionsRow.of_driver(driver_id)
        if (left := known.without(subscription_id)) is not known:
            work = UnitOfWork()
            SubscriptionsRow.keep(left, work)
            OwnerRow.forget([subscription_id], driver_id, work)
            work.commit()

    persistently(attempt)


def forget(driver_id: str) -> None:
    """Forget all subscriptions of a driver, who is erased or signs out everywhere."""
    known = SubscriptionsRow.of_driver(driver_id)
    work = UnitOfWork()
    SubscriptionsRow.forget(driver_id, work)
    OwnerRow.forget([one.id for one in known.entries], driver_id, work)
    work.commit()


def note_taken(driver_id: str, subscription_id: str) -> None:
    """Note that a subscription took a message."""
    _change(driver_id, lambda known: known.took(subscription_id))


def note_missed(driver_id: str, subscription_id: str, wall: Clock = WALL) -> None:
    """Note that a subscription did not take a message."""
    _change(driver_id, lambda known: known.missed(subscription_id, wall.now()))


def _change(driver_id: str, change: Callable[[Subscriptions], Subscriptions]) -> None:
    def attempt() -> None:
        known = SubscriptionsRow.of_driver(driver_id)
        if (changed := change(known)) is not known:
            work = UnitOfWork()
            SubscriptionsRow.keep(changed, work)
            work.commit()

    persistently(attempt)
