"""Arrivals at the stops of a route, each with the interval that holds most such arrivals."""

from collections.abc import Sequence

from crowdship.routes.stops import Stop
from crowdship.routes.timetable import Start, waypoints
from crowdship.travel.conditions import Learned
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.expectation import Arrival, Span, interval
from crowdship.travel.in_traffic import InTraffic


def arrivals(stops: Sequence[Stop], start: Start, travel: InTraffic, learned: Learned) -> dict[str, Arrival]:
    """Return when each stop begins, with the interval that holds most such arrivals, by stop.

    Who is early waits for the window to open: from there on the uncertainty of the way before counts no more. What is
    behind a way that does not exist has no arrival. The means are those of ``timed``.
    """
    travel.know_legs(waypoints(stops, start))
    found: dict[str, Arrival] = {}
    here, since, spans = start.point, start.at, list[Span]()
    for stop in stops:
        if stop.arrived_at is None:
            driving = travel.span(here, stop.point)
            if driving.seconds >= NO_WAY_S:
                break
            spans.append(driving)
        arrival = interval(since, spans)
        if arrival.at < stop.opens_at:
            arrival = arrival.model_copy(
                update={
                    "at": stop.opens_at,
                    "earliest": stop.opens_at,
                    "latest": max(stop.opens_at, arrival.latest),
                }
            )
            since, spans = stop.opens_at, []
        elif arrival.earliest < stop.opens_at:
            arrival = arrival.model_copy(update={"earliest": stop.opens_at})
        found[stop.stop_id] = _there(stop, arrival)
        # As long as the plan says, and as surely as such stays are.
        usual, stay_s = learned.stay(stop.kind, stop.point), stop.stay_s(start.at)
        spans.append(Span(stay_s, usual.variance * (stay_s / max(1.0, usual.seconds)) ** 2))
        here = stop.point
    return {stop_id: _in_seconds(arrival) for stop_id, arrival in found.items()}


def _there(stop: Stop, arrival: Arrival) -> Arrival:
    """Return a stop's arrival; of who is there it is known."""
    if stop.arrived_at is None:
        return arrival
    begins = stop.begins_at(stop.arrived_at)
    return arrival.model_copy(update={"at": begins, "earliest": begins, "latest": begins})


def _in_seconds(arrival: Arrival) -> Arrival:
    whole = {name: getattr(arrival, name).replace(microsecond=0) for name in ("at", "earliest", "latest")}
    return arrival.model_copy(update=whole)
