"""The cost of a driver's trips, part by part: the search minimises it and the explanations show it."""

from collections.abc import Callable, Iterator, Sequence
from math import inf

from crowdship.planner.matching.model import Driver, MatchingRules, Order, Xy
from crowdship.planner.timetable import walk

Trip = tuple[int, ...]
Trips = tuple[Trip, ...]
"""A driver's trips, each the numbers of its orders in the order in which they are dropped off."""

PARTS = ("delivery_time", "lateness", "driver_time", "pay", "refusal", "surcharge", "preferences")
"""The parts of a cost: the customers' waiting, the part of it beyond the promise, the driver's time, pay, the loss by
offers that are not taken, the orders' surcharges and the driver's preferences.
"""

SHORTEST_S = 60.0
"""The shortest trip for which pay per minute is computed; shorter ones count as this long."""

Parts = tuple[float, float, float, float, float, float, float]
NOTHING: Parts = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def driver_price(orders: Sequence[Order], drivers: Sequence[Driver], rules: MatchingRules, now: float) -> float:
    """Return the price of a second of a driver's time: it rises when many orders wait for few drivers."""
    soon = now + rules.soon_s
    supply = sum(driver.free_at <= soon for driver in drivers)
    load = sum(order.ready_at <= soon for order in orders) / max(1, supply)
    return min(rules.driver_time_most, rules.driver_time_per_load * load)


def age_weight(order: Order, rules: MatchingRules, now: float) -> float:
    """Return the weight of a second of an order's waiting: 1 when it is placed, more with every hour."""
    return 1.0 + rules.ageing * max(0.0, now - order.placed_at) / 3600


def unserved_price(order: Order, rules: MatchingRules, now: float) -> float:
    """Return the cost of leaving an order without a driver.

    The cost of the waiting and lateness that have passed already is included, since serving the order costs that as
    well. So an order that has waited longer is dearer to leave.
    """
    sunk = age_weight(order, rules, now) * (rules.unserved + max(0.0, now - order.placed_at))
    return sunk + rules.lateness * max(0.0, now - order.due_at) + rules.failing * max(0.0, now - order.fails_at)


def end_of(
    driver: Driver,
    trips: Trips,
    orders: Sequence[Order],
    leg: Callable[[Xy, Xy], float],
    rules: MatchingRules,
    now: float,
) -> tuple[float, Xy]:
    """Return the moment at which, and the place where, a driver has done their trips."""
    clock = max(now, driver.free_at)
    for _, _, left in walk(clock, _stops_of(driver.at, trips, orders, leg, rules)):
        clock = left
    return clock, orders[trips[-1][-1]].dropoff if trips else driver.at


def _stops_of(
    here: Xy, trips: Trips, orders: Sequence[Order], leg: Callable[[Xy, Xy], float], rules: MatchingRules
) -> Iterator[tuple[float, float, float]]:
    """Yield the stops of trips for ``walk``; goods change hands half way through a stop, once they are ready."""
    before_pickup, before_dropoff = rules.pickup_s / 2, rules.dropoff_s / 2
    for trip in trips:
        shop = orders[trip[0]].pickup
        yield leg(here, shop) + before_pickup, max([orders[number].ready_at for number in trip]), before_pickup
        here = shop
        for number in trip:
            dropoff = orders[number].dropoff
            yield leg(here, dropoff) + before_dropoff, -inf, before_dropoff
            here = dropoff


def cost_parts(
    driver: Driver,
    trips: Trips,
    orders: Sequence[Order],
    leg: Callable[[Xy, Xy], float],
    rules: MatchingRules,
    now: float,
    price: float,
) -> Parts | None:
    """Return the parts of the cost of a driver's trips, or None if the trips can't be driven.

    The search asks this for every place that it tries. The times are those of ``walk``, added up on the way because
    reading them off it took 1.7 times as long; a property test compares both.

    Parameters
    ----------
    leg : callable
        Seconds between two places.
    price : float
        Price of a second of the driver's time (``driver_price``).
    """
    half_pickup, half_dropoff = rules.pickup_s / 2, rules.dropoff_s / 2
    clock, here = max(now, driver.free_at), driver.at
    waited = late = worked = paid = refused = surcharged = 0.0
    for index, trip in enumerate(trips):
        begun = clock
        shop = orders[trip[0]].pickup
        way = leg(here, shop)
        pickup = clock + way + half_pickup
        weight = volume = pay = tips = 0.0
        for number in trip:
            order = orders[number]
            if order.ready_at > pickup:
                pickup = order.ready_at
            weight += order.weight
            volume += order.volume
            pay += order.pay
            tips += order.tip
            if order.surcharges:
                surcharged += order.surcharges.get(driver.id, 0.0)
        if pickup > driver.off_at or weight > driver.max_weight or volume > driver.max_volume:
            return None
        leaves = clock = pickup + half_pickup
        here = shop
        for number in trip:
            order = orders[number]
            clock += leg(here, order.dropoff) + half_dropoff
            waits = clock - order.placed_at
            waited += waits * age_weight(order, rules, now) if rules.ageing else waits
            if clock > order.due_at:
                late += rules.lateness * (clock - order.due_at)
                if clock > order.fails_at:
                    late += rules.failing * (clock - order.fails_at)
            clock += half_dropoff
            here = order.dropoff
        # Minutes after the end of the duty are not counted: the driver goes home from there.
        worked += way + rules.pickup_s + max(0.0, min(clock, driver.off_at) - leaves)
        paid += driver.pay_price * pay
        if index == 0 and rules.acceptance and driver.willingness is not None:
            taken = rules.acceptance.probability(
                driver.willingness, 60 * (pay + tips) / max(SHORTEST_S, clock - begun), way
            )
            refused += rules.refusal_s * len(trip) * (1 / taken - 1)
    preferences = sum(driver.work_preferences.values()) if trips else 0.0
    if driver.order_preferences:
        preferences += sum(map(len, trips)) * sum(driver.order_preferences.values())
    return waited, late, price * worked, paid, refused, surcharged, preferences
