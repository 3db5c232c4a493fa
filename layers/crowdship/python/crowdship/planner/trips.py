"""The matching round: bundles and drivers chosen together, a few trips ahead.

Every driver is given a list of trips (one pickup place, one or more drop-offs). Only the first trip of a driver who
is free is ever carried out, and only when it has to leave now; the rest is there so that the first is chosen well,
and is thrown away or kept for the next round. The search is ruin and recreate: take a few related orders out of the
plan, put each back where it costs least, keep the result if it is better (Schrimpf et al. 2000; the single-courier
cost model follows Reyes et al. 2018, "The Meal Delivery Routing Problem").

Times are seconds of any common clock, costs are seconds that a customer waits.
"""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

Place = tuple[float, float]
Travel = Callable[[Place, Place], float]
Trip = tuple[int, ...]
Trips = tuple[Trip, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be carried.

    Parameters
    ----------
    pickup, dropoff : tuple of float
        Where from and where to; orders with an equal ``pickup`` may share a trip.
    placed_at, ready_at : float
        When it was ordered, and when it can be picked up.
    due_at : float
        The promise; later costs extra.
    fails_at : float
        Later than this is as good as not delivered.
    weight, volume : float
        What it takes of a vehicle.
    alone : bool
        It shares no trip.
    kind : str
        Only orders of one kind share a trip.
    barred : collection of str
        Drivers who can't or won't take it.
    """

    id: str
    pickup: Place
    dropoff: Place
    placed_at: float
    ready_at: float
    due_at: float
    fails_at: float
    weight: float = 0.0
    volume: float = 0.0
    alone: bool = False
    kind: str = ""
    barred: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Driver:
    """Who may carry it.

    Parameters
    ----------
    at : tuple of float
        Where they are, or will be at ``free_at``.
    free_at : float
        When they can start a trip.
    off_at : float
        A pickup must not be later.
    free : bool
        A trip can be handed out to them now, even if they are free only at ``free_at``.
    max_weight, max_volume : float
        What the vehicle holds.
    pay_per_order : float
        What one more order costs in pay beyond what they are owed anyway, in seconds of waiting.
    malus : float
        Charged per trip, for example for a lower rating.
    """

    id: str
    at: Place
    free_at: float
    off_at: float = inf
    free: bool = True
    max_weight: float = inf
    max_volume: float = inf
    pay_per_order: float = 0.0
    malus: float = 0.0


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """What a round weighs against what; all of it is configuration.

    Parameters
    ----------
    pickup_s, dropoff_s : float
        Time at a stop before and after the goods change hands, half each.
    lateness : float
        Extra cost of a second after the promise.
    failing : float
        Extra cost of a second after ``fails_at``.
    unserved : float
        Cost of an order that nobody takes, in seconds.
    driver_time_per_load : float
        Price of a driver's second for each order that waits per driver who is free soon.
    driver_time_most : float
        The most that price rises to.
    horizon_s : float
        Orders that are ready later are left for later rounds.
    soon_s : float
        What counts as "soon" for the load.
    free_within_s : float
        Drivers who are free later are left out.
    max_bundle, max_trips : int
        Orders a trip, trips a driver.
    near : int
        Drivers considered for a pickup place: those who can be there first.
    patience_s : float
        A trip is handed out when waiting longer than this would make its pickup later.
    rounds_per_order : float
        Length of the search.
    """

    pickup_s: float = 240.0
    dropoff_s: float = 240.0
    lateness: float = 1.0
    failing: float = 2.0
    unserved: float = 42_000.0
    driver_time_per_load: float = 0.75
    driver_time_most: float = 4.0
    horizon_s: float = 1800.0
    soon_s: float = 600.0
    free_within_s: float = 2400.0
    max_bundle: int = 4
    max_trips: int = 3
    near: int = 10
    patience_s: float = 60.0
    rounds_per_order: float = 8.0


@dataclass(frozen=True, slots=True)
class HandOut:
    """A trip that must leave now: who, what in which order, and what it costs."""

    driver_id: str
    order_ids: tuple[str, ...]
    cost: float


@dataclass(frozen=True)
class Round:
    """What a round decided.

    Parameters
    ----------
    hand_outs : tuple of HandOut
        Trips to give or offer now.
    plan : mapping
        All planned trips by driver, as order ids: a warm start for the next round.
    waiting : mapping
        Why each other order waits.
    cost : float
        Of the whole plan.
    rounds : int
        How far the search went.
    complete : bool
        False if the caller's stop ended it before its length.
    """

    hand_outs: tuple[HandOut, ...]
    plan: Mapping[str, tuple[tuple[str, ...], ...]]
    waiting: Mapping[str, str]
    cost: float
    rounds: int
    complete: bool


LATER = "it is ready later than this round looks"
NOBODY = "nobody can take it"
SOON = "its driver need not leave yet"
BUSY = "its driver is still on another trip"


@dataclass
class _Search:
    """The plan under change, with every driver's cost remembered by their trips."""

    orders: Sequence[Order]
    drivers: Sequence[Driver]
    rules: MatchingRules
    travel: Travel
    now: float
    rng: random.Random
    driver_price: float = 0.0
    memo: list[dict[Trips, float]] = field(default_factory=list)
    legs: dict[tuple[Place, Place], float] = field(default_factory=dict)
    nearest: dict[Place, list[int]] = field(default_factory=dict)
    related: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memo = [{} for _ in self.drivers]
        soon = self.now + self.rules.soon_s
        supply = sum(driver.free_at <= soon for driver in self.drivers)
        load = sum(order.ready_at <= soon for order in self.orders) / max(1, supply)
        self.driver_price = min(self.rules.driver_time_most, self.rules.driver_time_per_load * load)

    def leg(self, a: Place, b: Place) -> float:
        """Return the travel time between two places."""
        known = self.legs.get((a, b))
        if known is None:
            known = self.legs[a, b] = self.travel(a, b)
        return known

    def cost(self, number: int, trips: Trips) -> float:
        """Return what a driver's trips cost; infinite if they can't be driven."""
        known = self.memo[number].get(trips)
        if known is None:
            known = self.memo[number][trips] = self._cost(self.drivers[number], trips)
        return known

    def _cost(self, driver: Driver, trips: Trips) -> float:
        orders, rules, leg = self.orders, self.rules, self.leg
        half_pickup, half_dropoff = rules.pickup_s / 2, rules.dropoff_s / 2
        clock, here, total = max(self.now, driver.free_at), driver.at, 0.0
        for trip in trips:
            shop = orders[trip[0]].pickup
            way = leg(here, shop)
            pickup = clock + way + half_pickup
            weight = volume = 0.0
            for number in trip:
                order = orders[number]
                pickup = max(pickup, order.ready_at)
                weight += order.weight
                volume += order.volume
            if pickup > driver.off_at or weight > driver.max_weight or volume > driver.max_volume:
                return inf
            begun = clock = pickup + half_pickup
            here = shop
            for number in trip:
                order = orders[number]
                clock += leg(here, order.dropoff) + half_dropoff
                total += clock - order.placed_at
                if clock > order.due_at:
                    total += rules.lateness * (clock - order.due_at)
                    if clock > order.fails_at:
                        total += rules.failing * (clock - order.fails_at)
                clock += half_dropoff
                here = order.dropoff
            # Minutes after the end of the duty are not ours to save: the driver goes home from there.
            paid = max(0.0, min(clock, driver.off_at) - begun)
            total += self.driver_price * (way + rules.pickup_s + paid)
            total += driver.pay_per_order * len(trip) + driver.malus
        return total

    def near(self, order: Order) -> list[int]:
        """Return the drivers who can be at an order's pickup first."""
        known = self.nearest.get(order.pickup)
        if known is None:
            reach = sorted(
                range(len(self.drivers)),
                key=lambda n: (self.drivers[n].free_at + self.leg(self.drivers[n].at, order.pickup), n),
            )
            known = self.nearest[order.pickup] = reach[: self.rules.near]
        return known

    def kin(self, number: int) -> list[int]:
        """Return the orders most like one, by place and time: those worth exchanging with it."""
        known = self.related.get(number)
        if known is None:
            own = self.orders[number]

            def unlike(other: int) -> float:
                order = self.orders[other]
                apart = self.leg(own.pickup, order.pickup) + 0.5 * self.leg(own.dropoff, order.dropoff)
                return apart + 0.3 * abs(own.ready_at - order.ready_at)

            others = (other for other in range(len(self.orders)) if other != number)
            known = self.related[number] = sorted(others, key=lambda other: (unlike(other), other))[:12]
        return known

    def best_place(self, number: int, plan: Mapping[int, Trips], blink: float) -> tuple[float, int, Trips]:
        """Return the least extra cost at which an order can be put into a plan, for whom, and their trips then.

        With ``blink`` a place is overlooked now and then, which lets the search leave a dead end.
        """
        order, rules, blind = self.orders[number], self.rules, self.rng.random
        best: tuple[float, int, Trips] = (inf, -1, ())
        near = self.near(order)
        sharing = (n for n, trips in plan.items() if any(self._shares(order, trip) for trip in trips))
        for driver in dict.fromkeys((*near, *sharing)):
            if self.drivers[driver].id in order.barred:
                continue
            trips = plan.get(driver, ())
            before = self.cost(driver, trips)
            for candidate in self._placements(number, order, trips, rules):
                extra = self.cost(driver, candidate) - before
                if extra < best[0] and (not blink or blind() > blink):
                    best = (extra, driver, candidate)
        return best

    def _shares(self, order: Order, trip: Trip) -> bool:
        first = self.orders[trip[0]]
        alike = first.pickup == order.pickup and first.kind == order.kind
        return alike and not order.alone and not first.alone and len(trip) < self.rules.max_bundle

    def _placements(self, number: int, order: Order, trips: Trips, rules: MatchingRules) -> list[Trips]:
        found = []
        for index, trip in enumerate(trips):
            if self._shares(order, trip):
                for place in range(len(trip) + 1):
                    longer = (*trip[:place], number, *trip[place:])
                    found.append((*trips[:index], longer, *trips[index + 1 :]))
        if len(trips) < rules.max_trips:
            found += [(*trips[:index], (number,), *trips[index:]) for index in range(len(trips) + 1)]
        return found

    def recreate(self, plan: dict[int, Trips], missing: Sequence[int], blink: float) -> list[int]:
        """Put orders into a plan, one after the other; return those that nobody takes."""
        left = []
        for number in missing:
            extra, driver, trips = self.best_place(number, plan, blink)
            if extra < self.rules.unserved:
                plan[driver] = trips
            else:
                left.append(number)
        return left

    def total(self, plan: Mapping[int, Trips], left: Collection[int]) -> float:
        """Return the cost of a plan."""
        return sum(self.cost(n, trips) for n, trips in plan.items()) + self.rules.unserved * len(left)

    def ruin(self, plan: Mapping[int, Trips], by_order: Mapping[int, int]) -> tuple[dict[int, Trips], list[int]]:
        """Return the plan without a few related orders, and those orders."""
        rng = self.rng
        seed = rng.randrange(len(self.orders))
        removed = [seed]
        for other in self.kin(seed)[: 4 * rng.randint(1, 3)]:
            if len(removed) > 4:
                break
            if rng.random() < 0.5:
                removed.append(other)
        if seed in by_order and rng.random() < 0.15:
            removed = list(dict.fromkeys((*removed, *(n for trip in plan[by_order[seed]] for n in trip))))[:8]
        gone = set(removed)
        rest = dict(plan)
        for driver in {by_order[number] for number in removed if number in by_order}:
            trips = _without(plan[driver], gone)
            if trips:
                rest[driver] = trips
            else:
                del rest[driver]
        return rest, removed


def _without(trips: Trips, gone: Collection[int]) -> Trips:
    kept = (tuple(number for number in trip if number not in gone) for trip in trips)
    return tuple(trip for trip in kept if trip)


def plan_trips(
    orders: Sequence[Order],
    drivers: Sequence[Driver],
    travel: Travel,
    now: float,
    rules: MatchingRules = MatchingRules(),
    *,
    seed: int = 1,
    before: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Round:
    """Plan a round.

    Parameters
    ----------
    orders, drivers : sequences
        What is open and who is on duty; their order and their ids' names don't matter.
    travel : callable
        Seconds between two places.
    now : float
        The present moment on the same clock as all times.
    seed : int
        The same input and seed give the same plan, unless ``may_go_on`` ends the search.
    before : mapping, optional
        The plan of the round before, to start from.
    may_go_on : callable
        Asked before each step of the search; False ends it with the best plan so far.
    """
    near = sorted(
        (order for order in orders if order.ready_at <= now + rules.horizon_s),
        key=lambda o: (o.ready_at, o.placed_at, o.pickup, o.dropoff),
    )
    soon = sorted(
        (d for d in drivers if d.free_at <= min(now + rules.free_within_s, d.off_at)),
        key=lambda d: (d.free_at, d.at, d.off_at),
    )
    search = _Search(near, soon, rules, travel, now, random.Random(seed))
    plan = _warm(search, before or {})
    placed = {number for trips in plan.values() for trip in trips for number in trip}
    left = search.recreate(plan, [n for n in range(len(near)) if n not in placed], 0.0)
    best = search.total(plan, left)
    length = round(rules.rounds_per_order * len(near)) if soon else 0
    rounds = 0
    by_order = _drivers_by_order(plan)
    while rounds < length and may_go_on():
        rounds += 1
        other, removed = search.ruin(plan, by_order)
        missing = [*removed, *(number for number in left if number not in removed)]
        _shuffle(missing, near, search.rng)
        other_left = search.recreate(other, missing, 0.02)
        price = search.total(other, other_left)
        if price < best - 1e-9:
            plan, left, best, by_order = other, other_left, price, _drivers_by_order(other)
    return _result(search, orders, plan, best, rounds, complete=rounds >= length)


def _warm(search: _Search, before: Mapping[str, tuple[tuple[str, ...], ...]]) -> dict[int, Trips]:
    """Return what of an earlier plan still holds."""
    number_of = {order.id: number for number, order in enumerate(search.orders)}
    plan = {}
    for number, driver in enumerate(search.drivers):
        trips: Trips = tuple(
            kept
            for trip in before.get(driver.id, ())
            if (kept := tuple(number_of[order_id] for order_id in trip if order_id in number_of))
        )
        barred = any(driver.id in search.orders[n].barred for trip in trips for n in trip)
        if trips and not barred and search.cost(number, trips) < inf:
            plan[number] = trips
    return plan


def _drivers_by_order(plan: Mapping[int, Trips]) -> dict[int, int]:
    return {number: driver for driver, trips in plan.items() for trip in trips for number in trip}


def _shuffle(missing: list[int], orders: Sequence[Order], rng: random.Random) -> None:
    """Put removed orders into the order in which they are put back: by chance, by readiness, or by age."""
    choice = rng.random()
    if choice < 0.4:
        rng.shuffle(missing)
    elif choice < 0.7:
        missing.sort(key=lambda n: orders[n].ready_at)
    else:
        missing.sort(key=lambda n: orders[n].placed_at)


def _result(
    search: _Search, orders: Sequence[Order], plan: Mapping[int, Trips], cost: float, rounds: int, *, complete: bool
) -> Round:
    now, rules = search.now, search.rules
    hand_outs: list[HandOut] = []
    waiting: dict[str, str] = {}
    later: dict[str, tuple[tuple[str, ...], ...]] = {}
    for number, trips in sorted(plan.items()):
        driver, first = search.drivers[number], trips[0]
        names = tuple(tuple(search.orders[n].id for n in trip) for trip in trips)
        starts, way = max(now, driver.free_at), search.leg(driver.at, search.orders[first[0]].pickup)
        ready = max(search.orders[n].ready_at for n in first)
        leaves = max(starts, ready - rules.pickup_s / 2 - way)
        goes = driver.free and leaves <= starts + rules.patience_s
        if goes:
            hand_outs.append(HandOut(driver.id, names[0], search.cost(number, trips[:1])))
        later[driver.id] = names[1:] if goes else names
        reason = SOON if driver.free and not goes else BUSY
        waiting.update((order_id, reason) for trip in later[driver.id] for order_id in trip)
    given = {order_id for hand_out in hand_outs for order_id in hand_out.order_ids}
    seen = {order.id for order in search.orders}
    for order in orders:
        if order.id not in given and order.id not in waiting:
            waiting[order.id] = NOBODY if order.id in seen else LATER
    return Round(tuple(hand_outs), later, waiting, cost, rounds, complete)
