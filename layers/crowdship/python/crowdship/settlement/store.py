"""Settlement table: the log of postings by day, and the records of each day's settlement.

A day's log is spread over shards, so that no partition grows hot. Each shard has a gate. A posting is one transaction:
its marker (so that it is booked once), the posting in its shard, its line for each holder of its accounts, the items
that it opens or clears, and the condition that the gate is open. Closing writes all gates in one transaction. As the
two exclude each other, a consistent read of a closed day's shards returns all postings the day will ever have.
"""

import hashlib
import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from pydantic import TypeAdapter

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta, persistently
from crowdship.kernel.errors import StaleWrite
from crowdship.settlement.accounts import OwnerKind
from crowdship.settlement.clearing import store as items
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.ledger import Posting
from crowdship.settlement.lines import Line, holders_of
from crowdship.settlement.proposals import BookedAlone, Proposal
from crowdship.settlement.statements import Statement, StatementLine, stated

SHARDS = 16
"""Shards of a day, unless ``GROWN`` says otherwise: some 700 bookings a second, at which a gate meets one in ten."""

GROWN: tuple[tuple[date, int], ...] = ()
"""Days from which on there are more shards. A row names a day of the future, because what is booked stays where it is.
"""

TRIES = 8
"""Tries of a booking; more than elsewhere, because all postings of a shard check the same gate."""

TRIES_TO_BOOK = 2
"""Tries of a booking with rows that were read: the second one is for a day that was closed meanwhile."""

_LINES = TypeAdapter(tuple[StatementLine, ...])


def shards_of(period: date) -> range:
    """Return the numbers of a day's shards."""
    return range(max((count for day, count in GROWN if day <= period), default=SHARDS))


def shard_of(posting_id: str, period: date) -> int:
    """Return the shard of a day that a posting is in."""
    return int.from_bytes(hashlib.sha256(posting_id.encode()).digest()[:4]) % len(shards_of(period))


def _shard_key(period: date, shard: int) -> str:
    return f"PERIOD#{period}#{shard:02d}"


class PostingRow(Row):
    """A posting, in its shard of its period."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, posting: Posting) -> "PostingRow":
        """Return the row for a posting."""
        key = _shard_key(posting.period, shard_of(posting.id, posting.period))
        return cls(key, f"POSTING#{posting.id}", body=posting.model_dump_json())

    @classmethod
    def load(cls, posting_id: str, period: date) -> Posting | None:
        """Return a posting, or None."""
        row = cls.find(_shard_key(period, shard_of(posting_id, period)), f"POSTING#{posting_id}")
        return Posting.model_validate_json(row.body) if row else None

    @classmethod
    def estimate_of(cls, period: date) -> int:
        """Return about how many postings a period has: those of one shard, counted and not read, times the shards."""
        shards = shards_of(period)
        return cls.count(_shard_key(period, shards[0]), cls.sk.startswith("POSTING#")) * len(shards)

    @classmethod
    def of_shard(cls, period: date, shard: int) -> Iterator[Posting]:
        """Yield the postings of a shard in the order of their ids, page by page."""
        for row in cls.query(_shard_key(period, shard), cls.sk.startswith("POSTING#"), consistent_read=True):
            yield Posting.model_validate_json(row.body)

    @classmethod
    def of_period(cls, period: date) -> Iterator[Posting]:
        """Yield all postings of a period, shard by shard."""
        for shard in shards_of(period):
            yield from cls.of_shard(period, shard)


class MarkerRow(Row):
    """Marker that a posting was booked, with its period."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, posting: Posting) -> "MarkerRow":
        """Return the marker of a posting."""
        return cls(f"POSTING#{posting.id}", "MARKER", body=posting.period.isoformat())

    @classmethod
    def period_of(cls, posting_id: str) -> date | None:
        """Return the period a posting was booked in, or None if it was not."""
        row = cls.find(f"POSTING#{posting_id}", "MARKER")
        return date.fromisoformat(row.body) if row else None


