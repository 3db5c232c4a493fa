"""The search of the day plan: the sequence and the budgets of the engines, and the best plan so far."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crowdship.planner import engines
from crowdship.planner.dayplan import by_pyvrp, by_vroom
from crowdship.planner.dayplan.balancing import share_work
from crowdship.planner.dayplan.by_pyvrp import SearchRules
from crowdship.planner.dayplan.insertion import Inserter, insert
from crowdship.planner.dayplan.problem import LARGEST, DayProblem, Route, Routes
from crowdship.planner.dayplan.rebuilding import rebuilt
from crowdship.planner.faults import faults
from crowdship.planner.ruin_recreate import ruin_and_recreate


class Objective(StrEnum):
    """The objective of a day plan, after as many jobs as possible are served."""

    VEHICLES = "vehicles"
    """The number of vehicles in use, then the way."""

    DISTANCE = "distance"
    """The costs of the way."""

    TIME = "time"
    """The travel times."""


Key = tuple[tuple[int, ...], int, float]
"""Jobs left out from high priority to low, vehicles (where they count), the cost of the way: the smaller the better."""

SLOWER = {1: 3.0, 2: 5.5, 3: 11.0, 4: 26.0}
"""Times of VROOM's other levels as multiples of level 0's, where vehicles differ, with room to spare."""

SAVING_SHARE = 0.55
"""Part of the budget for saving vehicles where they count; the rest is for their way."""

DEAR = ((10, 25), (50, 12))
"""A factor for the cost of the way of a vehicle that is to be saved, and the largest perturbation, by turns."""

DEAR_STEPS = 400
"""Steps of the first attempt to save a vehicle; each that follows without success is longer."""

TURNS = (SearchRules(patience=600), SearchRules(most_perturbed=12, patience=600))
"""Settings of PyVRP's search, by turns: each turn lasts until it finds no more."""

MOST_IDLE = 20
"""Turns without a better plan after which the search is at its end."""

TELL_EVERY_S = 0.5
"""A better plan amid PyVRP's search is read no more often."""

VROOM_FIXED = LARGEST // 2
"""The cost of a vehicle for VROOM, and for insertion, when vehicles count; larger ones overflow."""

FIXED = 10 * LARGEST
"""The cost of a vehicle for PyVRP when vehicles count: more than any way."""


