"""The dispatch table: offers, each driver's offers, each zone's tick, and when a fleet was polished last."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.dispatch.offers.model import Offer

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
    """A zone's next look: when it is due, and who is at it.

    Parameters
    ----------
    due_at : float, optional
        The earliest moment that somebody asked for and no tick has taken; epoch seconds of business time.
    due_for : str, optional
        Who asked for that moment, and sent the message that will bring it.
    taken_at : float, optional
        When the tick under way took what was due. It stays if that tick dies, so the zone is then still due.
    asks, seen_asks : int, optional
        How often a look was asked for, and how often the last finished tick knew of.
    lease_owner, lease_until : str and float, optional
        The run that is at it, and the wall time (epoch seconds) after which it is taken for dead: the lease guards
        against a process that died, not against business time.
    """

    Meta = meta("dispatch")

    body = UnicodeAttribute(null=True)
    due_at = NumberAttribute(null=True)
    due_for = UnicodeAttribute(null=True)
    taken_at = NumberAttribute(null=True)
    asks = NumberAttribute(null=True)
    seen_asks = NumberAttribute(null=True)
    lease_owner = UnicodeAttribute(null=True)
    lease_until = NumberAttribute(null=True)

    @classmethod
    def _row(cls, zone_id: str) -> "TickRow":
        return cls(f"ZONE#{zone_id}", "TICK")

    @classmethod
    def load(cls, zone_id: str) -> "TickRow":
        """Return a zone's tick state."""
        return cls.find(f"ZONE#{zone_id}", "TICK") or cls._row(zone_id)

    def is_leased(self, wall_now: float) -> bool:
        """Return whether a run is at it that is not taken for dead."""
        return self.lease_until is not None and self.lease_until >= wall_now

    def waits_since(self, wall_now: float) -> float | None:
        """Return the earliest moment for which a look is due and which no living run has taken; None if there is none.

        It may be still to come.
        """
        left_behind = None if self.is_leased(wall_now) else self.taken_at
        return min((float(moment) for moment in (self.due_at, left_behind) if moment is not None), default=None)

    @classmethod
    def ask(cls, zone_id: str, due_at: float, asker: str) -> "tuple[bool, TickRow]":
        """Ask for a look at ``due_at``; return whether that is the earliest now, and the row as it then is.

        The earlier moment always wins: a later one changes nothing but the count, by which a tick that is about to
        rest notices that somebody asked.
        """
        row, counted = cls._row(zone_id), cls.asks.set((cls.asks | 0) + 1)
        earlier = cls.due_at.does_not_exist() | (cls.due_at > due_at)
        if updated(row, [cls.due_at.set(due_at), cls.due_for.set(asker), counted], earlier):
            return True, row
        row.update(actions=[counted], add_version_condition=False)
        return False, row

    @classmethod
    def begin(cls, zone_id: str, owner: str, now: float, wall_now: float, lease_s: float) -> "TickRow | None":
        """Take the zone's lease and what is due; None if nothing is due or somebody else has the lease.

        Parameters
        ----------
        owner : str
            Names this run and no other: two copies of one message are two runs.
        """
        row = cls._row(zone_id)
        # Its own lease as well, in case the answer to its first try was lost.
        free = cls.lease_until.does_not_exist() | (cls.lease_until < wall_now) | (cls.lease_owner == owner)
        lease: list[Action] = [
            cls.lease_owner.set(owner),
            cls.lease_until.set(wall_now + lease_s),
            cls.taken_at.set(now),
        ]
        if updated(row, [*lease, cls.due_at.remove(), cls.due_for.remove()], (cls.due_at <= now) & free):
            return row
        return row if updated(row, lease, (cls.taken_at <= now) & free) else None

    def end(self, next_due: float | None) -> bool:
        """Give the lease of this run back and ask for the next look; False if another run has taken the lease.

        What was asked for meanwhile stays if it is earlier.
        """
        mine = TickRow.lease_owner == self.lease_owner
        done: list[Action] = [
            TickRow.lease_owner.remove(),
            TickRow.lease_until.remove(),
            TickRow.taken_at.remove(),
            TickRow.seen_asks.set(self.asks or 0),
        ]
        if next_due is not None:
            earlier = TickRow.due_at.does_not_exist() | (TickRow.due_at > next_due)
            asked = [TickRow.due_at.set(next_due), TickRow.due_for.set(self.lease_owner)]
            if updated(self._same(), [*done, *asked], mine & earlier):
                return True
        return updated(self._same(), done, mine)

    def release(self) -> None:
        """Give the lease of this run back with nothing done: what it took is due as before."""
        return_goods: list[Action] = [TickRow.lease_owner.remove(), TickRow.lease_until.remove()]
        updated(self._same(), return_goods, TickRow.lease_owner == self.lease_owner)

    def _same(self) -> "TickRow":
        return TickRow(self.pk, self.sk)


class PolishRow(Row):
    """When the routes of a merchant's own drivers in a zone were polished last.

    ``lease_until`` is wall time (epoch seconds) and stands while a run is at it: until then a second copy of an event
    is no retry of the first.
    """

    Meta = meta("dispatch")

    body = UnicodeAttribute(null=True)
    begun_at = NumberAttribute(null=True)
    begun_for = UnicodeAttribute(null=True)
    lease_owner = UnicodeAttribute(null=True)
    lease_until = NumberAttribute(null=True)

    @classmethod
    def begin(
        cls,
        zone_id: str,
        merchant_id: str,
        asker: str,
        asked_at: float,
        owner: str,
        now: float,
        wall_now: float,
        lease_s: float,
    ) -> bool:
        """Note that polishing begins; False if one has begun since it was asked for, and so has seen what changed.

        The same asker may begin again once no run for it is under way, so that one that died is done after all.
        """
        died = (cls.begun_for == asker) & (cls.lease_until.does_not_exist() | (cls.lease_until < wall_now))
        free = cls.begun_at.does_not_exist() | (cls.begun_at < asked_at) | died
        actions: list[Action] = [
            cls.begun_at.set(now),
            cls.begun_for.set(asker),
            cls.lease_owner.set(owner),
            cls.lease_until.set(wall_now + lease_s),
        ]
        return updated(cls(f"ZONE#{zone_id}", f"POLISH#{merchant_id}"), actions, free)

    @classmethod
    def release(cls, zone_id: str, merchant_id: str, owner: str) -> None:
        """Note that a run is over; another run's lease stays."""
        over: list[Action] = [cls.lease_owner.remove(), cls.lease_until.remove()]
        updated(cls(f"ZONE#{zone_id}", f"POLISH#{merchant_id}"), over, cls.lease_owner == owner)


def updated(row: Row, actions: Sequence[Action], condition: Condition) -> bool:
    """Update a row if a condition holds; return whether it did."""
    try:
        row.update(actions=list(actions), condition=condition, add_version_condition=False)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
