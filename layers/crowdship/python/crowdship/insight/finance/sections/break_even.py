"""Break-even of each zone that has a cost of dedicated drivers: the recommendation, and a plot of both costs."""

import math

from crowdship.insight.break_even.curve import curve_of
from crowdship.insight.break_even.reckoning import DAYS, BreakEven, break_even_of
from crowdship.insight.finance.content import Column, Content, Kind, Plot, Row, Series, Table
from crowdship.insight.finance.readings import days_before
from crowdship.insight.finance.sections.scope import Scope
from crowdship.zones.model import Zone

COLUMNS = (
    Column("zone"),
    Column("recommendation", Kind.CODE),
    Column("tipping_volume", Kind.NUMBER),
    Column("interval_low", Kind.NUMBER),
    Column("interval_high", Kind.NUMBER),
    Column("dedicated_drivers", Kind.COUNT),
    Column("saving_a_day", Kind.MONEY),
    Column("currency"),
)
SOURCE = "insight: break-even"


def section(scope: Scope) -> Content | None:
    """Return the zones' recommendations; None if no zone has a cost of dedicated drivers."""
    found = [(zone, _of(scope, zone)) for zone in scope.sources.zones() if zone.settings.dedicated_costs]
    if not found:
        return None
    rows = [_row(zone, one) for zone, one in found]
    plots = tuple(_plot(zone, one) for zone, one in found if one.tipping)
    return Content("break_even", "break_even", tables=(Table.whole("break_even", COLUMNS, rows, SOURCE),), plots=plots)


def _of(scope: Scope, zone: Zone) -> BreakEven:
    days = scope.sources.zone_days(zone, days_before(scope.last, DAYS), scope.last)
    return break_even_of(zone, days, scope.last)


def _row(zone: Zone, one: BreakEven) -> Row:
    tipping = one.tipping
    return (
        zone.settings.name,
        one.recommendation.verdict.value,
        *((tipping.volume, tipping.low, tipping.high) if tipping else (None, None, None)),
        one.recommendation.drivers,
        one.saving,
        one.currency,
    )


def _plot(zone: Zone, one: BreakEven) -> Plot:
    curve = curve_of(one)
    ends = one.tipping and (one.tipping.low, one.tipping.high)
    band = ends if ends and math.isfinite(ends[1]) else None
    return Plot(
        "break_even",
        zone.id,
        curve.volumes,
        (Series("crowd", curve.crowd, dashed=True), Series("dedicated", curve.dedicated)),
        one.currency,
        band,
        zone.settings.name,
    )
