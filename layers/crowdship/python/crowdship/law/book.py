"""The book of law: all tables, and the answers which rule is in force where and when."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, reduce
from pathlib import Path

from crowdship.law.jurisdictions import Jurisdiction, read_jurisdictions
from crowdship.law.model import EVERYWHERE, Kind, Rule, RulePlace, Status, Stricter
from crowdship.law.reading import Key, read_kinds, read_tables

FOLDER = Path(__file__).resolve().parent

type When = date | datetime
"""A local day, or a moment, of which each jurisdiction has its own day."""


class Book:
    """Rules of law by name, jurisdiction and day. The tables are read when something is asked first.

    Parameters
    ----------
    folder : Path
        Folder with ``rules.csv``, ``jurisdictions.csv`` and ``tables/*.csv``.

    Raises
    ------
    TableError
        On the first question, if a row is wrong.

    Examples
    --------
    >>> rule = LAW.strictest("offer_window", ("US", "US-CO", "US-CO-denver"), date(2026, 6, 1))
    >>> rule.number, rule.unit, rule.jurisdiction, rule.start.isoformat()
    (60, 'seconds', 'US-CO', '2025-01-01')
    >>> LAW.strictest("offer_window", ("US", "US-CO"), date(2024, 12, 31)) is None
    True
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Kinds of rules by name."""
        return read_kinds("rules.csv", (self._folder / "rules.csv").read_text(encoding="utf-8"))

    @cached_property
    def jurisdictions(self) -> Mapping[str, Jurisdiction]:
        """Jurisdictions that rules may name, by code."""
        return read_jurisdictions("jurisdictions.csv", (self._folder / "jurisdictions.csv").read_text(encoding="utf-8"))

    @cached_property
    def rows(self) -> Mapping[Key, tuple[Rule, ...]]:
        """All rows by rule and jurisdiction, the earliest first."""
        files = sorted((self._folder / "tables").glob("*.csv"))
        texts = ((file.name, file.read_text(encoding="utf-8")) for file in files)
        return read_tables(texts, self.kinds, self.jurisdictions)

    def in_force(self, rule: str, jurisdiction: str, on: When) -> Rule | None:
        """Return the row of a rule that one jurisdiction has on a day, also one that says it is not applicable.

        In a jurisdiction with two time zones a moment may belong to two days; then the stricter day's row is returned.

        Raises
        ------
        KeyError
            If there is no such rule.
        """
        kind = self.kinds[rule]
        rows = self.rows.get((rule, jurisdiction), ())
        days = self._days(jurisdiction, on) if rows else ()
        return _strictest(kind, [row for row in rows if any(row.covers(day) for day in days)])

    def strictest(self, rule: str, jurisdictions: Iterable[str], on: When) -> Rule | None:
        """Return the rule that holds on a day where several jurisdictions count, or None if none has one.

        Parameters
        ----------
        jurisdictions : iterable of str
            Codes, the widest first, as ``jurisdictions_of`` returns them; codes without a rule count for nothing.
        on : date or datetime
            A local day, or a moment.

        Returns
        -------
        Rule or None
            That of the jurisdiction with the strictest value. Where values are joined, the jurisdictions and sources
            are those of all of them. A pending row takes the place of none that is not: the rows for everywhere hold
            beside it.

        Raises
        ------
        KeyError
            If there is no such rule.
        """
        kind = self.kinds[rule]
        found = [row for code in dict.fromkeys(jurisdictions) if (row := self.in_force(rule, code, on))]
        if all(row.status is Status.PENDING for row in found) and (default := self.in_force(rule, EVERYWHERE, on)):
            found = [default, *found]
        return _strictest(kind, [row for row in found if row.applies])

    def at(
        self,
        rule: str,
        on: When,
        pickup: Collection[str] = (),
        dropoff: Collection[str] = (),
        zone: Collection[str] = (),
    ) -> Rule | None:
        """Return the rule that holds for a delivery, found from the place that the kind of rule names.

        Parameters
        ----------
        pickup, dropoff : collection of str
            Jurisdictions of the delivery's places.
        zone : collection of str
            Jurisdictions of the zone, which is also the driver's home.
        """
        places = {
            RulePlace.PICKUP: pickup,
            RulePlace.DROPOFF: dropoff,
            RulePlace.BOTH: (*pickup, *dropoff),
            RulePlace.ZONE: zone,
            RulePlace.HOME: zone,
        }
        return self.strictest(rule, places[self.kinds[rule].place], on)

    def all_in_force(self, jurisdictions: Iterable[str], on: When) -> tuple[Rule, ...]:
        """Return every row of some jurisdictions that is in force on a day, also those that are not applicable.

        They are in the order of ``rules.csv``, and of one rule the widest jurisdiction first.
        """
        codes = tuple(dict.fromkeys(jurisdictions))
        found = (self.in_force(rule, code, on) for rule in self.kinds for code in codes)
        return tuple(row for row in found if row)

    def _days(self, jurisdiction: str, on: When) -> tuple[date, ...]:
        if isinstance(on, datetime):
            return self.jurisdictions[jurisdiction].days_at(on)
        return (on,)


def _strictest(kind: Kind, rows: list[Rule]) -> Rule | None:
    rows = [row for row in rows if row.applies] or rows
    if not rows:
        return None
    if kind.stricter is Stricter.UNION:
        return reduce(_joined, rows)
    return reduce(lambda one, other: other if _as_strict(kind, other, one) else one, rows)


def _as_strict(kind: Kind, rule: Rule, than: Rule) -> bool:
    """Return whether a rule holds before another one; of two that demand the same, the narrower jurisdiction's does."""
    if rule.value is None or than.value is None:
        return than.value is None
    if kind.stricter is Stricter.ANY:
        return rule.status is not Status.PENDING or than.status is Status.PENDING
    return not kind.weakens(rule.value, than.value)


def _joined(one: Rule, other: Rule) -> Rule:
    """Return one rule with the values of two."""
    if not isinstance(one.value, tuple) or not isinstance(other.value, tuple) or one.value == other.value:
        return one if one.value is not None else other
    weakest = max(one.status, other.status, key=_DOUBT.__getitem__)
    return replace(
        one,
        jurisdiction=", ".join(dict.fromkeys((*one.jurisdiction.split(", "), other.jurisdiction))),
        value=tuple(dict.fromkeys((*one.value, *other.value))),
        written=";".join(dict.fromkeys((*one.written.split(";"), *other.written.split(";")))),
        source="; ".join(dict.fromkeys((one.source, other.source))),
        note="; ".join(dict.fromkeys(note for note in (one.note, other.note) if note)),
        start=max(one.start, other.start),
        end=min((end for end in (one.end, other.end) if end), default=None),
        status=weakest,
        row=f"{one.row}, {other.row}",
    )


_DOUBT = {status: doubt for doubt, status in enumerate(("published", "derived", "pending", "not_applicable"))}
"""The doubt of each status; a joined rule is as doubtful as the most doubtful part of it."""

LAW = Book(FOLDER)
"""The law that crowdship knows."""
