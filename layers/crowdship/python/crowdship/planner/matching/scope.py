"""The orders and drivers that a round looks at, in an order that does not depend on names or input."""

from collections.abc import Iterable

from crowdship.planner.matching.model import Driver, MatchingRules, Order


def orders_to_plan(orders: Iterable[Order], rules: MatchingRules, now: float) -> list[Order]:
    """Return the orders that a round looks at, in an order that does not depend on names or input."""
    near = (order for order in orders if order.ready_at <= now + rules.horizon_s)
    return sorted(near, key=_looks)


def _looks(order: Order) -> tuple[object, ...]:
    """Return all there is to an order but its name and who is barred from it."""
    o = order
    return (
        o.ready_at,
        o.placed_at,
        o.pickup,
        o.dropoff,
        o.due_at,
        o.weight,
        o.volume,
        o.pay,
        o.alone,
        sorted(o.skills),
    )


def drivers_to_plan(drivers: Iterable[Driver], rules: MatchingRules, now: float) -> list[Driver]:
    """Return the drivers that a round looks at, in an order that does not depend on names or input."""
    soon = (d for d in drivers if d.free_at <= min(now + rules.free_within_s, d.off_at))

    def looks(driver: Driver) -> tuple[object, ...]:
        place = driver.free_at, driver.at, driver.off_at, driver.free
        vehicle = driver.max_weight, driver.max_volume, sorted(driver.skills)
        willing = driver.pay_price, -1e9 if driver.willingness is None else driver.willingness
        wishes = sum(driver.order_preferences.values()), sum(driver.work_preferences.values())
        return (*place, *vehicle, *willing, *wishes)

    return sorted(soon, key=looks)
