"""Running routes improved in the background, with few orders changing hands.

VROOM's local search goes first where it is installed (``by_vroom``), from the routes as they are. Ruin and recreate
follows (``fleet``): a few orders that are near each other are taken out, and each is put back where it costs least. At
last every order that changed hands for less than it is worth goes back to where it was.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crowdship.planner.insertion.model import Running
from crowdship.planner.polish.by_vroom import improved_by_vroom
from crowdship.planner.polish.fleet import Bounds, Fleet, movable, without
from crowdship.planner.routes import Job, Matrix, Weights


@dataclass(frozen=True, slots=True)
class Polished:
    """Routes after polishing.

    Parameters
    ----------
    moved : frozenset of str
        Jobs that have another vehicle than before.
    saved : float
        Seconds of driving that the routes cost less.
    """

    routes: tuple[Running, ...]
    moved: frozenset[str]
    saved: float


def polish(
    routes: Sequence[Running],
    matrix: Matrix,
    weights: Weights,
    bounds: Bounds,
    *,
    steps: int = 300,
    level: int = 5,
    seed: int = 0,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Polished:
    """Return routes that cost less.

    What is on board stays on board, committed stops stay where they are, no stop becomes later than it closes that was
    not before unless that pays by ``weights``.

    Parameters
    ----------
    weights : Weights
        Lateness must have a finite weight, as routes under way may be late already.
    steps : int
        Steps of ruin and recreate.
    level : int
        VROOM's exploration level, 0 to 5.
    may_go_on : callable
        False once the time is up.

    Examples
    --------
    Places lie on a line, a minute apart. The order near one van was given to the other.

    >>> from crowdship.planner.routes import Stop, Vehicle
    >>> matrix = [[60.0 * abs(a - b) for b in range(10)] for a in range(10)]
    >>> cake = (Stop("cake", 7, pickup=True, load=(1,)), Stop("cake", 9, load=(-1,)))
    >>> bread = (Stop("bread", 1, pickup=True, load=(1,)), Stop("bread", 2, load=(-1,)))
    >>> vans = [Running(Vehicle("west", 0, capacity=(2,)), (*bread, *cake)), Running(Vehicle("east", 8, capacity=(2,)))]
    >>> found = polish(vans, matrix, Weights(lateness=50.0), Bounds())
    >>> found.moved, found.saved
    (frozenset({'cake'}), 240.0)
    """
    fleet = Fleet(routes, matrix, weights, bounds)
    before = fleet.cost
    loose, new = _loosened(routes, bounds)
    # Where a job was put at once is not always where a search goes that starts without it.
    for start, out in ((routes, ()), (loose, new))[: 2 if new else 1]:
        if may_go_on():
            fleet.take(improved_by_vroom(start, matrix, level=level, new=out, skills=bounds.skills))
    fleet.shuffle(steps, random.Random(seed), may_go_on)
    fleet.return_goods()
    moved = frozenset(fleet.moved())
    return Polished(tuple(line.running for line in fleet.lines), moved, before - fleet.cost)


def _loosened(routes: Sequence[Running], bounds: Bounds) -> tuple[list[Running], list[Job]]:
    """Return the routes without the jobs that may change hands for nothing, and these."""
    loose, new = [], []
    for running in routes:
        out = {job: stops for job, stops in movable(running).items() if job in bounds.free}
        loose.append(without(running, out) if out else running)
        new += [Job(job, stops, bounds.skills.get(job, frozenset())) for job, stops in out.items()]
    return loose, new
