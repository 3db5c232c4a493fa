"""Content of a mail before it has words: figures, tables, plots and notes, each named by a code of the texts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from crowdship.kernel.money import Money

Cell = str | int | float | Money | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """Kinds of a column or figure; they decide how it is written."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    """A share of a whole, 0 to 1, written in percent."""

    NUMBER = "number"
    """A figure of statistics with one decimal; an infinite one is written as a word."""

    CODE = "code"
    """A key of the texts' ``codes``; files have the key itself."""


@dataclass(frozen=True)
class Column:
    """One column of a table; ``code`` is a key of the texts' ``columns``."""

    code: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Figure:
    """One figure with its label, a key of the texts' ``figures``.

    Parameters
    ----------
    source : str
        Where it comes from: groups of accounts, or the name of a projection.
    is_bad : bool
        Whether somebody has to look at it.
    """

    code: str
    value: Cell
    kind: Kind
    source: str = ""
    is_bad: bool = False


MOST_SHOWN = 20
"""Rows of a table that a mail shows; the attached file has the others."""


@dataclass(frozen=True)
class Table:
    """A table; ``code`` is a key of the texts' ``tables``.

    Parameters
    ----------
    rows : tuple of Row
        The rows that the mail shows.
    count : int
        All rows that there are.
    file : callable or None
        Returns all rows anew for the attached files, so that they are never all in memory; None if none is attached.
    source : str
        Where the figures come from, as in ``Figure``.
    brief : tuple of str
        Columns that the mail shows beside each other, three at most; it shows all, in a block for each row, if empty.
    under : str
        The column that stands small under the first one of ``brief``.
    """

    code: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    count: int
    file: Callable[[], Iterable[Row]] | None = None
    source: str = ""
    brief: tuple[str, ...] = ()
    under: str = ""

    @classmethod
    def whole(
        cls,
        code: str,
        columns: tuple[Column, ...],
        rows: Iterable[Row],
        source: str = "",
        *,
        brief: tuple[str, ...] = (),
        under: str = "",
    ) -> "Table":
        """Return a table whose rows are few enough to be kept."""
        kept = tuple(rows)
        return cls(code, columns, kept[:MOST_SHOWN], len(kept), lambda: kept, source, brief, under)


@dataclass(frozen=True)
class Series:
    """Values of a plot over its places; ``code`` is a key of the texts' ``series``."""

    code: str
    values: tuple[float, ...]
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """A plot; ``code`` is a key of the texts' ``plots``.

    Parameters
    ----------
    name : str
        Makes the picture's name, together with the code.
    places : tuple of str or float
        Names of bars, or places on the axis of lines.
    unit : str
        A currency, or empty for counts.
    band : tuple of float or None
        Span of the axis that is shaded.
    subject : str
        What it is about, such as a zone's name; it stands beside the title.
    """

    code: str
    name: str
    places: tuple[str, ...] | tuple[float, ...]
    series: tuple[Series, ...]
    unit: str = ""
    band: tuple[float, float] | None = None
    subject: str = ""


@dataclass(frozen=True)
class Note:
    """A sentence, a key of the texts' ``notes``, with its fields."""

    code: str
    fields: dict[str, str] = field(default_factory=dict)
    is_bad: bool = False


@dataclass(frozen=True)
class Content:
    """A section's content.

    Parameters
    ----------
    section : str
        A key of the texts' ``sections``.
    view : str
        The view of the console that shows the same.
    exceptions : int
        Things that somebody has to look at, for the mail's subject.
    """

    section: str
    view: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    notes: tuple[Note, ...] = ()
    exceptions: int = 0
