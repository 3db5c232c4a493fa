"""A route with the sums that tell what one stop more costs at any place.

The times here are those of :func:`crowdship.planner.timetable.walk`, kept in a form of their own because hundreds of
routes are looked at for one order: reading them off ``walk`` took twice as long (4.0 beside 2.0 microseconds for 13
stops), and trying a place takes no walk at all, only sums over what comes before it and after it (Savelsbergh 1992).
Property tests hold them to the one timetable.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from math import inf

from crowdship.planner.insertion.bounds import least_on_time
from crowdship.planner.insertion.model import MAY_DIFFER, ROUNDING, InsertionPoint, Running
from crowdship.planner.routes import Matrix, Stop, Weights, on_board


class Line:
    """A route with what is needed to tell what a stop more costs.

    Attributes
    ----------
    running : Running
    """

    __slots__ = (
        "arrives",
        "ends",
        "home",
        "late",
        "lates",
        "leaves",
        "legs",
        "loads",
        "looked_aboard",
        "looked_ahead",
        "looked_back",
        "matrix",
        "over",
        "places",
        "room",
        "rows",
        "running",
        "slack",
        "waits",
        "weights",
    )

    def __init__(self, running: Running, matrix: Matrix, weights: Weights) -> None:
        self.running, self.matrix, self.weights = running, matrix, weights
        self.home = running.vehicle.end
        self.looked_ahead = self.looked_back = self.looked_aboard = False

    @property
    def cost(self) -> float:
        """Cost of the route as it is, in seconds of driving."""
        wasted = self._wasted(self.weights.lateness)
        return sum(self.legs) + wasted

    @property
    def late_s(self) -> float:
        """Seconds by which its stops and its end are late in all."""
        self._look_back()
        return self.lates[0]

    def _look_ahead(self) -> None:
        """Find the ways, and when each stop is reached and left."""
        if self.looked_ahead:
            return
        self.looked_ahead = True
        vehicle, stops, matrix = self.running.vehicle, self.running.stops, self.matrix
        clock, row = vehicle.on_at, matrix[vehicle.start]
        places, rows, legs, arrives, leaves = [], [row], [], [], [clock]
        for stop in stops:
            place = stop.place
            leg = row[place]
            row = matrix[place]
            places.append(place)
            rows.append(row)
            legs.append(leg)
            clock += leg
            arrives.append(clock)
            if clock < stop.opens_at:
                clock = stop.opens_at
            clock += stop.service_s
            leaves.append(clock)
        legs.append(0.0 if self.home is None or not stops else row[self.home])
        self.places, self.rows, self.legs, self.arrives, self.leaves = places, rows, legs, arrives, leaves
        self.ends = clock + legs[-1]
        self.over = max(0.0, self.ends - vehicle.off_at) if stops else 0.0

    def _look_back(self) -> None:
        """Sum up, from each stop on, waiting and lateness, and how much later one may come without more of that."""
        if self.looked_back:
            return
        self.looked_back = True
        self._look_ahead()
        spare = max(0.0, self.running.vehicle.off_at - self.ends)
        waited, lated = 0.0, self.over
        waits, lates, slack, lateness = [waited], [lated], [spare], []
        for stop, arrival in zip(reversed(self.running.stops), reversed(self.arrives), strict=True):
            wait = late = 0.0
            if arrival < stop.opens_at:
                wait = stop.opens_at - arrival
                arrival = stop.opens_at
            ahead = stop.closes_at - arrival
            if ahead < 0.0:
                late, ahead = -ahead, 0.0
            spare = wait + (ahead if ahead < spare else spare)
            waited += wait
            lated += late
            slack.append(spare)
            waits.append(waited)
            lates.append(lated)
            lateness.append(late)
        self.waits, self.lates, self.slack, self.late = waits[::-1], lates[::-1], slack[::-1], lateness[::-1]

    def _look_aboard(self) -> None:
        """Find what is on board before each stop, and how much more fits at the fullest moment."""
        if self.looked_aboard:
            return
        self.looked_aboard = True
        capacity, stops = self.running.vehicle.capacity, self.running.stops
        self.loads: list[list[int]] = []
        for thing, load in enumerate(on_board(stops, len(capacity)) if capacity else ()):
            changes = [stop.load[thing] if stop.load else 0 for stop in stops]
            self.loads.append([*accumulate(changes, initial=load)])
        self.room = [holds - max(aboard) for holds, aboard in zip(capacity, self.loads, strict=True)]

    def running_with(self, stops: Sequence[Stop], place: InsertionPoint) -> Running:
        """Return the route with more stops."""
        merged = list(self.running.stops)
        for offset, (spot, stop) in enumerate(zip(place.spots, stops, strict=True)):
            merged.insert(spot + offset, stop)
        return replace(self.running, stops=tuple(merged))

    def best_place(self, stops: Sequence[Stop], limit: float = inf, *, on_time: bool = False) -> InsertionPoint | None:
        """Return where one stop, or a pickup and its drop-off, cost least.

        Parameters
        ----------
        limit : float
            The place has to cost less than this.
        on_time : bool
            True if nothing may be later than it closes that was not before.

        Returns
        -------
        InsertionPoint or None
            None if there is no room, or nothing else that may be.
        """
        on_time = on_time or self.weights.lateness == inf
        self._look_back()
        if len(stops) == 1:
            return self._place_of_one(stops[0], limit, on_time)
        return self._place_of_two(stops[0], stops[1], limit, on_time)

    def least_of(self, stops: Sequence[Stop], *, on_time: bool) -> float:
        """Return a lower bound of the cost of one stop, or of a pickup and its drop-off, with what they may save."""
        on_time = on_time or self.weights.lateness == inf
        least = least_on_time(self.running, stops, self.matrix) if on_time else None
        return (self._least_anywhere(stops) if least is None else least) - self._may_save(on_time)

    def _may_save(self, on_time: bool) -> float:
        """Return how much waiting and lateness there is at all that a job might save."""
        lateness = 0.0 if on_time else self.weights.lateness
        return 0.0 if not self.weights.waiting and lateness in (0.0, inf) else self._wasted(lateness)

    def _wasted(self, lateness: float) -> float:
        """Return what waiting and lateness cost, at a price of a second of lateness."""
        late = lateness * self.late_s if self.late_s else 0.0
        return self.weights.waiting * self.waits[0] + late

    def _least_anywhere(self, stops: Sequence[Stop]) -> float:
        """Return the least detour of all places."""
        self._look_ahead()
        head = self.running.committed
        first = self._detours(stops[0], stops[0])[head:]
        if len(stops) == 1:
            return min(first)
        second = self._detours(stops[1], stops[1])[head + 1 :]
        apart = [adds + later for adds, later in zip(accumulate(first, min), second, strict=False)]
        return min(*self._detours(*stops)[head:], *apart, inf)

    def _detours(self, first: Stop, last: Stop) -> list[float]:
        """Return what a stop, or two in a row, add to the driving before each stop and at the end."""
        a, there = first.place, self.matrix[last.place]
        between = 0.0 if first is last else self.matrix[a][last.place]
        detours = [
            row[a] + between + there[onward] - leg
            for row, onward, leg in zip(self.rows, self.places, self.legs, strict=False)
        ]
        end = 0.0 if self.home is None else there[self.home]
        detours.append(self.rows[-1][a] + between + end - self.legs[-1])
        return detours

    def _rest(self, spot: int, leaves: float, there: Sequence[float], on_time: bool) -> tuple[float, float]:
        """Return how much later the route ends, and how much later than late it is from a stop on.

        Parameters
        ----------
        spot : int
            Number of the stop that comes next.
        leaves : float
            Moment at which the stop before it is left.
        there : sequence of float
            Seconds from there to each place.
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
        self._look_aboard()
        full = [False] * (len(self.places) + 1)
        for more, spare, aboard, holds in zip(load, self.room, self.loads, self.running.vehicle.capacity, strict=False):
            if more > spare:
                full = [was or held + more > holds for was, held in zip(full, aboard, strict=True)]
        return full

    def _place_of_one(self, stop: Stop, limit: float, on_time: bool) -> InsertionPoint | None:
        waiting, lateness = self.weights.waiting, 0.0 if on_time else self.weights.lateness
        count, there = len(self.places), self.matrix[stop.place]
        best: InsertionPoint | None = None
        detours = self._detours(stop, stop)
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
                limit, best = added, InsertionPoint((spot,), added, late)
        return best

    def _place_of_two(  # noqa: C901
        self, pickup: Stop, dropoff: Stop, limit: float, on_time: bool
    ) -> InsertionPoint | None:
        waiting, lateness = self.weights.waiting, 0.0 if on_time else self.weights.lateness
        places, rows, legs = self.places, self.rows, self.legs
        count, a, b = len(places), pickup.place, dropoff.place
        from_a, from_b = self.matrix[a], self.matrix[b]
        detours_a, detours_b = self._detours(pickup, pickup), self._detours(dropoff, dropoff)
        together = self._detours(pickup, dropoff)
        stops, service = self.running.stops, pickup.service_s + dropoff.service_s
        full: list[bool] | None = None
        # Unless the drop-off is a short cut somewhere, what is late without it is late with it.
        slack = self.slack if on_time and min(detours_b) + dropoff.service_s >= 0.0 else [inf] * count
        best: InsertionPoint | None = None
        after, onward = inf, inf
        for first in range(count, self.running.committed - 1, -1):
            # The drop-off at once, or at the cheapest place further on.
            onward = after if after < onward else onward
            after, apart = detours_b[first], detours_a[first] + onward
            may_save = waiting * self.waits[first] + lateness * self.lates[first]
            if (apart if apart < together[first] else together[first]) - may_save >= limit - ROUNDING:
                continue
            begins = self.leaves[first] + rows[first][a]
            if begins < pickup.opens_at:
                begins = pickup.opens_at
            late = begins - pickup.closes_at if begins > pickup.closes_at else 0.0
            if on_time and late > MAY_DIFFER:
                continue
            full = full or self._full(pickup.load)
            if full[first]:
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
                                limit, best = added, InsertionPoint((first, second), added, more)
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
