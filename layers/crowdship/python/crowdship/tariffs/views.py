"""Views of price tables and of surge, as the API answers them to staff."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.pricing.surge import Surge, SurgeAnnouncement, SurgeMeasure, SurgeOverride, SurgeRules
from crowdship.tariffs.cells import COLUMNS, cells_of
from crowdship.tariffs.model import DecidedTable, PriceTable, TableState


class TableLine(Value):
    """A price table without its rows."""

    table_id: str
    name: str
    currency: str
    zone_ids: tuple[str, ...]
    merchant_id: str | None
    starts_on: Day
    ends_on: Day | None
    state: TableState
    rows: int
    surge: bool
    monthly_minimum: int | None
    made_by: str
    made_at: Moment
    decisions: tuple[DecidedTable, ...]

    @classmethod
    def of(cls, table: PriceTable) -> Self:
        """Return the line of a table."""
        same = {name: getattr(table, name) for name in cls.model_fields if name not in ("table_id", "rows", "surge")}
        return cls(table_id=table.id, rows=len(table.rows), surge=table.surge is not None, **same)


class TableList(Value):
    """Price tables, the newest upload first, and where to go on."""

    tables: tuple[TableLine, ...]
    next_cursor: str | None

    @classmethod
    def of(cls, tables: Iterable[PriceTable], following: str | None) -> Self:
        """Return the view of a page."""
        return cls(tables=tuple(map(TableLine.of, tables)), next_cursor=following)


class TableView(Value):
    """A price table with its rows, in the columns in which they were uploaded.

    Parameters
    ----------
    columns : tuple of str
        Those that any row fills.
    cells : tuple
        The texts of each row, by column; an amount is in units of the currency.
    """

    table: TableLine
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    surge_rules: SurgeRules | None

    @classmethod
    def of(cls, table: PriceTable) -> Self:
        """Return the view of a table."""
        rows = [cells_of(row, table.currency) for row in table.rows]
        columns = tuple(name for name in COLUMNS if any(row.get(name) for row in rows))
        cells = tuple(tuple(row.get(name, "") for name in columns) for row in rows)
        return cls(table=TableLine.of(table), columns=columns, cells=cells, surge_rules=table.surge)


class SurgeView(Value):
    """The surge of a zone: what holds now, what was announced last, and how it was measured.

    Parameters
    ----------
    percent : int
        The multiplier of charges now; 100 adds nothing.
    rules : SurgeRules or None
        Rules of the zone's price table; null if nothing moves its prices.
    """

    zone_id: str
    percent: int
    newest: SurgeAnnouncement | None
    override: SurgeOverride | None = Field(description="A person's multiplier that stands now")
    rules: SurgeRules | None
    measures: tuple[SurgeMeasure, ...]

    @classmethod
    def of(cls, surge: Surge, rules: SurgeRules | None, now: datetime) -> Self:
        """Return the view of a surge at a moment."""
        return cls(
            zone_id=surge.id,
            percent=min(surge.percent_at(now), rules.cap_percent) if rules else 100,
            newest=surge.newest,
            override=surge.override if surge.is_overridden(now) else None,
            rules=rules,
            measures=surge.measures,
        )
