"""The best order of a driver's stops, found by the planner."""

from collections.abc import Callable, Sequence

from crowdship.planner.routes import Weights
from crowdship.planner.sequence import best_order
from crowdship.routes.stops import Stop, fixed_head
from crowdship.routes.timetable import WAITING_WEIGHT, Load, Start, cost_of, planned
from crowdship.travel.times import TravelTimes


def sequence(
    stops: Sequence[Stop],
    start: Start,
    capacity: Load,
    travel: TravelTimes,
    lateness_weight: float,
    may_go_on: Callable[[], bool] = lambda: True,
) -> tuple[Stop, ...]:
    """Return the stops in their best order: each pickup before its drop-off, within capacity, at the least cost.

    A stop that was started stays first; pinned ones and all before them stay where they are. Goods on board stay there
    until their drop-off. If no order is better, the present one stays. Nobody waits for the answer, so the search is
    thorough, and ends when ``may_go_on`` returns False.
    """
    present = tuple(stops)
    if len(present) < 2:
        return present
    asked, vehicle, matrix = planned(present, start, capacity, travel)
    weights = Weights(WAITING_WEIGHT, lateness_weight)
    found = best_order(
        asked,
        vehicle,
        matrix,
        weights,
        committed=fixed_head(present),
        thorough=True,
        may_go_on=may_go_on,
    )
    if found is None:
        return present
    order = tuple(present[stop.place] for stop in found.stops)
    better = cost_of(order, start, travel).total(lateness_weight)
    return order if better < cost_of(present, start, travel).total(lateness_weight) else present
