"""Grubhub's meal-delivery instances as a play: https://github.com/grubhub/mdrplib.

A folder holds ``couriers.txt``, ``orders.txt``, ``restaurants.txt`` and ``instance_parameters.txt``, with tabs
between the columns, places in metres and times in minutes of the day.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.city.plans.geometry import Point, distance_m, rectangle_around
from local.city.plans.plan import CityPlan, Pace, PlanError, PlannedDriver, PlannedOrder, Shop, Temper

ORIGIN = Point(38.9, -78.2)
"""Position of the instances' x = 0, y = 0; it is arbitrary, as they name no city."""

FILES = ("couriers.txt", "orders.txt", "restaurants.txt", "instance_parameters.txt")
SHOP = "restaurants"
MARGIN_M = 1500.0
WARM_UP = timedelta(minutes=10)
"""Business time between the beginning of the play and the first order, in which couriers come on duty."""

SEARCH_MINUTES = 120
"""Minutes that an order waits for a courier before it expires."""


@dataclass(frozen=True)
class Parameters:
    """Parameters of an instance: the only row of ``instance_parameters.txt``."""

    metres_per_minute: float
    pickup_service: float
    dropoff_service: float
    target_click_to_door: float
    most_click_to_door: float
    pay_per_order: float
    pay_per_hour: float

    def told(self) -> dict[str, float]:
        """Return the parameters with the names of the replay's protocol."""
        return {
            "meters_per_minute": self.metres_per_minute,
            "pickup_service": self.pickup_service,
            "dropoff_service": self.dropoff_service,
            "target_ctd": self.target_click_to_door,
            "max_ctd": self.most_click_to_door,
            "pay_per_order": self.pay_per_order,
            "pay_per_hour": self.pay_per_hour,
        }


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of one of the files."""
    try:
        with path.open(newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t"))
    except FileNotFoundError:
        raise PlanError(f"{path} is missing; an instance folder holds {', '.join(FILES)}") from None


def parameters_of(folder: Path) -> Parameters:
    """Return the parameters of an instance."""
    row = rows_of(folder / "instance_parameters.txt")[0]
    return Parameters(
        metres_per_minute=float(row["meters_per_minute"]),
        pickup_service=float(row["pickup service minutes"]),
        dropoff_service=float(row["dropoff service minutes"]),
        target_click_to_door=float(row["target click-to-door"]),
        most_click_to_door=float(row["maximum click-to-door"]),
        pay_per_order=float(row["pay per order"]),
        pay_per_hour=float(row["guaranteed pay per hour"]),
    )


def place_of(row: dict[str, str]) -> Point:
    """Return the place of a row's x and y."""
    return ORIGIN.moved(float(row["x"]), float(row["y"]))


def read(folder: Path) -> CityPlan:
    """Return the play of an instance: every order and every courier, at their times.

    An order is promised at its placement plus the target click-to-door. If it is ready too late for that, the promise
    is the time at which it is ready plus half of both service times and the way. Half of each service time passes
    before the pickup or hand-over and the other half after it, as in Grubhub's evaluator.
    """
    measures = parameters_of(folder)
    restaurants = {row["restaurant"]: place_of(row) for row in rows_of(folder / "restaurants.txt")}
    placed = rows_of(folder / "orders.txt")
    couriers = rows_of(folder / "couriers.txt")
    if not placed or not couriers:
        raise PlanError(f"{folder} has {len(placed)} orders and {len(couriers)} couriers; a play needs both")
    begin = min(float(row["placement_time"]) for row in placed) - WARM_UP.total_seconds() / 60

    def after(minute: float) -> timedelta:
        return timedelta(minutes=max(0.0, minute - begin))

    orders = []
    for row in sorted(placed, key=lambda row: (float(row["placement_time"]), row["order"])):
        pickup, dropoff = restaurants[row["restaurant"]], place_of(row)
        way = distance_m(pickup, dropoff) / measures.metres_per_minute
        service = (measures.pickup_service + measures.dropoff_service) / 2
        ordered, ready = float(row["placement_time"]), float(row["ready_time"])
        due = max(ordered + measures.target_click_to_door, ready + service + way)
        orders.append(
            PlannedOrder(
                external_id=row["order"],
                shop=SHOP,
                placed_after=after(ordered),
                ready_after=after(ready),
                promise_after=after(due),
                pickup=pickup,
                dropoff=dropoff,
                customer=f"Customer of {row['order']}",
                address=f"Door of {row['order']}",
            )
        )
    drivers = tuple(
        PlannedDriver(
            key=row["courier"],
            name=f"Courier {row['courier'].removeprefix('c')}",
            home=place_of(row),
            on_after=after(float(row["on_time"])),
            off_after=after(float(row["off_time"])),
            vehicle="scooter",
            max_weight_g=100_000,
            max_volume_l=500,
            temper=Temper(obliging=True, oversight=0.0),
        )
        for row in couriers
    )
    everywhere = [*restaurants.values(), *(order.dropoff for order in orders), *(d.home for d in drivers)]
    area = rectangle_around(everywhere, MARGIN_M)
    half = timedelta(minutes=measures.pickup_service / 2), timedelta(minutes=measures.dropoff_service / 2)
    speed = measures.metres_per_minute / 60
    return CityPlan(
        key=f"mdrp-{folder.name}"[:40].lower().replace("_", "-"),
        title=f"Grubhub instance {folder.name}",
        centre=Point((area[0].lat + area[2].lat) / 2, (area[0].lon + area[2].lon) / 2),
        settings={
            "name": f"Grubhub {folder.name}",
            "area": [corner.json() for corner in area],
            "dispatch": {
                "offers": {"policy": "directed", "seconds": 300},
                "rounds": {"batch_seconds": 30, "retry_seconds": 90, "search_minutes": SEARCH_MINUTES},
                "limits": {"bundle_size": 3, "pickup_distance_m": 100_000, "open_stops": 2},
            },
            "travel": {
                "speed_mps": round(speed, 4),
                "detour_factor": 1.0,
                "pickup_dwell_s": round(measures.pickup_service * 60),
                "dropoff_dwell_s": round(measures.dropoff_service * 60),
            },
            "promise_minutes": round(measures.target_click_to_door),
        },
        pace=Pace(speed, 1.0, half[0], half[0], half[1], half[1]),
        shops=(Shop(SHOP, f"Restaurants of {folder.name}", next(iter(restaurants.values())), "At each restaurant"),),
        drivers=drivers,
        orders=tuple(orders),
        instance=folder,
    )
