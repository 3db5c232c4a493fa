"""The intake's table: quotes, jobs, orders of shops, and ignored messages of shops."""

from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.intake.orders.jobs import Job
from crowdship.intake.quotes.model import Quote
from crowdship.intake.shops.remembered import MESSAGES_KEPT, ORDERS_KEPT, IgnoredMessage, SeenOrder
from crowdship.kernel import retention
from crowdship.merchants.connections import SourceName

KEPT = retention.QUOTES
"""A quote can be read until this long after it expired."""


class QuoteRow(AggregateRow[Quote]):
    """A quote."""

    Meta = meta("intake")
    AGGREGATE = Quote
    SORT = "QUOTE"

    @classmethod
    def indexed(cls, quote: Quote) -> dict[str, int]:
        """Return the moment at which the table deletes a quote."""
        return {"expires_at": int((quote.expires_at + KEPT).timestamp())}


class JobRow(AggregateRow[Job]):
    """A job."""

    Meta = meta("intake")
    AGGREGATE = Job
    SORT = "JOB"


class SeenOrderRow(AggregateRow[SeenOrder]):
    """A shop's order as of its newest message."""

    Meta = meta("intake")
    AGGREGATE = SeenOrder
    SORT = "SHOP_ORDER"

    @classmethod
    def kept(cls, order: SeenOrder, wall: datetime) -> "SeenOrderRow":
        """Return the row for an order, deleted some time after its newest message."""
        row = cls.of(order)
        row.expires_at = int((wall + ORDERS_KEPT).timestamp())
        return row

    @classmethod
    def forget(cls, order_id: str) -> None:
        """Delete what is remembered of an order."""
        cls(order_id, cls.SORT).delete(add_version_condition=False)


class MessageRow(Row):
    """An ignored message of a shop, sorted by time, and an entry that finds it by the digest of its bytes."""

    Meta = meta("intake")

    @classmethod
    def keep(cls, message: IgnoredMessage, digest: str, wall: datetime, work: UnitOfWork) -> None:
        """Add the writes of an entry to a unit of work."""
        expires_at = int((wall + MESSAGES_KEPT).timestamp())
        work.store(cls.holding(message, *cls._key(message), expires_at=expires_at))
        if message.stored_version == 0:
            marker = cls(*cls._marker(message.merchant_id, message.source, digest), body=message.id)
            marker.expires_at = expires_at
            work.put(marker, cls.pk.does_not_exist())

    @classmethod
    def keep_changed(cls, message: IgnoredMessage, wall: datetime) -> None:
        """Write an entry that changed.

        Raises
        ------
        StaleWrite
            If somebody else changed it.
        """
        work = UnitOfWork()
        cls.keep(message, "", wall, work)
        work.commit()

    @classmethod
    def of_bytes(cls, merchant_id: str, source: SourceName, digest: str) -> IgnoredMessage | None:
        """Return the entry of a message that came before, by the digest of its bytes."""
        marker = cls.find(*cls._marker(merchant_id, source, digest))
        return cls.load(merchant_id, source, marker.body) if marker else None

    @classmethod
    def load(cls, merchant_id: str, source: SourceName, message_id: str) -> IgnoredMessage | None:
        """Return an entry, or None."""
        row = cls.find(f"MESSAGES#{merchant_id}#{source}", message_id)
        return row.as_aggregate(IgnoredMessage) if row else None

    @classmethod
    def newest(cls, merchant_id: str, source: SourceName, before: str | None, limit: int) -> list[IgnoredMessage]:
        """Return up to ``limit`` entries before one, the newest first."""
        condition = cls.sk < before if before else None
        rows = cls.query(f"MESSAGES#{merchant_id}#{source}", condition, limit=limit, scan_index_forward=False)
        return [row.as_aggregate(IgnoredMessage) for row in rows]

    @staticmethod
    def _key(message: IgnoredMessage) -> tuple[str, str]:
        return f"MESSAGES#{message.merchant_id}#{message.source}", message.id

    @staticmethod
    def _marker(merchant_id: str, source: SourceName, digest: str) -> tuple[str, str]:
        return f"MESSAGE#{merchant_id}#{source}#{digest}", "SEEN"


class IgnoredCountRow(Row):
    """The number of a source's messages that were ignored on a day, by code."""

    Meta = meta("intake")

    body = UnicodeAttribute(null=True)
    number = NumberAttribute(null=True)

    @classmethod
    def add(cls, merchant_id: str, source: SourceName, code: str, wall: datetime) -> None:
        """Count one."""
        row = cls(cls._key(merchant_id, source), f"{wall:%Y-%m-%d}#{code}")
        expires_at = int((wall + MESSAGES_KEPT).timestamp())
        row.update(actions=[cls.number.add(1), cls.expires_at.set(expires_at)], add_version_condition=False)

    @classmethod
    def by_code(cls, merchant_id: str, source: SourceName, since: datetime) -> dict[str, int]:
        """Return how many there were since a day, by code."""
        found: dict[str, int] = {}
        for row in cls.query(cls._key(merchant_id, source), cls.sk >= f"{since:%Y-%m-%d}"):
            code = row.sk.partition("#")[2]
            found[code] = found.get(code, 0) + int(row.number or 0)
        return found

    @staticmethod
    def _key(merchant_id: str, source: SourceName) -> str:
        return f"IGNORED#{merchant_id}#{source}"


class ErasureRow(Row):
    """A delivery whose customer is to be erased, or of whom a hold still keeps something."""

    Meta = meta("intake")

    @classmethod
    def wanted(cls, delivery_id: str) -> "ErasureRow":
        """Return the row that has a delivery looked at again and again."""
        return cls("ERASURES", delivery_id, body=delivery_id)

    @classmethod
    def waiting(cls, after: str | None, limit: int) -> list[str]:
        """Return the ids of up to ``limit`` such deliveries after one."""
        return [row.sk for row in cls.query("ERASURES", cls.sk > after if after else None, limit=limit)]
