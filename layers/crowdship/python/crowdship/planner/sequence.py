"""The best order of one driver's open stops.

A dynamic programme over sets of stops (Held and Karp 1962) with labels of cost and time, cut down by a lower bound of
what is still to come. The bound is the cheapest walk through the positions of the route, in which a stop may come up
more than once (Picard and Queyranne 1978); subgradient steps put a price on each stop so that the walk visits it about
once. Plain Python: functions that carry no solver can run it.

Waiting makes one figure for a label too few: who is there earlier has more of it ahead. With a weight ``w`` of it, a
label of cost ``c`` at time ``t`` is dominated by another at the same stops only if neither ``t`` nor ``c - w * t`` is
less: whatever the other waits in its place is then paid for.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from operator import add, itemgetter, sub
from typing import Any

from crowdship.planner.routes import Matrix, Stop, Vehicle, Weights, on_board

ALWAYS_EXACT = 10
"""Up to so many stops the search is never cut short but by the caller."""

NARROW, WIDE = 12, 60
"""How many labels a layer keeps at first, and in the end if there are more stops than that."""

THOROUGH = 3000
"""As wide as pays where nobody waits: at 25 stops it takes some tenths of a second and misses hardly anything."""

AROUND = 5
"""Stops so many places apart, or more, keep their order while an order's surroundings are searched."""

ROUNDS = 5
"""Subgradient steps on a short route; on a longer one, where each takes longer and leads less far, there are two."""

ROUNDING = 1e-7

