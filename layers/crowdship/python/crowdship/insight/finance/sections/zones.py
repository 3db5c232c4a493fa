"""Orders and money of each zone."""

from collections.abc import Iterable

from crowdship.insight.finance.content import Column, Content, Figure, Kind, Row, Table
from crowdship.insight.finance.sections.scope import Scope
from crowdship.insight.zone_days.model import ZoneDay
from crowdship.kernel.money import Money

SOURCE = "insight: days of zones"

COLUMNS = (
    Column("zone"),
    Column("orders", Kind.COUNT),
    Column("delivered", Kind.COUNT),
    Column("on_time", Kind.SHARE),
    Column("unfinished", Kind.COUNT),
    Column("charges", Kind.MONEY),
    Column("pay", Kind.MONEY),
    Column("tips", Kind.MONEY),
    Column("extra", Kind.MONEY),
    Column("margin", Kind.MONEY),
    Column("currency"),
)


def section(scope: Scope) -> Content:
    """Return the zones' orders that were created in the period, with what is due for them."""
    found = {zone: scope.sources.zone_days(zone, scope.first, scope.last) for zone in scope.sources.zones()}
    rows = [row_of(zone.settings.name, days) for zone, days in found.items() if any(day.orders for day in days)]
    every = [day for days in found.values() for day in days]
    orders, delivered = sum(day.orders for day in every), sum(day.delivered for day in every)
    figures = (
        Figure("orders", orders, Kind.COUNT),
        Figure("delivered", delivered, Kind.COUNT),
        Figure("on_time", share(sum(day.on_time for day in every), delivered), Kind.SHARE),
    )
    return Content("zones", "live", figures, (Table.whole("zones", COLUMNS, rows, SOURCE),))


def share(part: int, whole: int) -> float | None:
    """Return a part as a share of the whole; None of nothing."""
    return part / whole if whole else None


def row_of(name: str, days: Iterable[ZoneDay]) -> Row:
    """Return the row of a zone: the sums of its days, of which there is at least one."""
    kept = list(days)
    currency = kept[-1].currency
    kept = [day for day in kept if day.currency == currency]

    def total(field: str) -> Money:
        return Money.total((getattr(day, field) for day in kept), currency)

    delivered = sum(day.delivered for day in kept)
    return (
        name,
        sum(day.orders for day in kept),
        delivered,
        share(sum(day.on_time for day in kept), delivered),
        sum(day.unfinished for day in kept),
        *(total(field) for field in ("charge", "pay", "tips", "extra", "margin")),
        currency,
    )
