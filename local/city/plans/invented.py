"""The city of ``make demo``: a few shops around a harbour, and two hours of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from local.city.plans.geometry import Point, square
from local.city.plans.plan import CityPlan, Pace, PlannedDriver, PlannedOrder, Shop, Temper

CENTRE = Point(39.2904, -76.6122)
REACH_M = 3500.0
LENGTH = timedelta(hours=2)
PACE = Pace(speed_mps=6.5, detour_factor=1.3)
ORDERS_PER_DRIVER = 6

ABSENT = 0.04
"""Share of customers who do not open the door."""

CANCELLED = 0.03
"""Share of customers who change their mind soon after ordering."""

WITH_EMAIL = 0.6


@dataclass(frozen=True)
class Trade:
    """A kind of shop: what it sells, how long that takes to prepare, and what the hand-over asks for.

    Parameters
    ----------
    labels : bool
        The shop sticks a code on each parcel, which drivers scan.
    """

    name: str
    place: tuple[float, float]
    address: str
    share: float
    prepares: tuple[int, int]
    promise: int
    weighs: tuple[int, int]
    requirements: tuple[tuple[str, Any, float], ...] = ()
    urgent: float = 0.0
    labels: bool = False


TRADES = (
    Trade("Corner Bakery", (-600, 300), "12 Mill Lane", 0.22, (5, 15), 50, (400, 2500), (("photo", True, 0.3),)),
    Trade("Noodle Wharf", (250, -500), "3 Wharf Street", 0.30, (10, 20), 45, (600, 3000), (), 0.05),
    Trade(
        "Beacon Pharmacy",
        (900, 700),
        "88 Hill Road",
        0.16,
        (3, 8),
        60,
        (100, 900),
        (("pin", True, 1.0),),
        0.3,
        labels=True,
    ),
    Trade(
        "Old Cellar Wines",
        (-1100, -800),
        "7 Cooper Yard",
        0.12,
        (4, 10),
        75,
        (1500, 9000),
        (("minimum_age", 21, 1.0), ("signature", True, 0.5)),
    ),
    Trade(
        "Fern & Thistle Flowers",
        (1300, -200),
        "41 Garden Row",
        0.20,
        (8, 20),
        60,
        (500, 3000),
        (("photo", True, 1.0),),
    ),
)

FIRST, LAST = (
    tuple(names.split())
    for names in (
        "Ada Ben Carla Dmitri Elif Farid Grace Hugo Ines Jonas Kira Liam Maya Nils Olga Pavel Quinn Rosa "
        "Sven Tara Umar Vera Wim Xenia Yara Zeno",
        "Abel Brandt Castro Duarte Egger Fuchs Greco Hansen Ito Jansen Kovac Lund Moreau Novak Okafor "
        "Petrov Quist Rossi Silva Tanaka Urban Vidal Weber Xu Yilmaz Zhou",
    )
)
STREETS = (
    "Harbour Street",
    "Elm Row",
    "Castle Hill",
    "Canal Walk",
    "Station Road",
    "Orchard Close",
    "Tower Street",
    "Quay Side",
)
VEHICLES = (("bicycle", 12_000, 60), ("scooter", 20_000, 80), ("car", 100_000, 400))


def person(random: Random) -> str:
    """Return a person's name."""
    return f"{random.choice(FIRST)} {random.choice(LAST)}"


def zone_settings(name: str, area: Sequence[Point]) -> dict[str, Any]:
    """Return the settings of a busy zone, whose offers go to one driver after the other."""
    return {
        "name": name,
        "area": [corner.json() for corner in area],
        "dispatch": {
            "offers": {"policy": "directed", "seconds": 150},
            "rounds": {"batch_seconds": 20, "urgent_seconds": 1, "retry_seconds": 60, "search_minutes": 45},
            "limits": {"bundle_size": 3, "open_stops": 3},
        },
        "travel": {
            "speed_mps": PACE.speed_mps,
            "detour_factor": PACE.detour_factor,
            "pickup_dwell_s": 150,
            "dropoff_dwell_s": 105,
        },
        "promise_minutes": 60,
    }


