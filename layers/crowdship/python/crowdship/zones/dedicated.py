"""Cost of an hour of a dedicated driver in a zone, by the day from which it holds."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from pydantic import Field

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value

BASIS_POINTS = 10_000
"""Basis points of a whole: one is a hundredth of a percent."""

HIGHEST_HOUR = 10_000_000
"""The most minor units of a part of an hour's cost, in any currency: a guard against typing errors."""


class DedicatedCost(Value):
    """Full cost of an hour for which a dedicated driver is employed, in minor units of the zone's currency.

    Parameters
    ----------
    since : date
        The first day on which it holds; it holds until the day of the next one.
    wage_per_hour : int
        Gross wage.
    employer_basis_points : int
        What the employer pays on top of the wage, in hundredths of a percent of it: 765 is 7.65 %.
    vehicle_per_hour, insurance_per_hour : int
        Vehicle with energy and repairs; insurance of vehicle and driver.
    idle_percent : int
        Share of the hour in which the driver can take no order: breaks, charging, the way to the zone.

    Examples
    --------
    >>> cost = DedicatedCost(since=date(2026, 1, 1), wage_per_hour=2000, employer_basis_points=765)
    >>> cost.hour, cost.usable
    (Fraction(2153, 1), Fraction(1, 1))
    """

    since: Day
    wage_per_hour: int = Field(gt=0, le=HIGHEST_HOUR)
    employer_basis_points: int = Field(default=0, ge=0, le=BASIS_POINTS)
    vehicle_per_hour: int = Field(default=0, ge=0, le=HIGHEST_HOUR)
    insurance_per_hour: int = Field(default=0, ge=0, le=HIGHEST_HOUR)
    idle_percent: int = Field(default=0, ge=0, le=90)

    @property
    def hour(self) -> Fraction:
        """Minor units of a paid hour with everything."""
        wage = self.wage_per_hour * Fraction(BASIS_POINTS + self.employer_basis_points, BASIS_POINTS)
        return wage + self.vehicle_per_hour + self.insurance_per_hour

    @property
    def usable(self) -> Fraction:
        """Share of a paid hour in which the driver can take orders."""
        return Fraction(100 - self.idle_percent, 100)


def in_order(costs: tuple[DedicatedCost, ...]) -> tuple[DedicatedCost, ...]:
    """Return the costs if each begins later than the one before it.

    Raises
    ------
    ValueError
        If two begin on the same day, or a later one stands before an earlier one.
    """
    days = [cost.since for cost in costs]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise ValueError("each must begin on a later day than the one before it; put them in the order of since")
    return costs


def cost_on(costs: Sequence[DedicatedCost], day: date) -> DedicatedCost | None:
    """Return the cost that holds on a day; None if the first begins later, or there is none.

    Examples
    --------
    >>> costs = [DedicatedCost(since=date(2026, month, 1), wage_per_hour=1800 + month) for month in (1, 7)]
    >>> [cost and cost.wage_per_hour for cost in (cost_on(costs, date(2026, month, 1)) for month in (6, 7))]
    [1801, 1807]
    >>> cost_on(costs, date(2025, 12, 31)) is None
    True
    """
    return next((cost for cost in reversed(costs) if cost.since <= day), None)
