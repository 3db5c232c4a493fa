"""A lower bound of the cost of a job in a route, found in one walk; it cuts off half of the routes and more.

The walk is one of its own beside :mod:`crowdship.planner.timetable`: it is taken for every route and every order, finds
times and detours in one loop and ends early. Tests compare insertions with the best of all places, each driven by the
one timetable.
"""

from collections.abc import Sequence
from math import inf

from crowdship.planner.insertion.model import MAY_DIFFER, Running
from crowdship.planner.routes import Matrix, Stop


def least_on_time(running: Running, stops: Sequence[Stop], matrix: Matrix) -> float | None:  # noqa: C901
    """Return the least detour to places where each stop is on time by itself; None if the first is a short cut.

    One walk is enough, up to where it is too late for both. With a short cut the next stops would be reached sooner
    than now, and so might the second.
    """
    pickup, dropoff, head = stops[0], stops[-1], running.committed
    a, b, service = pickup.place, dropoff.place, pickup.service_s
    from_a, from_b, opens, next_opens = matrix[a], matrix[b], pickup.opens_at, dropoff.opens_at
    between, next_service = from_a[b], dropoff.service_s
    # Twice what may differ, so that no rounding cuts off what is just on time.
    by, next_by = pickup.closes_at + 2 * MAY_DIFFER, dropoff.closes_at + 2 * MAY_DIFFER
    if len(stops) == 1:
        next_by = -inf  # there is none
    too_late = max(by, next_by)
    clock, row, home = running.vehicle.on_at, matrix[running.vehicle.start], running.vehicle.end
    least = first = inf
    for spot, stop in enumerate((*running.stops, None)):
        if stop is not None:
            place, closes = stop.place, stop.closes_at
            leg, a_on, b_on = row[place], from_a[place], from_b[place]
        else:
            closes, leg, a_on, b_on = running.vehicle.off_at, 0.0, 0.0, 0.0
            if home is not None:
                leg, a_on, b_on = row[home] if running.stops else 0.0, from_a[home], from_b[home]
        arrives = clock + leg
        if spot >= head:
            # The stops that follow must not become late, or later than they are.
            latest = (closes if closes > arrives else arrives) + 2 * MAY_DIFFER
            to_a, to_b = row[a], row[b]
            adds = first + to_b + b_on - leg
            begins = clock + to_b
            if adds < least and begins <= next_by:
                if begins < next_opens:
                    begins = next_opens
                if begins + next_service + b_on <= latest:
                    least = adds
            begins = clock + to_a
            if begins <= by:
                if begins < opens:
                    begins = opens
                begins += service
                if begins + a_on < arrives:
                    return None
                adds = to_a + a_on - leg
                if adds < first and begins + a_on <= latest:
                    first = adds
                begins += between
                adds = to_a + between + b_on - leg
                if adds < least and begins <= next_by:
                    if begins < next_opens:
                        begins = next_opens
                    if begins + next_service + b_on <= latest:
                        least = adds
        if stop is None:
            break
        clock = (arrives if arrives > stop.opens_at else stop.opens_at) + stop.service_s
        if clock > too_late:
            break
        row = matrix[place]
    return first if len(stops) == 1 else least
