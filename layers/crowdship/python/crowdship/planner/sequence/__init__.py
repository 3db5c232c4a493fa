"""The best order of one driver's open stops.

Short routes are searched exactly (``search``), and so are longer ones whose windows leave few orders. Where they leave
too many, PyVRP looks for a good order where it is installed (``by_pyvrp``), and ruin and recreate where it isn't, or
where something must be late (``rebuilding``). All else is plain Python, so that functions that carry no solver can run
it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from crowdship.planner.routes import Matrix, Stop, Vehicle, Weights
from crowdship.planner.sequence.by_pyvrp import order_by_pyvrp
from crowdship.planner.sequence.problem import Problem
from crowdship.planner.sequence.rebuilding import Rebuilding
from crowdship.planner.sequence.search import SequenceSearch

ALWAYS_EXACT = 10
"""Up to so many stops the search is never cut short but by the caller."""

WIDE, THOROUGH = 60, 3000
"""The most labels of a layer during a proof, and where nobody waits for the answer."""

EFFORT, MORE_EFFORT = 1.0, 8.0
"""The number of jobs put back, per square of the number of stops; and how many more where nobody waits.

Rebuilding is done twice from the same first order: two tries find more than one of twice the length.
"""

STEPS, MORE_STEPS = 4, 40
"""The number of times PyVRP takes a route apart, per stop, and the same where nobody waits."""

FINISH = 20.0
"""The number of jobs put back from PyVRP's order, per stop, where lateness has a price."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of stops.

    Parameters
    ----------
    cost : float
        Cost of the route in seconds of driving, committed stops included.
    optimal : bool
        True if it is proven that no order costs less.
    """

    stops: tuple[Stop, ...]
    cost: float
    optimal: bool


def best_order(
    stops: Sequence[Stop],
    vehicle: Vehicle,
    matrix: Matrix,
    weights: Weights,
    *,
    committed: int = 0,
    thorough: bool = False,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Ordered | None:
    """Return the stops in the order that costs least.

    Parameters
    ----------
    stops : sequence of Stop
        In any order but for those committed; a drop-off without its pickup is on board.
    committed : int
        Number of stops at the head that stay where they are. Their windows may be missed.
    thorough : bool
        True if nobody waits for the answer: a route of more than ``ALWAYS_EXACT`` stops is rebuilt some times more
        often and then searched widely.
    may_go_on : callable
        False once the time is up: the best order so far is the answer then.

    Returns
    -------
    Ordered or None
        None if no order keeps what must be kept (capacity, and the windows if lateness weighs infinitely), or if time
        was up before one was found.

    Examples
    --------
    Places lie on a line, a minute apart.

    >>> matrix = [[60.0 * abs(a - b) for b in range(10)] for a in range(10)]
    >>> found = best_order([Stop("far", 8), Stop("near", 3)], Vehicle("van", start=0), matrix, Weights())
    >>> [stop.job for stop in found.stops], found.cost, found.optimal
    (['near', 'far'], 480.0, True)
    """
    problem = Problem(stops, vehicle, matrix, weights, committed)
    if not problem.count:
        return Ordered(problem.head, problem.sunk, optimal=True)
    search = SequenceSearch(problem, may_go_on)
    if problem.possible:
        _look(search, thorough)
    if search.order is None:
        return None
    return Ordered((*problem.head, *(problem.stops[n] for n in search.order)), search.limit, search.proven)


def _look(search: SequenceSearch, thorough: bool) -> None:
    """Search short routes exactly, and rebuild longer ones."""
    problem = search.problem
    if problem.count <= ALWAYS_EXACT:
        search.begin(rounds=5)
        search.search_around()
        search.search_whole(inf)
        return
    search.prove(WIDE)
    if search.proven:
        return
    rebuilding, count = Rebuilding(problem), problem.count
    if search.may_go_on():
        steps = (MORE_STEPS if thorough else STEPS) * count
        found = order_by_pyvrp(problem, rebuilding.jobs, steps, search.may_go_on)
        if found:
            search.take(found, rebuilding.cost_of(found))
    alone = search.order is None
    if alone or thorough:
        search.begin(rounds=2)
        search.prove(WIDE)
        if search.order is None:
            search.search_whole(WIDE)
    if alone:
        _rebuild(search, rebuilding, [EFFORT * count**2] * 2)
    elif not problem.hard:
        _rebuild(search, rebuilding, [FINISH * count])
    if thorough:
        search.search_around()
        search.search_whole(THOROUGH)
        if alone or not problem.hard:
            _rebuild(search, rebuilding, [MORE_EFFORT * count**2])


def _rebuild(search: SequenceSearch, rebuilding: Rebuilding, efforts: Sequence[float]) -> None:
    """Look for better orders by taking the route apart again and again, each time from the order there is now."""
    start = search.order
    for effort in efforts:
        if start and not search.proven and search.may_go_on():
            search.take(*rebuilding.improve(start, effort, search.may_go_on))
