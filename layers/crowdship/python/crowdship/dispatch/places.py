"""Drivers and their stops in the planner's terms: places by number, and the travel times between them. Pure."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.dispatch.eligibility import Available
from crowdship.kernel.geo import Point
from crowdship.planner import routes as planner
from crowdship.routes.stops import Stop
from crowdship.routes.timetable import planned_stop
from crowdship.travel.times import TravelTimes


class Places:
    """Places of a planning problem, each with a number.

    Attributes
    ----------
    matrix : list of list of float
        Travel times from each place to each, seconds.
    """

    def __init__(self, points: Iterable[Point], travel: TravelTimes) -> None:
        spots = list(dict.fromkeys((point.lat, point.lon) for point in points))
        self._numbers = {spot: number for number, spot in enumerate(spots)}
        travel.know(spots)
        self.matrix = [[travel.seconds_between(a, b) for b in spots] for a in spots]

    def planned(self, stop: Stop, now: datetime) -> planner.Stop:
        """Return the planner's view of a stop at one of these places."""
        return planned_stop(stop, self._number(stop.point), now)

    def vehicle(self, entry: Available, now: datetime, skills: frozenset[str] = frozenset()) -> planner.Vehicle:
        """Return the planner's view of a driver who is at one of these places."""
        return planner.Vehicle(
            id=entry.driver.id,
            start=self._number(entry.at),
            capacity=(entry.capacity.weight_g, entry.capacity.volume_l),
            on_at=now.timestamp(),
            skills=skills,
        )

    def _number(self, point: Point) -> int:
        return self._numbers[point.lat, point.lon]
