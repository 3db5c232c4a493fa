"""VROOM's local search on routes under way, where it is installed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import floor
from typing import Any

from crowdship.planner.engines import vroom
from crowdship.planner.insertion.model import Running
from crowdship.planner.polish.fleet import movable
from crowdship.planner.routes import Job, Matrix, Stop
from crowdship.planner.timetable import Timetable, timetable

TENTHS = 10
"""VROOM counts in whole numbers; these are tenths of a second."""


def improved_by_vroom(
    routes: Sequence[Running],
    matrix: Matrix,
    *,
    level: int = 5,
    new: Iterable[Job] = (),
    skills: Mapping[str, frozenset[str]] = {},
) -> tuple[Running, ...] | None:
    """Return what VROOM makes of routes under way, from the order they are in.

    Parameters
    ----------
    new : iterable of Job
        Jobs that nobody has yet; all must find a place.

    Returns
    -------
    tuple of Running or None
        None if VROOM is not installed, or left something out.
    """
    engine = vroom()
    if engine is None:
        return None
    listed = tuple(new)
    if not listed and all(len(running.stops) <= running.committed for running in routes):
        return tuple(routes)  # VROOM refuses a problem without a task
    return _VroomModel(engine, routes, matrix, listed, skills).solve(level)


class _VroomModel:
    """Routes under way in VROOM's terms.

    A vehicle starts where its committed stops end. A window that the route misses anyway is held open until then, as
    VROOM knows no lateness. Travel times are cut to tenths of a second, so that a route which is just on time for us is
    on time for it.
    """

    def __init__(
        self,
        engine: Any,
        routes: Sequence[Running],
        matrix: Matrix,
        new: Sequence[Job],
        skills: Mapping[str, frozenset[str]],
    ) -> None:
        self.engine, self.routes = engine, routes
        self.begins_at = min((running.vehicle.on_at for running in routes), default=0.0)
        self.stops: list[Stop] = []
        self.things = max((len(running.vehicle.capacity) for running in routes), default=0)
        names = sorted({skill for running in routes for skill in running.vehicle.skills})
        self.skills = {name: len(routes) + number for number, name in enumerate(names)}
        self.problem = engine.Input()
        places = {stop.place for job in new for stop in job.stops}
        for running in routes:
            ends = (running.vehicle.start, running.vehicle.end)
            places.update(place for place in (*ends, *(stop.place for stop in running.stops)) if place is not None)
        self.rows = {place: number for number, place in enumerate(sorted(places))}
        legs = [[floor(TENTHS * matrix[a][b] + 1e-6) for b in self.rows] for a in self.rows]
        self.problem.set_durations_matrix("car", legs)
        for number, running in enumerate(routes):
            self._add_vehicle(number, running, timetable(running.stops, running.vehicle, matrix), skills)
        for job in new:
            self._add_job(job.stops, [stop.closes_at for stop in job.stops], self._ids(job.skills))

    def _tenths(self, moment: float) -> int:
        return floor(TENTHS * (min(moment, self.begins_at + 1e8) - self.begins_at) + 1e-6)

    def _ids(self, skills: Iterable[str]) -> set[int]:
        """Return skills as numbers; one that nobody has is a number that nobody has."""
        return {self.skills.get(skill, len(self.routes) + len(self.skills)) for skill in skills}

    def _add_vehicle(
        self, number: int, running: Running, plan: Timetable, skills: Mapping[str, frozenset[str]]
    ) -> None:
        engine, vehicle, head = self.engine, running.vehicle, running.committed
        free = movable(running)
        begins = dict(zip(running.stops, plan.begins, strict=True))
        open_stops = running.stops[head:]
        steps = []
        ids: dict[str, int] = {}
        for stop in open_stops:
            if stop.job in ids:
                steps.append(engine.VehicleStepDelivery(ids[stop.job]))
                continue
            its = free.get(stop.job, (stop,))
            wants = self._ids(skills.get(stop.job, ())) if stop.job in free else {number}
            ids[stop.job] = self._add_job(its, [max(one.closes_at, begins[one]) for one in its], wants)
            steps.append(
                engine.VehicleStepPickup(ids[stop.job]) if len(its) > 1 else engine.VehicleStepSingle(ids[stop.job])
            )
        here, leaves = vehicle.start, vehicle.on_at
        if head:
            last = running.stops[head - 1]
            here, leaves = last.place, plan.begins[head - 1] + last.service_s
        self.problem.add_vehicle(
            engine.Vehicle(
                number,
                start=self.rows[here],
                end=None if vehicle.end is None else self.rows[vehicle.end],
                capacity=list(vehicle.capacity),
                skills={number, *self._ids(vehicle.skills)},
                time_window=engine.TimeWindow(self._tenths(leaves), self._tenths(max(vehicle.off_at, plan.ends_at))),
                steps=steps,
            )
        )

    def _add_job(self, stops: Sequence[Stop], closes: Sequence[float], skills: set[int]) -> int:
        """Add a job and return its number: that of its first stop."""
        engine, number = self.engine, len(self.stops)
        self.stops.extend(stops)
        told = [
            {
                "location": self.rows[stop.place],
                "default_service": floor(TENTHS * stop.service_s),
                "time_windows": [
                    engine.TimeWindow(
                        max(0, self._tenths(stop.opens_at)), max(0, self._tenths(stop.opens_at), self._tenths(close))
                    )
                ],
            }
            for stop, close in zip(stops, closes, strict=True)
        ]
        amount = list(map(abs, stops[0].load)) or [0] * self.things
        if len(stops) == 2:
            steps = [engine.ShipmentStep(number, **one) for one in told]
            self.problem.add_job(engine.Shipment(*steps, amount=amount, skills=skills))
        else:
            held = {"pickup" if stops[0].pickup else "delivery": amount}
            self.problem.add_job(engine.Job(number, **held, skills=skills, **told[0]))
        return number

    def solve(self, level: int) -> tuple[Running, ...] | None:
        """Return the routes, or None if anything is left out."""
        solution = self.problem.solve(exploration_level=level, nb_threads=1)
        if solution.summary.unassigned:
            return None
        found: list[list[Stop]] = [list(running.stops[: running.committed]) for running in self.routes]
        table = solution._routes_numpy()
        for vehicle, kind, number in zip(table["vehicle_id"], table["type"], table["id"], strict=True):
            if kind in _STOPS:
                found[int(vehicle)].append(self.stops[int(number) + _STOPS[kind]])
        return tuple(replace(running, stops=tuple(stops)) for running, stops in zip(self.routes, found, strict=True))


_STOPS = {b"job": 0, b"pickup": 0, b"delivery": 1}
"""VROOM's steps that are stops, and which of their job."""
