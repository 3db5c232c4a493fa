"""Payouts table: payouts, what is due and not yet in one, pay runs, holds and schedules.

A statement that is due is a row of its driver (``DUE#``) from the moment a run takes it in until a payout claims it.
The claim, the payout and the end of that row are one transaction, and a statement has one claim. A payout that needs
something is a row of its driver too (``OPEN#``), so that one consistent query finds both.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zlib import crc32

from pydantic import TypeAdapter
from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.kernel.clock import written
from crowdship.payouts.holds import DriverHolds
from crowdship.payouts.instant.model import InstantDay, PlatformDay
from crowdship.payouts.model import Payout, PayoutState, StatementPart, reference_of
from crowdship.payouts.runs.model import PayRun, run_id_for
from crowdship.payouts.schedule import PaySchedule

PAYDAY_SHARDS = 16

_IDS = TypeAdapter(tuple[str, ...])


class ByDriver(GlobalSecondaryIndex["PayoutRow"]):
    """Payouts of a driver, in the order in which they were made."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_driver"
        projection = KeysOnlyProjection()

    payee = UnicodeAttribute(hash_key=True)
    made_key = UnicodeAttribute(range_key=True)


class ByRun(GlobalSecondaryIndex["PayoutRow"]):
    """Payouts of a period, those of one state together."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_run"
        projection = KeysOnlyProjection()

    run_day = UnicodeAttribute(hash_key=True)
    state_key = UnicodeAttribute(range_key=True)


class ByOpen(GlobalSecondaryIndex["PayoutRow"]):
    """Payouts that need something, and those of bank files that are under way, by state, the oldest first."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_open"
        projection = KeysOnlyProjection()

    open_state = UnicodeAttribute(hash_key=True)
    made_key = UnicodeAttribute(range_key=True)


class PayoutRow(AggregateRow[Payout]):
    """A payout, under its id."""

    Meta = meta("payouts")
    AGGREGATE = Payout
    SORT = "PAYOUT"

    payee = UnicodeAttribute(null=True)
    made_key = UnicodeAttribute(null=True)
    run_day = UnicodeAttribute(null=True)
    state_key = UnicodeAttribute(null=True)
    open_state = UnicodeAttribute(null=True)
    by_driver = ByDriver()
    by_run = ByRun()
    by_open = ByOpen()

    @classmethod
    def indexed(cls, payout: Payout) -> dict[str, Any]:
        """Return its driver, its run with its state, and the state again if a person, a run or the clock goes on."""
        counts_by_clock = payout.state is PayoutState.IN_TRANSIT and payout.filed_for is not None
        return {
            "payee": payout.driver_id,
            "made_key": f"{written(payout.made_at)}#{payout.id}",
            "run_day": payout.period.isoformat(),
            "state_key": f"{payout.state}#{payout.id}",
            "open_state": str(payout.state) if payout.is_open or counts_by_clock else None,
        }

    @classmethod
    def of_run(
        cls, period: date, state: PayoutState | None, after: str | None, limit: int
    ) -> tuple[list[Payout], str | None]:
        """Return payouts of a period after a key, and the key after which to go on (eventually consistent)."""
        beginning = f"{state}#" if state else ""
        if after:
            condition: Condition | None = ByRun.state_key.between(f"{after}\x00", f"{beginning or '~'}~")
        else:
            condition = ByRun.state_key.startswith(beginning) if beginning else None
        found = list(cls.by_run.query(period.isoformat(), condition, limit=limit))
        payouts = [one for one in cls._in_order(found) if state is None or one.state is state]
        return payouts, found[-1].state_key if len(found) == limit else None

    @classmethod
    def of_driver(cls, driver_id: str, after: str | None, limit: int) -> tuple[list[Payout], str | None]:
        """Return payouts of a driver, the newest first, and the key after which to go on (eventually consistent)."""
        condition = ByDriver.made_key < after if after else None
        found = list(cls.by_driver.query(driver_id, condition, limit=limit, scan_index_forward=False))
        return cls._in_order(found), found[-1].made_key if len(found) == limit else None

    @classmethod
    def made_between(cls, driver_id: str, first: date, end: date) -> list[Payout]:
        """Return the payouts of a driver that were made from a day on and before another (eventually consistent)."""
        days = ByDriver.made_key.between(first.isoformat(), end.isoformat())
        return cls._in_order(list(cls.by_driver.query(driver_id, days)))

    @classmethod
    def open_in(
        cls, state: PayoutState, after: str | None, limit: int, before: datetime | None = None
    ) -> tuple[list[Payout], str | None]:
        """Return payouts in a state of the index, the oldest first, and the key after which to go on.

        The index is eventually consistent.

        Parameters
        ----------
        before : datetime or None
            Only those that were made before this moment.
        """
        condition = ByOpen.made_key > after if after else None
        if before and not after:
            condition = ByOpen.made_key < written(before)
        found = list(cls.by_open.query(str(state), condition, limit=limit))
        payouts = [one for one in cls._in_order(found) if one.state is state]
        return payouts, found[-1].made_key if len(found) == limit else None

    @classmethod
    def _in_order(cls, found: Sequence["PayoutRow"]) -> list[Payout]:
        known = {one.id: one for one in cls.load_many(row.pk for row in found)}
        return [known[row.pk] for row in found if row.pk in known]


