"""The dispatch table: offers, each driver's offers, each zone's tick, and when a fleet was polished last."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from crowdship.dispatch.model import Offer
from crowdship.kernel.storage import AggregateRow, Row, meta

ENTRY_RETENTION = timedelta(days=2)


class OfferRow(AggregateRow[Offer]):
    """An offer."""

    Meta = meta("dispatch")
    AGGREGATE = Offer
    SORT = "OFFER"


class DriverOfferRow(Row):
    """A line in a driver's list of offers."""

    Meta = meta("dispatch")

    @classmethod
    def write(cls, offer: Offer) -> None:
        """List an offer with every driver it asks."""
        keep_until = int((offer.expires_at + ENTRY_RETENTION).timestamp())
        with cls.batch_write() as batch:
            for driver_id in offer.asked:
                key = f"{offer.expires_at.isoformat()}#{offer.id}"
                batch.save(cls(f"DRIVER#{driver_id}", key, body=offer.id, expires_at=keep_until))

    @classmethod
    def standing(cls, driver_id: str, now: datetime) -> list[str]:
        """Return the ids of a driver's offers that have not run out by time."""
        return [row.body for row in cls.query(f"DRIVER#{driver_id}", cls.sk > now.isoformat(), consistent_read=True)]


class TickRow(Row):
    """When a zone's next tick is due, and who is running one.

    ``lease_until`` is wall time (epoch seconds): it guards against a process that died, not against business time.
    """

    Meta = meta("dispatch")

    body = UnicodeAttribute(null=True)
    due_at = NumberAttribute(null=True)
    due_for = UnicodeAttribute(null=True)
    lease_owner = UnicodeAttribute(null=True)
    lease_until = NumberAttribute(null=True)

    @classmethod
    def _row(cls, zone_id: str) -> "TickRow":
        return cls(f"ZONE#{zone_id}", "TICK")

    @classmethod
    def load(cls, zone_id: str) -> "TickRow":
        """Return a zone's tick state."""
        try:
            return cls.get(f"ZONE#{zone_id}", "TICK", consistent_read=True)
        except DoesNotExist:
            return cls._row(zone_id)

    @classmethod
    def ask(cls, zone_id: str, due_at: float, asker: str, now: float, wall_now: float) -> bool:
        """Ask for a tick at ``due_at``; False if one is due no later already.

        One that is overdue is never put off: it will be run, unless a tick is under way that may have looked before
        this was asked. The same asker is answered yes again, so that a crash before its message was sent loses no tick.
        """
        under_way = (cls.due_at <= now) & (cls.lease_until >= wall_now)
        free = cls.due_at.does_not_exist() | (cls.due_at > due_at) | under_way | (cls.due_for == asker)
        return cls._try(zone_id, [cls.due_at.set(due_at), cls.due_for.set(asker)], free)

    @classmethod
    def begin(cls, zone_id: str, owner: str, now: float, wall_now: float, lease_s: float) -> bool:
        """Take the zone's lease if a tick is due and nobody holds it."""
        free = cls.lease_until.does_not_exist() | (cls.lease_until < wall_now) | (cls.lease_owner == owner)
        actions = [cls.lease_owner.set(owner), cls.lease_until.set(wall_now + lease_s)]
        return cls._try(zone_id, actions, (cls.due_at <= now) & free)

    @classmethod
    def end(cls, zone_id: str, owner: str, begun_with: float, next_due: float | None) -> bool:
        """Give the lease back and set when the next tick is due.

        Returns False (and only gives the lease back) if someone asked for another tick meanwhile.
        """
        give_back: list[Action] = [cls.lease_owner.remove(), cls.lease_until.remove()]
        if next_due is None:
            next_due_at: list[Action] = [cls.due_at.remove(), cls.due_for.remove()]
        else:
            next_due_at = [cls.due_at.set(next_due), cls.due_for.set(owner)]
        if cls._try(zone_id, [*give_back, *next_due_at], (cls.due_at == begun_with) & (cls.lease_owner == owner)):
            return True
        cls._try(zone_id, give_back, cls.lease_owner == owner)
        return False

    @classmethod
    def _try(cls, zone_id: str, actions: Sequence[Action], condition: Condition) -> bool:
        return updated(cls._row(zone_id), actions, condition)


class PolishRow(Row):
    """When the routes of a merchant's own drivers in a zone were polished last."""

    Meta = meta("dispatch")

    body = UnicodeAttribute(null=True)
    begun_at = NumberAttribute(null=True)
    begun_for = UnicodeAttribute(null=True)

    @classmethod
    def begin(cls, zone_id: str, merchant_id: str, asker: str, asked_at: float, now: float) -> bool:
        """Note that polishing begins; False if one has begun since it was asked for, and so has seen what changed.

        The same asker is answered yes again, so that one that died is done after all.
        """
        free = cls.begun_at.does_not_exist() | (cls.begun_at < asked_at) | (cls.begun_for == asker)
        actions: list[Action] = [cls.begun_at.set(now), cls.begun_for.set(asker)]
        return updated(cls(f"ZONE#{zone_id}", f"POLISH#{merchant_id}"), actions, free)


def updated(row: Row, actions: Sequence[Action], condition: Condition) -> bool:
    """Update a row if a condition holds; return whether it did."""
    try:
        row.update(actions=list(actions), condition=condition, add_version_condition=False)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
