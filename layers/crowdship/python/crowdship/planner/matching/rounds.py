"""A round from orders and drivers to hand-outs."""

import random
from collections.abc import Callable, Sequence

from crowdship.planner.matching import districts, explanation
from crowdship.planner.matching.model import (
    BUSY,
    LATER,
    NOBODY,
    SOON,
    Driver,
    HandOut,
    MatchingRules,
    Order,
    Plan,
    Round,
    Travel,
)
from crowdship.planner.matching.scope import drivers_to_plan, orders_to_plan
from crowdship.planner.matching.search import MatchingSearch

DEFAULT_RULES = MatchingRules()


def plan_trips(
    orders: Sequence[Order],
    drivers: Sequence[Driver],
    travel: Travel,
    now: float,
    rules: MatchingRules = DEFAULT_RULES,
    *,
    seed: int = 1,
    before: Plan | None = None,
    may_go_on: Callable[[], bool] = lambda: True,
    explained: bool = False,
    processes: int = 1,
) -> Round:
    """Plan a round.

    Parameters
    ----------
    orders, drivers : sequences
        Open orders, and drivers on duty. Their sequence and ids don't matter, unless some differ in nothing but the
        drivers who are barred.
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
    explained : bool
        True to give the reasons for each order and driver.
    processes : int
        Number of processes to use at once for the districts of a large zone; the plan does not depend on it.

    Examples
    --------
    Two orders of one shop go together, with the driver who is near.

    >>> from crowdship.planner.matching.model import Driver, Order
    >>> def order(name, dropoff):
    ...     return Order(name, (0.0, 0.0), dropoff, placed_at=0.0, ready_at=0.0, due_at=2400.0, fails_at=5100.0)
    >>> orders = [order("bread", (5.0, 0.0)), order("cake", (5.0, 1.0))]
    >>> drivers = [Driver("far", (9.0, 9.0), free_at=0.0), Driver("near", (1.0, 0.0), free_at=0.0)]
    >>> found = plan_trips(orders, drivers, lambda a, b: 60 * (abs(a[0] - b[0]) + abs(a[1] - b[1])), now=0.0)
    >>> [(out.driver_id, out.order_ids) for out in found.hand_outs]
    [('near', ('bread', 'cake'))]
    """
    near = orders_to_plan(orders, rules, now)
    soon = drivers_to_plan(drivers, rules, now)
    start = districts.plan(near, soon, travel, rules, now, seed, before or {}, may_go_on, processes)
    search = MatchingSearch(near, soon, travel, rules, now, random.Random(seed), start.plan)
    complete = start.complete
    for _ in range(2):
        complete = search.run(may_go_on, start.borders, share=0.5) and complete
        search.exchange()
    found = _decided(search, orders)
    return Round(
        hand_outs=found[0],
        plan=found[1],
        waiting=found[2],
        cost=search.cost,
        rounds=search.rounds + start.rounds,
        complete=complete,
        orders=explanation.of_orders(search, found[2]) if explained else (),
        idle=explanation.of_drivers(search, drivers) if explained else (),
    )


def _decided(
    search: MatchingSearch, orders: Sequence[Order]
) -> tuple[tuple[HandOut, ...], dict[str, tuple[tuple[str, ...], ...]], dict[str, str]]:
    """Return the trips to hand out now, those planned for later, and the reasons why other orders wait."""
    now, rules = search.now, search.rules
    hand_outs: list[HandOut] = []
    waiting: dict[str, str] = {}
    later = search.named()
    for number, trips in enumerate(search.trips):
        if not trips:
            continue
        driver, first = search.drivers[number], trips[0]
        starts, way = max(now, driver.free_at), search.leg(driver.at, search.orders[first[0]].pickup)
        ready = max(search.orders[n].ready_at for n in first)
        leaves = max(starts, ready - rules.pickup_s / 2 - way)
        goes = driver.free and leaves <= starts + rules.patience_s
        if goes:
            names, *rest = later[driver.id]
            hand_outs.append(HandOut(driver.id, names, search.price_of(number, trips[:1])))
            later[driver.id] = tuple(rest)
        reason = SOON if driver.free and not goes else BUSY
        waiting.update((order_id, reason) for trip in later[driver.id] for order_id in trip)
    given = {order_id for hand_out in hand_outs for order_id in hand_out.order_ids}
    seen = {order.id for order in search.orders}
    for order in orders:
        if order.id not in given and order.id not in waiting:
            waiting[order.id] = NOBODY if order.id in seen else LATER
    return tuple(hand_outs), later, waiting
