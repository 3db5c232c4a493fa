"""Expected extra pay of offers: the bonuses that an offer carries now, while their budgets last."""

from collections.abc import Callable, Sequence
from datetime import datetime

from crowdship.adapters.caches import Cache
from crowdship.drivers.model import Driver
from crowdship.incentives.model import Incentive
from crowdship.incentives.store import IncentiveRow
from crowdship.incentives.terms import BatchBonus, PeakBonus
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.zones.tiers import Tier

CACHE_S = 5.0
"""Seconds of wall time for which the incentives of a zone are believed; every phone asks for its offers often."""

_cache: Cache[str, list[Incentive]] = Cache(CACHE_S)


def extra_parts(
    zone_id: str,
    driver: Driver,
    deliveries: int,
    made_at: datetime,
    tiers: Sequence[Tier],
    read: Callable[[str, datetime], list[Incentive]] = IncentiveRow.of_zone,
) -> tuple[PricePart, ...]:
    """Return the bonuses of an offer of so many deliveries, in the order of their incentives' ends.

    Parameters
    ----------
    made_at : datetime
        When the offer was made, which decides about its bonuses.
    tiers : sequence of Tier
        Those of the zone.
    """
    known = _cache.get(zone_id, lambda: read(zone_id, made_at))
    valid = (
        one for one in known if one.is_open and one.covers(made_at) and one.excludes(driver, made_at, tiers) is None
    )
    amounts = ((one, _amount(one, deliveries)) for one in valid)
    return tuple(
        PricePart(code=one.kind, amount=Money(amount=amount, currency=one.budget.currency))
        for one, amount in amounts
        if amount
    )


def _amount(incentive: Incentive, deliveries: int) -> int:
    match incentive.terms:
        case PeakBonus():
            return incentive.terms.amount * deliveries
        case BatchBonus() if deliveries >= incentive.terms.deliveries:
            return incentive.terms.amount
        case _:
            return 0
