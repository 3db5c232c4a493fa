"""An urgent order into routes that are under way: where it costs least, at once.

Each route is walked once forwards, for when it is where, and once backwards, for how much later it may be there before
anything is late (Savelsbergh 1992). What a place in a route costs then takes a few sums, and most places are cut off by
the detour alone. The matrix may break the triangle inequality; results are exact all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf
from operator import add

from crowdship.planner.routes import Job, Matrix, Stop, Vehicle, Weights, on_board

ROUNDING = 1e-9
MAY_DIFFER = 1e-6
"""A stop this much later than it closes is on time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A route under way.

    Parameters
    ----------
    stops : tuple of Stop
        What is still to be done; a drop-off without its pickup is on board.
    committed : int
        So many stops at the head stay there.
    """

    vehicle: Vehicle
    stops: tuple[Stop, ...] = ()
    committed: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a route a job goes.

    Parameters
    ----------
    spots : tuple of int
        For each of its stops, before which stop of the present route it comes.
    added : float
        What the route costs more, in seconds of driving.
    late_s : float
        How much later than they close the stops of the route, and its end, are reached than before, in all.
    """

    spots: tuple[int, ...]
    added: float
    late_s: float


@dataclass(frozen=True, slots=True)
class Inserted:
    """Who takes a job along.

    Parameters
    ----------
    number : int
        Which of the routes.
    route : Running
        It with the job.
    """

    number: int
    place: Place
    route: Running

    @property
    def on_time(self) -> bool:
        """Nothing is late that was not late before."""
        return self.place.late_s <= MAY_DIFFER


