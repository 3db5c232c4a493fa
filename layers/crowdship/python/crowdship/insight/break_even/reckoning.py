"""Break-even of a zone on a day: its history, what a dedicated driver costs then, tipping point and recommendation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zlib import crc32

from crowdship.insight.break_even.history import CrowdDay
from crowdship.insight.break_even.recommendation import Recommendation, recommended
from crowdship.insight.break_even.tipping import Tipping, is_enough, tipping_of
from crowdship.insight.zone_days.model import ZoneDay
from crowdship.kernel.money import Money
from crowdship.zones.dedicated import DedicatedCost, cost_on
from crowdship.zones.model import Zone

DAYS = 28
"""Days of a zone's history that are looked at: four of each day of the week."""


@dataclass(frozen=True)
class BreakEven:
    """Findings of a zone's last days about crowd and dedicated drivers.

    Parameters
    ----------
    on : date
        The last day that is looked at.
    cost : DedicatedCost or None
        As it holds on that day; None if nobody has said it.
    tipping : Tipping or None
        None without a cost, or with too few days.
    """

    zone_id: str
    on: date
    currency: str
    days: tuple[CrowdDay, ...]
    cost: DedicatedCost | None
    tipping: Tipping | None
    recommendation: Recommendation

    @property
    def saving(self) -> Money:
        """The plan's saving in a day against the crowd alone."""
        return Money(amount=round(self.recommendation.saving), currency=self.currency)


def crowd_day(day: ZoneDay) -> CrowdDay:
    """Return a zone's day as the estimate needs it."""
    return CrowdDay(
        day=day.day,
        delivered=day.delivered,
        cost=day.pay.amount + day.extra.amount,
        engaged_minutes=day.engaged_minutes,
        orders=day.by_hour,
    )


def break_even_of(zone: Zone, days: Iterable[ZoneDay], on: date) -> BreakEven:
    """Return the break-even of a zone as its days tell it; days in another currency than the zone's are left out.

    The seed of the interval follows from zone and day: asked twice, the same answer comes.
    """
    currency = zone.settings.rates.currency
    kept = tuple(crowd_day(day) for day in days if day.currency == currency)
    cost = cost_on(zone.settings.dedicated_costs, on)
    tipping = _tipping(kept, cost, crc32(f"{zone.id} {on}".encode()))
    return BreakEven(zone.id, on, currency, kept, cost, tipping, recommended(kept, cost, tipping))


def _tipping(days: Sequence[CrowdDay], cost: DedicatedCost | None, seed: int) -> Tipping | None:
    return tipping_of(days, cost, seed) if cost and is_enough(days) else None
