"""Ruin and recreate over drivers' trips.

Every driver is given a list of trips (one pickup place, one or more drop-offs). Only the first trip of a driver who
is free is ever carried out, and only when it has to leave now; the rest is there so that the first is chosen well,
and is thrown away or kept for the next round. The search takes a few related orders out of the plan, puts each back
where it costs least, and keeps the result if it is better (Schrimpf et al. 2000; the single-courier cost model
follows Reyes et al. 2018, "The Meal Delivery Routing Problem"). A step looks only at drivers and orders near by, so
it takes as long in a large zone as in a small one.

The loop is one of its own, not :func:`crowdship.planner.ruin_recreate.ruin_and_recreate`: a step changes the plan in
place and takes back what it changed, where the common frame wants a new plan each time. A copy of the plan of a large
zone would take longer than a step.
"""

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from math import inf

from crowdship.planner.assignment import assign
from crowdship.planner.matching.costs import Trip, Trips, cost_parts, driver_price, end_of, unserved_price
from crowdship.planner.matching.model import Driver, MatchingRules, Order, Plan, Travel, Xy
from crowdship.planner.matching.nearness import Nearness

DISPLACED_S = 600.0
"""Rough delay of an order that has to wait for another, in seconds, for a quick comparison of drivers."""

EXCHANGED_WITH = 20
"""Number of near drivers who are tried for another's trips."""

LEFT_TRIED = 8
"""Number of orders without a driver that a step tries again."""


