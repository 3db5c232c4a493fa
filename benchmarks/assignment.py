"""The assignment of orders to drivers, compared with OR-Tools: ``python -m benchmarks.assignment [options]``.

The bare engine is handed arrays; both times hold the building of arcs and the solution, in processor time.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from benchmarks.support.measuring import in_turns, quantile, ratio
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.planner import assignment
from crowdship.planner.assignment import assign
from crowdship.planner.engines import linear_sum_assignment

SIZES = (200, 500, 1000, 2000)
ARCS = 20


def market(size: int, seed: int) -> tuple[Any, Any, Any]:
    """Return arrays of orders, drivers and costs: each order's nearest drivers, and one by which all can be served."""
    import numpy

    rng = random.Random(f"market {size} {seed}")
    orders = [(rng.random(), rng.random()) for _ in range(size)]
    drivers = [(rng.random(), rng.random()) for _ in range(size)]
    pairs = {}
    for order, (x, y) in enumerate(orders):
        far = [((x - u) ** 2 + (y - v) ** 2, driver) for driver, (u, v) in enumerate(drivers)]
        for apart, driver in (*sorted(far)[: ARCS - 1], far[order]):
            pairs[order, driver] = int(10000 * apart**0.5)
    left, right = zip(*pairs, strict=True)
    return numpy.array(left), numpy.array(right), numpy.array(list(pairs.values()))


def bare(pairs: tuple[Any, Any, Any]) -> int:
    """Return the cost that OR-Tools finds by itself."""
    solver = linear_sum_assignment().SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(*pairs)
    solver.solve()
    return int(solver.optimal_cost())


def everybody(size: int, pairs: tuple[Any, Any, Any]) -> int:
    """Return the cost that crowdship finds if every order must have a driver."""
    found = assign((size, size), *pairs)
    assert found
    return found.cost


def as_may_be(size: int, pairs: tuple[Any, Any, Any]) -> int:
    """Return the cost that crowdship finds if an order may stay without a driver, at a price above all pairs."""
    found = assign((size, size), *pairs, [100000] * size)
    assert found
    return found.cost


def plain(size: int, pairs: tuple[Any, Any, Any]) -> int:
    """Return the cost that crowdship finds without OR-Tools."""
    with patch.object(assignment, "linear_sum_assignment", lambda: None):
        return everybody(size, pairs)


def timed(work: Callable[..., int], *given: Any) -> tuple[float, int]:
    """Return milliseconds of processor time and the result."""
    began = time.process_time()
    found = work(*given)
    return 1000 * (time.process_time() - began), found


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    ways = ("bare OR-Tools", "crowdship", "crowdship, optional", "crowdship without OR-Tools")
    results: dict[int, dict[str, list[float]]] = {}
    rows, findings = [], []
    for size in SIZES:
        progress(f"{size} orders")
        pairs = market(size, asked.seed)
        works: dict[str, Callable[[], tuple[float, int]]] = {
            ways[0]: lambda pairs=pairs: timed(bare, pairs),
            ways[1]: lambda size=size, pairs=pairs: timed(everybody, size, pairs),
            ways[2]: lambda size=size, pairs=pairs: timed(as_may_be, size, pairs),
            ways[3]: lambda size=size, pairs=pairs: timed(plain, size, pairs),
        }
        took: dict[str, list[float]] = {name: [] for name in works}
        costs: dict[str, int] = {}
        for round_, (name, work) in in_turns(tuple(works.items()), asked.rounds):
            if name == ways[3] and round_ >= 3:
                continue
            milliseconds, costs[name] = work()
            took[name].append(milliseconds)
        same = len(set(costs.values())) == 1
        results[size] = took
        for name in ways:
            beside = ratio(took[name], took[ways[0]][: len(took[name])])
            rows.append(
                (
                    f"{size} orders, {name}",
                    f"{quantile(took[name], 0.5):.1f}",
                    f"{quantile(took[name], 0.99):.1f}",
                    f"{beside:.2f}",
                    costs[name],
                )
            )
        findings.append(Finding(f"{size} orders: one cost by all ways", "yes" if same else "no", "yes", same))
        if size == 1000:
            for name in ways[1:3]:
                beside = ratio(took[name], took[ways[0]])
                findings.append(Finding(f"1000 orders, {name}", f"{beside:.2f} times bare", "2 times", beside <= 2))
    show(f"{ARCS} pairs an order", ("way", "p50 ms", "p99 ms", "times bare", "cost"), rows)
    draw(results)
    conclude("assignment", findings, {"seed": asked.seed, "milliseconds": results})


def draw(results: dict[int, dict[str, list[float]]]) -> None:
    """Draw the time by size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="tight")
    axes = figure.subplots()
    for name in next(iter(results.values())):
        axes.plot(list(results), [quantile(took[name], 0.5) for took in results.values()], marker="o", label=name)
    axes.set(xlabel=f"orders and drivers, {ARCS} pairs an order", ylabel="ms of processor, median", yscale="log")
    axes.legend(fontsize="small")
    keep_picture("assignment", figure)


if __name__ == "__main__":
    main()
