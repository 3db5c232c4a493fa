"""Ruin and recreate: remove a part of a plan, insert it again in another way, and keep the result if it is good enough.

The principle is that of Schrimpf et al. 2000, "Record Breaking Optimization Results Using the Ruin and Recreate
Principle". A search passes its functions to rebuild and to accept a plan; :func:`ruin_and_recreate` keeps the plan to
go on from, the best plan so far, and the budget. The searches of the day plan, of one driver's stops and of a fleet
under way use it. The matching round does not: its plan changes in place, because a copy of it would take longer than a
step.
"""

from collections.abc import Callable


def ruin_and_recreate[Plan](
    start: Plan,
    rebuild: Callable[[Plan], Plan | None],
    is_better: Callable[[Plan, Plan], bool],
    may_go_on: Callable[[int], bool],
    *,
    accepts: Callable[[Plan, Plan, Plan, int], bool] | None = None,
    on_best: Callable[[Plan], object] = lambda _: None,
) -> tuple[Plan, int]:
    """Return the best plan found, and the number of steps.

    The search draws no random numbers of its own: if the given functions use the same seed, it takes the same steps.

    Parameters
    ----------
    start : Plan
        Any value that ``rebuild`` leaves as it is.
    rebuild : callable
        Takes a plan and returns another, or None if what was taken out does not fit in again.
    is_better : callable
        Tells whether its first plan is better than its second.
    may_go_on : callable
        Asked before each step with the number of steps so far.
    accepts : callable, optional
        Tells whether to go on from a plan; it is given that plan, the plan that it came from, the best so far and the
        number of steps before. Without it only better plans are gone on from.
    on_best : callable, optional
        Given each plan that is better than all before.

    Examples
    --------
    Numbers are plans here, and a smaller one is better.

    >>> from random import Random
    >>> rng = Random(1)
    >>> ruin_and_recreate(9, lambda plan: plan + rng.choice((-2, 1)), lambda a, b: a < b, lambda steps: steps < 5)
    (3, 5)
    """
    kept = best = start
    steps = 0
    while may_go_on(steps):
        found = rebuild(kept)
        steps += 1
        if found is None or (accepts is not None and not accepts(found, kept, best, steps - 1)):
            continue
        if is_better(found, best):
            kept = best = found
            on_best(best)
        elif accepts is not None:
            kept = found
    return best, steps
