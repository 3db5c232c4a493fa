"""Nearness of orders and drivers: the drivers who may fetch an order and can be there soon, and similar orders.

Each step of the search asks for them, and the answers depend on neither plan nor chance. So each answer is kept.
"""

from collections.abc import Callable, Iterable, Sequence

from crowdship.planner.matching.model import Driver, MatchingRules, Order, Travel, Xy

KIN = 12
"""Orders worth exchanging with one."""

LOOKED_THROUGH = 150
"""Drivers and orders, the nearest as the crow flies, among whom the nearest by travel time are sought."""


class Nearness:
    """The drivers near an order and the orders near another, in a round.

    Attributes
    ----------
    alone : dict
        For each pickup place asked about: when each driver can be there if they do nothing before, by number.
    """

    def __init__(
        self, orders: Sequence[Order], drivers: Sequence[Driver], travel: Travel, rules: MatchingRules, now: float
    ) -> None:
        self.orders, self.drivers, self.travel, self.rules, self.now = orders, drivers, travel, rules, now
        self.alone: dict[Xy, dict[int, float]] = {}
        self._legs: dict[tuple[Xy, Xy], float] = {}
        self._near: dict[int, list[int]] = {}
        self._by_reach: dict[Xy, list[int]] = {}
        self._kin: dict[int, list[int]] = {}

    def leg(self, a: Xy, b: Xy) -> float:
        """Return the travel time between two places."""
        known = self._legs.get((a, b))
        if known is None:
            known = self._legs[a, b] = self.travel(a, b)
        return known

    def may(self, number: int, driver: int) -> bool:
        """Return whether a driver may have an order, and their vehicle holds it."""
        order, who = self.orders[number], self.drivers[driver]
        return (
            order.weight <= who.max_weight
            and order.volume <= who.max_volume
            and order.skills <= who.skills
            and who.id not in order.barred
        )

    def near(self, number: int) -> list[int]:
        """Return the drivers who may have an order, can be there before they go home, and can be there first."""
        known = self._near.get(number)
        if known is None:
            shop = self.orders[number].pickup
            reach = self._reach(shop)
            fit = [driver for driver in reach if self._can_fetch(number, driver)]
            if len(fit) < self.rules.near and len(reach) < len(self.drivers):
                others = (driver for driver in range(len(self.drivers)) if self.may(number, driver))
                fit = [driver for driver in self._sorted_by_reach(others, shop) if self._can_fetch(number, driver)]
            known = self._near[number] = fit[: self.rules.near]
        return known

    def _can_fetch(self, number: int, driver: int) -> bool:
        order, who = self.orders[number], self.drivers[driver]
        there = max(self.now, who.free_at) + self.leg(who.at, order.pickup) + self.rules.pickup_s / 2
        return max(there, order.ready_at) <= who.off_at and self.may(number, driver)

    def _reach(self, shop: Xy) -> list[int]:
        """Return drivers by when they can be at a place."""
        known = self._by_reach.get(shop)
        if known is None:
            among = _nearest(range(len(self.drivers)), lambda n: self.drivers[n].at, shop, self.rules)
            known = self._by_reach[shop] = self._sorted_by_reach(among, shop)
        return known

    def _sorted_by_reach(self, numbers: Iterable[int], shop: Xy) -> list[int]:
        arrivals = {n: self.drivers[n].free_at + self.leg(self.drivers[n].at, shop) for n in numbers}
        self.alone.setdefault(shop, {}).update(arrivals)
        return sorted(arrivals, key=lambda n: (arrivals[n], n))

    def kin(self, number: int) -> list[int]:
        """Return the orders most like one, by place and time: those worth exchanging with it."""
        known = self._kin.get(number)
        if known is None:
            orders, own = self.orders, self.orders[number]

            def unlike(other: int) -> float:
                order = orders[other]
                apart = self.leg(own.pickup, order.pickup) + 0.5 * self.leg(own.dropoff, order.dropoff)
                return apart + 0.3 * abs(own.ready_at - order.ready_at)

            among = _nearest(range(len(orders)), lambda n: orders[n].pickup, own.pickup, self.rules)
            known = sorted((n for n in among if n != number), key=lambda other: (unlike(other), other))[:KIN]
            self._kin[number] = known
        return known


def _nearest(numbers: Sequence[int], place: Callable[[int], Xy], centre: Xy, rules: MatchingRules) -> Iterable[int]:
    """Return the numbers whose places are nearest as the crow flies, if there are many; a look through all is slow."""
    if len(numbers) <= LOOKED_THROUGH:
        return numbers
    (x, y), scale = centre, rules.east_scale

    def apart(number: int) -> float:
        a, b = place(number)
        return (a - x) ** 2 + (scale * (b - y)) ** 2

    return sorted(numbers, key=lambda n: (apart(n), n))[:LOOKED_THROUGH]
