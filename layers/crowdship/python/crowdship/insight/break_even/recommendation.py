"""Recommendation for a zone: the crowd, dedicated drivers, or both, with the drivers of each hour. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from crowdship.insight.break_even.history import HOURS, CrowdDay
from crowdship.insight.break_even.tipping import Tipping, is_enough
from crowdship.zones.dedicated import DedicatedCost
from crowdship.zones.dispatch_rules import FleetRules

HOLD_MINUTES = 10
"""Minutes for which orders are kept for dedicated drivers under a hybrid policy that has none yet."""

DEDICATED_HOLD_MINUTES = 20
"""The same where dedicated drivers are to carry everything."""


class Advice(StrEnum):
    """Recommendations."""

    CROWD = "crowd"
    HYBRID = "hybrid"
    DEDICATED = "dedicated"
    NO_COST = "no_cost"
    """Nobody has said what a dedicated driver costs here."""

    NOT_ENOUGH_DAYS = "not_enough_days"


@dataclass(frozen=True)
class HourPlan:
    """Dedicated drivers in one local hour of the day.

    Parameters
    ----------
    volume : float
        Mean orders in that hour.
    drivers : int
        Drivers who cost less than the crowd, by the upper end of the interval.
    served : float
        Mean deliveries that they make.
    is_unsure : bool
        Whether the volume lies inside the interval of the tipping point, so that the days don't decide.
    """

    hour: int
    volume: float
    drivers: int
    served: float
    is_unsure: bool


@dataclass(frozen=True)
class Recommendation:
    """Recommendation of a zone's days.

    Parameters
    ----------
    saving : Fraction
        Minor units a day that the plan costs less than the crowd alone.
    """

    verdict: Advice
    hours: tuple[HourPlan, ...] = ()
    saving: Fraction = Fraction(0)

    @property
    def drivers(self) -> int:
        """The most dedicated drivers of any hour."""
        return max((hour.drivers for hour in self.hours), default=0)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Local hours with dedicated drivers, each span from its first hour until before the second number."""
        found: list[list[int]] = []
        for hour in (plan.hour for plan in self.hours if plan.drivers):
            if found and found[-1][1] == hour:
                found[-1][1] = hour + 1
            else:
                found.append([hour, hour + 1])
        return tuple((first, after) for first, after in found)


def recommended(days: Sequence[CrowdDay], cost: DedicatedCost | None, tipping: Tipping | None) -> Recommendation:
    """Return what some days recommend.

    A dedicated driver is recommended for an hour only if the hour's volume reaches the upper end of the interval. Each
    further driver must have the needed deliveries left over by those before.
    """
    if not is_enough(days):
        return Recommendation(Advice.NOT_ENOUGH_DAYS)
    if cost is None or tipping is None:
        return Recommendation(Advice.NO_COST)
    hours = tuple(_plan(hour, _mean(days, hour), cost, tipping) for hour in range(HOURS))
    paid = sum(plan.drivers for plan in hours) * cost.hour
    saving = Fraction(sum(plan.served for plan in hours)) * tipping.crowd - paid
    if not any(plan.drivers for plan in hours):
        return Recommendation(Advice.CROWD, hours)
    whole = all(plan.drivers * tipping.effort.capacity(plan.volume) >= plan.volume for plan in hours)
    return Recommendation(Advice.DEDICATED if whole else Advice.HYBRID, hours, saving)


def _mean(days: Sequence[CrowdDay], hour: int) -> float:
    return sum(day.orders[hour] for day in days) / len(days)


def _plan(hour: int, volume: float, cost: DedicatedCost, tipping: Tipping) -> HourPlan:
    unsure = tipping.low <= volume < tipping.high
    if volume < tipping.high or math.isinf(tipping.high):
        return HourPlan(hour, volume, 0, 0.0, unsure)
    capacity = tipping.effort.capacity(volume)
    drivers = 0
    while min(capacity, volume - drivers * capacity) >= tipping.needed:
        drivers += 1
    return HourPlan(hour, volume, drivers, float(cost.usable) * min(volume, drivers * capacity), unsure)


def fleet_for(verdict: Advice, now: FleetRules) -> FleetRules | None:
    """Return the hybrid policy that follows a recommendation, None if it recommends nothing.

    A policy that keeps orders already stays as it is under ``hybrid``.
    """
    match verdict:
        case Advice.CROWD:
            return now.model_copy(update={"hold_minutes": 0})
        case Advice.HYBRID:
            return now.model_copy(update={"hold_minutes": now.hold_minutes or HOLD_MINUTES})
        case Advice.DEDICATED:
            return now.model_copy(update={"hold_minutes": max(now.hold_minutes, DEDICATED_HOLD_MINUTES)})
        case _:
            return None
