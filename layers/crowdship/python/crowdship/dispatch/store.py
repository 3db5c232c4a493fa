"""The dispatch table: offers, each driver's offers, each zone's tick, and each fleet's last exchange run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.dispatch.decisions.model import RoundRecord
from crowdship.dispatch.offers.model import Offer
from crowdship.kernel import retention

ENTRY_RETENTION = retention.OFFER_LINES
ROUND_RETENTION = retention.DECISIONS


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

    @classmethod
    def listed(cls, driver_id: str) -> list[str]:
        """Return the ids of a driver's offers that are still listed, the one that runs out last first."""
        return [row.body for row in cls.query(f"DRIVER#{driver_id}", scan_index_forward=False)]


class RoundRow(Row):
    """Decisions of a round, packed; a large round has several rows, as DynamoDB takes 400 kB at most."""

    Meta = meta("dispatch")

    @classmethod
    def write(cls, record: RoundRecord) -> None:
        """Keep a round; the same round again changes nothing."""
        until = int((record.at + ROUND_RETENTION).timestamp())
        for number, part in enumerate(record.parts()):
            key = f"{_at(record.at)}#{number:02d}"
            row = cls(f"ROUNDS#{record.zone_id}", key, body=part.packed(), expires_at=until)
            row.save(add_version_condition=False)

    @classmethod
    def between(cls, zone_id: str, since: datetime, until: datetime, limit: int) -> list[RoundRecord]:
        """Return up to ``limit`` rounds of a zone in a span, both ends included, the newest first."""
        return [RoundRecord.unpacked(body) for body in cls._bodies(zone_id, since, until, limit)]

    @classmethod
    def naming(cls, name: str, zone_id: str, since: datetime, until: datetime, limit: int) -> Iterator[RoundRecord]:
        """Yield those of up to ``limit`` rounds that name a driver or delivery, one at a time, as many fill a memory.

        Parameters
        ----------
        name : str
            The id that is looked for.
        """
        for body in cls._bodies(zone_id, since, until, limit):
            if record := RoundRecord.unpacked_if_naming(name, body):
                yield record

    @classmethod
    def _bodies(cls, zone_id: str, since: datetime, until: datetime, limit: int) -> Iterator[str]:
        if until >= since:
            span = cls.sk.between(_at(since), f"{_at(until)}#~")
            rows = cls.query(f"ROUNDS#{zone_id}", span, scan_index_forward=False, limit=limit)
            yield from (row.body for row in rows)


def _at(moment: datetime) -> str:
    """Return a moment as a key that sorts by time, with all its digits."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


class TickRow(Row):
    """A zone's ticks: when the next one is due, and which run holds the zone's lease.

    Parameters
    ----------
    due_at : float, optional
        The earliest moment for which a tick was asked and that no tick has taken; epoch seconds of business time.
    due_for : str, optional
        The asker of that moment, who sent the message that will run the tick.
    taken_at : float, optional
        Moment at which the running tick took what was due. It stays if that run dies, so the zone is then still due.
    asks, seen_asks : int, optional
        Number of times that a tick was asked for; the second is that number as the last finished tick knew it.
    lease_owner, lease_until : str and float, optional
        The run that plans the zone, and the wall time (epoch seconds) after which it counts as dead. It is wall time
        because the lease guards against a process that died.
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
        """Return whether a run holds the lease and does not count as dead."""
        return self.lease_until is not None and self.lease_until >= wall_now

    def waits_since(self, wall_now: float) -> float | None:
        """Return the earliest moment for which a tick is due and that no living run has taken; None if there is none.

        The moment may lie in the future.
        """
        left_behind = None if self.is_leased(wall_now) else self.taken_at
        return min((float(moment) for moment in (self.due_at, left_behind) if moment is not None), default=None)

    @classmethod
    def ask(cls, zone_id: str, due_at: float, asker: str) -> "tuple[bool, TickRow]":
        """Ask for a tick at ``due_at``; return whether that is the earliest moment now, and the row as it then is.

        The earlier moment always wins. A later one only raises ``asks``; a tick that is about to rest sees from it that
        somebody asked.
        """
        row, counted = cls._row(zone_id), cls.asks.set((cls.asks | 0) + 1)
        earlier = cls.due_at.does_not_exist() | (cls.due_at > due_at)
        if updated(row, [cls.due_at.set(due_at), cls.due_for.set(asker), counted], earlier):
            return True, row
        row.update(actions=[counted], add_version_condition=False)
        return False, row

    @classmethod
    def begin(cls, zone_id: str, owner: str, now: float, wall_now: float, lease_s: float) -> "TickRow | None":
        """Take the zone's lease and what is due; None if nothing is due or another run has the lease.

        Parameters
        ----------
        owner : str
            Unique name of this run; two copies of one message are two runs.
        """
        row = cls._row(zone_id)
        # A run may take its own lease again, as the answer to its first attempt may have been lost.
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
        """Give the lease of this run back and ask for the next tick; False if another run has taken the lease.

        A moment that was asked for meanwhile stays if it is earlier.
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
        """Give the lease of this run back with nothing done; what it took is due again."""
        freed: list[Action] = [TickRow.lease_owner.remove(), TickRow.lease_until.remove()]
        updated(self._same(), freed, TickRow.lease_owner == self.lease_owner)

    def _same(self) -> "TickRow":
        return TickRow(self.pk, self.sk)


class PolishRow(Row):
    """The last exchange run for a merchant's own drivers in a zone.

    ``lease_until`` is wall time (epoch seconds), set while a run is under way. Until then a second copy of an event is
    not taken for a retry of the first.
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
        """Note that a run begins; False if another has begun since this one was asked for, as that one saw the change.

        The same asker may begin again once no run for it is under way, so that a run that died is repeated.
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
        """Note that a run is over; the lease of another run stays."""
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
