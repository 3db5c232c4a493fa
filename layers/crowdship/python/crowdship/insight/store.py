"""Insight's table: facts and days of zones, settings and runs of finance's mails."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.insight.finance.exceptions import FinanceException
from crowdship.insight.finance.model import MailRun, MailSettings
from crowdship.insight.zone_days.facts import CostFact, OrderFact
from crowdship.insight.zone_days.model import ZoneDay, day_of
from crowdship.kernel.retention import EXCEPTIONS, MAIL_RUNS, ZONE_DAYS, ZONE_FACTS

SHARDS = 16


def _shard_of(fact_id: str) -> int:
    return int.from_bytes(hashlib.sha256(fact_id.encode()).digest()[:4]) % SHARDS


def _facts_key(zone_id: str, day: date, shard: int) -> str:
    return f"FACTS#{zone_id}#{day}#{shard:02d}"


def _after(day: date, days: int) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) + days * 86_400


class FactRow(Row):
    """A fact about an order, or a cost beside deliveries, in its shard of the day of its zone."""

    Meta = meta("insight")

    @classmethod
    def of_order(cls, fact: OrderFact) -> "FactRow":
        """Return the row of an order's fact."""
        day = day_of(fact.created_at)
        key = _facts_key(fact.zone_id, day, _shard_of(fact.id)), f"ORDER#{fact.id}"
        return cls.holding(fact, *key, expires_at=_after(day, ZONE_FACTS.days))

    @classmethod
    def of_cost(cls, fact: CostFact) -> "FactRow":
        """Return the row of a cost."""
        day = day_of(fact.at)
        key = _facts_key(fact.zone_id, day, _shard_of(fact.id)), f"COST#{fact.id}"
        return cls(*key, body=fact.model_dump_json(), expires_at=_after(day, ZONE_FACTS.days))

    @classmethod
    def order(cls, like: OrderFact) -> OrderFact | None:
        """Return the stored fact of the order that another fact is about."""
        row = cls.find(_facts_key(like.zone_id, day_of(like.created_at), _shard_of(like.id)), f"ORDER#{like.id}")
        return row.as_aggregate(OrderFact) if row else None

    @classmethod
    def of_day(cls, zone_id: str, day: date) -> Iterator[OrderFact | CostFact]:
        """Return all facts of a zone's day, in no order."""
        for shard in range(SHARDS):
            for row in cls.query(_facts_key(zone_id, day, shard)):
                is_order = row.sk.startswith("ORDER#")
                yield row.as_aggregate(OrderFact) if is_order else CostFact.model_validate_json(row.body)


class ZoneDayRow(Row):
    """The sums of a zone's day, in its zone in the order of days."""

    Meta = meta("insight")

    @classmethod
    def of(cls, day: ZoneDay) -> "ZoneDayRow":
        """Return the row of a day."""
        key = f"DAYS#{day.zone_id}", f"{day.day}"
        return cls(*key, body=day.model_dump_json(), expires_at=_after(day.day, ZONE_DAYS.days))

    @classmethod
    def between(cls, zone_id: str, first: date, last: date) -> list[ZoneDay]:
        """Return the days of a zone from one to another that were summed, in order."""
        rows = cls.query(f"DAYS#{zone_id}", cls.sk.between(f"{first}", f"{last}"), consistent_read=True)
        return [ZoneDay.model_validate_json(row.body) for row in rows]


class SlotRow(Row):
    """A quarter of an hour in which an exception was noted, under its day: 96 at most."""

    Meta = meta("insight")

    @classmethod
    def of(cls, slot: str) -> "SlotRow":
        """Return the row of a slot, ``2026-11-29T14:15``."""
        day = date.fromisoformat(slot[:10])
        return cls(f"EXCEPTION-SLOTS#{day}", slot, body=slot, expires_at=_after(day, EXCEPTIONS.days))

    @classmethod
    def of_day(cls, day: date) -> list[str]:
        """Return the slots of a day that have exceptions, in order."""
        return [row.sk for row in cls.query(f"EXCEPTION-SLOTS#{day}", consistent_read=True)]


class ExceptionRow(Row):
    """An exception, under the quarter of an hour in which it was noted."""

    Meta = meta("insight")

    @classmethod
    def of(cls, exception: FinanceException, slot: str) -> "ExceptionRow":
        """Return the row of an exception."""
        kept = _after(date.fromisoformat(slot[:10]), EXCEPTIONS.days)
        return cls(f"EXCEPTIONS#{slot}", exception.id, body=exception.model_dump_json(), expires_at=kept)

    @classmethod
    def of_day(cls, day: date, slot: str | None = None) -> Iterator[FinanceException]:
        """Return the exceptions of a day, or of one of its slots, in the order in which they were noted."""
        for one in [slot] if slot else SlotRow.of_day(day):
            for row in cls.query(f"EXCEPTIONS#{one}", consistent_read=True):
                yield FinanceException.model_validate_json(row.body)


class MailSettingsRow(AggregateRow[MailSettings]):
    """The settings of finance's mails."""

    Meta = meta("insight")
    AGGREGATE = MailSettings
    SORT = "MAIL_SETTINGS"


class MailRunRow(AggregateRow[MailRun]):
    """One mail for one period: when it was due, and whether it was sent."""

    Meta = meta("insight")
    AGGREGATE = MailRun
    SORT = "MAIL_RUN"

    @classmethod
    def of(cls, aggregate: MailRun) -> "MailRunRow":
        """Return the row of a run."""
        row = super().of(aggregate)
        row.expires_at = int((aggregate.due_at + MAIL_RUNS).timestamp())
        return row


def write(row: Row) -> None:
    """Write one row.

    Raises
    ------
    StaleWrite
        If somebody else wrote it since it was read.
    """
    work = UnitOfWork()
    work.store(row)
    work.commit()


def replace(rows: Iterable[Row]) -> None:
    """Write rows whatever is there: what is written again is the same or newer."""
    for row in rows:
        row.save()
