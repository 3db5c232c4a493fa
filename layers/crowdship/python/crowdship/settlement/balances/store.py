"""Rows of sums and balances, in the settlement table.

While a day is closed, the counts of each shard are kept in pages, part by part (``ShardRow``, ``PartRow``). From them
come the balances that stay: of each account by day (``BalanceRow``), of each day by account (``DayRow``), and of each
day by group (``TotalsRow``).
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import batched

from pydantic import Field

from crowdship.adapters.storage import Row, meta
from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.settlement.statements import SumTally
from crowdship.settlement.sums import Columns, Key, Sheet, Tally, added, groups_of, part_of

LINES_PER_ROW = 1_000
"""Accounts in one row, some 100 kB."""

Figures = list[tuple[str, str, tuple[int, int, int, int]]]
"""A sheet as it is stored: account, currency and columns, in their order."""


class _Stored(Value):
    """A page of a shard's counts: its accounts, and its owners with lines and sums."""

    accounts: Figures
    owners: list[tuple[str, str, int, dict[str, int]]]


class ShardCount(Value):
    """Counts of a shard: its postings, its pages by part, and the sums of its groups."""

    postings: int
    pages: dict[int, int]
    groups: Figures


class Check(Value):
    """Result of a part: minor units by which something differs, what differs, and the number of its statements."""

    part: int
    off_by: int
    wrong: tuple[str, ...]
    statements: int
    accounts: int


class DayTotals(Value):
    """A closed day: the sums of its groups, its postings, and the hash of its balances."""

    period: Day
    postings: int
    accounts: int
    groups: Figures
    hash: str = Field(description="SHA-256 over the stored balances of all its accounts, in their order")

    @property
    def sheet(self) -> Sheet:
        """The columns of each group."""
        return sheet_of(self.groups)


def figures_of(sheet: Sheet) -> Figures:
    """Return a sheet as it is stored."""
    return [(key.name, key.currency, columns.figures) for key, columns in sorted(sheet.items())]


def sheet_of(figures: Iterable[tuple[str, str, Sequence[int]]]) -> Sheet:
    """Return a sheet from what is stored."""
    return {Key(name, currency): Columns.of(numbers) for name, currency, numbers in figures}


class PartRow(Row):
    """A page of the counts of one shard for one part."""

    Meta = meta("settlement")

    @classmethod
    def _key(cls, period: date, part: int) -> str:
        return f"SUMS#{period}#{part:02d}"

    @classmethod
    def of(cls, period: date, part: int, shard: int, page: int, stored: _Stored) -> "PartRow":
        """Return the row of a page."""
        return cls(cls._key(period, part), f"{shard:02d}#{page:04d}", body=stored.model_dump_json())

    @classmethod
    def counted(cls, period: date, part: int) -> tuple[Sheet, dict[Key, SumTally], dict[str, set[int]]]:
        """Return what all shards counted for a part: accounts, owners' sums, and the shards that have owners' lines."""
        sheets: list[Sheet] = []
        owners: dict[Key, SumTally] = {}
        shards: dict[str, set[int]] = {}
        for row in cls.query(cls._key(period, part), consistent_read=True):
            page = _Stored.model_validate_json(row.body)
            sheets.append(sheet_of(page.accounts))
            for name, currency, lines, sums in page.owners:
                owners.setdefault(Key(name, currency), SumTally()).add_all(SumTally(sums, lines))
                shards.setdefault(name, set()).add(int(row.sk[:2]))
        return added(sheets), owners, shards


