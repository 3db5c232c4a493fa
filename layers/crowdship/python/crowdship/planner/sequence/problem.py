"""The stops of a route as lists of numbers."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from math import inf

from crowdship.planner.routes import Matrix, Stop, Vehicle, Weights, on_board
from crowdship.planner.timetable import legs_of, visits

ROUNDING = 1e-7


class Problem:
    """The stops as lists of numbers, in the shape that the search reads."""

    def __init__(
        self, stops: Sequence[Stop], vehicle: Vehicle, matrix: Matrix, weights: Weights, committed: int
    ) -> None:
        self.waiting, self.lateness = weights.waiting, weights.lateness
        self.hard = self.lateness == inf
        self.head, self.stops = tuple(stops[:committed]), tuple(stops[committed:])
        self.clock, here, self.sunk = vehicle.on_at, vehicle.start, 0.0
        self.off_at = vehicle.off_at
        legs = legs_of(self.head, here, matrix)
        for stop, leg, times in zip(self.head, legs, visits(self.head, self.clock, legs), strict=True):
            arrives, begins, self.clock = times
            late = 0.0 if self.hard else self.lateness * max(0.0, begins - stop.closes_at)
            self.sunk += leg + self.waiting * (begins - arrives) + late
            here = stop.place
        self.count, self.matrix = len(self.stops), matrix
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
        rooms = self._take_loads(stops, vehicle)
        self.vehicle = replace(vehicle, start=here, on_at=self.clock, capacity=tuple(rooms))
        """The vehicle as it leaves the head, with what it holds of those things alone that might not fit."""
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

    def _take_loads(self, stops: Sequence[Stop], vehicle: Vehicle) -> list[int]:
        """Keep the loads of those things alone that might not fit; return how many an empty vehicle holds of each."""
        self.loads: list[tuple[int, list[int]]] = []
        rooms = []
        still_aboard = on_board(self.stops, len(vehicle.capacity))
        aboard = on_board(stops, len(vehicle.capacity)) if vehicle.capacity else ()
        for thing, (holds, load) in enumerate(zip(vehicle.capacity, aboard, strict=True)):
            changes = [stop.load[thing] if stop.load else 0 for stop in self.stops]
            load += sum(stop.load[thing] for stop in self.head if stop.load)
            room = holds - load
            if sum(change for change in changes if change > 0) > room:
                self.loads.append((room, changes))
                rooms.append(room + still_aboard[thing])
        return rooms

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
                for n, on in enumerate(onward):
                    if way + on < row[n]:
                        row[n] = way + on
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
