"""The way that an offer adds to a driver's route, and the pay for an hour of it. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.routes.stops import Stop
from crowdship.routes.timetable import Load, Start, free_after, insert
from crowdship.travel.times import TravelTimes

HOUR_S = 3600

SHORTEST_S = 60
"""Seconds below which a trip has no pay per hour, because a few seconds more would change it by a lot."""


class Trip(Value):
    """The way over all stops of an offer, from where the driver is; for a driver under way, what it adds to the route.

    Parameters
    ----------
    distance_m : int
        Metres.
    duration_s : int
        Seconds of driving, of waiting until a stop opens, and at the stops.
    """

    distance_m: int
    duration_s: int

    def pay_per_hour(self, pay: Money) -> Money | None:
        """Return a pay as pay per hour; None for a trip that is over at once.

        Examples
        --------
        >>> print(Trip(distance_m=4000, duration_s=1200).pay_per_hour(Money(amount=700, currency="USD")))
        21.00 USD
        """
        if self.duration_s < SHORTEST_S:
            return None
        amount = (Decimal(pay.amount) * HOUR_S / self.duration_s).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(amount=int(amount), currency=pay.currency)


def added_trip(
    route: Sequence[Stop],
    groups: Sequence[Sequence[Stop]],
    start: Start,
    capacity: Load,
    travel: TravelTimes,
    lateness_weight: float,
) -> Trip:
    """Return the way that deliveries add to a route.

    Parameters
    ----------
    groups : sequence of sequences of Stop
        The stops of each delivery, in their order. They are made after all others if they fit nowhere between them.
    """
    found = insert(route, groups, start, capacity, travel, lateness_weight)
    stops = found.stops if found else (*route, *(stop for group in groups for stop in group))
    before, after = (free_after(some, start, travel) for some in (route, stops))
    metres = _metres(stops, start, travel) - _metres(route, start, travel)
    return Trip(
        distance_m=max(0, round(metres)),
        duration_s=max(0, round((after.at - before.at).total_seconds())),
    )


def _metres(stops: Sequence[Stop], start: Start, travel: TravelTimes) -> float:
    ways = pairwise((start.point, *(stop.point for stop in stops)))
    return sum(travel.metres(here, there) for here, there in ways)
