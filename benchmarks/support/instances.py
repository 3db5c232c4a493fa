"""Invented routes and fleets; the same seed gives the same ones."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, inf

from crowdship.planner.insertion import insert
from crowdship.planner.insertion.model import Running
from crowdship.planner.polish import polish
from crowdship.planner.polish.fleet import Bounds
from crowdship.planner.routes import Job, Stop, Vehicle, Weights, on_board
from crowdship.planner.timetable import timetable

DETOUR = 1.3
"""How much longer streets are than a straight line."""

DRIVING = Weights(waiting=0.0, lateness=1000.0)
"""Driving is what counts; windows are kept wherever they can be."""

SERVICES_S = (60.0, 90.0, 120.0)


def travel_times(points: Sequence[tuple[float, float]], speed_mps: float) -> list[list[float]]:
    """Return whole seconds between points in metres."""
    return [[float(round(DETOUR * hypot(x - u, y - v) / speed_mps)) for u, v in points] for x, y in points]


def route(count: int, seed: int, wider_s: float) -> tuple[tuple[Stop, ...], Vehicle, list[list[float]]]:
    """Return a driver's stops: a fifth of them on board, the rest pickups and drop-offs.

    Windows lie around the times of an order that is good but not the best, so there is a way to keep them all.

    Parameters
    ----------
    wider_s : float
        How much earlier each window opens and later it closes.
    """
    rng = random.Random(f"route {count} {seed}")
    aboard = max(1, round(count / 5))
    aboard += (count - aboard) % 2
    points = [(rng.uniform(0, 6000), rng.uniform(0, 6000)) for _ in range(count + 1)]
    matrix = travel_times(points, 5.0)
    stops = []
    for number in range(1, count + 1):
        pickup = number > aboard and (number - aboard) % 2 == 1
        job = number - 1 if number > aboard and not pickup else number
        load = rng.randint(1, 3) if pickup or number <= aboard else -stops[-1].load[0]
        stops.append(Stop(f"job {job}", number, pickup, (-abs(load) if not pickup else load,)))
    load = on_board(stops, 1)[0]
    vehicle = Vehicle("driver", start=0, capacity=(load + rng.randint(6, 12),))
    windowed = []
    order = _plausible(stops, load, vehicle, matrix, rng)
    for stop, begins in zip(order, timetable(order, vehicle, matrix).begins, strict=True):
        opens = max(0.0, begins - rng.uniform(0, 900) - wider_s)
        closes = begins + rng.uniform(300, 1200) + wider_s
        windowed.append(replace(stop, opens_at=float(round(opens)), closes_at=float(round(closes))))
    rng.shuffle(windowed)
    return tuple(windowed), vehicle, matrix


def _plausible(
    stops: Sequence[Stop], load: int, vehicle: Vehicle, matrix: Sequence[Sequence[float]], rng: random.Random
) -> list[Stop]:
    """Return an order that goes on to a near stop, mostly the nearest."""
    order: list[Stop] = []
    left, here = list(stops), vehicle.start
    while left:
        waiting = {stop.job for stop in left if stop.pickup}
        may = [
            stop
            for stop in left
            if (load + stop.load[0] <= vehicle.capacity[0] if stop.pickup else stop.job not in waiting)
        ]
        may.sort(key=lambda stop: matrix[here][stop.place])
        stop = may[min(len(may) - 1, int(rng.expovariate(1.5)))]
        order.append(stop)
        left.remove(stop)
        load += stop.load[0]
        here = stop.place
    return order


@dataclass(frozen=True)
class Fleet:
    """Routes under way, and urgent orders that come in."""

    routes: tuple[Running, ...]
    urgent: tuple[Job, ...]
    matrix: list[list[float]]
    now: float

    @property
    def open_orders(self) -> int:
        """How many orders have a stop ahead."""
        return len({stop.job for running in self.routes for stop in running.stops})


def fleet(seed: int, urgent: int, *, drivers: int = 30, orders: int = 200) -> Fleet:
    """Return a city's routes half an hour into its day, and orders that nobody expected.

    The day is planned order by order and then improved without bounds; the clock is put forward, what is done is gone,
    what is fetched is on board, and everybody is on the way to their next stop.
    """
    rng = random.Random(f"fleet {seed}")
    centres = [(rng.uniform(2000, 10000), rng.uniform(2000, 10000)) for _ in range(4)]

    def point() -> tuple[float, float]:
        if rng.random() < 0.5:
            return rng.uniform(0, 12000), rng.uniform(0, 12000)
        x, y = rng.choice(centres)
        return min(12000.0, max(0.0, rng.gauss(x, 1000))), min(12000.0, max(0.0, rng.gauss(y, 1000)))

    points = [point() for _ in range(drivers + 2 * (orders + urgent))]
    matrix = travel_times(points, 6.0)
    routes = [Running(Vehicle(f"driver {n}", start=n, capacity=(rng.randint(4, 8),))) for n in range(drivers)]

    def order(name: str, number: int, ready: float) -> Job:
        load, place = rng.randint(1, 2), drivers + 2 * number
        direct = matrix[place][place + 1]
        pickup_by = ready + rng.uniform(1800, 3600)
        return Job(
            name,
            (
                Stop(name, place, True, (load,), ready, pickup_by, rng.choice(SERVICES_S)),
                Stop(name, place + 1, False, (-load,), ready, pickup_by + direct + rng.uniform(1200, 3600), 90.0),
            ),
        )

    day = 2 * 3600.0
    for number in range(orders):
        job = order(f"order {number}", number, float(round(rng.uniform(0, day))))
        best = insert(routes, job, matrix, DRIVING).best
        if best and best.on_time:
            routes[best.number] = best.route
    everything = Bounds(most_moved=inf, worth_s=0.0)
    planned = polish(routes, matrix, DRIVING, everything, steps=0, level=5).routes
    now = 1800.0
    return Fleet(
        tuple(_at(running, matrix, now) for running in planned),
        tuple(order(f"urgent {n}", orders + n, now) for n in range(urgent)),
        matrix,
        now,
    )


def _at(running: Running, matrix: Sequence[Sequence[float]], now: float) -> Running:
    """Return what is left of a route at a moment, its next stop committed."""
    begins = timetable(running.stops, running.vehicle, matrix).begins
    done = sum(1 for moment in begins if moment < now)
    vehicle = running.vehicle
    if done:
        last = running.stops[done - 1]
        vehicle = replace(vehicle, start=last.place, on_at=begins[done - 1] + last.service_s)
    left = running.stops[done:]
    return Running(vehicle, left, committed=min(1, len(left)))
