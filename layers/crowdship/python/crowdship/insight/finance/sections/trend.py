"""Plots of the last fourteen days."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from crowdship.insight.finance.content import Content, Plot, Series
from crowdship.insight.finance.model import span_days
from crowdship.insight.finance.readings import days_before
from crowdship.insight.finance.sections.scope import Scope
from crowdship.insight.zone_days.model import ZoneDay

DAYS = 14


def section(scope: Scope) -> Content | None:
    """Return the orders of the days, and the money of each currency; None if nobody ordered anything."""
    first = days_before(scope.last, DAYS)
    found = [day for zone in scope.sources.zones() for day in scope.sources.zone_days(zone, first, scope.last)]
    if not any(day.orders for day in found):
        return None
    days = span_days(first, scope.last)
    places = tuple(f"{day:%m-%d}" for day in days)
    orders = Plot(
        "orders",
        "all",
        places,
        (
            Series("orders", _by_day(days, found, lambda day: day.orders)),
            Series("delivered", _by_day(days, found, lambda day: day.delivered)),
        ),
    )
    currencies = sorted({day.currency for day in found if day.orders})
    return Content("trend", "pay", plots=(orders, *(_money(currency, days, places, found) for currency in currencies)))


def _money(currency: str, days: tuple[date, ...], places: tuple[str, ...], found: list[ZoneDay]) -> Plot:
    own = [day for day in found if day.currency == currency]
    lines = {"charges": "charge", "pay": "pay", "extra": "extra", "margin": "margin"}
    series = tuple(Series(code, _by_day(days, own, _major(field))) for code, field in lines.items())
    return Plot("money", currency, places, series, currency)


def _major(field: str) -> Callable[[ZoneDay], float]:
    """Return the reader of a field in major units; a plot's height is no money that is booked."""
    return lambda day: float(getattr(day, field).decimal)


def _by_day(days: tuple[date, ...], found: Iterable[ZoneDay], value: Callable[[ZoneDay], float]) -> tuple[float, ...]:
    sums: dict[date, float] = defaultdict(float)
    for day in found:
        sums[day.day] += value(day)
    return tuple(sums[day] for day in days)