@dataclass(frozen=True, slots=True)
class Detours:
    """What a job adds to the driving of a route, before each stop of it and at the end.

    Parameters
    ----------
    first, second : list of float
        What each of its stops adds alone.
    together : list of float
        What both add, one right after the other.
    each : list of float
        What both add at least if the first comes there.
    least : float
        The least of these behind the committed stops.
    """

    first: list[float]
    second: list[float]
    together: list[float]
    each: list[float]
    least: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The best vehicle for a job and the next best; None where there is none."""

    best: Inserted | None
    runner_up: Inserted | None = None


def insert(routes: Sequence[Running], job: Job, matrix: Matrix, weights: Weights) -> Choice:
    """Return who takes a job along at the least cost.

    No stop is made late by it if there is any way. If there is none, lateness costs what ``weights`` say, and a job
    that fits into any vehicle that has the skills is taken along.
    """
    lines = [
        (number, Line(running, matrix, weights))
        for number, running in enumerate(routes)
        if job.skills <= running.vehicle.skills
    ]
    return choose(lines, job)


def choose(lines: Sequence[tuple[int, "Line"]], job: Job) -> Choice:
    """Return the best two of some routes for a job, on time if any can be."""
    # Who passes nearest is looked at first: what they cost cuts off most of the others.
    ways = sorted(
        ((number, line, line.detours_of(job.stops)) for number, line in lines), key=lambda entry: entry[2].least
    )
    found = _best_two(ways, job, on_time=True) or _best_two(ways, job, on_time=False)
    best, runner_up, *_ = [
        *(Inserted(number, place, line.running_with(job.stops, place)) for number, place, line in found),
        None,
        None,
    ]
    return Choice(best, runner_up)


def _best_two(
    ways: Sequence[tuple[int, "Line", "Detours"]], job: Job, *, on_time: bool
) -> list[tuple[int, Place, "Line"]]:
    found: list[tuple[int, Place, Line]] = []
    limit = inf
    for number, line, detours in ways:
        place = line.best_place(job.stops, limit, on_time=on_time, detours=detours)
        if place:
            found = sorted([*found, (number, place, line)], key=lambda entry: entry[1].added)[:2]
            limit = found[1][1].added if len(found) == 2 else inf
    return found


class Line:
    """A route with what is needed to tell what a stop more costs.

    Attributes
    ----------
    running : Running
    cost : float
        What it costs as it is, in seconds of driving.
    """

    __slots__ = (
        "arrives",
        "cost",
        "ends",
        "home",
        "late",
        "lated",
        "lates",
        "leaves",
        "legs",
        "loads",
        "looked_back",
        "matrix",
        "over",
        "places",
        "room",
        "rows",
        "running",
        "slack",
        "waited",
        "waits",
        "weights",
    )

    def __init__(self, running: Running, matrix: Matrix, weights: Weights) -> None:
        self.running, self.matrix, self.weights = running, matrix, weights
        vehicle, stops = running.vehicle, running.stops
        row, clock = matrix[vehicle.start], vehicle.on_at
        driving = waiting = late = 0.0
        rows, leaves, legs, arrives = [row], [clock], [], []
        for stop in stops:
            place = stop.place
            leg = row[place]
            clock += leg
            legs.append(leg)
            arrives.append(clock)
            driving += leg
            if clock < stop.opens_at:
                waiting += stop.opens_at - clock
                clock = stop.opens_at
            elif clock > stop.closes_at:
                late += clock - stop.closes_at
            clock += stop.service_s
            row = matrix[place]
            rows.append(row)
            leaves.append(clock)
        self.rows, self.leaves, self.legs, self.arrives = rows, leaves, legs, arrives
        self.places = [stop.place for stop in stops]
        self.home = vehicle.end
        leg = 0.0 if vehicle.end is None or not stops else row[vehicle.end]
        legs.append(leg)
        self.ends = clock + leg
        self.over = max(0.0, self.ends - vehicle.off_at) if stops else 0.0
        late += self.over
        self.waited, self.lated = waiting, late
        self.cost = driving + leg + weights.waiting * waiting + (weights.lateness * late if late else 0.0)
        self.looked_back = False

    def _look_back(self) -> None:
        """Sum up, from each stop on, waiting and lateness, and how much later one may come without more of that.

        Many routes are cut off before this is needed.
        """
        if self.looked_back:
            return
        self.looked_back = True
        vehicle, stops = self.running.vehicle, self.running.stops
        waits, lates, slack = [0.0], [self.over], [max(0.0, vehicle.off_at - self.ends)]
        self.late: list[float] = []
        for stop, arrival in zip(reversed(stops), reversed(self.arrives), strict=True):
            wait = stop.opens_at - arrival if arrival < stop.opens_at else 0.0
            late = arrival + wait - stop.closes_at
            spare = min(-late, slack[-1])
            slack.append(wait + spare if spare > 0.0 else wait)
            waits.append(waits[-1] + wait)
            self.late.append(late if late > 0.0 else 0.0)
            lates.append(lates[-1] + self.late[-1])
        self.waits, self.lates, self.slack = waits[::-1], lates[::-1], slack[::-1]
        self.late.reverse()
        self.loads: list[list[int]] = []
        for thing, load in enumerate(on_board(stops, len(vehicle.capacity)) if vehicle.capacity else ()):
            changes = [stop.load[thing] if stop.load else 0 for stop in stops]
            self.loads.append([*accumulate(changes, initial=load)])
        self.room = [holds - max(aboard) for holds, aboard in zip(vehicle.capacity, self.loads, strict=True)]

    def running_with(self, stops: Sequence[Stop], place: Place) -> Running:
        """Return the route with more stops."""
        merged = list(self.running.stops)
        for offset, (spot, stop) in enumerate(zip(place.spots, stops, strict=True)):
            merged.insert(spot + offset, stop)
        return replace(self.running, stops=tuple(merged))

    def best_place(
        self, stops: Sequence[Stop], limit: float = inf, *, on_time: bool = False, detours: Detours | None = None
    ) -> Place | None:
        """Return where one stop, or a pickup and its drop-off, cost least.

        Parameters
        ----------
        limit : float
            What the place must cost less than.
        on_time : bool
            True if nothing may be later than it closes that was not before.
        detours : Detours or None
            What ``detours_of`` says, if it was asked.

        Returns
        -------
        Place or None
            None if there is no room, or none below the limit.
        """
        on_time = on_time or self.weights.lateness == inf
        detours = detours or self.detours_of(stops)
        lateness = 0.0 if on_time else self.weights.lateness
        if detours.least - self.weights.waiting * self.waited - lateness * self.lated >= limit - ROUNDING:
            return None
        if len(stops) == 1:
            return self._place_of_one(stops[0], limit, on_time, detours)
        return self._place_of_two(stops[0], stops[1], limit, on_time, detours)

    def detours_of(self, stops: Sequence[Stop]) -> Detours:
        """Return what one stop, or a pickup and its drop-off, adds to the driving at each place."""
        head = self.running.committed
        first = self.detours(stops[0].place)
        if len(stops) == 1:
            return Detours(first, first, first, first, min(first[head:]))
        a, b = stops[0].place, stops[1].place
        from_b, to_b = self.matrix[b], self.matrix[a][b]
        second = self.detours(b)
        together = [
            row[a] + to_b + from_b[onward] - leg
            for row, onward, leg in zip(self.rows, self.places, self.legs, strict=False)
        ]
        together.append(self.rows[-1][a] + to_b + (0.0 if self.home is None else from_b[self.home]) - self.legs[-1])
        # What the drop-off adds at least if it comes after the next stop.
        later = [*accumulate(reversed(second), min, initial=inf)][-2::-1]
        each = [*map(min, together, map(add, first, later))]
        return Detours(first, second, together, each, min(each[head:]))

    def detours(self, place: int) -> list[float]:
        """Return what going there before each stop, and at the end, adds to the driving."""
        there = self.matrix[place]
        detours = [
            row[place] + there[onward] - leg
            for row, onward, leg in zip(self.rows, self.places, self.legs, strict=False)
        ]
        end = 0.0 if self.home is None else there[self.home]
        detours.append(self.rows[-1][place] + end - self.legs[-1])
        return detours

    def _rest(self, spot: int, leaves: float, there: Sequence[float], on_time: bool) -> tuple[float, float]:
        """Return how much later the route ends, and how much later than late it is from a stop on.

        Parameters
        ----------
        spot : int
            Which stop comes next.
        leaves : float
            When the one before it is left.
        there : sequence of float
            The ways from there.
        """
        vehicle, stops = self.running.vehicle, self.running.stops
        count = len(stops)
        if spot < count:
            arrives = leaves + there[self.places[spot]]
            shift = arrives - self.arrives[spot]
            if 0.0 <= shift <= self.slack[spot] + MAY_DIFFER:
                waits = self.waits[spot]
                return (shift - waits if shift > waits else 0.0), 0.0
            if on_time and shift > 0.0:
                return 0.0, inf
            late = 0.0
            for n in range(spot, count):
                stop = stops[n]
                begins = arrives if arrives > stop.opens_at else stop.opens_at
                more = (begins - stop.closes_at if begins > stop.closes_at else 0.0) - self.late[n]
                if on_time and more > MAY_DIFFER:
                    return 0.0, inf
                late += more
                arrives = begins + stop.service_s + self.legs[n + 1]
        else:
            arrives = leaves + (0.0 if self.home is None else there[self.home])
            late = 0.0
        over = max(0.0, arrives - vehicle.off_at) - self.over
        if on_time and over > MAY_DIFFER:
            return 0.0, inf
        return arrives - self.ends, late + over

    def _full(self, load: Sequence[int]) -> list[bool]:
        """Return before which stops there is no room for a load."""
        full = [False] * (len(self.places) + 1)
        for more, spare, aboard, holds in zip(load, self.room, self.loads, self.running.vehicle.capacity, strict=False):
            if more > spare:
                full = [was or held + more > holds for was, held in zip(full, aboard, strict=True)]
        return full

    def _place_of_one(self, stop: Stop, limit: float, on_time: bool, ways: Detours) -> Place | None:
        waiting, lateness = self.weights.waiting, 0.0 if on_time else self.weights.lateness
        count, there = len(self.places), self.matrix[stop.place]
        best: Place | None = None
        detours = ways.first
        self._look_back()
        full = self._full([abs(change) for change in stop.load])
        for spot in range(self.running.committed, count + 1):
            detour = detours[spot]
            if detour - waiting * self.waits[spot] - lateness * self.lates[spot] >= limit - ROUNDING:
                continue
            # What is fetched stays on board to the end, what is brought was there from the start.
            if any(full[spot:] if stop.pickup else full[: spot + 1]):
                continue
            begins = max(self.leaves[spot] + self.rows[spot][stop.place], stop.opens_at)
            own = max(0.0, begins - stop.closes_at)
            if on_time and own > MAY_DIFFER:
                continue
            later, late = self._rest(spot, begins + stop.service_s, there, on_time)
            if late == inf:
                continue
            late += own
            added = detour + waiting * (later - detour - stop.service_s) + lateness * late
            if added < limit - ROUNDING:
                limit, best = added, Place((spot,), added, late)
        return best

    def _place_of_two(  # noqa: C901
        self, pickup: Stop, dropoff: Stop, limit: float, on_time: bool, ways: Detours
    ) -> Place | None:
        waiting, lateness = self.weights.waiting, 0.0 if on_time else self.weights.lateness
        places, rows, legs = self.places, self.rows, self.legs
        count, a, b = len(places), pickup.place, dropoff.place
        from_a, from_b = self.matrix[a], self.matrix[b]
        detours_a, detours_b, together, least = ways.first, ways.second, ways.together, ways.each
        self._look_back()
        stops, service = self.running.stops, pickup.service_s + dropoff.service_s
        full = self._full(pickup.load)
        # Unless the drop-off is a short cut somewhere, what is late without it is late with it.
        slack = self.slack if on_time and min(detours_b) + dropoff.service_s >= 0.0 else [inf] * count
        best: Place | None = None
        for first in range(self.running.committed, count + 1):
            may_save = waiting * self.waits[first] + lateness * self.lates[first]
            if least[first] - may_save >= limit - ROUNDING:
                continue
            if full[first]:
                continue
            begins = self.leaves[first] + rows[first][a]
            if begins < pickup.opens_at:
                begins = pickup.opens_at
            late = begins - pickup.closes_at if begins > pickup.closes_at else 0.0
            if on_time and late > MAY_DIFFER:
                continue
            clock, here = begins + pickup.service_s, from_a
            driving, detour_a = together[first], detours_a[first]
            # The drop-off comes before stop ``second``; those between are passed one after the other.
            for second in range(first, count + 1):
                if driving + lateness * late - may_save < limit - ROUNDING:
                    begins = clock + here[b]
                    if begins < dropoff.opens_at:
                        begins = dropoff.opens_at
                    own = begins - dropoff.closes_at if begins > dropoff.closes_at else 0.0
                    if own <= MAY_DIFFER or (not on_time and driving + lateness * (late + own) - may_save < limit):
                        later, more = self._rest(second, begins + dropoff.service_s, from_b, on_time)
                        if more < inf:
                            more += late + own
                            added = driving + waiting * (later - driving - service) + lateness * more
                            if added < limit - ROUNDING:
                                limit, best = added, Place((first, second), added, more)
                if second == count:
                    break
                stop = stops[second]
                begins = clock + (from_a[places[first]] if second == first else legs[second])
                if begins - self.arrives[second] > slack[second] + MAY_DIFFER:
                    break
                if begins < stop.opens_at:
                    begins = stop.opens_at
                more = (begins - stop.closes_at if begins > stop.closes_at else 0.0) - self.late[second]
                if on_time and more > MAY_DIFFER:
                    break
                if full[second + 1]:
                    break
                late += more
                clock, here = begins + stop.service_s, rows[second + 1]
                driving = detour_a + detours_b[second + 1]
        return best
