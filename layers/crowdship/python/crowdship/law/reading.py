"""Reading of the tables of law: a row that makes an answer doubtful is refused, with its file and line named. Pure.

A table has the columns ``jurisdiction,rule,from,to,value,unit,status,source,note``; ``to`` is the first day on which
the rule no longer holds, or empty. ``rules.csv`` has ``rule,unit,stricter,place,text``.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from crowdship.law.model import Kind, Rule, RulePlace, Status, Stricter
from crowdship.law.values import JOINED, UNITS, UNORDERED, Amount, RuleValue

TABLE_COLUMNS = ("jurisdiction", "rule", "from", "to", "value", "unit", "status", "source", "note")
RULE_COLUMNS = ("rule", "unit", "stricter", "place", "text")

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

type Key = tuple[str, str]
"""Rule and jurisdiction."""


class TableError(ValueError):
    """A table of law that can't be used.

    Parameters
    ----------
    row : str
        File and line, for example ``offers.csv:2``.
    why : str
        What is wrong and what would be right.
    """

    def __init__(self, row: str, why: str) -> None:
        super().__init__(f"{row}: {why}")
        self.row = row


@dataclass(frozen=True)
class Line:
    """A line of a table: its fields by column, and its file and number."""

    row: str
    fields: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.fields[column]


def lines(name: str, text: str, columns: tuple[str, ...]) -> Iterator[Line]:
    """Return the lines of a CSV file after the first one, which names the columns.

    Raises
    ------
    TableError
        If columns are missing, or a line has more or fewer fields, or one with spaces around it.
    """
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        if tuple(next(reader, [])) != columns:
            raise TableError(f"{name}:1", f"the columns must be {','.join(columns)}")
        for fields in reader:
            row = f"{name}:{reader.line_num}"
            if len(fields) != len(columns):
                hint = "a field with a comma stands in quotes"
                raise TableError(row, f"it has {len(fields)} fields and not {len(columns)}; {hint}")
            if wide := next((field for field in fields if field != field.strip()), None):
                raise TableError(row, f"{wide!r} has spaces around it; write it without")
            yield Line(row, dict(zip(columns, fields, strict=True)))
    except csv.Error as error:
        raise TableError(f"{name}:{reader.line_num}", f"it is no CSV ({error})") from error


def read_kinds(name: str, text: str) -> dict[str, Kind]:
    """Return the kinds of rules that ``rules.csv`` has, by name.

    Raises
    ------
    TableError
        If a row is wrong.
    """
    kinds: dict[str, Kind] = {}
    for line in lines(name, text, RULE_COLUMNS):
        kind = _kind(line)
        if kind.rule in kinds:
            raise TableError(line.row, f"{kind.rule} stands here a second time; a rule has one row")
        kinds[kind.rule] = kind
    return kinds


def _kind(line: Line) -> Kind:
    rule, unit = line["rule"], line["unit"]
    if not _NAME.fullmatch(rule):
        raise TableError(line.row, f"{rule!r} is no name; write lower snake case, for example offer_window")
    if unit not in UNITS:
        raise TableError(line.row, f"there is no unit {unit!r}; there are {', '.join(UNITS)}")
    stricter = _one_of(Stricter, line, "stricter")
    if stricter is Stricter.UNION and unit not in JOINED:
        raise TableError(line.row, f"values in {unit} can't be joined; write more, less or any")
    if stricter in {Stricter.MORE, Stricter.LESS} and unit in UNORDERED:
        raise TableError(line.row, f"values in {unit} are not more or less than others; write union or any")
    if not line["text"]:
        raise TableError(line.row, "it has no text; write a sentence that tells staff what the rule demands")
    return Kind(rule, unit, stricter, _one_of(RulePlace, line, "place"), line["text"])


def _one_of[E: StrEnum](names: type[E], line: Line, column: str) -> E:
    try:
        return names(line[column])
    except ValueError:
        raise TableError(line.row, f"{line[column]!r} is no {column}; there are {', '.join(names)}") from None


def read_tables(
    tables: Iterable[tuple[str, str]], kinds: Mapping[str, Kind], jurisdictions: Collection[str]
) -> dict[Key, tuple[Rule, ...]]:
    """Return the rules of all tables by rule and jurisdiction, the earliest first.

    Parameters
    ----------
    tables : iterable of (str, str)
        Names of the files and their texts.
    jurisdictions : collection of str
        Codes that are known.

    Raises
    ------
    TableError
        If a row is wrong, or two rows of a rule and jurisdiction overlap, leave a gap, or a pending one would weaken
        the one before it.
    """
    found: dict[Key, list[Rule]] = {}
    for name, text in tables:
        for line in lines(name, text, TABLE_COLUMNS):
            rule = _rule(line, kinds, jurisdictions)
            found.setdefault((rule.name, rule.jurisdiction), []).append(rule)
    return {key: _in_line(rules) for key, rules in found.items()}


def _rule(line: Line, kinds: Mapping[str, Kind], jurisdictions: Collection[str]) -> Rule:
    kind = kinds.get(line["rule"])
    if kind is None:
        raise TableError(line.row, f"there is no rule {line['rule']!r}; name it in rules.csv first")
    if line["jurisdiction"] not in jurisdictions:
        hint = "name it in jurisdictions.csv first"
        raise TableError(line.row, f"there is no jurisdiction {line['jurisdiction']!r}; {hint}")
    if line["unit"] != kind.unit:
        raise TableError(line.row, f"{kind.rule} is in {kind.unit}, not in {line['unit']!r}")
    start, end = _day(line, "from"), _day(line, "to") if line["to"] else None
    if end is not None and end <= start:
        raise TableError(line.row, f"to is {end} and from {start}; to is the first day after the rule, so a later one")
    status = _one_of(Status, line, "status")
    if not line["source"]:
        raise TableError(line.row, "it has no source; write where the rule is published")
    return Rule(
        jurisdiction=line["jurisdiction"],
        kind=kind,
        start=start,
        end=end,
        value=_value(line, kind, status),
        written=line["value"],
        status=status,
        source=line["source"],
        note=line["note"],
        row=line.row,
    )


def _day(line: Line, column: str) -> date:
    try:
        if _DAY.fullmatch(line[column]):
            return date.fromisoformat(line[column])
    except ValueError:
        pass
    raise TableError(line.row, f"{column} is {line[column]!r}, and that is no day; write it as 2026-04-01")


def _value(line: Line, kind: Kind, status: Status) -> RuleValue | None:
    if not line["value"] and status is Status.NOT_APPLICABLE:
        return None
    try:
        return UNITS[kind.unit](line["value"])
    except ValueError as error:
        raise TableError(line.row, f"{line['value']!r} is no value in {kind.unit}: {error}") from error


def _in_line(rules: list[Rule]) -> tuple[Rule, ...]:
    """Return the rows of a rule and jurisdiction in the order of their days, each beginning where the last ends."""
    ordered = sorted(rules, key=lambda rule: rule.start)
    for before, rule in pairwise(ordered):
        whose = f"{rule.name} in {rule.jurisdiction}"
        if before.end is None or before.end > rule.start:
            hint = f"end {before.row} on {rule.start}, or begin later"
            raise TableError(rule.row, f"{whose} overlaps {before.row}, which ends {before.end or 'never'}; {hint}")
        if before.end < rule.start:
            hint = "a span without a rule is a row with the status not_applicable"
            raise TableError(
                rule.row, f"{whose} has a gap from {before.end} to {rule.start} after {before.row}; {hint}"
            )
        _refuse_other_money(before, rule)
        if rule.status is Status.PENDING and _weaker(before, rule):
            hint = "a pending rule never weakens the one before it; leave that one open until this one is published"
            raise TableError(rule.row, f"{whose} is pending with {rule.written} after {before.written}; {hint}")
    return tuple(ordered)


def _weaker(before: Rule, rule: Rule) -> bool:
    if before.value is None or rule.value is None or not before.applies:
        return False
    return rule.kind.weakens(rule.value, before.value)


def _refuse_other_money(before: Rule, rule: Rule) -> None:
    currencies = {one.value.currency for one in (before, rule) if isinstance(one.value, Amount)}
    if len(currencies) > 1:
        raise TableError(rule.row, f"{rule.written} is in another currency than {before.written} in {before.row}")
