"""Rows of subscriptions: one for each driver, and one for each endpoint that names its driver."""

from collections.abc import Iterable

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.notify.push.model import Subscription, Subscriptions


class SubscriptionsRow(AggregateRow[Subscriptions]):
    """All subscriptions of a driver."""

    Meta = meta("notify")
    AGGREGATE = Subscriptions
    SORT = "PUSH"

    @classmethod
    def of_driver(cls, driver_id: str) -> Subscriptions:
        """Return the subscriptions of a driver; an empty value if there are none."""
        return cls.load(driver_id) or Subscriptions(id=driver_id)

    @classmethod
    def keep(cls, subscriptions: Subscriptions, work: UnitOfWork) -> None:
        """Add the guarded write of a driver's subscriptions; the row expires with the last of them."""
        last = max((entry.kept_until for entry in subscriptions.entries), default=None)
        expires = {"expires_at": int(last.timestamp())} if last else {}
        work.store(cls.holding(subscriptions, subscriptions.id, cls.SORT, **expires))

    @classmethod
    def forget(cls, driver_id: str, work: UnitOfWork) -> None:
        """Add the deletion of a driver's subscriptions."""
        work.delete(cls(driver_id, cls.SORT))


class OwnerRow(Row):
    """The driver to whom an endpoint belongs: the last who subscribed with it."""

    Meta = meta("notify")
    SORT = "OWNER"

    @classmethod
    def load(cls, subscription_id: str) -> str | None:
        """Return the driver to whom an endpoint belongs, or None."""
        row = cls.find(_key(subscription_id), cls.SORT)
        return row.body if row else None

    @classmethod
    def give(cls, subscription: Subscription, driver_id: str, work: UnitOfWork) -> None:
        """Add the write that gives an endpoint to a driver."""
        until = int(subscription.kept_until.timestamp())
        work.put(cls(_key(subscription.id), cls.SORT, body=driver_id, expires_at=until), None)

    @classmethod
    def forget(cls, subscription_ids: Iterable[str], driver_id: str, work: UnitOfWork) -> None:
        """Add the deletions of endpoints of a driver, as far as they still are that driver's."""
        for subscription_id in subscription_ids:
            if cls.load(subscription_id) == driver_id:
                work.delete(cls(_key(subscription_id), cls.SORT))


def _key(subscription_id: str) -> str:
    return f"PUSH-ENDPOINT#{subscription_id}"