class ShardRow(Row):
    """Counts of a shard of a period, written after its pages."""

    Meta = meta("settlement")

    @classmethod
    def of_period(cls, period: date) -> dict[int, ShardCount]:
        """Return the counts of a period, by shard."""
        rows = cls.query(f"SUMMED#{period}", consistent_read=True)
        return {int(row.sk): ShardCount.model_validate_json(row.body) for row in rows}

    @classmethod
    def keep(cls, period: date, shard: int, tally: Tally) -> None:
        """Store what was counted in a shard, in place of what an earlier count of it left."""
        row = cls.find(f"SUMMED#{period}", f"{shard:02d}")
        before = ShardCount.model_validate_json(row.body).pages if row else {}
        accounts, sheets = tally.accounts, dict[int, Sheet]()
        for key, columns in accounts.items():
            sheets.setdefault(part_of(key.name), {})[key] = columns
        owners: dict[int, list[tuple[str, str, int, dict[str, int]]]] = {}
        for key, sums in sorted(tally.owners.items(), key=lambda one: one[0]):
            owners.setdefault(part_of(f"{key.name}:"), []).append((*key, sums.lines, sums.columns))
        pages: dict[int, int] = {}
        with cls.batch_write() as batch:
            for part in sorted(sheets.keys() | owners.keys()):
                stored = _paged(figures_of(sheets.get(part, {})), owners.get(part, []))
                for page, one in enumerate(stored):
                    batch.save(PartRow.of(period, part, shard, page, one))
                pages[part] = len(stored)
            empty = _Stored(accounts=[], owners=[])
            for part, count in before.items():
                for page in range(pages.get(part, 0), count):
                    batch.delete(PartRow.of(period, part, shard, page, empty))
        counted = ShardCount(postings=tally.postings, pages=pages, groups=figures_of(groups_of(accounts)))
        cls(f"SUMMED#{period}", f"{shard:02d}", body=counted.model_dump_json()).save(add_version_condition=False)


def _paged(accounts: Figures, owners: list[tuple[str, str, int, dict[str, int]]]) -> list[_Stored]:
    of_accounts = [_Stored(accounts=list(some), owners=[]) for some in batched(accounts, LINES_PER_ROW, strict=False)]
    return of_accounts + [
        _Stored(accounts=[], owners=list(some)) for some in batched(owners, LINES_PER_ROW, strict=False)
    ]


class BalanceRow(Row):
    """The columns of an account on a day, under the account."""

    Meta = meta("settlement")

    @classmethod
    def of(cls, period: date, key: Key, columns: Columns) -> "BalanceRow":
        """Return the row of an account's day."""
        return cls(f"BALANCE#{key.name}", f"{period}#{key.currency}", body=json.dumps(columns.figures))

    @classmethod
    def keep(cls, period: date, sheet: Sheet) -> None:
        """Store the columns of a day's accounts."""
        with cls.batch_write() as batch:
            for key, columns in sorted(sheet.items()):
                batch.save(cls.of(period, key, columns))

    @classmethod
    def among(cls, period: date, keys: Iterable[Key]) -> Sheet:
        """Return the columns that are stored for some accounts of a day."""
        wanted = {(f"BALANCE#{key.name}", f"{period}#{key.currency}"): key for key in keys}
        rows = cls.batch_get(list(wanted), consistent_read=True) if wanted else ()
        return {wanted[row.pk, row.sk]: Columns.of(json.loads(row.body)) for row in rows}

    @classmethod
    def days_of(cls, account: str, first: date | None, last: date) -> Iterator[tuple[date, str, Columns]]:
        """Yield the days of an account from one to another, all before if none is named: day, currency, columns."""
        condition = cls.sk.between(str(first), f"{last}~") if first else cls.sk < f"{last}~"
        for row in cls.query(f"BALANCE#{account}", condition, consistent_read=True):
            day, _, currency = row.sk.partition("#")
            yield date.fromisoformat(day), currency, Columns.of(json.loads(row.body))


