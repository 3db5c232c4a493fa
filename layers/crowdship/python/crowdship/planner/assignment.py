"""The cheapest assignment of orders to drivers, one each, over a sparse set of pairs.

OR-Tools' cost-scaling assignment solves perfect matchings. Where an order may stay without a driver, the problem is a
minimum-cost flow, with an arc of its own for each order that stays. Without OR-Tools, shortest augmenting paths (Jonker
and Volgenant 1987) find the same cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from crowdship.planner.engines import linear_sum_assignment, min_cost_flow

Pairs = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""Orders, drivers and costs of the allowed pairs."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The driver of each order.

    Parameters
    ----------
    drivers : tuple of int or None
        Each order's driver; None where it has none.
    cost : int
        Sum of the costs of the pairs and of the orders without a driver.
    """

    drivers: tuple[int | None, ...]
    cost: int


def assign(
    sizes: tuple[int, int],
    orders: Sequence[int],
    drivers: Sequence[int],
    costs: Sequence[int],
    unassigned: Sequence[int] | None = None,
) -> Assignment | None:
    """Return the cheapest assignment of orders to drivers.

    Parameters
    ----------
    sizes : tuple of int
        The number of orders and of drivers.
    orders, drivers, costs : sequences of int, or arrays
        The allowed pairs, of one length: number of the order, number of the driver, cost in whole units.
    unassigned : sequence of int, optional
        The cost of each order without a driver. If it is not given, each order must have one.

    Returns
    -------
    Assignment or None
        None if there is no driver for every order and each must have one.

    Examples
    --------
    Two orders, two drivers, three pairs that may be.

    >>> assign((2, 2), orders=[0, 0, 1], drivers=[0, 1, 0], costs=[1, 5, 2])
    Assignment(drivers=(1, 0), cost=7)
    """
    pairs = orders, drivers, costs
    solved, found = _by_matching(sizes, pairs) if unassigned is None else _by_flow(sizes, pairs, unassigned)
    return found if solved else _by_augmenting_paths(sizes, pairs, unassigned)


def _by_matching(sizes: tuple[int, int], pairs: Pairs) -> tuple[bool, Assignment | None]:
    """Return whether OR-Tools could tell, and the assignment in which each order has a driver and each driver one."""
    engine, count = linear_sum_assignment(), sizes[0]
    if engine is None or count != sizes[1] or not count:
        return False, None
    import numpy

    left, right, costs = (numpy.asarray(numbers, dtype=numpy.int64) for numbers in pairs)
    if max(left.max(initial=-1), right.max(initial=-1)) < count - 1:
        # The engine does not hear of orders and drivers without a pair.
        return True, None
    solver = engine.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(left, right, costs)
    status = solver.solve()
    if status != solver.OPTIMAL:
        return status == solver.INFEASIBLE, None
    return True, Assignment(tuple(solver.right_mate(order) for order in range(count)), solver.optimal_cost())


def _by_flow(sizes: tuple[int, int], pairs: Pairs, unassigned: Sequence[int]) -> tuple[bool, Assignment | None]:
    """Return whether OR-Tools could tell, and the assignment in which an order may stay without a driver."""
    engine, (count, others) = min_cost_flow(), sizes
    if engine is None or not count:
        return False, None
    import numpy

    left, right, costs = (numpy.asarray(numbers, dtype=numpy.int64) for numbers in pairs)
    orders, drivers = numpy.arange(count), numpy.arange(others) + count
    end = count + others
    tails = numpy.concatenate([left, orders, drivers])
    heads = numpy.concatenate([right + count, numpy.full(count + others, end)])
    prices = numpy.concatenate([costs, numpy.asarray(unassigned), numpy.zeros(others, dtype=numpy.int64)])
    solver = engine.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, numpy.ones_like(tails), prices)
    solver.set_nodes_supplies(orders, numpy.ones_like(orders))
    solver.set_node_supply(end, -count)
    if solver.solve() != solver.OPTIMAL:
        return False, None
    used = numpy.flatnonzero(solver.flows(arcs[: len(left)]))
    chosen: list[int | None] = [None] * count
    for order, driver in zip(left[used].tolist(), right[used].tolist(), strict=True):
        chosen[order] = driver
    return True, Assignment(tuple(chosen), solver.optimal_cost())


def _by_augmenting_paths(  # noqa: C901
    sizes: tuple[int, int],
    pairs: Pairs,
    unassigned: Sequence[int] | None,
) -> Assignment | None:
    """Give one order after the other a driver, by the cheapest chain of changes among those before."""
    count, others = sizes
    arcs: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for order, driver, cost in zip(*pairs, strict=True):
        arcs[order].append((int(driver), int(cost)))
    if unassigned is not None:
        # A place of its own for each order that stays without.
        for order, cost in enumerate(unassigned):
            arcs[order].append((others + order, int(cost)))
    if not all(arcs):
        return None
    worth = [min(cost for _, cost in mine) for mine in arcs]
    prices = [0] * (others + count)
    owner: dict[int, int] = {}
    chosen: dict[int, int] = {}
    for first in range(count):
        distance: dict[int, float] = {}
        came: dict[int, int] = {}
        settled: list[int] = []
        done: set[int] = set()
        heap: list[tuple[float, int]] = []
        order, so_far = first, 0.0
        while True:
            for driver, cost in arcs[order]:
                far = so_far + cost - worth[order] - prices[driver]
                if far < distance.get(driver, inf):
                    distance[driver], came[driver] = far, order
                    heappush(heap, (far, driver))
            while heap and heap[0][1] in done:
                heappop(heap)
            if not heap:
                return None
            so_far, driver = heappop(heap)
            if driver not in owner:
                break
            done.add(driver)
            settled.append(driver)
            order = owner[driver]
        far = int(so_far)
        worth[first] += far
        for known in settled:
            rest = far - int(distance[known])
            prices[known] -= rest
            worth[owner[known]] += rest
        while True:
            order = came[driver]
            owner[driver] = order
            before = chosen.get(order)
            chosen[order] = driver
            if before is None:
                break
            driver = before
    cost = sum(min(cost for driver, cost in arcs[order] if driver == chosen[order]) for order in range(count))
    return Assignment(tuple(chosen[n] if chosen[n] < others else None for n in range(count)), cost)
