"""Tipping point: the volume from which a dedicated driver costs less for a delivery than the crowd does. Pure.

The driver costs ``H`` an hour and can take orders in the share ``u`` of it. At ``v`` orders an hour they deliver
``u * min(v, c(v))`` of them, where ``c(v)`` is the capacity that ``history.Effort`` gives. The crowd costs ``k`` for a
delivery. The driver costs less if ``u * min(v, c(v)) * k > H``: if both the volume and the capacity are at least
``T = H / (k * u)``, the deliveries that a driver must make in an hour.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from crowdship.insight.break_even.history import CrowdDay, Effort, crowd_cost, effort_of
from crowdship.zones.dedicated import DedicatedCost

DRAWS = 1000
"""Resamples of the bootstrap."""

CONFIDENCE = 0.95

MIN_DAYS = 14
"""Days with deliveries below which nothing is said: two of each day of the week."""

MIN_DELIVERED = 100
"""Delivered orders below which nothing is said."""

NEVER = math.inf


@dataclass(frozen=True)
class Tipping:
    """A tipping point, with the figures that it follows from.

    Parameters
    ----------
    volume : float
        Orders an hour; infinite if no volume is enough.
    low, high : float
        Interval of the volume: bootstrap over days, percentile method, 95 %.
    needed : float
        Deliveries that a dedicated driver must make in an hour.
    crowd : Fraction
        The crowd's minor units for a delivery.
    """

    volume: float
    low: float
    high: float
    needed: float
    crowd: Fraction
    effort: Effort


def needed_per_hour(crowd: Fraction | float, cost: DedicatedCost) -> float:
    """Return how many deliveries a dedicated driver must make in an hour so that they cost as much as the crowd's.

    Examples
    --------
    An hour of 28 dollars, of which 80 percent are usable, against 7 dollars for a delivery of the crowd:

    >>> from datetime import date
    >>> needed_per_hour(700, DedicatedCost(since=date(2026, 1, 1), wage_per_hour=2800, idle_percent=20))
    5.0
    """
    return float(cost.hour / cost.usable) / float(crowd) if crowd > 0 else NEVER


def tipping_volume(needed: float, effort: Effort) -> float:
    """Return the least volume at which a driver gets and makes the deliveries that are needed in an hour.

    Examples
    --------
    With 5 needed, a delivery may take 12 minutes. It takes 6 and 18 / sqrt(v), which is 12 at v = 9:

    >>> tipping_volume(5.0, Effort(fixed=6.0, way=18.0))
    9.0

    A driver who needs 10 minutes at each stop never makes seven deliveries in an hour:

    >>> tipping_volume(7.0, Effort(fixed=10.0, way=18.0))
    inf
    """
    if math.isinf(needed):
        return NEVER
    spare = 60 / needed - effort.fixed
    if effort.way == 0:
        return needed if spare >= 0 else NEVER
    return max(needed, (effort.way / spare) ** 2) if spare > 0 else NEVER


def is_enough(days: Sequence[CrowdDay]) -> bool:
    """Return whether some days tell enough to say anything."""
    return sum(1 for day in days if day.delivered) >= MIN_DAYS and sum(day.delivered for day in days) >= MIN_DELIVERED


def tipping_of(days: Sequence[CrowdDay], cost: DedicatedCost, seed: int, draws: int = DRAWS) -> Tipping:
    """Return the tipping point that some days tell of, with its interval.

    Parameters
    ----------
    days : sequence of CrowdDay
        At least one with a delivery.
    seed : int
        Of the resampling; the same days and seed give the same interval.
    """
    busy = [day for day in days if day.delivered]
    crowd, effort = crowd_cost(busy), effort_of(busy)
    needed = needed_per_hour(crowd, cost)
    chance = random.Random(seed)
    drawn = sorted(_volume(chance.choices(busy, k=len(busy)), cost) for _ in range(draws))
    tail = (1 - CONFIDENCE) / 2
    low, high = drawn[math.floor(tail * (draws - 1))], drawn[math.ceil((1 - tail) * (draws - 1))]
    return Tipping(tipping_volume(needed, effort), low, high, needed, crowd, effort)


def _volume(days: Sequence[CrowdDay], cost: DedicatedCost) -> float:
    crowd = sum(day.cost for day in days) / sum(day.delivered for day in days)
    return tipping_volume(needed_per_hour(crowd, cost), effort_of(days))