class DayRow(Row):
    """The columns of a day's accounts, part by part."""

    Meta = meta("settlement")

    @classmethod
    def keep(cls, period: date, part: int, sheet: Sheet) -> None:
        """Store the columns of a part; the same again changes nothing. Its first page is written last and ends it."""
        pages = list(enumerate(batched(figures_of(sheet), LINES_PER_ROW, strict=False)))
        for page, some in reversed(pages):
            row = cls(f"BALANCES#{period}", f"{part:02d}#{page:04d}", body=json.dumps(some))
            row.save(add_version_condition=False)

    @classmethod
    def of_part(cls, period: date, part: int) -> Sheet:
        """Return the columns that are stored for a part of a day; none of a part whose first page is not there yet."""
        rows = list(cls.query(f"BALANCES#{period}", cls.sk.startswith(f"{part:02d}#"), consistent_read=True))
        if not rows or rows[0].sk != f"{part:02d}#0000":
            return {}
        return sheet_of(figures for row in rows for figures in json.loads(row.body))

    @classmethod
    def parts_from(cls, period: date, part: int) -> Iterator[tuple[int, Sheet]]:
        """Yield the parts of a day from one on, each in pages."""
        for row in cls.query(f"BALANCES#{period}", cls.sk >= f"{part:02d}", consistent_read=True):
            yield int(row.sk[:2]), sheet_of(json.loads(row.body))

    @classmethod
    def hashed(cls, period: date) -> tuple[str, int]:
        """Return the SHA-256 of a day's stored balances, and the number of accounts."""
        digest, accounts = hashlib.sha256(), 0
        for row in cls.query(f"BALANCES#{period}", consistent_read=True):
            for name, currency, figures in json.loads(row.body):
                digest.update(f"{name}#{currency}#{figures}\n".encode())
                accounts += 1
        return digest.hexdigest(), accounts


class CheckRow(Row):
    """Result of a part of a day when it was stated and compared last."""

    Meta = meta("settlement")

    @classmethod
    def keep(cls, period: date, check: Check) -> None:
        """Store what came of a part."""
        row = cls(f"CHECKED#{period}", f"{check.part:02d}", body=check.model_dump_json())
        row.save(add_version_condition=False)

    @classmethod
    def of_period(cls, period: date) -> dict[int, Check]:
        """Return what came of each part that was checked."""
        rows = cls.query(f"CHECKED#{period}", consistent_read=True)
        return {int(row.sk): Check.model_validate_json(row.body) for row in rows}


class TotalsRow(Row):
    """The totals of a closed day, with those of its month."""

    Meta = meta("settlement")

    @classmethod
    def keep(cls, totals: DayTotals) -> None:
        """Store the totals of a day."""
        day = totals.period
        cls(f"TOTALS#{day:%Y-%m}", str(day), body=totals.model_dump_json()).save(add_version_condition=False)

    @classmethod
    def load(cls, period: date) -> DayTotals | None:
        """Return the totals of a day; None if it is not closed."""
        row = cls.find(f"TOTALS#{period:%Y-%m}", str(period))
        return DayTotals.model_validate_json(row.body) if row else None

    @classmethod
    def between(cls, first: date, last: date) -> Iterator[DayTotals]:
        """Yield the totals of closed days from one to another, in their order."""
        months = {(day.year, day.month) for day in (first, last)}
        year, month = first.year, first.month
        while (year, month) < (last.year, last.month):
            months.add((year, month))
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        for year, month in sorted(months):
            rows = cls.query(f"TOTALS#{year:04d}-{month:02d}", cls.sk.between(str(first), str(last)))
            for row in rows:
                yield DayTotals.model_validate_json(row.body)


def parts_of_days(days: Iterable[Iterator[tuple[int, Sheet]]]) -> Iterator[tuple[int, Sheet]]:
    """Yield the parts of several days, each part once with the sums of all days, in their order."""
    current: int | None = None
    sheets: list[Sheet] = []
    for part, sheet in heapq.merge(*days, key=lambda one: one[0]):
        if part != current:
            if current is not None:
                yield current, added(sheets)
            current, sheets = part, []
        sheets.append(sheet)
    if current is not None:
        yield current, added(sheets)
