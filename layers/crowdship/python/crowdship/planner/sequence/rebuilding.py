"""Ruin and recreate on one route: good orders of stops where an exact search would take too long.

Many jobs are taken out, up to twelve at once, and each is put back where it costs least at that moment. An order that
costs little more is kept for a while, as in annealing. The costs of all gaps of a route are found in a few passes over
whole lists, several times quicker than by a loop in plain Python. A walk that ends as soon as it costs too much is part
of that (``_cost``), beside :mod:`crowdship.planner.timetable`; tests compare what it finds with the one timetable.
"""

import random
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from math import inf, log

from crowdship.planner.ruin_recreate import ruin_and_recreate
from crowdship.planner.sequence.problem import ROUNDING, Problem

FEWEST, MOST = 5, 12
"""The fewest and the most jobs that are taken out at once."""

STRETCH = 0.5
"""The share of steps that take out a stretch of the route, rather than neighbours on the map."""

OVERLOOK = 0.02
"""The share of jobs that go to the second best place, not the best (Christiaens and Vanden Berghe 2020)."""

UPHILL_S = 200.0
"""An order may cost so much more to be gone on from: on average at the start, less and less until the end."""

TRIES = 4
"""The number of places that are tried where the cheaper ones would be late."""

Priced = tuple[list[int], float]
"""A route and its cost."""

Gap = tuple[float, int, int]
"""Driving that a job adds, and the stops of the route after which its first and second stop come; -1 if the same."""


