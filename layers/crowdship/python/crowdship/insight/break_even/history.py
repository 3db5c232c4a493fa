"""Crowd's cost, and deliveries of a driver in an hour, as a zone's own days tell them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

HOURS = 24


@dataclass(frozen=True)
class CrowdDay:
    """One day of a zone.

    Parameters
    ----------
    delivered : int
        Orders that reached their customers.
    cost : int
        Minor units of what the crowd cost for them: pay, extra pay, floors, claims. Tips cost nobody but the customer.
    engaged_minutes : int
        Minutes in which drivers had at least one delivery, summed over the drivers; a minute with three deliveries
        counts once.
    orders : tuple of int
        Orders by local hour of their creation, 24 of them.
    """

    day: date
    delivered: int
    cost: int
    engaged_minutes: int
    orders: tuple[int, ...]

    @cached_property
    def density(self) -> float:
        """Delivered orders per hour in which anybody ordered; 0 on a day without orders."""
        busy = sum(1 for count in self.orders if count)
        return self.delivered / busy if busy else 0.0


@dataclass(frozen=True)
class Effort:
    """Minutes of a driver for a delivery, ``fixed + way / sqrt(v)`` at ``v`` orders an hour.

    Stops take a time that does not depend on volume. The way between the stops of a tour grows with the root of the
    area for each stop (C. F. Daganzo, The Distance Traveled to Visit N Points with a Maximum of C Stops per Vehicle,
    Transportation Science 18(4), 1984), so it falls with the root of the volume in a zone whose area stays.
    """

    fixed: float
    way: float

    def minutes(self, volume: float) -> float:
        """Return a driver's minutes for a delivery at a volume above 0, in orders an hour."""
        return float(self.fixed + self.way / volume**0.5)

    def capacity(self, volume: float) -> float:
        """Return how many deliveries a driver makes in an hour at a volume, in orders an hour; 0 without orders."""
        return 60 / self.minutes(volume) if volume > 0 else 0.0


LEAST_MINUTES = 0.5
"""Least minutes of a delivery; a fit that gives less has followed noise."""

LEAST_SPREAD = 0.2
"""Least spread of densities, as a share of their mean, from which the effect of volume on the way is estimated."""


def crowd_cost(days: Sequence[CrowdDay]) -> Fraction:
    """Return the crowd's minor units for a delivered order over some days, of which at least one delivered something.

    It is the sum over the sum, so that a day counts by its deliveries.
    """
    return Fraction(sum(day.cost for day in days), sum(day.delivered for day in days))


def effort_of(days: Sequence[CrowdDay]) -> Effort:
    """Return the effort that fits some days best, of which at least one delivered something.

    A least-squares fit of the minutes for a delivery by ``1 / sqrt(density)``, in which a day weighs as many
    deliveries as it has. If the days' densities hardly differ, or the fit says that a delivery takes longer where
    there are more, the mean is used for every volume: nothing is known then, and nothing is promised.
    """
    busy = [day for day in days if day.delivered and day.engaged_minutes]
    delivered = sum(day.delivered for day in busy)
    if not delivered:
        return Effort(fixed=LEAST_MINUTES, way=0.0)
    mean = sum(day.engaged_minutes for day in busy) / delivered
    flat = Effort(fixed=max(mean, LEAST_MINUTES), way=0.0)
    densities = [day.density for day in busy]
    middle = sum(densities) / len(densities)
    if max(densities) - min(densities) < LEAST_SPREAD * middle:
        return flat
    points = [(day.density**-0.5, day.engaged_minutes / day.delivered, day.delivered) for day in busy]
    mean_x = sum(x * weight for x, _, weight in points) / delivered
    spread = sum(weight * (x - mean_x) ** 2 for x, _, weight in points)
    way = sum(weight * (x - mean_x) * (y - mean) for x, y, weight in points) / spread if spread else 0.0
    if way <= 0:
        return flat
    fixed = mean - way * mean_x
    if fixed >= LEAST_MINUTES:
        return Effort(fixed=fixed, way=way)
    # A line through the least minutes that meets the mean.
    return Effort(fixed=LEAST_MINUTES, way=max(0.0, (mean - LEAST_MINUTES) / mean_x))