class OpenRow(Row):
    """A payout of a driver that needs something."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, payout: Payout) -> "OpenRow":
        """Return the row of a payout."""
        return cls(f"DRIVER#{payout.driver_id}", f"OPEN#{payout.id}", body=payout.id)


class DueRow(Row):
    """A statement of a driver that no payout has claimed."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, driver_id: str, part: StatementPart) -> "DueRow":
        """Return the row of a statement."""
        key = f"DUE#{part.amount.currency}#{part.period}#{part.statement_id}"
        return cls(f"DRIVER#{driver_id}", key, body=part.model_dump_json())


class DriverRow(Row):
    """Any row under a driver."""

    Meta = meta("payouts")


def waiting_of(driver_id: str) -> tuple[list[StatementPart], list[str]]:
    """Return a driver's statements that no payout has claimed, and the ids of payouts that need something."""
    parts, ids = [], []
    for row in DriverRow.query(f"DRIVER#{driver_id}", consistent_read=True):
        if row.sk.startswith("DUE#"):
            parts.append(StatementPart.model_validate_json(row.body))
        else:
            ids.append(row.body)
    return parts, ids


class ClaimRow(Row):
    """The payout that settles a statement; there is at most one."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, part: StatementPart, payout_id: str) -> "ClaimRow":
        """Return the claim of a payout."""
        return cls(f"STATEMENT#{part.statement_id}", "PAYOUT", body=payout_id)

    @classmethod
    def claimed_by(cls, statement_ids: Iterable[str]) -> dict[str, str]:
        """Return the payout of each statement that one has claimed, among some."""
        keys = [(f"STATEMENT#{statement_id}", "PAYOUT") for statement_id in statement_ids]
        rows = cls.batch_get(keys, consistent_read=True) if keys else ()
        return {row.pk.removeprefix("STATEMENT#"): row.body for row in rows}


class PaydayRow(Row):
    """A driver who is paid by the run of a period."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, period: date, driver_id: str) -> "PaydayRow":
        """Return the row of a driver, in the driver's shard."""
        shard = crc32(driver_id.encode()) % PAYDAY_SHARDS
        return cls(f"PAYDAY#{period}#{shard:02d}", driver_id, body=driver_id)

    @classmethod
    def drivers_of(cls, period: date) -> Iterator[str]:
        """Yield the drivers whom the run of a period pays, in no order."""
        for shard in range(PAYDAY_SHARDS):
            for row in cls.query(f"PAYDAY#{period}#{shard:02d}", consistent_read=True):
                yield row.sk


class NameRow(Row):
    """A payout by the name that a provider or a bank has for it."""

    Meta = meta("payouts")

    @classmethod
    def of_transfer(cls, transfer_id: str, payout_id: str) -> "NameRow":
        """Return the row of a provider's transfer."""
        return cls(f"TRANSFER#{transfer_id}", payout_id, body=payout_id)

    @classmethod
    def of_reference(cls, payout_id: str) -> "NameRow":
        """Return the row of the reference that bank files have."""
        return cls(f"REFERENCE#{reference_of(payout_id)}", payout_id, body=payout_id)

    @classmethod
    def by_transfer(cls, transfer_id: str) -> str | None:
        """Return the id of the payout of a transfer, or None."""
        return cls._only(f"TRANSFER#{transfer_id}")

    @classmethod
    def by_reference(cls, reference: str) -> str | None:
        """Return the id of the payout with a reference, or None."""
        return cls._only(f"REFERENCE#{reference}")

    @classmethod
    def _only(cls, key: str) -> str | None:
        rows = list(cls.query(key, limit=2, consistent_read=True))
        return rows[0].sk if len(rows) == 1 else None


