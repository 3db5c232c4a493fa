"""Cells of an uploaded price table: texts are read into values, or refused with what would be right. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crowdship.kernel.money import Money
from crowdship.pricing.basis import MINUTES_OF_DAY, SizeClass
from crowdship.pricing.tables import EVERY_DAY, PriceRow
from crowdship.shipment.goods import categories

ANY = "*"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
URGENCIES = {"normal": False, "urgent": True}

HIGHEST: Mapping[str, int] = {
    "base": 200,
    "further": 200,
    "per_km": 50,
    "per_minute": 20,
    "urgent": 100,
    "size": 200,
    "minimum": 500,
}
"""The most of each rate in units of a currency such as the dollar: guards against a figure without its point."""

SMALL_UNITS = 1000
"""Factor of these bounds for a currency without decimals, such as JPY or KRW, whose unit is worth a cent or less."""

DIMENSIONS = ("zone", "goods", "urgency", "size", "days", "from", "to", "valid_from", "valid_to", "delivered_from")
CHARGES = tuple(f"charge_{rate}" for rate in HIGHEST)
PAYS = tuple(f"pay_{rate}" for rate in HIGHEST)
COLUMNS = (*DIMENSIONS, "currency", *CHARGES, *PAYS, "return_percent")
"""All columns of a table; a file may leave out those that it does not need."""


def any_or[T](read: Callable[[str], T]) -> Callable[[str], T | None]:
    """Return a reader of a cell that is empty, or a star, for everything."""
    return lambda text: None if text in ("", ANY) else read(text)


def one_of(names: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return a reader of a cell that has one of some names."""

    def read(text: str) -> Any:
        if text not in names:
            raise ValueError(f"{text!r} is none of {', '.join(names)}; leave it empty for all")
        return names[text]

    return read


def goods(text: str) -> str:
    """Read a category of goods."""
    return str(one_of({name: name for name in categories()})(text))


def size(text: str) -> SizeClass:
    """Read a class of size."""
    return SizeClass(one_of({one.value: one for one in SizeClass})(text))


def urgency(text: str) -> bool:
    """Read ``normal`` or ``urgent``."""
    return bool(one_of(URGENCIES)(text))


def days(text: str) -> frozenset[int]:
    """Read days of the week: names with commas, and spans.

    Examples
    --------
    >>> sorted(days("mon-wed,sun")), sorted(days("fri-mon"))
    ([0, 1, 2, 6], [0, 4, 5, 6])
    """
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f"{part!r} is no day; write {', '.join(DAYS)}, or a span such as mon-fri")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found) & EVERY_DAY


def minute(text: str) -> int:
    """Read a local time of day into its minute.

    Examples
    --------
    >>> minute("06:30"), minute("24:00")
    (390, 1440)
    """
    hours, colon, minutes = text.partition(":")
    if not colon or not hours.isdecimal() or not minutes.isdecimal() or len(minutes) != 2 or int(minutes) > 59:
        raise ValueError(f"{text!r} is no time of day; write it as 06:30, and the end of the day as 24:00")
    found = int(hours) * 60 + int(minutes)
    if found > MINUTES_OF_DAY:
        raise ValueError(f"{text!r} is after the end of the day, 24:00")
    return found


def day(text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no day; write it as 2027-01-31") from None


def whole(most: int) -> Callable[[str], int]:
    """Return a reader of a whole number from 0 to a bound."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) > most:
            raise ValueError(f"{text!r} is no whole number from 0 to {most}")
        return int(text)

    return read


def rate(text: str, name: str, currency: str) -> int:
    """Read a rate in units of the currency, such as 5.99, into minor units."""
    wrong = f"{text!r} is no amount; write it in {currency}, for example 5.99"
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(wrong) from None
    if not amount.is_finite():
        raise ValueError(wrong)
    if amount < 0:
        raise ValueError(f"{text} is below zero; a rate is 0 or more")
    most = HIGHEST[name] * (1 if Money.of(Decimal(100), currency).amount > 100 else SMALL_UNITS)
    # Compared before it is converted: a figure such as 9E999999 has more digits than anybody may write out.
    if amount > most:
        raise ValueError(f"{text} is more than {most} {currency}, the most that a rate {name} may be")
    return Money.of(amount, currency).amount


def cells_of(row: PriceRow, currency: str) -> dict[str, str]:
    """Return the texts of a row by column, as a file that is uploaded again would have them."""
    texts = {
        "zone": row.zone_id or "",
        "goods": row.goods or "",
        "urgency": next((name for name, urgent in URGENCIES.items() if urgent is row.urgent), ""),
        "size": row.size or "",
        "valid_from": str(row.since or ""),
        "valid_to": str(row.until or ""),
        "delivered_from": str(row.delivered_from or ""),
        "return_percent": str(row.return_percent) if row.pay else "",
    }
    if row.band:
        texts |= {
            "days": ",".join(DAYS[day] for day in sorted(row.band.days)),
            "from": _clock(row.band.since),
            "to": _clock(row.band.until),
        }
    for prefix, rates in (("charge", row.charge), ("pay", row.pay)):
        for name in HIGHEST if rates else ():
            amount = getattr(rates, name)
            if amount or (amount is not None and name in ("base", "further")):
                texts[f"{prefix}_{name}"] = str(Money(amount=amount, currency=currency).decimal)
    return {name: text for name, text in texts.items() if text}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
