"""Ruin and recreate of the day plan, in plain Python: related jobs are taken out and put back where they cost least."""

import random

from crowdship.planner.dayplan.insertion import Inserter, insert, without
from crowdship.planner.dayplan.problem import Routes

NEAR, TAKEN_OUT = 24, 0.4
"""The number of jobs nearest to a random one, and the probability that each of them is taken out with it."""

OVERLOOK = 0.02
"""Probability of overlooking a place, which lets the search leave a dead end."""


def rebuilt(inserter: Inserter, routes: Routes, rng: random.Random, *, fixed: int = 0) -> Routes:
    """Return routes from which a random job and some of its neighbours were taken out and put back.

    Parameters
    ----------
    fixed : int
        Cost of a vehicle not in use yet.
    """
    problem = inserter.problem
    legs, place_of, first = problem.legs, problem.place_of, problem.first
    seed = rng.randrange(len(problem.jobs))
    here = place_of[first[seed]]
    near = sorted(range(len(problem.jobs)), key=lambda job: (legs[here][place_of[first[job]]], job))[:NEAR]
    gone = {seed, *(job for job in near if rng.random() < TAKEN_OUT)}
    rest = tuple(without(problem, route, gone) for route in routes)
    missing = gone.union(problem.unserved(routes))
    return insert(inserter, rest, missing, fixed=fixed, blink=lambda: rng.random() < OVERLOOK)
