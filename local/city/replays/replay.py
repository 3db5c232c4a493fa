"""Replay of a meal-delivery instance by the engine alone, minute by minute; a day of the platform is compared with it.

The rules are those of the instances' own evaluator. A courier makes one trip at a time, from one restaurant, with any
number of orders, and starts as soon as the trip is assigned. Ways are straight and take whole minutes, rounded up.
Half of a service time passes before a pickup or hand-over, the other half after it. No pickup is later than the
courier's shift. The replay has no offers, no phones and no absent customers, and decisions take no time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.city.plans.mdrp import Parameters, parameters_of, rows_of
from local.city.replays.engine import Engine
from local.city.results.summary import Journey

Place = tuple[float, float]
Tell = Callable[[float], None]


@dataclass
class _Courier:
    id: str
    at: Place
    on: float
    off: float
    free_at: float
    delivered: int = 0


@dataclass(frozen=True)
class _Order:
    id: str
    restaurant: str
    placed: float
    ready: float
    at: Place


@dataclass
class Replay:
    """The result of a replayed day.

    Parameters
    ----------
    journeys : list of Journey
        The journeys of all orders that were delivered.
    undelivered : list of str
        Orders that no courier took before the last shift ended.
    """

    journeys: list[Journey] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)


def replay(folder: Path, tell: Tell = lambda share: None) -> Replay:
    """Replay an instance.

    Parameters
    ----------
    tell : callable
        Called now and then with the share of the day that is over.

    Raises
    ------
    PlanError
        If a file is missing.
    """
    parameters = parameters_of(folder)
    restaurants = {row["restaurant"]: _place(row) for row in rows_of(folder / "restaurants.txt")}
    to_come = sorted(
        (
            _Order(row["order"], row["restaurant"], float(row["placement_time"]), float(row["ready_time"]), _place(row))
            for row in rows_of(folder / "orders.txt")
        ),
        key=lambda order: (order.placed, order.id),
        reverse=True,
    )
    couriers = [
        _Courier(row["courier"], _place(row), float(row["on_time"]), float(row["off_time"]), float(row["on_time"]))
        for row in rows_of(folder / "couriers.txt")
    ]
    engine = Engine(parameters.told(), restaurants)
    day = Replay()
    waiting: dict[str, _Order] = {}
    begins = min(to_come[-1].placed, min(courier.on for courier in couriers))
    ends = max(courier.off for courier in couriers)
    now = begins
    while now <= ends and (to_come or waiting):
        while to_come and to_come[-1].placed <= now:
            order = to_come.pop()
            waiting[order.id] = order
        there = [courier for courier in couriers if courier.on <= now <= courier.off]
        if waiting and there:
            for answer in engine.decide(_seen(now, waiting.values(), there)):
                _carry_out(answer, now, waiting, there, restaurants, parameters, day)
            tell((now - begins) / max(1.0, ends - begins))
        now += 1
    day.undelivered = sorted([*waiting, *(order.id for order in to_come)])
    return day


def _place(row: Mapping[str, str]) -> Place:
    return float(row["x"]), float(row["y"])


def _minutes(a: Place, b: Place, parameters: Parameters) -> int:
    return math.ceil(math.dist(a, b) / parameters.metres_per_minute)


def _seen(now: float, waiting: Any, there: Sequence[_Courier]) -> dict[str, Any]:
    """Return the input of the engine, which has only what has happened by now."""
    return {
        "now": now,
        "orders": [
            {"id": o.id, "restaurant": o.restaurant, "placed": o.placed, "ready": o.ready, "x": o.at[0], "y": o.at[1]}
            for o in waiting
        ],
        "couriers": [
            {
                "id": c.id,
                "idle": c.free_at <= now,
                "x": c.at[0],
                "y": c.at[1],
                "free_at": max(c.free_at, now),
                "on": c.on,
                "off": c.off,
                "delivered": c.delivered,
            }
            for c in there
        ],
    }


def _carry_out(
    answer: Mapping[str, Any],
    now: float,
    waiting: dict[str, _Order],
    there: Sequence[_Courier],
    restaurants: Mapping[str, Place],
    parameters: Parameters,
    day: Replay,
) -> None:
    """Carry out a trip, unless the courier is under way, the pickup is after their shift, or restaurants differ."""
    courier = next(c for c in there if c.id == answer["courier"])
    trip = [waiting[order_id] for order_id in answer["orders"]]
    shop = restaurants[trip[0].restaurant]
    arrives = now + _minutes(courier.at, shop, parameters)
    picked_up = max(arrives + parameters.pickup_service / 2, *(order.ready for order in trip))
    if courier.free_at > now or picked_up > courier.off or any(o.restaurant != trip[0].restaurant for o in trip):
        return
    at, then = shop, picked_up + parameters.pickup_service / 2
    for order in trip:
        handed_over = then + _minutes(at, order.at, parameters) + parameters.dropoff_service / 2
        times = (now - order.placed, arrives - now, picked_up - arrives, handed_over - picked_up)
        day.journeys.append(Journey(order.id, *(timedelta(minutes=each) for each in times)))
        at, then = order.at, handed_over + parameters.dropoff_service / 2
        del waiting[order.id]
    courier.at, courier.free_at = at, then
    courier.delivered += len(trip)