class ScheduleRow(AggregateRow[PaySchedule]):
    """The cadence that a driver chose."""

    Meta = meta("payouts")
    AGGREGATE = PaySchedule
    SORT = "SCHEDULE"


class HoldsRow(AggregateRow[DriverHolds]):
    """The holds on a driver's payouts."""

    Meta = meta("payouts")
    AGGREGATE = DriverHolds
    SORT = "HOLDS"


class InstantDayRow(AggregateRow[InstantDay]):
    """Orders of a driver on a day."""

    Meta = meta("payouts")
    AGGREGATE = InstantDay
    SORT = "SUM"


class PlatformDayRow(AggregateRow[PlatformDay]):
    """Orders of all drivers on a day."""

    Meta = meta("payouts")
    AGGREGATE = PlatformDay
    SORT = "SUM"


class PayRunRow(Row):
    """The pay run of a period, in its year."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, run: PayRun) -> "PayRunRow":
        """Return the row of a run."""
        return cls.holding(run, f"RUNS#{run.period.year}", run.period.isoformat())

    @classmethod
    def load(cls, period: date) -> PayRun | None:
        """Return the run of a period, or None."""
        row = cls.find(f"RUNS#{period.year}", period.isoformat())
        return row.as_aggregate(PayRun) if row else None

    @classmethod
    def load_many(cls, periods: Iterable[date]) -> dict[date, PayRun]:
        """Return the runs that were begun, by period."""
        keys = [(f"RUNS#{period.year}", period.isoformat()) for period in periods]
        found = (row.as_aggregate(PayRun) for row in cls.batch_get(keys, consistent_read=True))
        return {run.period: run for run in found}

    @classmethod
    def of_year(cls, year: int, before: date | None, limit: int) -> list[PayRun]:
        """Return runs of a year, the newest first, those before a period."""
        condition = cls.sk < before.isoformat() if before else None
        rows = cls.query(f"RUNS#{year}", condition, limit=limit, scan_index_forward=False, consistent_read=True)
        return [row.as_aggregate(PayRun) for row in rows]


class BatchRow(Row):
    """A batch of drivers of a run; it never changes, so that a repeated step does the same."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, run_id: str, number: int, driver_ids: Sequence[str]) -> "BatchRow":
        """Return the row of a batch."""
        return cls(f"RUN#{run_id}", f"BATCH#{number:06d}", body=_IDS.dump_json(tuple(driver_ids)).decode())

    @classmethod
    def drivers_in(cls, run_id: str, number: int) -> tuple[str, ...]:
        """Return the drivers of a batch; none if there is no such batch."""
        row = cls.find(f"RUN#{run_id}", f"BATCH#{number:06d}")
        return _IDS.validate_json(row.body) if row else ()


class RunPayoutRow(Row):
    """A payout that a run made."""

    Meta = meta("payouts")

    @classmethod
    def of(cls, payout: Payout) -> "RunPayoutRow":
        """Return the row of a payout."""
        return cls(f"RUN#{run_id_for(payout.period)}", f"PAYOUT#{payout.id}", body=payout.id)

    @classmethod
    def ids_of(cls, run_id: str) -> Iterator[str]:
        """Yield the ids of the payouts of a run."""
        for row in cls.query(f"RUN#{run_id}", cls.sk.startswith("PAYOUT#"), consistent_read=True):
            yield row.body


def made(payout: Payout, work: UnitOfWork) -> None:
    """Add a payout that is made, with the claims of its statements, to a unit of work."""
    for row in (*rows_of_new(payout), RunPayoutRow.of(payout)):
        work.store(row)
    for gone in due_rows_of(payout):
        work.delete(gone)


def rows_of_new(payout: Payout) -> list[Row]:
    """Return the rows of a payout that is made: itself, its names, that it needs something, and its claims."""
    claims = [ClaimRow.of(part, payout.id) for part in payout.settles]
    return [PayoutRow.of(payout), OpenRow.of(payout), NameRow.of_reference(payout.id), *claims]


def due_rows_of(payout: Payout) -> list[Row]:
    """Return the rows of statements that are no longer unclaimed once a payout is made."""
    return [DueRow.of(payout.driver_id, part) for part in payout.settles]


def rows_of_change(before: Payout, after: Payout) -> tuple[list[Row], list[Row]]:
    """Return the rows that a change of a payout writes, and those that it deletes."""
    rows: list[Row] = [PayoutRow.of(after)]
    if after.transfer_id and after.transfer_id != before.transfer_id:
        rows.append(NameRow.of_transfer(after.transfer_id, after.id))
    return rows, [OpenRow.of(after)] if before.is_open and not after.is_open else []
