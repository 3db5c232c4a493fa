"""Arrivals at the stops of a route, each with the interval that holds most such arrivals."""

from collections.abc import Sequence

from crowdship.routes.stops import Stop
from crowdship.routes.timetable import Start, begins_at, visits, waypoints
from crowdship.travel.conditions import Learned
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.expectation import Arrival, Span, interval
from crowdship.travel.in_traffic import InTraffic

THERE = Span(0.0)
"""The way of a driver who is at the stop already."""


def arrivals(stops: Sequence[Stop], start: Start, travel: InTraffic, learned: Learned) -> dict[str, Arrival]:
    """Return when each stop begins, with the interval that holds most such arrivals, by stop.

    The moments are those of ``timed``, since both walk the same timetable. A driver who is early waits for the window
    to open; the uncertainty of the way before it does not count after that. Stops behind a way that does not exist
    have no arrival. Of a stop where the driver is already, the arrival is known.
    """
    travel.know_legs(waypoints(stops, start))
    ways = _ways(stops, start, travel)
    reached = stops[: len(ways)]
    found: dict[str, Arrival] = {}
    since, spans = start.at, list[Span]()
    for stop, way, times in zip(reached, ways, visits(reached, start, (w.seconds for w in ways)), strict=True):
        arrives_s, begins_s, _ = times
        spans.append(way)
        around, begins = interval(since, spans), begins_at(stop, start, begins_s)
        earliest, latest = max(stop.opens_at, min(around.earliest, begins)), max(around.latest, begins)
        if stop.arrived_at is not None:
            earliest = latest = begins
        found[stop.stop_id] = Arrival(
            at=begins.replace(microsecond=0),
            earliest=earliest.replace(microsecond=0),
            latest=latest.replace(microsecond=0),
            coverage=around.coverage,
        )
        if begins_s > arrives_s:
            since, spans = stop.opens_at, []
        # The length is the plan's; the uncertainty is that of such stays, in proportion.
        usual, stay_s = learned.stay(stop.kind, stop.point), stop.stay_s(start.at)
        spans.append(Span(stay_s, usual.variance * (stay_s / max(1.0, usual.seconds)) ** 2))
    return found


def _ways(stops: Sequence[Stop], start: Start, travel: InTraffic) -> list[Span]:
    """Return the way to each stop, up to the first that does not exist."""
    found: list[Span] = []
    here = start.point
    for stop in stops:
        way = THERE if stop.arrived_at is not None else travel.span(here, stop.point)
        if way.seconds >= NO_WAY_S:
            break
        found.append(way)
        here = stop.point
    return found