class MatchingSearch:
    """A plan under change.

    Attributes
    ----------
    trips : list of Trips
        Each driver's trips.
    carrier : list of int
        Each order's driver, or -1 for none.
    left : list of int
        Orders without a driver.
    unserved : list of float
        The cost of leaving each order without a driver.
    cost : float
        Cost of the plan.
    rounds : int
        Steps taken.
    leg, near, kin : callable
        Seconds between two places; the drivers near an order; the orders like one (``Nearness``).
    """

    def __init__(
        self,
        orders: Sequence[Order],
        drivers: Sequence[Driver],
        travel: Travel,
        rules: MatchingRules,
        now: float,
        rng: random.Random,
        before: Plan,
    ) -> None:
        self.orders, self.drivers, self.rules, self.now, self.rng = orders, drivers, rules, now, rng
        nearness = Nearness(orders, drivers, travel, rules, now)
        self.leg, self.near, self.kin = nearness.leg, nearness.near, nearness.kin
        self._may, self._alone = nearness.may, nearness.alone
        self.price = driver_price(orders, drivers, rules, now)
        self.unserved = [unserved_price(order, rules, now) for order in orders]
        self.rounds = 0
        self._memo: list[dict[Trips, float]] = [{(): 0.0} for _ in drivers]
        self._at_shop: dict[tuple[Xy, str], list[int]] = {}
        for number, order in enumerate(orders):
            if not order.alone:
                self._at_shop.setdefault((order.pickup, order.kind), []).append(number)
        self.trips: list[Trips] = [() for _ in drivers]
        self._ends = [(max(now, driver.free_at), driver.at, 0) for driver in drivers]
        self.carrier = [-1] * len(orders)
        self._start_from(before)
        self.cost = sum(self.price_of(n, trips) for n, trips in enumerate(self.trips))
        self.left: list[int] = []
        for number, carrier in enumerate(self.carrier):
            if carrier < 0:
                self._put(number, 0.0, {})
        self.left = [number for number, carrier in enumerate(self.carrier) if carrier < 0]
        self.cost += sum(self.unserved[number] for number in self.left)

    def _may_all(self, driver: int, trips: Trips) -> bool:
        return all(self._may(number, driver) for trip in trips for number in trip)

    def _start_from(self, before: Plan) -> None:
        """Take over what of an earlier plan still holds: of its trips what may still travel together."""
        number_of = {order.id: number for number, order in enumerate(self.orders)}
        for driver, who in enumerate(self.drivers):
            trips: list[Trip] = []
            for names in before.get(who.id, ())[: self.rules.max_trips]:
                kept: Trip = ()
                for number in (number_of[name] for name in names if name in number_of):
                    new = self.carrier[number] < 0 and all(number not in trip for trip in (*trips, kept))
                    if new and self._may(number, driver) and (not kept or self._shares(self.orders[number], kept)):
                        kept = (*kept, number)
                if kept:
                    trips.append(kept)
            if trips and self.price_of(driver, tuple(trips)) < inf:
                self._give(driver, tuple(trips))

    def _set(self, driver: int, trips: Trips) -> None:
        self.trips[driver] = trips
        end = end_of(self.drivers[driver], trips, self.orders, self.leg, self.rules, self.now)
        self._ends[driver] = *end, sum(map(len, trips))

    def _give(self, driver: int, trips: Trips) -> None:
        self._set(driver, trips)
        for trip in trips:
            for number in trip:
                self.carrier[number] = driver

    def price_of(self, driver: int, trips: Trips) -> float:
        """Return the cost of a driver's trips; infinite if they can't be driven."""
        known = self._memo[driver].get(trips)
        if known is None:
            parts = cost_parts(self.drivers[driver], trips, self.orders, self.leg, self.rules, self.now, self.price)
            known = self._memo[driver][trips] = inf if parts is None else sum(parts)
        return known

    def options(self, number: int, blink: float = 0.0, *, everyone: bool = False) -> Iterable[tuple[float, int, Trips]]:
        """Yield the places where an order can be put: extra cost, driver, and their trips then.

        Parameters
        ----------
        blink : float
            Probability of overlooking a place, which lets the search leave a dead end.
        everyone : bool
            True to look at all drivers near by, not only the most promising.
        """
        order, blind = self.orders[number], self.rng.random
        candidates = dict.fromkeys(self.near(number) if everyone else self._promising(number))
        siblings = () if order.alone else self._at_shop[order.pickup, order.kind]
        if len(siblings) > 1:
            for other in siblings:
                carrier = self.carrier[other]
                if carrier >= 0 and carrier not in candidates and self._may(number, carrier):
                    candidates[carrier] = None
        for driver in candidates:
            trips = self.trips[driver]
            memo = self._memo[driver]
            before = memo[trips] if trips in memo else self.price_of(driver, trips)
            for candidate in self._placements(number, order, trips):
                price = memo.get(candidate)
                extra = (self.price_of(driver, candidate) if price is None else price) - before
                if extra < inf and (not blink or blind() > blink):
                    yield extra, driver, candidate

    def _promising(self, number: int) -> list[int]:
        """Return those of the near drivers who can be at an order's pickup first with what the plan gives them.

        They get there after their trips, or before, and then others wait.
        """
        near = self.near(number)
        if len(near) <= self.rules.tried:
            return near
        shop, ends, leg = self.orders[number].pickup, self._ends, self.leg
        alone = self._alone[shop]
        arrivals = []
        for driver in near:
            clock, place, orders = ends[driver]
            arrives = clock + leg(place, shop)
            if orders:
                arrives = min(arrives, alone[driver] + DISPLACED_S * orders)
            arrivals.append((arrives, driver))
        arrivals.sort()
        return [driver for _, driver in arrivals[: self.rules.tried]]

    def _shares(self, order: Order, trip: Trip) -> bool:
        first = self.orders[trip[0]]
        alike = first.pickup == order.pickup and first.kind == order.kind
        return alike and not order.alone and not first.alone and len(trip) < self.rules.max_bundle

    def _placements(self, number: int, order: Order, trips: Trips) -> list[Trips]:
        found = []
        for index, trip in enumerate(trips):
            if self._shares(order, trip):
                for place in range(len(trip) + 1):
                    longer = (*trip[:place], number, *trip[place:])
                    found.append((*trips[:index], longer, *trips[index + 1 :]))
        if len(trips) < self.rules.max_trips:
            found += [(*trips[:index], (number,), *trips[index:]) for index in range(len(trips) + 1)]
        return found

    def _put(self, number: int, blink: float, undo: dict[int, Trips]) -> bool:
        """Put an order where it costs least; return whether somebody takes it."""
        best: tuple[float, int, Trips] = (self.unserved[number], -1, ())
        for option in self.options(number, blink):
            if option[0] < best[0]:
                best = option
        extra, driver, trips = best
        if driver < 0:
            return False
        undo.setdefault(driver, self.trips[driver])
        self._set(driver, trips)
        self.carrier[number] = driver
        self.cost += extra
        return True

    def _take_out(self, removed: Collection[int], undo: dict[int, Trips]) -> None:
        gone = set(removed)
        for driver in dict.fromkeys(self.carrier[number] for number in removed):
            if driver >= 0:
                old = self.trips[driver]
                new = without(old, gone)
                undo[driver] = old
                self._set(driver, new)
                self.cost += self.price_of(driver, new) - self.price_of(driver, old)
        for number in removed:
            self.carrier[number] = -1

    def _related(self, seed: int) -> list[int]:
        """Return an order and a few like it."""
        rng = self.rng
        removed = [seed]
        for other in self.kin(seed)[: 4 * rng.randint(1, 3)]:
            if len(removed) > 4:
                break
            if rng.random() < 0.5:
                removed.append(other)
        carrier = self.carrier[seed]
        if carrier >= 0 and rng.random() < 0.15:
            removed = list(dict.fromkeys((*removed, *(n for trip in self.trips[carrier] for n in trip))))[:8]
        return removed

    def step(self, seeds: Sequence[int]) -> None:
        """Take a few related orders out of the plan and put them back; keep the result if it is better."""
        self.rounds += 1
        cost, left = self.cost, self.left
        removed = self._related(seeds[self.rng.randrange(len(seeds))])
        unserved = [number for number in left if number not in removed]
        again = unserved if len(unserved) <= LEFT_TRIED else self.rng.sample(unserved, LEFT_TRIED)
        undo: dict[int, Trips] = {}
        self._take_out(removed, undo)
        missing = [*removed, *again]
        self._shuffle(missing)
        refused = [number for number in missing if not self._put(number, 0.02, undo)]
        tried = set(missing)
        self.left = [number for number in left if number not in tried] + refused
        self.cost += sum(self.unserved[n] for n in refused) - sum(self.unserved[n] for n in again)
        self.cost -= sum(self.unserved[n] for n in removed if n in left)
        if self.cost >= cost - 1e-9:
            for number in missing:
                self.carrier[number] = -1
            for driver, trips in undo.items():
                self._give(driver, trips)
            self.cost, self.left = cost, left

    def _shuffle(self, missing: list[int]) -> None:
        """Put removed orders into the order in which they are put back: by chance, by readiness, or by age."""
        choice = self.rng.random()
        if choice < 0.4:
            self.rng.shuffle(missing)
        elif choice < 0.7:
            missing.sort(key=lambda n: self.orders[n].ready_at)
        else:
            missing.sort(key=lambda n: self.orders[n].placed_at)

    def run(self, may_go_on: Callable[[], bool], seeds: Sequence[int] | None = None, share: float = 1.0) -> bool:
        """Search for a share of its whole length; return False if it was stopped before.

        Parameters
        ----------
        seeds : sequence of int, optional
            The orders around which the plan is searched; all by default.
        """
        around = range(len(self.orders)) if seeds is None else seeds
        whole = max(
            self.rules.least_rounds if self.rules.rounds_per_order else 0, self.rules.rounds_per_order * len(around)
        )
        for _ in range(round(share * whole) if self.drivers and around else 0):
            if not may_go_on():
                return False
            self.step(around)
        return True

    def exchange(self) -> None:
        """Let drivers exchange all they have, as an optimal assignment of lists of trips to drivers says.

        A step moves a few orders only. It does not find that a driver should take another driver's whole list.
        """
        holders = [driver for driver, trips in enumerate(self.trips) if trips]
        lists, drivers, prices = [], [], []
        for number, holder in enumerate(holders):
            trips = self.trips[holder]
            for driver in {*self.near(trips[0][0])[:EXCHANGED_WITH], holder}:
                if driver == holder or self._may_all(driver, trips):
                    price = self.price_of(driver, trips)
                    if price < inf:
                        lists.append(number)
                        drivers.append(driver)
                        prices.append(price)
        if len(lists) == len(holders):
            return
        least = min(prices)  # engines want whole numbers, and none below nothing
        found = assign((len(holders), len(self.drivers)), lists, drivers, [round(10 * (p - least)) for p in prices])
        if found is None:
            return
        old = {holder: self.trips[holder] for holder in holders}
        new = {driver: old[holders[n]] for n, driver in enumerate(found.drivers) if driver is not None}
        gained = sum(self.price_of(*held) for held in old.items()) - sum(self.price_of(*held) for held in new.items())
        if gained > 1e-6:
            for holder in holders:
                self._set(holder, ())
            for driver, trips in new.items():
                self._give(driver, trips)
            self.cost -= gained

    def named(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Return the plan with names in place of numbers."""
        return {
            self.drivers[driver].id: tuple(tuple(self.orders[n].id for n in trip) for trip in trips)
            for driver, trips in enumerate(self.trips)
            if trips
        }


def without(trips: Trips, gone: Collection[int]) -> Trips:
    """Return trips without some orders."""
    kept = (tuple(number for number in trip if number not in gone) for trip in trips)
    return tuple(trip for trip in kept if trip)
