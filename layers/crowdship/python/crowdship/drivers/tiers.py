"""The tier of a driver, and the goods that it opens. Pure."""

from collections.abc import Sequence

from crowdship.drivers.measures import Measures
from crowdship.zones.tiers import Tier


def reaches(measures: Measures, tier: Tier) -> bool:
    """Return whether a driver's measures are what a tier needs."""
    return (
        measures.carried >= tier.deliveries
        and measures.rating >= tier.rating
        and measures.on_time >= tier.on_time
        and measures.completion >= tier.completion
        and measures.compliance >= tier.compliance
    )


def tier_of(measures: Measures, tiers: Sequence[Tier]) -> Tier:
    """Return the last of a zone's tiers that a driver reaches; the first one is everybody's.

    Examples
    --------
    >>> from crowdship.zones.tiers import USUAL
    >>> tier_of(Measures(), USUAL).code, tier_of(Measures(carried=30, delivered=30), USUAL).code
    ('newcomer', 'proven')
    """
    return next((tier for tier in reversed(tiers) if reaches(measures, tier)), tiers[0])


def opens(measures: Measures, tiers: Sequence[Tier], value: int) -> bool:
    """Return whether a driver's tier opens goods of a worth, in minor units."""
    return value == 0 or tier_of(measures, tiers).opens(value)