@dataclass(slots=True)
class DayPlanSearch:
    """A search under way.

    Parameters
    ----------
    spent : callable
        Seconds of the budget that are gone.
    rounds : int
        Steps of a search after which it is at its end.
    on_best : callable
        Told of each better plan that holds.
    even : float
        Part of the cost of the way that may be given up for evenly shared work.
    """

    problem: DayProblem
    objective: Objective
    seconds: float
    spent: Callable[[], float]
    threads: int
    seed: int
    rounds: int
    on_best: Callable[[Routes], None]
    even: float = 0.0
    best: Routes = ()
    engines: list[str] = field(default_factory=list)
    ended_by_budget: bool = False
    inserter: Inserter = field(init=False)
    levels: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.inserter = Inserter(self.problem)
        self.best = tuple(() for _ in self.problem.vehicles)
        self.levels = sorted({job.priority for job in self.problem.jobs}, reverse=True)

    def left(self) -> float:
        """Return what is left of the budget, in seconds."""
        return self.seconds - self.spent()

    def key(self, routes: Routes) -> Key:
        """Return the key by which plans are compared."""
        problem = self.problem
        missing = [problem.jobs[job].priority for job in problem.unserved(routes)]
        used = sum(bool(route) for route in routes) if self.objective is Objective.VEHICLES else 0
        return tuple(missing.count(level) for level in self.levels), used, problem.cost(routes)

    def is_better(self, routes: Routes, candidate: Routes) -> bool:
        """Return whether a candidate is better than routes by more than rounding."""
        old, new = self.key(routes), self.key(candidate)
        return new[:2] < old[:2] or (new[:2] == old[:2] and new[2] < old[2] - 1e-9 * max(1.0, abs(old[2])))

    def offer(self, routes: Routes, engine: str) -> bool:
        """Take over a plan if it is better and has no fault; return whether it was."""
        if not self.is_better(self.best, routes) or self.faults(routes):
            return False
        self.best = routes
        if engine not in self.engines:
            self.engines.append(engine)
        self.on_best(routes)
        return True

    def faults(self, routes: Routes) -> list[str]:
        """Return the faults of a plan."""
        problem = self.problem
        driven = [
            (problem.vehicles[vehicle], [problem.stops[stop] for stop in route])
            for vehicle, route in enumerate(routes)
            if route
        ]
        return faults(driven, problem.jobs, problem.matrix)

    def all_routes(self, found: Mapping[int, Route], kept: Routes = ()) -> Routes:
        """Return a route for each vehicle: those found, and those kept for vehicles not among them."""
        return tuple(found.get(vehicle, kept[vehicle] if kept else ()) for vehicle in range(len(self.problem.vehicles)))

    def used(self) -> dict[int, Route]:
        """Return the best plan's routes that aren't empty."""
        return {vehicle: route for vehicle, route in enumerate(self.best) if route}

    def run(self) -> None:
        """Search until the budget or the search is at its end."""
        if not self.problem.jobs or not self.problem.vehicles:
            return
        vroom = engines.vroom() is not None
        took = self.construct() if vroom else 0.0
        # PyVRP is loaded only now, so that the first plan does not wait for it.
        if engines.pyvrp():
            if self.objective is Objective.VEHICLES and self.used():
                self.save_vehicles()
            self.search_with_pyvrp()
        else:
            if vroom:
                self.construct_more(took)
            self.search_alone()
        self.serve_more()
        self.ended_by_budget |= self.left() <= 0
        if not self.used():
            # Loading the engines may have used up the budget; a slightly late plan is better than none.
            self.serve(lambda: True)
        if self.even > 0:
            self.best = share_work(self.inserter, self.best, (1 + self.even) * self.problem.cost(self.best))

    def construct(self) -> float:
        """Plan with VROOM at the lowest level, and return the seconds it took.

        PyVRP finds more in the time of a higher one, and only the lowest answers the same each time.
        """
        began = self.spent()
        self.plan_with_vroom(0)
        took = self.spent() - began
        self.serve_more()
        return took

    def construct_more(self, took: float) -> None:
        """Plan with VROOM at the highest level that the budget has room for, from the time the lowest took."""
        fitting = [level for level, times in SLOWER.items() if took * times <= 0.9 * self.left()]
        self.ended_by_budget |= max(SLOWER) not in fitting
        if fitting:
            self.plan_with_vroom(max(fitting))
            self.serve_more()

    def plan_with_vroom(self, level: int) -> None:
        """Offer VROOM's plan."""
        left = self.left()
        if left <= 0:
            return
        fixed = VROOM_FIXED if self.objective is Objective.VEHICLES else 0
        vehicles, jobs = range(len(self.problem.vehicles)), range(len(self.problem.jobs))
        found = by_vroom.plan(self.problem, vehicles, jobs, level, fixed=fixed, threads=self.threads, within_s=left)
        self.offer(self.all_routes(found), "vroom")

    def serve_more(self) -> None:
        """Insert what no vehicle serves, for high priorities also in place of lower ones, within the budget."""
        if self.left() > 0:
            self.serve(lambda: self.left() > 0)

    def serve(self, may_go_on: Callable[[], bool]) -> None:
        """Insert what no vehicle serves."""
        if missing := self.problem.unserved(self.best):
            fixed = VROOM_FIXED if self.objective is Objective.VEHICLES else 0
            self.offer(insert(self.inserter, self.best, missing, fixed=fixed, may_go_on=may_go_on), "insertion")

    def save_vehicles(self) -> None:
        """Empty one route after the other.

        The way of the vehicle with the fewest stops is made dear, so that each of its jobs that goes to another is a
        gain; a fixed cost alone is gained only with the last one.
        """
        until, rounds = self.spent() + SAVING_SHARE * self.left(), int(SAVING_SHARE * self.rounds)
        routes, failed, tried = self.used(), 0, 0
        while len(routes) > 1 and self.spent() < until and tried < rounds and not self.problem.unserved(self.best):
            dear = min(routes, key=lambda vehicle: (len(routes[vehicle]), vehicle))
            groups = (tuple(v for v in group if v in routes and v != dear) for group in self.problem.kinds())
            kinds = (*(group for group in groups if group), (dear,))
            weight, perturbed = DEAR[failed % len(DEAR)]
            engine = by_pyvrp.make_model(
                self.problem,
                kinds,
                range(len(self.problem.jobs)),
                fixed=FIXED,
                weights=[1] * (len(kinds) - 1) + [weight],
            )
            fewer: list[Any] = []
            steps_left = min(rounds - tried, int(DEAR_STEPS * 1.5**failed))

            def note(best: Any, used: int = len(routes), fewer: list[Any] = fewer) -> None:
                if best.num_routes() < used and best.is_feasible():
                    fewer.append(best)

            def may_go_on(steps: int, fewer: list[Any] = fewer, most: int = steps_left) -> bool:
                return not fewer and steps <= most and self.spent() < until

            rules = SearchRules(most_perturbed=perturbed)
            found, steps = by_pyvrp.search(engine, routes, may_go_on, seed=self.seed + tried, rules=rules, on_best=note)
            tried += steps
            failed = 0 if fewer else failed + 1
            if found:
                routes = found
                self.offer(self.all_routes(found), "pyvrp")
        self.ended_by_budget |= self.spent() >= until

    def search_with_pyvrp(self) -> None:
        """Improve the best plan with PyVRP until the budget or the search is at its end."""
        if self.left() <= 0:
            return
        problem = self.problem
        start = self.used()
        # A job that has no place yet may stay out, at a price above all ways; so may all jobs then.
        prizes = None
        if problem.unserved(self.best):
            prizes = {job: FIXED * (1 + problem.jobs[job].priority) for job in range(len(problem.jobs))}
        fixed = FIXED // 10 if self.objective is Objective.VEHICLES else 0
        jobs = [job for job in range(len(problem.jobs)) if problem.able[job]]
        engine = by_pyvrp.make_model(problem, problem.kinds(), jobs, fixed=fixed, prizes=prizes)
        told = self.spent()

        def tell(solution: Any) -> None:
            nonlocal told
            if self.spent() - told >= TELL_EVERY_S:
                self.offer(self.all_routes(engine.read(solution)), "pyvrp")
                told = self.spent()

        steps = turn = idle = 0

        def may_go_on(step: int) -> bool:
            return self.left() > 0 and steps + step <= self.rounds

        while self.left() > 0 and steps < self.rounds and idle < MOST_IDLE:
            rules, seed = TURNS[turn % len(TURNS)], self.seed + turn
            found, more = by_pyvrp.search(engine, start or None, may_go_on, seed=seed, rules=rules, on_best=tell)
            better = bool(found) and self.offer(self.all_routes(found or {}), "pyvrp")
            start = self.used()
            idle = 0 if better else idle + 1
            steps += more
            turn += 1

    def search_alone(self) -> None:
        """Plan with insertion, if there is no plan yet, and improve with ruin and recreate."""
        fixed = VROOM_FIXED if self.objective is Objective.VEHICLES else 0
        if not self.used():
            jobs = range(len(self.problem.jobs))
            first = insert(self.inserter, self.best, jobs, fixed=fixed, may_go_on=lambda: self.left() > 0)
            self.offer(first, "insertion")
        rng = random.Random(self.seed)
        ruin_and_recreate(
            self.best,
            lambda routes: rebuilt(self.inserter, routes, rng, fixed=fixed),
            is_better=lambda found, best: self.is_better(best, found),
            may_go_on=lambda steps: self.left() > 0 and steps < self.rounds,
            on_best=lambda routes: self.offer(routes, "insertion"),
        )
