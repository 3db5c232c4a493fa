"""View of a zone's break-even, as the API answers it."""

import math
from typing import Self

from pydantic import Field

from crowdship.insight.break_even.curve import curve_of
from crowdship.insight.break_even.history import CrowdDay
from crowdship.insight.break_even.reckoning import DAYS, BreakEven
from crowdship.insight.break_even.recommendation import Advice, fleet_for
from crowdship.insight.break_even.tipping import MIN_DAYS, MIN_DELIVERED
from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.zones.dedicated import DedicatedCost
from crowdship.zones.dispatch_rules import FleetRules
from crowdship.zones.model import Zone


class TippingView(Value):
    """The tipping point and what it follows from; volumes are orders an hour.

    Parameters
    ----------
    volume, low, high : float or None
        The tipping point and its interval of 95 %; None stands for a volume that is never reached.
    needed : float or None
        Deliveries that a dedicated driver must make in an hour.
    crowd_cost : Money
        The crowd's cost of a delivery.
    fixed_minutes, way_minutes : float
        A delivery takes ``fixed_minutes + way_minutes / sqrt(volume)`` minutes of a driver.
    """

    volume: float | None
    low: float | None
    high: float | None
    needed: float | None
    crowd_cost: Money
    fixed_minutes: float
    way_minutes: float


class HourView(Value):
    """One local hour of the day: mean orders, drivers who cost less than the crowd, whether the days leave it open."""

    hour: int
    volume: float
    drivers: int
    is_unsure: bool


class HourSpan(Value):
    """Local hours of the day, from an hour until before another."""

    from_hour: int
    until_hour: int


class DayView(Value):
    """One day of the history."""

    day: Day
    delivered: int
    cost: Money
    engaged_minutes: int


class CurveView(Value):
    """Costs of a delivery in major units, at volumes in orders an hour."""

    volumes: tuple[float, ...]
    crowd: tuple[float, ...]
    dedicated: tuple[float, ...]


class BreakEvenView(Value):
    """Recommendation of a zone's last days: the crowd, dedicated drivers, or both.

    Parameters
    ----------
    fleet_now, fleet : FleetRules
        The zone's hybrid policy, and the one that follows the recommendation; None if it recommends nothing.
    spans : tuple of HourSpan
        Hours with dedicated drivers.
    """

    zone_id: str
    on: Day
    currency: str
    verdict: Advice
    drivers: int
    spans: tuple[HourSpan, ...]
    saving_a_day: Money
    cost: DedicatedCost | None
    tipping: TippingView | None
    hours: tuple[HourView, ...]
    curve: CurveView | None
    fleet_now: FleetRules
    fleet: FleetRules | None
    days: tuple[DayView, ...] = Field(description=f"At most {DAYS}")
    days_needed: int = MIN_DAYS
    delivered_needed: int = MIN_DELIVERED

    @classmethod
    def of(cls, zone: Zone, one: BreakEven) -> Self:
        """Return the view of a zone's break-even."""
        advice, now = one.recommendation, zone.settings.dispatch.fleet
        return cls(
            zone_id=one.zone_id,
            on=one.on,
            currency=one.currency,
            verdict=advice.verdict,
            drivers=advice.drivers,
            spans=tuple(HourSpan(from_hour=first, until_hour=after) for first, after in advice.spans),
            saving_a_day=one.saving,
            cost=one.cost,
            tipping=_tipping(one),
            hours=tuple(
                HourView(hour=plan.hour, volume=round(plan.volume, 2), drivers=plan.drivers, is_unsure=plan.is_unsure)
                for plan in advice.hours
            ),
            curve=_curve(one),
            fleet_now=now,
            fleet=fleet_for(advice.verdict, now),
            days=tuple(_day(day, one.currency) for day in one.days),
        )


def _day(day: CrowdDay, currency: str) -> DayView:
    cost = Money(amount=day.cost, currency=currency)
    return DayView(day=day.day, delivered=day.delivered, cost=cost, engaged_minutes=day.engaged_minutes)


def _finite(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def _tipping(one: BreakEven) -> TippingView | None:
    found = one.tipping
    if found is None:
        return None
    return TippingView(
        volume=_finite(found.volume),
        low=_finite(found.low),
        high=_finite(found.high),
        needed=_finite(found.needed),
        crowd_cost=Money(amount=round(found.crowd), currency=one.currency),
        fixed_minutes=round(found.effort.fixed, 3),
        way_minutes=round(found.effort.way, 3),
    )


def _curve(one: BreakEven) -> CurveView | None:
    if one.tipping is None:
        return None
    curve = curve_of(one)
    parts = {"volumes": curve.volumes, "crowd": curve.crowd, "dedicated": curve.dedicated}
    return CurveView(**{name: tuple(round(value, 3) for value in values) for name, values in parts.items()})