class GateRow(Row):
    """Gate of a shard of a period: the shard is closed if the row exists."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, period: date, shard: int, closed_at: datetime) -> "GateRow":
        """Return the gate of a shard."""
        return cls(_shard_key(period, shard), "GATE", body=closed_at.isoformat())

    @classmethod
    def is_closed(cls, period: date, shard: int) -> bool:
        """Return whether a shard of a period is closed."""
        return cls.find(_shard_key(period, shard), "GATE") is not None


class LineRow(Row):
    """A holder's line of a posting, in the order of time in the holder's day.

    The lines of a driver's day are one partition. Those of a merchant, and of an account of the platform, are spread
    over as many as the day has shards.
    """

    Meta = meta("settlement")

    @classmethod
    def _key(cls, holder: str, period: date, shard: int) -> str:
        key = f"LINES#{holder}#{period}"
        return key if holder.startswith(f"{OwnerKind.DRIVER}:") else f"{key}#{shard:02d}"

    @classmethod
    def of(cls, posting: Posting) -> "list[LineRow]":
        """Return the rows for the holders of a posting's accounts."""
        shard = shard_of(posting.id, posting.period)
        rows = []
        for holder in sorted(holders_of(posting)):
            line = Line.of(posting, holder)
            rows.append(cls(cls._key(holder, posting.period, shard), line.cursor, body=line.model_dump_json()))
        return rows

    @classmethod
    def of_holder(
        cls, holder: str, period: date, after: str | None = None, shards: Collection[int] | None = None
    ) -> Iterator[Line]:
        """Yield a holder's lines of a period in the order of their times, those after a cursor.

        Parameters
        ----------
        shards : collection of int, optional
            The shards to look in; all of the period if left out.
        """
        keys = {cls._key(holder, period, shard) for shard in (shards_of(period) if shards is None else shards)}
        condition = cls.sk > after if after else None
        parts = [cls.query(key, condition, consistent_read=True) for key in sorted(keys)]
        for row in heapq.merge(*parts, key=lambda row: row.sk):
            yield Line.model_validate_json(row.body)

    @classmethod
    def of_driver(cls, driver_id: str, period: date) -> list[StatementLine]:
        """Return the lines of a driver's statement of a period, in the order of their times."""
        owner = f"{OwnerKind.DRIVER}:{driver_id}"
        found = (stated(owner, line) for line in cls.of_holder(owner, period))
        return [line for line in found if line]


class StatementRow(Row):
    """A statement without its lines, in its period."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, statement: Statement) -> "StatementRow":
        """Return the row for a statement."""
        return cls(
            f"STATEMENTS#{statement.period}",
            statement.cursor,
            body=statement.model_dump_json(),
        )

    @classmethod
    def of_period(cls, period: date, after: str | None = None, limit: int | None = None) -> list[Statement]:
        """Return the statements of a period in the order of their owners, those after a sort key."""
        condition = cls.sk > after if after else None
        rows = cls.query(f"STATEMENTS#{period}", condition, limit=limit, consistent_read=True)
        return [Statement.model_validate_json(row.body) for row in rows]

    @classmethod
    def among(cls, period: date, owners: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Statement]:
        """Return the statements of a period that are there, by owner and currency."""
        keys = [(f"STATEMENTS#{period}", f"{owner}#{currency}") for owner, currency in owners]
        rows = cls.batch_get(keys, consistent_read=True) if keys else ()
        found = (Statement.model_validate_json(row.body) for row in rows)
        return {(statement.owner, statement.currency): statement for statement in found}

    @classmethod
    def count_of(cls, period: date) -> int:
        """Return how many statements a period has, without reading them."""
        return cls.count(f"STATEMENTS#{period}", consistent_read=True)

    @classmethod
    def of_owner(cls, period: date, owner: str) -> list[Statement]:
        """Return one owner's statements of a period, one per currency."""
        rows = cls.query(f"STATEMENTS#{period}", cls.sk.startswith(f"{owner}#"), consistent_read=True)
        return [Statement.model_validate_json(row.body) for row in rows]


class StatementPageRow(Row):
    """A page of a statement's lines."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, statement_id: str, page: int, lines: Sequence[StatementLine]) -> "StatementPageRow":
        """Return the row for a page of a statement's lines, counted from 0."""
        return cls(f"STATEMENT#{statement_id}", f"LINES#{page:06d}", body=_LINES.dump_json(tuple(lines)).decode())

    @classmethod
    def lines_of(cls, statement_id: str, page: int) -> list[StatementLine]:
        """Return a page of a statement's lines, counted from 0; none after the last."""
        row = cls.find(f"STATEMENT#{statement_id}", f"LINES#{page:06d}")
        return list(_LINES.validate_json(row.body)) if row else []


