"""Sequencing with OR-Tools; only planning functions import this, it loads a solver."""

from collections.abc import Sequence

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from crowdship.routing.model import Load, Start, Stop, StopKind, cost_of, fits, in_order, on_board
from crowdship.routing.travel import TravelTimes

TIME_LIMIT_MS = 150
HORIZON_S = 24 * 3600


def sequence(
    stops: Sequence[Stop], start: Start, capacity: Load, travel: TravelTimes, lateness_weight: float
) -> tuple[Stop, ...]:
    """Return the stops in the best order found: pickups before drop-offs, within capacity, late as little as can be.

    A stop that has begun stays first. What is on board stays on board until its drop-off. If the solver finds
    nothing better, the order stays as it is.
    """
    present = tuple(stops)
    if len(present) < 2:
        return present
    order = _solve(present, start, capacity, travel, lateness_weight)
    if order is None or not in_order(order) or not fits(order, capacity):
        return present
    better = cost_of(order, start, travel).total(lateness_weight)
    return order if better < cost_of(present, start, travel).total(lateness_weight) else present


def _solve(
    stops: tuple[Stop, ...], start: Start, capacity: Load, travel: TravelTimes, lateness_weight: float
) -> tuple[Stop, ...] | None:
    count = len(stops)
    depot, end = count, count + 1  # the end costs nothing to reach, so the route ends wherever is best
    manager = pywrapcp.RoutingIndexManager(count + 2, 1, [depot], [end])
    model = pywrapcp.RoutingModel(manager)
    points = [stop.point for stop in stops] + [start.point]
    legs = [[round(travel.seconds(a, b)) for b in points] for a in points]

    def leg(from_index: int, to_index: int) -> int:
        a, b = manager.IndexToNode(from_index), manager.IndexToNode(to_index)
        return 0 if b == end else legs[a][b]

    def leg_and_dwell(from_index: int, to_index: int) -> int:
        a = manager.IndexToNode(from_index)
        return leg(from_index, to_index) + (stops[a].dwell_s if a < count else 0)

    driving = model.RegisterTransitCallback(leg)
    model.SetArcCostEvaluatorOfAllVehicles(driving)
    model.AddDimension(model.RegisterTransitCallback(leg_and_dwell), HORIZON_S, HORIZON_S, False, "time")
    time = model.GetDimensionOrDie("time")
    model.solver().Add(time.CumulVar(model.Start(0)) == 0)
    begins = start.at.timestamp()
    for node, stop in enumerate(stops):
        index = manager.NodeToIndex(node)
        opens = min(max(0, round(stop.opens_at.timestamp() - begins)), HORIZON_S)
        closes = min(max(0, round(stop.closes_at.timestamp() - begins)), HORIZON_S)
        time.CumulVar(index).SetMin(opens)
        time.SetCumulVarSoftUpperBound(index, closes, max(1, round(lateness_weight)))

    aboard = on_board(stops)
    for name, amounts, limit, before in (
        ("weight", [stop.weight_g for stop in stops], capacity.weight_g, aboard.weight_g),
        ("volume", [stop.volume_l for stop in stops], capacity.volume_l, aboard.volume_l),
    ):
        demands = [*amounts, before, 0]
        model.AddDimensionWithVehicleCapacity(
            model.RegisterUnaryTransitVector(demands), 0, [max(limit, before)], True, name
        )

    pickups = {stop.delivery_id: node for node, stop in enumerate(stops) if stop.kind is StopKind.PICKUP}
    for node, stop in enumerate(stops):
        if stop.kind is StopKind.DROPOFF and stop.delivery_id in pickups:
            fetch, bring = manager.NodeToIndex(pickups[stop.delivery_id]), manager.NodeToIndex(node)
            model.AddPickupAndDelivery(fetch, bring)
            model.solver().Add(time.CumulVar(fetch) <= time.CumulVar(bring))
    if stops[0].started:
        model.solver().Add(model.NextVar(model.Start(0)) == manager.NodeToIndex(0))

    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(TIME_LIMIT_MS if count > 4 else 20)
    solution = model.SolveWithParameters(parameters)
    if solution is None:
        return None
    order, index = [], solution.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(index):
        order.append(stops[manager.IndexToNode(index)])
        index = solution.Value(model.NextVar(index))
    return tuple(order)
