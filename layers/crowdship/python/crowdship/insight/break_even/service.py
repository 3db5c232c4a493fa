"""Use case of the break-even: a zone's last days, and what they recommend."""

from datetime import timedelta

from crowdship.insight.break_even.reckoning import DAYS, break_even_of
from crowdship.insight.break_even.views import BreakEvenView
from crowdship.insight.store import ZoneDayRow
from crowdship.kernel.clock import Clock
from crowdship.zones import service as zones


def of_zone(zone_id: str, clock: Clock) -> BreakEvenView:
    """Return the break-even of a zone by the days that were summed, up to yesterday.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    zone = zones.get(zone_id)
    last = clock.now().date() - timedelta(days=1)
    days = ZoneDayRow.between(zone_id, last - timedelta(days=DAYS - 1), last)
    return BreakEvenView.of(zone, break_even_of(zone, days, last))
