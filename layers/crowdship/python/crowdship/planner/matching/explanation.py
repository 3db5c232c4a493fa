"""The reasons for a round's decisions, for dispatchers, drivers and engineers."""

from collections.abc import Mapping, Sequence

from crowdship.planner.matching.costs import NOTHING, PARTS, Parts, Trips, cost_parts
from crowdship.planner.matching.model import (
    EMPTY,
    NOT_FREE,
    NOTHING_FITS,
    OTHERS_CHEAPER,
    Driver,
    IdleExplanation,
    Option,
    OrderExplanation,
)
from crowdship.planner.matching.search import MatchingSearch, without


def of_orders(search: MatchingSearch, waiting: Mapping[str, str]) -> tuple[OrderExplanation, ...]:
    """Return for each order the drivers who could take it, with the cost if all else stayed as planned."""
    found = []
    for number, order in enumerate(search.orders):
        options = _options(search, number)
        carrier = search.carrier[number]
        driver_id = search.drivers[carrier].id if carrier >= 0 else None
        own = next((option.cost for option in options if option.driver_id == driver_id), None)
        other = next((option.cost for option in options if option.driver_id != driver_id), None)
        difference = None if own is None or other is None else other - own
        found.append(OrderExplanation(order.id, options, driver_id, waiting.get(order.id), difference))
    return tuple(found)


def _options(search: MatchingSearch, number: int) -> tuple[Option, ...]:
    """Return each driver's best way to take an order, cheapest first."""
    carrier = search.carrier[number]
    planned: Trips = search.trips[carrier] if carrier >= 0 else ()
    if carrier >= 0:
        search.trips[carrier] = without(planned, {number})
    best: dict[int, tuple[float, Trips]] = {}
    for extra, driver, trips in search.options(number, everyone=True):
        if driver not in best or extra < best[driver][0]:
            best[driver] = extra, trips
    options = []
    for driver, (_, trips) in best.items():
        after, before = _parts(search, driver, trips), _parts(search, driver, search.trips[driver])
        parts = {name: a - b for name, a, b in zip(PARTS, after, before, strict=True) if a != b}
        options.append(Option(search.drivers[driver].id, sum(parts.values()), parts))
    if carrier >= 0:
        search.trips[carrier] = planned
    return tuple(sorted(options, key=lambda option: (option.cost, option.driver_id)))


def _parts(search: MatchingSearch, driver: int, trips: Trips) -> Parts:
    found = cost_parts(search.drivers[driver], trips, search.orders, search.leg, search.rules, search.now, search.price)
    return found or NOTHING


def of_drivers(search: MatchingSearch, drivers: Sequence[Driver]) -> tuple[IdleExplanation, ...]:
    """Return for each driver without a trip the reason."""
    looked_at = {driver.id: number for number, driver in enumerate(search.drivers)}
    closest = _closest(search)
    found = []
    for driver in drivers:
        number = looked_at.get(driver.id)
        if number is None:
            found.append(IdleExplanation(driver.id, NOT_FREE))
        elif not search.trips[number]:
            if not search.orders:
                found.append(IdleExplanation(driver.id, EMPTY))
            elif number in closest:
                dearer, order = closest[number]
                found.append(IdleExplanation(driver.id, OTHERS_CHEAPER, search.orders[order].id, dearer))
            else:
                found.append(IdleExplanation(driver.id, NOTHING_FITS))
    return tuple(found)


def _closest(search: MatchingSearch) -> dict[int, tuple[float, int]]:
    """Return for each driver without a trip the order that came closest, and the seconds it was dearer by."""
    closest: dict[int, tuple[float, int]] = {}
    for number, carrier in enumerate(search.carrier):
        own = _saved_without(search, number) if carrier >= 0 else search.unserved[number]
        for extra, driver, _ in search.options(number, everyone=True):
            if not search.trips[driver] and (driver not in closest or extra - own < closest[driver][0]):
                closest[driver] = extra - own, number
    return closest


def _saved_without(search: MatchingSearch, number: int) -> float:
    """Return the cost that the order's driver would save without it."""
    carrier = search.carrier[number]
    trips = search.trips[carrier]
    return search.price_of(carrier, trips) - search.price_of(carrier, without(trips, {number}))
