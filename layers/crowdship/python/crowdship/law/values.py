"""Values of rules: how each unit of ``rules.csv`` is written in a table, and which Python value it becomes.

Examples
--------
>>> UNITS["seconds"]("60"), UNITS["list"]("age_21;alcohol_certificate"), UNITS["flag"]("yes")
(60, ('age_21', 'alcohol_certificate'), True)
>>> str(UNITS["per_mile"]("0.77 USD"))
'0.77 USD'
>>> UNITS["hours_span"]("02:00-06:00")
((datetime.time(2, 0), datetime.time(6, 0)),)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_DECIMAL = r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?"
_PLAIN = re.compile(_DECIMAL)
_SIGNED = re.compile(rf"-?{_DECIMAL}")
_AMOUNT = re.compile(rf"(?P<number>{_DECIMAL}) (?P<currency>[A-Z]{{3}})")
_ITEM = re.compile(r"[a-z0-9][a-z0-9_.]*")
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money as laws have it, perhaps finer than a currency's minor unit, such as 0.3737 USD a mile."""

    number: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.number} {self.currency}"


type Span = tuple[time, time]
"""A part of the day by the clock on the wall, from the first minute up to the second, which may be the next day's."""

type RuleValue = int | bool | Decimal | Amount | date | str | tuple[str, ...] | tuple[Span, ...]


def _whole(written: str) -> int:
    if not _WHOLE.fullmatch(written):
        raise ValueError("write a whole number, for example 60")
    return int(written)


def _number(written: str) -> Decimal:
    if not _SIGNED.fullmatch(written):
        raise ValueError("write a number, for example 2.5")
    return Decimal(written)


def _percent(written: str) -> Decimal:
    if not _PLAIN.fullmatch(written):
        raise ValueError("write the number of percent, for example 120")
    return Decimal(written)


def _amount(written: str) -> Amount:
    read = _AMOUNT.fullmatch(written)
    if read is None:
        raise ValueError("write an amount and its currency, for example 0.77 USD")
    return Amount(Decimal(read["number"]), read["currency"])


def _flag(written: str) -> bool:
    if written not in {"yes", "no"}:
        raise ValueError("write yes or no")
    return written == "yes"


def _items(written: str) -> tuple[str, ...]:
    items = tuple(written.split(";"))
    if not all(_ITEM.fullmatch(item) for item in items):
        raise ValueError(
            "write names in lower snake case with a ; between them, for example age_21;alcohol_certificate"
        )
    if len(set(items)) < len(items):
        raise ValueError("write each name once")
    return items


def _spans(written: str) -> tuple[Span, ...]:
    spans = written.split(";")
    if not all(_SPAN.fullmatch(span) for span in spans):
        raise ValueError("write hours of the local day with a ; between them, for example 02:00-06:00")
    read = [span.split("-") for span in spans]
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in read)


def _day(written: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        raise ValueError("write a day, for example 2026-04-01")
    return date.fromisoformat(written)


def _text(written: str) -> str:
    if not written:
        raise ValueError("write something")
    return written


UNITS: Mapping[str, Callable[[str], RuleValue]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("seconds", "minutes", "hours", "days", "business_days", "months", "years", "count", "metres"), _whole
        ),
        "celsius": _number,
        "percent": _percent,
        **dict.fromkeys(("money", "per_minute", "per_hour", "per_mile"), _amount),
        "flag": _flag,
        "list": _items,
        "hours_span": _spans,
        "date": _day,
        "text": _text,
    }
)
"""The reader of each unit; it raises ``ValueError`` that says how the value is written."""

JOINED = frozenset({"list", "hours_span"})
"""Units of which values of several jurisdictions can be joined."""

UNORDERED = JOINED | {"text"}
"""Units whose values are not larger or smaller than others."""
