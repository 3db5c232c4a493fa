"""The tariffs table: price tables, when each holds, the surge of each zone, and merchants' deliveries of a month."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.kernel import retention
from crowdship.pricing.surge import Surge
from crowdship.tariffs.model import PriceTable, Validity

DIRECTORY = "TABLES"


class TableRow(AggregateRow[PriceTable]):
    """A price table with its rows."""

    Meta = meta("tariffs")
    AGGREGATE = PriceTable
    SORT = "TABLE"


class DirectoryRow(Row):
    """A line in the list of all price tables; its sort key is the moment of the upload and the id."""

    Meta = meta("tariffs")

    @classmethod
    def of(cls, table: PriceTable) -> "DirectoryRow":
        """Return the line of a table."""
        made = table.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return cls(DIRECTORY, f"{made}#{table.id}", body=table.id)

    @classmethod
    def page(cls, before: str | None, limit: int) -> list[tuple[str, str]]:
        """Return the positions and ids of up to ``limit`` tables before a position, the newest first."""
        until = cls.sk < before if before else None
        rows = cls.query(DIRECTORY, until, scan_index_forward=False, limit=limit)
        return [(row.sk, row.body) for row in rows]


class ValidityRow(Row):
    """The table that holds for a zone, or the contract for a merchant, from a day on.

    One at most begins on a day in a currency; what begins together for several zones is one table with rows for each.
    """

    Meta = meta("tariffs")

    @classmethod
    def of(cls, table: PriceTable, owner: str) -> "ValidityRow":
        """Return the row by which a table holds for an owner."""
        validity = Validity(
            table_id=table.id,
            currency=table.currency,
            starts_on=table.starts_on,
            ends_on=table.ends_on,
            has_tiers=table.has_tiers,
            zone_ids=table.zone_ids,
        )
        return cls(owner, f"FROM#{table.starts_on}#{table.currency}", body=validity.model_dump_json())

    @classmethod
    def every(cls, owner: str) -> tuple[Validity, ...]:
        """Return when which table holds for an owner, the one that begins last first; a handful in a year."""
        rows = cls.query(owner, cls.sk.startswith("FROM#"), scan_index_forward=False)
        return tuple(Validity.model_validate_json(row.body) for row in rows)


def owners_of(table: PriceTable) -> tuple[str, ...]:
    """Return the partitions of those for whom a table holds."""
    if table.merchant_id:
        return (merchant_key(table.merchant_id),)
    return tuple(zone_key(zone_id) for zone_id in table.zone_ids)


def zone_key(zone_id: str) -> str:
    """Return the partition of a zone's tables."""
    return f"ZONE#{zone_id}"


def merchant_key(merchant_id: str) -> str:
    """Return the partition of a merchant's contracts."""
    return f"MERCHANT#{merchant_id}"


class SurgeRow(AggregateRow[Surge]):
    """The surge of a zone."""

    Meta = meta("tariffs")
    AGGREGATE = Surge
    SORT = "SURGE"


class SurgingRow(Row):
    """A zone whose surge will end by itself, which is to be announced."""

    Meta = meta("tariffs")

    @classmethod
    def keep(cls, surge: Surge, work: UnitOfWork) -> None:
        """Add to the write of a surge whether its end is awaited."""
        row = cls("SURGING", surge.id, body=surge.id)
        if surge.ends_at:
            work.put(row, None)
        else:
            work.delete(row)

    @classmethod
    def zone_ids(cls) -> list[str]:
        """Return the zones whose end is awaited."""
        return [row.sk for row in cls.query("SURGING", consistent_read=True)]


class CountRow(Row):
    """A merchant's completed deliveries of a month, and one row for each delivery that was counted."""

    Meta = meta("tariffs")

    body = UnicodeAttribute(null=True)
    delivered = NumberAttribute(null=True)

    @classmethod
    def of_month(cls, merchant_id: str, month: str) -> int:
        """Return how many deliveries of a merchant were completed in a month, such as ``2027-01``; 0 or more.

        One that was completed before the first contract with tiers and is taken back after it takes from nothing.
        """
        row = cls.find(merchant_key(merchant_id), f"MONTH#{month}")
        return max(0, int(row.delivered or 0)) if row else 0

    @classmethod
    def add(cls, merchant_id: str, month: str, cause: str, number: int, now: datetime) -> None:
        """Add to a month once for each cause.

        Raises
        ------
        StaleWrite
            If the cause was counted before, or somebody else counts at this moment.
        """
        until = int((now + retention.COUNTED_DELIVERIES).timestamp())
        work = UnitOfWork()
        counted = cls(f"COUNTED#{cause}", "MONTH", body=month, expires_at=until)
        work.put(counted, cls.pk.does_not_exist())
        month_row = cls(merchant_key(merchant_id), f"MONTH#{month}")
        always = cls.pk.does_not_exist() | cls.pk.exists()
        work.update(month_row, [cls.delivered.add(number), cls.version.set(1)], always)
        work.commit()

    @classmethod
    def was_counted(cls, cause: str) -> bool:
        """Return whether a cause was counted."""
        return cls.find(f"COUNTED#{cause}", "MONTH") is not None


def tables_with(ids: Iterable[str]) -> dict[str, PriceTable]:
    """Return the tables that exist, by id."""
    return {table.id: table for table in TableRow.load_many(ids)}


def month_of(day: date) -> str:
    """Return the month of a day as it is written in keys."""
    return f"{day:%Y-%m}"
