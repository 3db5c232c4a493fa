"""The exact search: a dynamic programme over sets of stops, cut down by a lower bound and, if wished, to a width.

Labels hold cost and time (Held and Karp 1962 with a second figure). The bound is the cheapest walk through the
positions of the route, in which a stop may come up more than once (Picard and Queyranne 1978); subgradient steps put a
price on each stop so that the walk visits it about once.

Waiting makes one figure for a label too few: who is there earlier has more of it ahead. With a weight ``w`` of it, a
label of cost ``c`` at time ``t`` is dominated by another at the same stops only if neither ``t`` nor ``c - w * t`` is
less: whatever the other waits in its place is then paid for.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import inf
from operator import add, itemgetter, sub
from typing import Any

from crowdship.planner.sequence.problem import ROUNDING, Problem

NARROW = 12
"""The number of labels that a layer keeps at first."""

AROUND = 5
"""Stops so many places apart, or more, keep their order while an order's surroundings are searched."""

Label = tuple[float, float, float, int, int, Any]
"""Lower bound of the whole cost, cost so far less the prices of the stops, time, stops, last stop, label before."""


class SequenceSearch:
    """The state of the search: the best order so far, and the bound that cuts off others."""

    def __init__(self, problem: Problem, may_go_on: Callable[[], bool]) -> None:
        self.problem = problem
        self.may_go_on = may_go_on
        self.bits = [1 << n for n in range(problem.count)]
        self.order: list[int] | None = None
        self.limit = inf
        self.proven = False
        self.lower = -inf
        # Until there is a bound: nothing is known of what is ahead but the way home.
        self.prices = [0.0] * problem.count
        self.tails = [*([self.prices] * (problem.count - 1)), problem.last]

    def begin(self, rounds: int) -> None:
        """Find the bound by so many subgradient steps, and a first order if that is easy."""
        self._take_floors()
        self._take_prices()
        self._raise_bound(rounds)
        self._extend(NARROW, self._in_order(range(self.problem.count), 1))
        self._extend(NARROW, self.problem.before)

    def search_around(self) -> None:
        """Look for a better order among those in which no stop moves far, again and again."""
        while self.order and not self.proven and self.may_go_on():
            before = self.limit
            self._extend(inf, self._in_order(self.order, AROUND))
            if self.limit > before - ROUNDING:
                break

    def search_whole(self, width: float) -> None:
        """Look for the best order, with ever more labels in a layer as long as there is none at all."""
        while not self.proven and self.may_go_on():
            self._extend(width, self.problem.before)
            if self.order:
                break
            width *= 4

    def prove(self, width: int) -> None:
        """Look for the best order, and give up as soon as a layer takes more labels than that."""
        if not self.proven and self.may_go_on():
            self._extend(width, self.problem.before, gives_up=True)

    def take(self, order: list[int], cost: float) -> None:
        """Take over an order if it costs less than the best so far."""
        if cost < self.limit - ROUNDING:
            self.order, self.limit = order, cost
            self.proven = self.lower >= cost - ROUNDING

    def _in_order(self, order: Sequence[int], apart: int) -> list[int]:
        """Return what comes before each stop if stops ``apart`` or more places from each other keep their order.

        Balas (1999): that leaves exponentially many orders, but few sets of stops to look at.
        """
        mask, before = 0, list(self.problem.before)
        for place, stop in enumerate(order):
            if place >= apart:
                mask |= 1 << order[place - apart]
            before[stop] |= mask
        return before

    def _take_floors(self) -> None:
        """Find the least lateness of each stop at each position; infinite where it can't be."""
        problem, weight = self.problem, self.problem.lateness
        last = problem.count - 1
        columns = list(zip(*problem.follows, strict=True))
        times = [max(opens, problem.clock + leg) for opens, leg in zip(problem.opens, problem.begins, strict=True)]
        self.floors: list[list[float]] = []
        for position in range(problem.count):
            row = []
            for n, time in enumerate(times):
                late = time - problem.closes[n]
                if position == last:
                    late = max(late, 0.0) + max(0.0, time + problem.service[n] + problem.last[n] - problem.off_at)
                if time == inf or not problem.lowest[n] <= position <= problem.highest[n]:
                    row.append(inf)
                elif late > ROUNDING:
                    row.append(weight * late)
                else:
                    row.append(0.0)
            self.floors.append(row)
            leaves = [time if floor < inf else inf for time, floor in zip(times, row, strict=True)]
            leaves = list(map(add, leaves, problem.service))
            times = [max(opens, min(map(add, leaves, way))) for opens, way in zip(problem.opens, columns, strict=True)]

    def _take_prices(self) -> None:
        """Begin with half of what it costs at least to come to a stop and to go on."""
        problem = self.problem
        come = [min(column) for column in zip(problem.begins, *problem.follows, strict=True)]
        go = [min(row) for row in problem.follows]
        self.prices = [
            ((there if there < inf else 0.0) + (on if on < inf else 0.0)) / 2
            for there, on in zip(come, go, strict=True)
        ]

    def _raise_bound(self, rounds: int) -> None:
        """Find prices of the stops by which the cheapest walk visits each about once, and what is left from each."""
        problem, floors, follows = self.problem, self.floors, self.problem.follows
        count, prices, share, stuck = problem.count, self.prices, 1.0, 0
        for _ in range(rounds):
            tails, values = [problem.last], []
            for position in range(count - 1, -1, -1):
                value = list(map(sub, map(add, tails[-1], floors[position]), prices))
                values.append(value)
                tails.append([min(map(add, row, value)) for row in follows])
            tails.pop()
            tails.reverse()
            values.reverse()
            ways = list(map(add, problem.begins, values[0]))
            least = min(ways)
            found = least + sum(prices) + problem.sunk
            if found > self.lower:
                self.lower, self.tails, self.prices = found, tails, prices
                stuck = 0
            else:
                stuck += 1
                share = share / 2 if stuck % 3 == 0 else share
            if least == inf:
                break
            visits = [-1] * count
            for position in range(count):
                here = ways.index(least)
                visits[here] += 1
                if position < count - 1:
                    ways = list(map(add, follows[here], values[position + 1]))
                    least = min(ways)
            steepness = sum(times * times for times in visits)
            if not steepness:
                break
            step = share * (self.lower * 1.03 - found + 1.0) / steepness
            prices = [price - step * times for price, times in zip(prices, visits, strict=True)]

    def _extend(self, width: float, before: list[int], *, gives_up: bool = False) -> None:  # noqa: C901
        """Extend routes stop by stop, the cheapest ``width`` of each length, and keep the best whole one.

        Parameters
        ----------
        before : list of int
            The stops that must come before each stop, as sets of bits.
        gives_up : bool
            True to end the search at a layer of more labels, rather than to cut the layer down.
        """
        problem, prices = self.problem, self.prices
        count, limit = problem.count, self.limit - ROUNDING
        reduced = [list(map(sub, row, prices)) for row in (*problem.legs, problem.first)]
        spans = [*problem.spans, problem.first]
        opens, closes, reach, hard = problem.opens, problem.closes, problem.reach, problem.hard
        waiting, lateness = problem.waiting, problem.lateness
        free: dict[int, list[int]] = {}
        complete, best = True, None
        layer: list[Label] = [(0.0, problem.sunk + sum(prices), problem.clock, 0, count, None)]
        for position, tail in enumerate(self.tails):
            following: dict[int, list[Label]] = {}
            is_last = position == count - 1
            for label in layer:
                _, cost_here, time_here, mask, here, _ = label
                may = free.get(mask)
                if may is None:
                    may = free[mask] = self._may_follow(mask, before)
                row, span = reduced[here], spans[here]
                for n in may:
                    cost = cost_here + row[n]
                    bound = cost + tail[n]
                    if bound >= limit:
                        continue
                    time = time_here + span[n]
                    if time < opens[n]:
                        wait = waiting * (opens[n] - time)
                        time = opens[n]
                        cost += wait
                        bound += wait
                    elif time > closes[n]:
                        if hard:
                            if time > closes[n] + ROUNDING:
                                continue
                        else:
                            late = lateness * (time - closes[n])
                            cost += late
                            bound += late
                    now = mask | 1 << n
                    if hard:
                        moments, gone = reach[n]
                        if gone[bisect_left(moments, time)] & ~now:
                            continue
                    if is_last:
                        over = time + problem.service[n] + problem.last[n] - problem.off_at
                        if over > ROUNDING:
                            bound += lateness * over
                    if bound >= limit:
                        continue
                    reached = (bound, cost, time, now, n, label)
                    if is_last:
                        best, self.limit, limit = reached, bound, bound - ROUNDING
                        continue
                    key = now * count + n
                    others = following.get(key)
                    if others is None:
                        following[key] = [reached]
                        continue
                    worth = cost - waiting * time
                    for other in others:
                        if other[2] <= time and other[1] - waiting * other[2] <= worth:
                            break
                    else:
                        others[:] = [o for o in others if o[2] < time or o[1] - waiting * o[2] < worth]
                        others.append(reached)
            layer = [label for labels in following.values() for label in labels]
            if len(layer) > width:
                if gives_up:
                    return
                layer.sort(key=itemgetter(0))
                del layer[int(width) :]
                complete = False
            if width > NARROW and not is_last and not self.may_go_on():
                return
        if best:
            self.order = _order_of(best)
        self.proven = self.lower >= self.limit - ROUNDING or (complete and before is problem.before)

    def _may_follow(self, mask: int, before: list[int]) -> list[int]:
        """Return the stops that may come next after a set of them."""
        left = (1 << self.problem.count) - 1 & ~mask
        may = [
            n for n, (bit, first) in enumerate(zip(self.bits, before, strict=True)) if bit & left and not first & left
        ]
        for room, changes in self.problem.loads:
            load = sum([change for bit, change in zip(self.bits, changes, strict=True) if bit & mask])
            may = [n for n in may if changes[n] <= 0 or load + changes[n] <= room]
        return may


def _order_of(label: Label) -> list[int]:
    """Return the stops that led to a label, first to last."""
    order = []
    while label[5] is not None:
        order.append(label[4])
        label = label[5]
    return order[::-1]
