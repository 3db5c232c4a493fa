"""A large zone is cut into districts that are planned one after the other, or in parallel on several processors.

The cuts are straight lines at the middle of the pickups, across the wider side, until no district has more than
``LARGEST`` orders. Every driver belongs to the district they are in. What a cut spoils is repaired afterwards: the
plans of all districts together are searched once more around the orders that drivers of another district could
fetch, so that a district with orders to spare borrows from one with drivers to spare.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from crowdship.planner.matching.model import Driver, MatchingRules, Order, Plan, Travel, Xy
from crowdship.planner.matching.search import MatchingSearch

LARGEST = 200
"""The most orders of a district; a zone with no more orders is planned as a whole."""

PATIENCE_S = 30.0
"""Seconds to wait for a copy of this process after this process's own share is done."""

SLICES = 10
"""Turns in which the districts of one processor are searched."""


@dataclass(frozen=True, slots=True)
class District:
    """Orders and drivers that are planned together."""

    orders: tuple[Order, ...]
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True)
class StartPlan:
    """The plan from which the search of the whole zone starts.

    Parameters
    ----------
    plan : mapping
        Trips by driver.
    borders : sequence of int or None
        The orders to search around, as numbers; None for all.
    rounds : int
        Steps that the districts took.
    complete : bool
        False if one of them was stopped before its length.
    """

    plan: Plan
    borders: Sequence[int] | None
    rounds: int
    complete: bool


def plan(
    orders: Sequence[Order],
    drivers: Sequence[Driver],
    travel: Travel,
    rules: MatchingRules,
    now: float,
    seed: int,
    before: Plan,
    may_go_on: Callable[[], bool],
    processes: int = 1,
) -> StartPlan:
    """Plan the districts of a zone; a small zone is left to the search as it is.

    Parameters
    ----------
    orders, drivers : sequences
        Sorted, so that the districts don't depend on names.
    processes : int
        Number of processes to use at once.
    """
    parts = cut(orders, drivers, rules.east_scale)
    if len(parts) < 2:
        return StartPlan(before, None, 0, complete=True)

    def planned(numbers: Sequence[int]) -> list[tuple[Plan, int, bool]]:
        searches = [
            MatchingSearch(part.orders, part.drivers, travel, rules, now, random.Random(seed + number), before)
            for number, part in ((number, parts[number]) for number in numbers)
        ]
        complete = [True] * len(searches)
        for turn in range(SLICES):  # in turns, so that every district is searched when the budget ends
            for number, search in enumerate(searches):
                complete[number] &= search.run(may_go_on, share=1 / SLICES)
                if turn in (SLICES // 2, SLICES - 1):
                    search.exchange()
        return [(search.named(), search.rounds, done) for search, done in zip(searches, complete, strict=True)]

    workers = min(len(parts), processes)
    found = _at_once(planned, [range(first, len(parts), workers) for first in range(workers)])
    complete = len(found) == len(parts) and all(f[2] for f in found)
    joined = {driver: trips for named, _, _ in found for driver, trips in named.items()}
    return StartPlan(joined, _borders(orders, parts, rules.east_scale), sum(f[1] for f in found), complete)


def cut(orders: Sequence[Order], drivers: Sequence[Driver], east_scale: float = 1.0) -> list[District]:
    """Return the districts of a zone: each order and each driver in exactly one of them.

    Parameters
    ----------
    east_scale : float
        As in ``MatchingRules``.
    """
    if len(orders) <= LARGEST:
        return [District(tuple(orders), tuple(drivers))]
    xs, ys = sorted(o.pickup[0] for o in orders), sorted(o.pickup[1] for o in orders)
    axis = 0 if xs[-1] - xs[0] >= east_scale * (ys[-1] - ys[0]) else 1
    line = (xs, ys)[axis][len(orders) // 2]

    def below(place: Xy) -> bool:
        return place[axis] < line

    low, high = [o for o in orders if below(o.pickup)], [o for o in orders if not below(o.pickup)]
    if not low or not high:  # all pickups are at one place
        return [District(tuple(orders), tuple(drivers))]
    return [
        *cut(low, [driver for driver in drivers if below(driver.at)], east_scale),
        *cut(high, [driver for driver in drivers if not below(driver.at)], east_scale),
    ]


def _borders(orders: Sequence[Order], parts: Sequence[District], east_scale: float) -> list[int]:
    """Return the orders that are not farther from another district's pickups than from most of their own."""
    number_of = {order.id: number for number, order in enumerate(orders)}
    boxes = [_box(part.orders) for part in parts]
    found = []
    for own, part in enumerate(parts):
        (south, west), (north, east) = boxes[own]
        reach = 0.15 * max(north - south, east_scale * (east - west))
        for order in part.orders:
            if any(_apart(order.pickup, box, east_scale) <= reach for other, box in enumerate(boxes) if other != own):
                found.append(number_of[order.id])
    return sorted(found)


def _box(orders: Iterable[Order]) -> tuple[Xy, Xy]:
    places = [order.pickup for order in orders]
    xs, ys = [place[0] for place in places], [place[1] for place in places]
    return (min(xs), min(ys)), (max(xs), max(ys))


def _apart(place: Xy, box: tuple[Xy, Xy], east_scale: float) -> float:
    (south, west), (north, east) = box
    above = max(south - place[0], place[0] - north, 0.0)
    aside = max(west - place[1], place[1] - east, 0.0)
    return max(above, east_scale * aside)


def _at_once[T](work: Callable[[Sequence[int]], list[T]], shares: Sequence[Sequence[int]]) -> list[T]:
    """Return the results of all shares; every share but the first is computed by a copy of this process.

    Pipes are used because a process pool needs shared memory, which Lambda lacks. The results of a copy that died are
    missing; the search of the whole zone then places those orders.
    """
    context = get_context("fork")

    def tell(share: Sequence[int], out: Connection) -> None:
        out.send(work(share))
        out.close()

    running = []
    for share in shares[1:]:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=tell, args=(share, sender), daemon=True)
        process.start()
        sender.close()
        running.append((process, receiver))
    try:
        found = work(shares[0])
        for _, receiver in running:
            with suppress(EOFError, OSError):
                if receiver.poll(PATIENCE_S):
                    found += receiver.recv()
    finally:
        for process, receiver in running:
            receiver.close()
            process.terminate()
            process.join()
    return found