def crew(size: int, centre: Point, reach_m: float, length: timedelta, seed: int) -> tuple[PlannedDriver, ...]:
    """Return crowd drivers who come on duty one after the other and stay to the end."""
    random = Random(f"crew {seed}")
    drivers = []
    for number in range(size):
        kind, weight, volume = VEHICLES[number % len(VEHICLES)]
        drivers.append(
            PlannedDriver(
                key=f"d{number + 1}",
                name=f"{FIRST[number % len(FIRST)]} {LAST[(number * 7 + 3) % len(LAST)]}",
                home=centre.moved(random.uniform(-reach_m, reach_m), random.uniform(-reach_m, reach_m)),
                on_after=timedelta(seconds=number * 240 / size),
                off_after=length + timedelta(minutes=50),
                vehicle=kind,
                max_weight_g=weight,
                max_volume_l=volume,
                rating=round(random.uniform(4.3, 5.0), 1),
                temper=Temper(wanted_per_minute=random.uniform(18, 34), patience_m=random.uniform(2000, 4500)),
            )
        )
    return tuple(drivers)


def order(number: int, random: Random, length: timedelta) -> PlannedOrder:
    """Return one order at a random time of the play; the middle is the busiest."""
    trade = random.choices(TRADES, weights=[trade.share for trade in TRADES])[0]
    minutes = length.total_seconds() / 60
    placed = random.triangular(1, minutes, minutes * 0.45)
    ready = placed + random.uniform(*trade.prepares)
    needs = {name: value for name, value, share in trade.requirements if random.random() < share}
    if trade.labels:
        needs["barcode"] = True
    urgent = random.random() < trade.urgent
    name = person(random)
    spread = REACH_M * 0.62
    email = f"{name.lower().replace(' ', '.')}.{number}@customers.example" if random.random() < WITH_EMAIL else None
    cancelled = placed + random.uniform(2, 9) if random.random() < CANCELLED else None
    return PlannedOrder(
        external_id=f"{number:04d}",
        shop=trade.name,
        placed_after=timedelta(minutes=placed),
        ready_after=timedelta(minutes=ready),
        promise_after=timedelta(minutes=placed + trade.promise - (15 if urgent else 0)),
        dropoff=CENTRE.moved(
            max(-3000.0, min(3000.0, random.gauss(0, spread / 1.5))),
            max(-3000.0, min(3000.0, random.gauss(0, spread / 1.5))),
        ),
        weight_g=random.randrange(*trade.weighs),
        volume_l=random.randint(2, 14),
        tip=random.choice((0, 0, 100, 200, 200, 300, 500)),
        priority="urgent" if urgent else "normal",
        requirements=needs,
        customer=name,
        email=email,
        address=f"{random.randint(1, 120)} {random.choice(STREETS)}",
        absent=random.random() < ABSENT,
        cancelled_after=timedelta(minutes=cancelled) if cancelled else None,
    )


def city(orders: int, seed: int = 1) -> CityPlan:
    """Return a play with a number of orders; the same seed gives the same play."""
    random = Random(f"orders {seed}")
    placed = sorted((order(number + 1, random, LENGTH) for number in range(orders)), key=lambda o: o.placed_after)
    return CityPlan(
        key="harbour",
        title="Harbour, two hours around lunch",
        centre=CENTRE,
        settings=zone_settings("Harbour", square(CENTRE, REACH_M)),
        pace=PACE,
        shops=tuple(Shop(trade.name, trade.name, CENTRE.moved(*trade.place), trade.address) for trade in TRADES),
        drivers=crew(max(4, round(orders / ORDERS_PER_DRIVER)), CENTRE, 1800.0, LENGTH, seed),
        orders=tuple(placed),
    )