Label = tuple[float, float, float, int, int, Any]
"""Lower bound of the whole cost, cost so far less the prices of the stops, time, stops, last stop, label before."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of stops.

    Parameters
    ----------
    cost : float
        What the route costs in seconds of driving, committed stops included.
    optimal : bool
        It is proven that no order costs less.
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
    width: int = WIDE,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Ordered | None:
    """Return the stops in the order that costs least.

    Parameters
    ----------
    stops : sequence of Stop
        In any order but for those committed; a drop-off without its pickup is on board.
    committed : int
        So many stops at the head stay where they are, and no window of theirs is anybody's to keep any more.
    width : int
        How many labels a layer keeps if there are more than ``ALWAYS_EXACT`` stops.
    may_go_on : callable
        False once the time is up: the best order so far is the answer then.

    Returns
    -------
    Ordered or None
        None if no order keeps what must be kept (capacity, and the windows if lateness weighs infinitely), or if time
        was up before one was found.
    """
    problem = _Problem(stops, vehicle, matrix, weights, committed)
    if not problem.count:
        return Ordered(problem.head, problem.sunk, optimal=True)
    search = _Search(problem, may_go_on)
    search.run(width if problem.count > ALWAYS_EXACT else inf)
    if search.best is None:
        return None
    order = _order_of(search.best)
    return Ordered((*problem.head, *(problem.stops[n] for n in order)), search.limit, search.proven)


def _order_of(label: Label) -> list[int]:
    """Return the stops that led to a label, first to last."""
    order = []
    while label[5] is not None:
        order.append(label[4])
        label = label[5]
    return order[::-1]


class _Problem:
    """The stops as lists of numbers, in the shape that the search reads."""

    def __init__(
        self, stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix, weights: Weights, committed: int
    ) -> None:
        self.waiting, self.lateness = weights.waiting, weights.lateness
        self.hard = self.lateness == inf
        self.head, self.stops = tuple(stops[:committed]), tuple(stops[committed:])
        self.clock, here, self.sunk = vehicle.on_at, vehicle.start, 0.0
        self.off_at = vehicle.off_at
        for stop in self.head:
            leg = matrix[here][stop.place]
            arrives = self.clock + leg
            begins = max(arrives, stop.opens_at)
            late = 0.0 if self.hard else self.lateness * max(0.0, begins - stop.closes_at)
            self.sunk += leg + self.waiting * (begins - arrives) + late
            self.clock, here = begins + stop.service_s, stop.place
        self.count = len(self.stops)
        if self.head and not self.stops:
            self._come_to_the_end(vehicle, matrix[here])
        places = [stop.place for stop in self.stops]
        from_here = matrix[here]
        self.first = [from_here[place] for place in places]
        self.legs = []
        for place in places:
            row = matrix[place]
            self.legs.append([row[other] for other in places])
        self.service = [stop.service_s for stop in self.stops]
        self.opens = [stop.opens_at for stop in self.stops]
        self.closes = [stop.closes_at for stop in self.stops]
        end = vehicle.end
        self.last = [0.0] * self.count if end is None else [matrix[place][end] for place in places]
        self.spans = [[span + leg for leg in row] for span, row in zip(self.service, self.legs, strict=True)]
        numbers = range(self.count)
        pickups = {stop.job: n for n, stop in enumerate(self.stops) if stop.pickup}
        self.before = [0] * self.count
        for n, stop in enumerate(self.stops):
            if not stop.pickup and stop.job in pickups:
                self.before[n] = 1 << pickups[stop.job]
        self._take_loads(stops, vehicle, committed)
        self.possible = True
        self.earliest = list(self.opens)
        self.reach: list[tuple[list[float], list[int]]] = []
        if self.hard:
            self._tighten()
        self._rank(numbers)

    def _come_to_the_end(self, vehicle: Vehicle, from_here: Sequence[float]) -> None:
        """Add the way home of a route that is all committed."""
        leg = 0.0 if vehicle.end is None else from_here[vehicle.end]
        over = 0.0 if self.hard else max(0.0, self.clock + leg - vehicle.off_at)
        self.sunk += leg + (self.lateness * over if over else 0.0)

    def _take_loads(self, stops: Sequence[Stop], vehicle: Vehicle, committed: int) -> None:
        """Keep the loads of those things alone that might not fit."""
        self.loads: list[tuple[int, list[int]]] = []
        aboard = on_board(stops, len(vehicle.capacity)) if vehicle.capacity else ()
        for thing, (holds, load) in enumerate(zip(vehicle.capacity, aboard, strict=True)):
            changes = [stop.load[thing] if stop.load else 0 for stop in self.stops]
            load += sum(stop.load[thing] for stop in self.head if stop.load)
            room = holds - load
            if sum(change for change in changes if change > 0) > room:
                self.loads.append((room, changes))

    def _tighten(self) -> None:
        """Find what the windows say about the order: who must come before whom, and who can't be reached any more."""
        numbers = range(self.count)
        quickest = self._quickest()
        earliest, closes = self.earliest, self.closes
        for n in numbers:
            way = min(leg + row[n] for leg, row in zip(self.first, quickest, strict=True))
            earliest[n] = max(earliest[n], self.clock + way)
            closes[n] = min(closes[n], self.off_at - self.service[n])
        for n in numbers:
            if self.before[n]:
                pickup = self.before[n].bit_length() - 1
                earliest[n] = max(earliest[n], earliest[pickup] + quickest[pickup][n])
                closes[pickup] = min(closes[pickup], closes[n] - quickest[pickup][n])
        for n in numbers:
            ready = earliest[n] - ROUNDING
            self.before[n] |= sum(1 << m for m in numbers if ready + quickest[n][m] > closes[m])
        for n in numbers:
            leave_by = sorted((closes[m] - way + ROUNDING, 1 << m) for m, way in enumerate(quickest[n]) if m != n)
            self.reach.append(([moment for moment, _ in leave_by], [0, *accumulate(bit for _, bit in leave_by)]))

    def _quickest(self) -> list[list[float]]:
        """Return the least time from the start of service at one stop to another, over others or not.

        A stop in between may save time on a matrix that doesn't keep the triangle inequality.
        """
        quickest = [list(row) for row in self.spans]
        for n in range(self.count):
            quickest[n][n] = 0.0
        for over, onward in enumerate(quickest):
            for row in quickest:
                way = row[over]
                row[:] = [known if known < way + on else way + on for known, on in zip(row, onward, strict=True)]
        return quickest

    def _rank(self, numbers: range) -> None:
        """Say at which positions a stop may be, and which may follow at once upon which."""
        before = self.before
        for over in numbers:
            bit, more = 1 << over, before[over]
            for n in numbers:
                if before[n] & bit:
                    before[n] |= more
        after = [0] * self.count
        for n in numbers:
            if before[n] >> n & 1:
                self.possible = False
            for m in numbers:
                if before[n] >> m & 1:
                    after[m] |= 1 << n
        self.lowest = [mask.bit_count() for mask in before]
        self.highest = [self.count - 1 - mask.bit_count() for mask in after]
        self.begins = [inf if before[n] else leg for n, leg in enumerate(self.first)]
        self.follows = []
        for n, row in enumerate(self.legs):
            ready, span = self.earliest[n] - ROUNDING, self.spans[n]
            self.follows.append(
                [
                    inf
                    if n == m
                    or before[n] >> m & 1
                    or before[m] & after[n]
                    or (self.hard and ready + span[m] > self.closes[m])
                    else leg
                    for m, leg in enumerate(row)
                ]
            )