class SettlementRow(Row):
    """The settlement of a period."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, settlement: Settlement) -> "SettlementRow":
        """Return the row for a settlement."""
        return cls.holding(settlement, f"SETTLEMENT#{settlement.period}", "SETTLEMENT")

    @classmethod
    def load_many(cls, periods: Iterable[date]) -> dict[date, Settlement]:
        """Return the settlements that were begun, by period."""
        keys = [(f"SETTLEMENT#{period}", "SETTLEMENT") for period in periods]
        found = (row.as_aggregate(Settlement) for row in cls.batch_get(keys, consistent_read=True))
        return {settlement.period: settlement for settlement in found}

    @classmethod
    def load(cls, period: date) -> Settlement | None:
        """Return the settlement of a period; None if it was not begun."""
        row = cls.find(f"SETTLEMENT#{period}", "SETTLEMENT")
        return row.as_aggregate(Settlement) if row else None


class ProposalRow(AggregateRow[Proposal]):
    """A proposed adjustment, under its id."""

    Meta = meta("settlement")
    AGGREGATE = Proposal
    SORT = "PROPOSAL"


class AloneRow(AggregateRow[BookedAlone]):
    """The sum that was booked for a driver on a day without a second person."""

    Meta = meta("settlement")
    AGGREGATE = BookedAlone
    SORT = "SUM"


class WaitingRow(Row):
    """A proposed adjustment that waits for a second person, in the order of expiry."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, proposal: Proposal) -> "WaitingRow":
        """Return the row of a proposal that waits."""
        return cls("PROPOSALS", f"{_in_order(proposal.expires_at)}#{proposal.id}", body=proposal.id)

    @classmethod
    def ids_after(cls, now: datetime, limit: int) -> list[str]:
        """Return the ids of proposals that expire after a moment."""
        rows = cls.query("PROPOSALS", cls.sk > _in_order(now), limit=limit, consistent_read=True)
        return [row.body for row in rows]


def _in_order(moment: datetime | None) -> str:
    """Return a moment as a text that sorts as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if moment else ""


def write(*rows: Row) -> None:
    """Write rows in one transaction.

    Raises
    ------
    StaleWrite
        If somebody else wrote one of them since it was read.
    """
    work = UnitOfWork()
    for row in rows:
        work.store(row)
    work.commit()


def booked(posting_id: str) -> Posting | None:
    """Return a posting that was booked, or None."""
    period = MarkerRow.period_of(posting_id)
    return PostingRow.load(posting_id, period) if period else None


def not_booked(posting_ids: Iterable[str]) -> set[str]:
    """Return the ids, among some, under which nothing was booked."""
    ids = set(posting_ids)
    markers = [(f"POSTING#{posting_id}", "MARKER") for posting_id in ids]
    found = MarkerRow.batch_get(markers, consistent_read=True) if markers else ()
    return ids - {marker.pk.removeprefix("POSTING#") for marker in found}


def booked_among(posting_ids: Iterable[str]) -> list[Posting]:
    """Return the postings that were booked under some ids, in no order."""
    markers = [(f"POSTING#{posting_id}", "MARKER") for posting_id in posting_ids]
    keys = []
    for marker in MarkerRow.batch_get(markers, consistent_read=True) if markers else ():
        posting_id = marker.pk.removeprefix("POSTING#")
        period = date.fromisoformat(marker.body)
        keys.append((_shard_key(period, shard_of(posting_id, period)), f"POSTING#{posting_id}"))
    rows = PostingRow.batch_get(keys, consistent_read=True) if keys else ()
    return [Posting.model_validate_json(row.body) for row in rows]


def book(posting: Posting, *also: Row, without: Sequence[Row] = (), tries: int = TRIES) -> Posting:
    """Book a posting once, in its period or the next open one, and write or delete other rows in the same transaction.

    Returns
    -------
    Posting
        As it was booked now or by an earlier call.

    Raises
    ------
    StaleWrite
        If somebody else changed one of the other rows, or other transactions interfered with each of the tries.
    """

    def attempt() -> Posting:
        nonlocal posting
        shard = shard_of(posting.id, posting.period)
        work = UnitOfWork()
        work.check(GateRow, _shard_key(posting.period, shard), "GATE", GateRow.pk.does_not_exist())
        marker = MarkerRow.of(posting)
        work.put(marker, MarkerRow.pk.does_not_exist())
        for row in (PostingRow.of(posting), *LineRow.of(posting)):
            work.put(row, None)
        items.keep(posting, work)
        for other in also:
            work.store(other)
        for gone in without:
            work.delete(gone)
        try:
            work.commit()
        except StaleWrite:
            if before := booked(posting.id):
                return before
            while GateRow.is_closed(posting.period, shard_of(posting.id, posting.period)):
                posting = posting.moved_to(posting.period + timedelta(days=1))
            raise
        return posting

    return persistently(attempt, tries)


def close(period: date, closed_at: datetime) -> None:
    """Close all shards of a period and note it on its settlement, in one transaction; a closed period stays as it is.

    Raises
    ------
    StaleWrite
        If other transactions interfered with each of ``TRIES``.
    """

    def attempt() -> None:
        settlement = SettlementRow.load(period)
        if settlement is None or settlement.closed_at:
            return
        work = UnitOfWork()
        work.store(SettlementRow.of(settlement.with_changes(closed_at=closed_at)))
        for shard in shards_of(period):
            work.store(GateRow.of(period, shard, closed_at))
        work.commit()

    persistently(attempt, TRIES)