class Rebuilding:
    """A route that is taken apart and put together again.

    Parameters
    ----------
    seed : int
        The same seed finds the same order.
    """

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem, self.random = problem, random.Random(seed)
        count = problem.count
        self.start, self.end = count, count + 1
        legs = [[*row, inf, last] for row, last in zip(problem.legs, problem.last, strict=True)]
        legs.append([*problem.first, inf, 0.0])
        legs.append([inf] * (count + 2))
        self.legs = legs
        self.reach = list(zip(*legs, strict=True))
        self.service = [*problem.service, 0.0, 0.0]
        self.opens = [*problem.opens, -inf, -inf]
        self.closes = [*(closes + ROUNDING for closes in problem.closes), inf, problem.off_at + ROUNDING]
        self._take_jobs()
        self.done = 0.0

    def _take_jobs(self) -> None:
        """Find which stops belong together, and which jobs are near each other."""
        stops, legs = self.problem.stops, self.legs
        brings = {stop.job: number for number, stop in enumerate(stops) if not stop.pickup}
        pairs = [(n, brings.pop(stop.job)) for n, stop in enumerate(stops) if stop.pickup and stop.job in brings]
        paired = {number for pair in pairs for number in pair}
        self.jobs: list[tuple[int, ...]] = [*pairs, *((n,) for n in range(len(stops)) if n not in paired)]
        self.job_of = [0] * self.problem.count
        for job, its in enumerate(self.jobs):
            for number in its:
                self.job_of[number] = job

        def apart(one: int, other: int) -> float:
            return min(legs[a][b] + legs[b][a] for a in self.jobs[one] for b in self.jobs[other])

        numbers = range(len(self.jobs))
        self.near = [
            sorted((other for other in numbers if other != job), key=lambda other: apart(job, other)) for job in numbers
        ]

    def cost_of(self, order: Sequence[int]) -> float:
        """Return what an order costs; infinite if it can't be."""
        route = [self.start, *order, self.end]
        return self._cost(route, inf) if self._allowed(route) else inf

    def improve(
        self, order: Sequence[int], effort: float, may_go_on: Callable[[], bool] = lambda: True
    ) -> tuple[list[int], float]:
        """Return a better order, or the same, and its cost.

        Parameters
        ----------
        effort : float
            The number of jobs that are put back in all, roughly.
        """
        route = [self.start, *order, self.end]
        self.done = 0.0
        (best, cost), _ = ruin_and_recreate(
            (route, self._cost(route, inf)),
            lambda kept: self._rebuilt(*kept, uphill=UPHILL_S * (1 - (self.done + 0.5) / effort)),
            is_better=lambda found, best: found[1] < best[1] - ROUNDING,
            may_go_on=lambda _: self.done < effort and may_go_on(),
            accepts=lambda *_: True,  # what costs too much is not put back
        )
        return best[1:-1], cost

    def _rebuilt(self, kept: list[int], cost: float, uphill: float) -> Priced | None:
        """Return the route put together in another way, and its cost; None if that is above a limit drawn by chance.

        Parameters
        ----------
        cost : float
            The cost of the route as it is.
        uphill : float
            The cost that the other may have more, on average.
        """
        self.done += 0.5
        limit = cost - uphill * log(1.0 - self.random.random())
        out = self._choose(kept)
        gone = {stop for job in out for stop in self.jobs[job]}
        route = [stop for stop in kept if stop not in gone]
        cost = self._cost(route, inf)
        for job in out:
            found = self._put_back(route, job, cost, limit)
            if found is None:
                return None
            route, cost = found
        return (route, cost) if self._allowed(route) else None

    def _choose(self, route: Sequence[int]) -> list[int]:
        """Return which jobs to take out, in the order in which to put them back."""
        draw, jobs = self.random.random, self.jobs
        most = min(MOST, len(jobs))
        fewest = min(FEWEST, most)
        many = fewest + int(draw() * (most - fewest + 1))
        if draw() < STRETCH:
            at = 1 + int(draw() * self.problem.count)
            out = list(dict.fromkeys(map(self.job_of.__getitem__, (*route[at:-1], *route[at - 1 : 0 : -1]))))[:many]
        else:
            job = int(draw() * len(jobs))
            near = sorted(self.near[job][: many + 3], key=lambda _: draw())
            out = [job, *near[: many - 1]]
        out.sort(key=lambda _: draw())
        if draw() < 0.5:  # What is on board takes up room until it is known where it gets off.
            out.sort(key=lambda job: len(jobs[job]))
        return out

    def _allowed(self, route: Sequence[int]) -> bool:
        """Return whether there is room for all loads, and each stop comes after those that must precede it."""
        before, seen = self.problem.before, 0
        for stop in route[1:-1]:
            if before[stop] & ~seen:
                return False
            seen |= 1 << stop
        for room, changes in self.problem.loads:
            load = 0
            for stop in route[1:-1]:
                load += changes[stop]
                if load > room and changes[stop] > 0:
                    return False
        return True

    def _cost(self, route: Sequence[int], limit: float) -> float:
        """Return what a route costs; infinite if that is more than a limit, or it is late and must not be."""
        problem, legs, service, opens, closes = self.problem, self.legs, self.service, self.opens, self.closes
        waiting, lateness = problem.waiting, problem.lateness
        hard = problem.hard
        clock, cost, here = problem.clock, problem.sunk, route[0]
        for stop in route[1:]:
            leg = legs[here][stop]
            clock += service[here] + leg
            cost += leg
            if clock < opens[stop]:
                cost += waiting * (opens[stop] - clock)
                clock = opens[stop]
            elif clock > closes[stop]:
                if hard:
                    return inf
                cost += lateness * (clock - closes[stop])
            if cost > limit:
                return inf
            here = stop
        return cost

    def _put_back(self, route: list[int], number: int, cost: float, limit: float) -> Priced | None:
        """Return the route with a job where it costs least, and its cost; None if that is not below the limit.

        Parameters
        ----------
        number : int
            The number of the job.
        cost : float
            The cost of the route without it.
        """
        self.done += 1
        legs, job = self.legs, self.jobs[number]
        first, last = job[0], job[-1]
        to_first, from_last, between = self.reach[first], legs[last], legs[first][last]
        runs = self._with_room(route, job)
        links = [(a, b, legs[a][b]) for a, b in pairwise(route)]
        driving = self.problem.sunk + sum([leg for _, _, leg in links])
        alone: list[float] = []
        second: list[float] = []
        if last == first:
            together = [to_first[a] + from_last[b] - leg for a, b, leg in links]
        else:
            together = [to_first[a] + between + from_last[b] - leg for a, b, leg in links]
            from_first, to_last = legs[first], self.reach[last]
            alone = [to_first[a] + from_first[b] - leg for a, b, leg in links]
            second = [to_last[a] + from_last[b] - leg for a, b, leg in links]
        best: list[int] | None = None
        for attempt in range(TRIES):
            gaps = _cheapest(runs, together, alone, second)
            if not attempt and len(gaps) > 1 and self.random.random() < OVERLOOK:
                del gaps[0]
            if not gaps or driving + gaps[0][0] >= limit:
                break
            for added, a, b in gaps:
                if driving + added >= limit:
                    break
                middle = job if b < 0 else (first, *route[a + 1 : b + 1], last)
                found = [*route[: a + 1], *middle, *route[max(a, b) + 1 :]]
                costs = self._cost(found, limit)
                if costs < limit:
                    best, limit = found, costs
                    if costs <= cost + added + ROUNDING:
                        return best, limit
                (together if b < 0 else alone)[a] = inf
            if not attempt:
                # The cheapest places make something late: leave out those that do so by themselves.
                moments = self._moments(route)
                if second:
                    alone = self._on_time(first, route, moments, alone)
                    second = self._on_time(last, route, moments, second)
                else:
                    together = self._on_time(first, route, moments, together)
        return None if best is None else (best, limit)

    def _with_room(self, route: Sequence[int], job: tuple[int, ...]) -> list[tuple[int, int]]:
        """Return between which gaps there is room for a job all the way: the first, and the one after the last."""
        gaps = len(route) - 1
        runs = [(0, gaps)]
        for room, changes in self.problem.loads:
            loads = list(accumulate(map(changes.__getitem__, route[1:-1]), initial=0))
            change = changes[job[0]]
            spare = room - change if change > 0 else room
            if max(loads) <= spare:
                continue
            full = [load > spare for load in loads]
            if len(job) == 1:
                # What is fetched stays on board to the end, what is brought was there from the start.
                side = (gaps - full[::-1].index(True), gaps) if change > 0 else (0, full.index(True))
                free = [side]
            else:
                walls = [-1, *(gap for gap, is_full in enumerate(full) if is_full), gaps]
                free = [(a + 1, b) for a, b in pairwise(walls)]
            runs = [(max(a, c), min(b, d)) for a, b in runs for c, d in free if max(a, c) < min(b, d)]
        return runs

    def _moments(self, route: Sequence[int]) -> tuple[list[float], list[float]]:
        """Return when each stop but the last is left, and by when each but the first must be begun for all after it."""
        legs, service, opens, closes = self.legs, self.service, self.opens, self.closes
        clock, here = self.problem.clock, route[0]
        leaves = [clock]
        for stop in route[1:-1]:
            clock = max(clock + legs[here][stop], opens[stop]) + service[stop]
            leaves.append(clock)
            here = stop
        by, after = closes[route[-1]], route[-1]
        latest = [by]
        for stop in route[-2:0:-1]:
            by = min(closes[stop], by - legs[stop][after] - service[stop])
            latest.append(by)
            after = stop
        return leaves, latest[::-1]

    def _on_time(
        self, stop: int, route: Sequence[int], moments: tuple[list[float], list[float]], costs: Sequence[float]
    ) -> list[float]:
        """Return what a stop costs in each gap, infinite if it, or what comes after it, is late then."""
        opens, closes, takes, leave = self.opens[stop], self.closes[stop], self.service[stop], self.legs[stop]
        leaves, latest = moments
        return [
            cost
            if (arrives := left + self.legs[before][stop]) <= closes
            and max(arrives, opens) + takes + leave[after] <= by
            else inf
            for cost, left, before, after, by in zip(costs, leaves, route, route[1:], latest, strict=False)
        ]


def _cheapest(
    runs: Sequence[tuple[int, int]], together: Sequence[float], alone: Sequence[float], second: Sequence[float]
) -> list[Gap]:
    """Return the best gap of each run of gaps for both stops at once, and the best two for one after the other."""
    found: list[Gap] = []
    for begin, end in runs:
        least = min(together[begin:end])
        if least < inf:
            found.append((least, together.index(least, begin), -1))
        if not second:
            continue
        # From the end on: the cheapest gap for the second stop behind each for the first.
        least = rest = inf
        gap = behind = after = end - 1
        for number in range(end - 2, begin - 1, -1):
            if second[number + 1] < rest:
                rest, behind = second[number + 1], number + 1
            if alone[number] + rest <= least:
                least, gap, after = alone[number] + rest, number, behind
        if least < inf:
            found.append((least, gap, after))
    found.sort()
    return found