class _Search:
    """What is known so far: the best order, and the bound that cuts off others."""

    def __init__(self, problem: _Problem, may_go_on: Callable[[], bool]) -> None:
        self.problem = problem
        self.may_go_on = may_go_on
        self.best: Label | None = None
        self.limit = inf
        self.proven = False
        self.lower = -inf

    def run(self, width: float) -> None:
        """Search until the best order is proven, or all has been done that the width allows."""
        problem = self.problem
        if not problem.possible:
            return
        self._take_floors()
        self._take_prices()
        self._raise_bound(ROUNDS if problem.count <= ALWAYS_EXACT else 2)
        self._extend(NARROW, self._in_order(range(problem.count), 1))
        self._extend(NARROW, problem.before)
        while self.best and not self.proven and self.may_go_on():
            before = self.limit
            self._extend(inf, self._in_order(_order_of(self.best), AROUND))
            if self.limit > before - ROUNDING:
                break
        while not self.proven and self.may_go_on():
            self._extend(width, problem.before)
            if self.best:
                break
            width *= 4

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

    def _extend(self, width: float, before: list[int]) -> None:  # noqa: C901
        """Extend routes stop by stop, the cheapest ``width`` of each length, and keep the best whole one.

        Parameters
        ----------
        before : list of int
            What must come before each stop, as sets of bits.
        """
        problem, prices = self.problem, self.prices
        count, limit = problem.count, self.limit - ROUNDING
        reduced = [list(map(sub, row, prices)) for row in (*problem.legs, problem.first)]
        spans = [*problem.spans, problem.first]
        opens, closes, reach, hard = problem.opens, problem.closes, problem.reach, problem.hard
        waiting, lateness = problem.waiting, problem.lateness
        free: dict[int, list[int]] = {}
        complete = True
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
                        self.best, self.limit, limit = reached, bound, bound - ROUNDING
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
                layer.sort(key=itemgetter(0))
                del layer[int(width) :]
                complete = False
            if width > NARROW and not self.may_go_on():
                return
        self.proven = self.lower >= self.limit - ROUNDING or (complete and before is problem.before)

    def _may_follow(self, mask: int, before: list[int]) -> list[int]:
        """Return the stops that may come next after a set of them."""
        problem = self.problem
        left = (1 << problem.count) - 1 & ~mask
        may, rest = [], left
        while rest:
            bit = rest & -rest
            rest ^= bit
            n = bit.bit_length() - 1
            if not before[n] & left:
                may.append(n)
        for room, changes in problem.loads:
            load = sum(change for n, change in enumerate(changes) if mask >> n & 1)
            may = [n for n in may if changes[n] <= 0 or load + changes[n] <= room]
        return may
