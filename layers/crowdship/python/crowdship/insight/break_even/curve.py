"""Curve of both costs over the volume, for plots. Pure."""

import math
from dataclasses import dataclass

from crowdship.insight.break_even.reckoning import BreakEven
from crowdship.kernel.money import Money

POINTS = 40

WIDEST = 60.0
"""Orders an hour at which the axis ends at the latest."""


@dataclass(frozen=True)
class Curve:
    """Costs of a delivery in major units, at volumes in orders an hour."""

    volumes: tuple[float, ...]
    crowd: tuple[float, ...]
    dedicated: tuple[float, ...]


def curve_of(one: BreakEven) -> Curve:
    """Return the curves of a break-even that has a tipping point.

    The dedicated driver's cost begins where it is at most four times the crowd's; at less volume it grows without end.

    Raises
    ------
    ValueError
        If it has none.
    """
    tipping, cost = one.tipping, one.cost
    if tipping is None or cost is None:
        raise ValueError("there is no curve without a tipping point")
    needed = tipping.needed if math.isfinite(tipping.needed) else 1.0
    ends = [value for value in (tipping.volume, tipping.high) if math.isfinite(value)]
    busiest = max((plan.volume for plan in one.recommendation.hours), default=0.0)
    last = min(WIDEST, max([2 * needed, 1.3 * busiest, *(1.5 * end for end in ends)]))
    first = min(needed / 4, last / 2)
    volumes = tuple(first + (last - first) * number / (POINTS - 1) for number in range(POINTS))
    hour, usable = float(cost.hour), float(cost.usable)
    unit = float(Money(amount=1, currency=one.currency).decimal)
    served = [usable * min(volume, tipping.effort.capacity(volume)) for volume in volumes]
    crowd = float(tipping.crowd) * unit
    return Curve(volumes, (crowd,) * POINTS, tuple(hour / count * unit for count in served))
